//! The shapes of what the API says and takes, for its OpenAPI document.
//!
//! Owns: names and types of the JSON keys. Does not own: the values, which are the application's answers as the command
//! line gives them; a test holds each answer against its shape.
//!
//! **Invariant**: keys are added, never renamed.

mod bucket;
mod control;
mod crew;
mod event;
mod health;
mod model;
mod overview;
mod problem;
mod project;
mod run;
mod words;

pub use bucket::{Bucket, BucketSource, Output};
pub use control::{CleanedUp, Form, StartedAgain, StoppedAll};
pub use crew::{AgentEntry, CrewEntry, Crews, Input, Resolved, TypeEntry};
pub use event::{Actor, ActorKind, Event, Message, MessageKind, MessagePayload};
pub use health::{Check, CheckStatus, Doctor, Task, Verified, VerifyProblem};
pub use model::{Cascade, CascadeLevel, Model, ModelTest, Setting};
pub use overview::{
    ModelRole, OpenGate, Overview, OverviewProject, OverviewRun, ProjectUsage, RunCounts, StepCounts,
    UsageReport,
};
pub use problem::Problem;
pub use project::{Branch, CreatedProject, LogHealth, Project, ProjectShown, ProjectStatus};
pub use run::{
    Attempt, ContextLine, Gate, GateTurn, Level, Receipt, ReceiptMessage, Run, RunFailure, RunLine,
    RunStatus, Step, Usage,
};
pub use words::{GateActionWord, GatePolicyWord, Items, ModeWord, PriorityWord};
