//! The application's requests: the one set of words that the command line, the socket and the server speak.
//!
//! Every request has one answer, a JSON value in the contract's keys, or a [`crate::Failure`].

use std::collections::BTreeMap;

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::message::Priority;
use atelier_domain::event::run::GatePolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request to the studio. Projects are named by id or name, branches likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Request {
    /// `{"id","name","path"}`.
    ProjectCreate {
        name: String,
    },
    /// `[{"id","name","status","last_seq","updated_at"}]`.
    ProjectList {},
    /// The project with counts of what is in it.
    ProjectShow {
        project: String,
    },
    /// `{"path"}`.
    ProjectPath {
        project: String,
    },
    ProjectRename {
        project: String,
        name: String,
    },
    /// Moves it to the trash; `purge` leaves no file.
    ProjectDelete {
        project: String,
        purge: bool,
    },
    /// Archives what it was and begins it anew: same id and name, the next epoch.
    ProjectReset {
        project: String,
    },
    /// Takes it out of the trash, where it lies for thirty days.
    ProjectRestore {
        project: String,
    },
    /// A copy with history, memory and outputs: `{"id","name","path"}`.
    ProjectDuplicate {
        project: String,
        name: String,
    },
    /// What stands in every form: `[{"name","fields"}]`.
    FormsList {
        project: String,
    },
    /// What stands in the form of a workflow or agent: `{"name","fields"}`.
    FormShow {
        project: String,
        form: String,
    },
    /// Keeps what stands in a form: all of it.
    FormSet {
        project: String,
        form: String,
        fields: Map<String, Value>,
    },
    /// Pauses all runs, cutting their calls; none begins until `Start`. `{"stopped","paused","failed"}`.
    Stop {
        project: Option<String>,
    },
    /// Lets runs begin again.
    Start {
        project: Option<String>,
    },
    /// Drops what is kept for speed, and what lies in the trash for more than thirty days; never an event.
    Cleanup {},
    /// Which level chooses the model of an agent: `{"agent","model","level","why","levels":[{"level","key","model","wins"}]}`.
    Cascade {
        project: Option<String>,
        agent: String,
        mode: Option<String>,
    },
    /// For which providers there is a key; never the keys.
    Keys {},
    /// Starts a run: `{"id"}`.
    Run(RunRequest),
    /// Answers when the run needs nothing more from this process: done, failed, cancelled, paused or waiting. The run.
    RunWait {
        run: String,
    },
    RunsList {
        project: Option<String>,
    },
    RunShow {
        run: String,
    },
    /// The run as `RunShow` gives it, its receipts without messages, context and output.
    RunOutline {
        run: String,
    },
    /// One receipt of a run, whole.
    Receipt {
        run: String,
        receipt: String,
    },
    /// Pauses; `cut` also cuts the calls in flight, `reason` is a word such as `asked`.
    RunPause {
        run: String,
        cut: bool,
        reason: String,
    },
    RunResume {
        run: String,
    },
    RunStep {
        run: String,
    },
    RunCancel {
        run: String,
    },
    RunRewind {
        run: String,
        step: String,
    },
    Gate(GateDecision),
    /// The open gates of all projects: `[{"id","project","project_name","run","workflow","step","kind","prompt","since"}]`.
    Gates {},
    /// What a person wants to see first: projects, open gates, runs that have not ended, models, usage.
    Overview {},
    /// What model calls came to, by model and by agent; of all projects where none is named.
    Usage {
        project: Option<String>,
    },
    /// The files of `outputs/`: `[{"path","bytes","updated_at"}]`.
    OutputsList {
        project: String,
    },
    /// One file of `outputs/`: `{"path","bytes","updated_at","text"}`.
    OutputShow {
        project: String,
        path: String,
    },
    /// `{"id","seq"}`.
    Say {
        project: String,
        to: Option<String>,
        run: Option<String>,
        step: Option<String>,
        priority: Priority,
        text: String,
    },
    /// A page of events, `[event]`.
    Log(LogRequest),
    /// A long text by its hash, as a JSON string.
    Text {
        project: String,
        hash: String,
    },
    /// The folded state as canonical JSON text, in a JSON string.
    State {
        project: String,
        branch: Option<String>,
        at: Option<u64>,
    },
    /// `{"ok","events","problems":[{"what","where","fix"}]}`.
    Verify {
        project: String,
        rebuild: bool,
    },
    BucketList {
        project: String,
        branch: Option<String>,
        r#type: Option<String>,
    },
    BucketShow {
        project: String,
        branch: Option<String>,
        bucket: String,
    },
    /// `{"id"}`.
    MemoryAdd {
        project: String,
        branch: Option<String>,
        text: String,
        kind: String,
        about: Vec<String>,
    },
    /// `{"items":[{"id","text","score","source","by"}],"lacks"}`; `lacks` says why not all was searched by meaning.
    MemorySearch {
        project: String,
        branch: Option<String>,
        question: String,
        n: usize,
    },
    /// `[{"id","text","source","about","added_at"}]`.
    MemoryList {
        project: String,
        branch: Option<String>,
    },
    MemoryDelete {
        project: String,
        branch: Option<String>,
        id: String,
    },
    MemoryClear {
        project: String,
        branch: Option<String>,
    },
    /// Whom a text speaks of: `[{"bucket","start","end","text","title","type","by"}]`.
    NamesScan {
        project: String,
        branch: Option<String>,
        text: String,
        /// Also what somebody is: `the captain`.
        descriptions: bool,
    },
    /// Names in a text that nobody has: `[{"text","n","start","end"}]`.
    NamesUnknown {
        project: String,
        branch: Option<String>,
        text: String,
        at_least: usize,
    },
    /// A name is not what it was taken for, or it is after all.
    NameJudge {
        project: String,
        branch: Option<String>,
        name: String,
        bucket: Option<String>,
        refused: bool,
    },
    /// `[{"id","rule","kind","scope","source","confidence","status"}]`.
    CanonList {
        project: String,
        branch: Option<String>,
    },
    /// The rule holds from now on. The rule.
    CanonAccept {
        project: String,
        branch: Option<String>,
        rule: String,
    },
    /// The rule does not hold, or no longer. The rule.
    CanonReject {
        project: String,
        branch: Option<String>,
        rule: String,
    },
    MessagesList {
        project: String,
        r#for: Option<String>,
        kind: Option<String>,
        since: u64,
    },
    /// What a workflow or an agent must be given.
    Inputs {
        project: Option<String>,
        name: String,
        agent: bool,
    },
    CrewsCheck {
        project: Option<String>,
    },
    CrewsList {
        project: Option<String>,
    },
    /// `resolved` tells where each value came from.
    CrewsShow {
        project: Option<String>,
        id: String,
        resolved: bool,
    },
    ModelsList {},
    ModelsTest {
        model: Option<String>,
    },
    ConfigGet {
        project: Option<String>,
        key: String,
    },
    ConfigSet {
        project: Option<String>,
        key: String,
        value: Option<String>,
    },
    /// Every setting with its value and origin.
    ConfigShow {
        project: Option<String>,
    },
    Doctor {},
    /// Processes and tasks of the owner, for people who want to know.
    Tasks {},
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogRequest {
    /// The project.
    pub project: String,
    /// Only events of this branch's line.
    pub branch: Option<String>,
    /// Only events after this number.
    pub since: u64,
    /// The last `limit` events before this number, instead of the first ones after `since`.
    pub before: Option<u64>,
    /// Only events of this run.
    pub correlation: Option<String>,
    /// Only events of these kinds: whole tags, or the part before the dot.
    pub kinds: Vec<String>,
    /// Only events that this agent, `you` or `engine` made happen.
    pub actor: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Whether long texts stand where they are named.
    pub texts: bool,
}

/// What a run is started with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRequest {
    /// The project.
    pub project: String,
    /// The workflow, or the agent.
    pub name: String,
    /// Whether `name` is an agent, to be run alone.
    pub agent: bool,
    /// Inputs, as given: texts are read as the type the input has.
    pub inputs: Map<String, Value>,
    /// The model that outranks all.
    pub model: Option<String>,
    /// `fast` or `heavy`: which of the configured models, whatever the agents want.
    pub mode: Option<String>,
    /// When gates open.
    pub gates: Option<GatePolicy>,
    /// Model variables of the caller's environment, which outrank the owner's.
    pub environment: BTreeMap<String, String>,
    /// Whether the run is to be carried on by whoever owns the folder; refused where nobody stays.
    pub detach: bool,
}

/// A person's decision at a gate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GateDecision {
    /// The gate.
    pub gate: String,
    /// What to do.
    pub action: GateAction,
    /// The text that goes with it.
    #[serde(default)]
    pub text: Option<String>,
    /// The model to change to.
    #[serde(default)]
    pub model: Option<String>,
}
