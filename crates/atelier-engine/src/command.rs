//! What can be asked of a project, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::message::Priority;
use atelier_domain::event::receipt::ContextLine;
use atelier_domain::event::run::{Failure, GatePolicy, Level, Route};
use atelier_domain::state::Usage;
use atelier_domain::text::Blobs;
use atelier_domain::{
    BranchId, BucketId, Draft, EventId, GateId, Hash, MemoryId, RuleId, RunId, State, Timestamp,
};
use serde_json::Value;

/// A request to change a project.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Command {
    /// `epoch`: how often a project of this id was reset.
    Create {
        name: String,
        epoch: u64,
    },
    Rename {
        name: String,
    },
    ChangeSettings {
        set: BTreeMap<String, String>,
        removed: Vec<String>,
    },
    /// What stands in a form from now on: all of it.
    KeepForm {
        form: String,
        fields: serde_json::Map<String, Value>,
    },
    Say {
        to: Option<String>,
        run: Option<RunId>,
        step: Option<String>,
        priority: Priority,
        text: String,
    },
    Start(Box<StartRun>),
    Pause {
        run: RunId,
        reason: String,
        cut: Cuts,
    },
    Resume {
        run: RunId,
    },
    Step {
        run: RunId,
    },
    Cancel {
        run: RunId,
        cut: Cuts,
    },
    Rewind {
        run: RunId,
        step: String,
        before: Box<atelier_domain::state::Content>,
        cut: Cuts,
    },
    Decide {
        gate: GateId,
        action: GateAction,
        text: Option<String>,
        route: Option<Route>,
        /// What is known of calls that the decision makes useless.
        cut: BTreeMap<(String, u32), Cut>,
    },
    /// Keeps a passage.
    Remember {
        branch: BranchId,
        text: String,
        kind: String,
        about: Vec<BucketId>,
    },
    Forget {
        branch: BranchId,
        memory: MemoryId,
    },
    ForgetAll {
        branch: BranchId,
    },
    /// A name is not what it was taken for, or it is after all.
    JudgeName {
        branch: BranchId,
        name: String,
        bucket: Option<BucketId>,
        refused: bool,
    },
    AcceptRule {
        branch: BranchId,
        rule: RuleId,
    },
    RejectRule {
        branch: BranchId,
        rule: RuleId,
    },
    /// A model is about to be asked: what it is sent is kept first.
    Ask(Box<Ask>),
    /// A call that was asked for has ended.
    Answered(Box<Answered>),
    /// A call could not even be asked: no request was sent.
    Unasked {
        run: RunId,
        path: String,
        attempt: u32,
        failure: CallFailure,
    },
    /// A context step's gathering has ended.
    Gathered {
        run: RunId,
        path: String,
        attempt: u32,
        output: Value,
    },
    /// The process that was asking is gone: ask again.
    Recover {
        run: RunId,
        cut: Cuts,
    },
}

/// Calls to cut, by path and attempt, with what is known of each. `None` in a pause lets running calls finish.
pub type Cuts = Option<BTreeMap<(String, u32), Cut>>;

/// What is known of a call that is cut.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Cut {
    /// What it may have cost.
    pub estimate: Usage,
    /// What had come so far.
    pub output: Option<String>,
    pub first_token_ms: Option<u64>,
    pub total_ms: u64,
}

/// What a run begins with.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct StartRun {
    pub workflow: String,
    pub definition: Hash,
    /// The definition's canonical JSON, stored under its hash.
    pub definition_text: String,
    pub inputs: Value,
    pub gates: Option<GatePolicy>,
    pub routes: BTreeMap<String, Route>,
    /// Whether rules that agents propose hold at once.
    pub accept_rules: bool,
    pub branch: BranchId,
}

/// What a model is about to be sent.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Ask {
    pub run: RunId,
    pub path: String,
    pub attempt: u32,
    pub asked: Arc<Asked>,
}

/// How a model call ended.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Answered {
    pub run: RunId,
    pub path: String,
    pub attempt: u32,
    pub receipt: Receipt,
    pub outcome: Result<String, CallFailure>,
    pub usage: Usage,
}

/// Why a call gave nothing usable.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct CallFailure {
    pub error: Failure,
    pub retryable: bool,
    pub unreachable: bool,
    pub retry_after_ms: u64,
}

/// What a model is asked, with its texts still in place.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Asked {
    pub call: u32,
    pub agent: String,
    pub model: String,
    pub level: Level,
    pub provider: String,
    pub template: String,
    pub messages: Vec<(String, Vec<String>)>,
    pub context: Vec<ContextLine>,
    pub started_at: Timestamp,
    pub feedback: Vec<EventId>,
}

/// The account of a call that has ended.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Receipt {
    pub asked: Arc<Asked>,
    pub output: Option<String>,
    pub finish_reason: Option<String>,
    pub first_token_ms: Option<u64>,
    pub total_ms: u64,
}

/// What a decision comes to: events to append, and the state once they are.
#[derive(Debug)]
pub struct Decision {
    /// The events, in order; none when nothing changes.
    pub drafts: Vec<Draft>,
    /// Long texts the events name.
    pub blobs: Blobs,
    /// The state with the events folded in.
    pub state: State,
    /// What to tell who asked.
    pub reply: Reply,
}

/// What who asked is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reply {
    Done,
    Event(EventId),
    Run(RunId),
    Memory(MemoryId),
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// A long text must be fetched before the decision can be made.
    #[error("a text is not at hand")]
    Missing(Hash),
    /// What the command names is not there.
    #[error("{what} `{name}` is not there")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// How it was named.
        name: String,
    },
    /// It is there, and does not allow this now.
    #[error("{message}")]
    Refused {
        /// A stable code.
        code: &'static str,
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The command itself is wrong.
    #[error("{message}")]
    Invalid {
        /// A stable code.
        code: &'static str,
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The result belongs to an attempt that has already ended.
    #[error("the attempt has already ended")]
    Stale,
}

impl Rejection {
    pub(crate) fn refused(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Rejection::Refused { code, message: message.into(), hint: hint.to_owned() }
    }

    pub(crate) fn invalid(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Rejection::Invalid { code, message: message.into(), hint: hint.to_owned() }
    }
}
