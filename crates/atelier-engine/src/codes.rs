//! The codes of what the engine refuses, and of steps that failed: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

/// The gate does not offer the action.
pub const ACTION_NOT_OFFERED: &str = "action_not_offered";
/// The project exists already.
pub const ALREADY_CREATED: &str = "already_created";
/// A document could not be written from the output.
pub const BAD_DOCUMENT: &str = "bad_document";
/// An expression of a step cannot be evaluated.
pub const BAD_EXPRESSION: &str = "bad_expression";
/// An input is missing, unknown, or of the wrong type.
pub const BAD_INPUT: &str = "bad_input";
/// A name that cannot be one.
pub const BAD_NAME: &str = "bad_name";
/// A tool was called with arguments it does not take.
pub const BAD_TOOL_CALL: &str = "bad_tool_call";
/// The call was given up on purpose.
pub const CANCELLED: &str = "cancelled";
/// Nothing was said.
pub const EMPTY_TEXT: &str = "empty_text";
/// The gate was decided before.
pub const GATE_DECIDED: &str = "gate_decided";
/// The attempt was cut off by the end of its process.
pub const INTERRUPTED: &str = "interrupted";
/// An answer that breaks its schema.
pub const INVALID_OUTPUT: &str = "invalid_output";
/// A limit of the step is used up.
pub const LIMIT_REACHED: &str = "limit_reached";
/// The action needs a model.
pub const MISSING_MODEL: &str = "missing_model";
/// The action needs a text.
pub const MISSING_TEXT: &str = "missing_text";
/// No model was chosen.
pub const NO_MODEL: &str = "no_model";
/// None of the models could be reached.
pub const NO_MODEL_REACHABLE: &str = "no_model_reachable";
/// No agent stands behind the gate.
pub const NOBODY_HEARS: &str = "nobody_hears";
/// A list was expected, and is none.
pub const NOT_A_LIST: &str = "not_a_list";
/// A person rejected the output.
pub const REJECTED: &str = "rejected";
/// The run has ended.
pub const RUN_IS_OVER: &str = "run_is_over";
/// The server refuses the output schema; the next try goes without.
pub const SCHEMA_REFUSED: &str = "schema_refused";
/// No step can begin.
pub const STUCK: &str = "stuck";
/// More text than is taken at once.
pub const TEXT_TOO_LONG: &str = "text_too_long";
/// No agent of that id.
pub const UNKNOWN_AGENT: &str = "unknown_agent";
/// No workflow of that id.
pub const UNKNOWN_WORKFLOW: &str = "unknown_workflow";
/// Something stored is not what the engine expects there.
pub const UNREADABLE: &str = "unreadable";
/// A bucket without a title.
pub const UNTITLED: &str = "untitled";
/// What a person gave as output does not fit the step.
pub const WRONG_OUTPUT: &str = "wrong_output";
