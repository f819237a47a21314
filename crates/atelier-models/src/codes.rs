//! The codes of how a model call can fail: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

/// Nobody listens there.
pub const UNREACHABLE: &str = "unreachable";
/// The connection was not made in time.
pub const CONNECT_TIMEOUT: &str = "connect_timeout";
/// The first word did not come in time.
pub const FIRST_TOKEN_TIMEOUT: &str = "first_token_timeout";
/// The answer stopped in its middle.
pub const STALL_TIMEOUT: &str = "stall_timeout";
/// The whole answer took too long.
pub const WHOLE_TIMEOUT: &str = "whole_timeout";
/// The server wants fewer calls.
pub const RATE_LIMITED: &str = "rate_limited";
/// The server has no room now.
pub const OVERLOADED: &str = "overloaded";
/// The key is missing, wrong, or not allowed to do that.
pub const AUTH: &str = "auth";
/// The server does not have the model.
pub const MODEL_NOT_FOUND: &str = "model_not_found";
/// The server does not accept the request.
pub const BAD_REQUEST: &str = "bad_request";
/// The prompt is longer than the model can read.
pub const CONTEXT_TOO_LONG: &str = "context_too_long";
/// The stream ended before the answer did.
pub const CUT: &str = "cut";
/// What came is not of the protocol.
pub const GARBAGE: &str = "garbage";
/// The server broke.
pub const SERVER_ERROR: &str = "server_error";
/// The answer has no text.
pub const EMPTY_ANSWER: &str = "empty_answer";
/// The server refuses the output schema.
pub const SCHEMA_REFUSED: &str = "schema_refused";
/// The endpoint failed too often and is left alone for a while.
pub const BREAKER_OPEN: &str = "breaker_open";
/// The call was given up on purpose.
pub const CANCELLED: &str = "cancelled";
/// Wrong or missing settings or files on this machine; nothing was sent.
pub const CONFIG: &str = "config";
