//! The kinds of steps: one file and one line in [`KINDS`] each.
//!
//! A kind says what it reads from its step, what it is given when it begins, and how it goes on whenever something
//! about it has changed. It acts only through its [`Place`]: by events.

mod agent;
mod call;
mod context;
mod each;
mod gate;
mod r#if;
mod join;
mod r#loop;
mod tool;
mod transform;

use atelier_domain::Text;
use atelier_domain::event::run::Failure;

use crate::codes;
use crate::machine::Place;
use crate::scope::Halt;

pub use agent::route_key;
pub(crate) use agent::{route_of, settle};

/// Every kind of step.
pub const KINDS: &[&dyn StepKind] = &[
    &agent::Agent,
    &call::Call,
    &context::Context,
    &each::Each,
    &gate::Gate,
    &r#if::If,
    &join::Join,
    &r#loop::Loop,
    &tool::Tool,
    &transform::Transform,
];

/// The kind with this name.
pub fn find(name: &str) -> Option<&'static dyn StepKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// A setting that a kind reads from its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The key.
    pub name: &'static str,
    /// Whether there is no going without it.
    pub required: bool,
    /// What its value is.
    pub form: Form,
}

/// What the value of a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The id of an agent.
    Agent,
    /// The id of a workflow.
    Workflow,
    /// The name of a tool.
    Tool,
    /// An expression, without braces.
    Expression,
    /// A text with expressions in `{{ }}`.
    Template,
    /// Any value whose texts are templates; a text that is one expression keeps its type.
    Tree,
    /// A whole number.
    Integer,
    /// A list of plain words.
    Words,
}

/// A kind of step.
pub trait StepKind: Sync {
    /// The word for it in workflow files.
    fn name(&self) -> &'static str;

    /// What it reads.
    fn settings(&self) -> &'static [Setting];

    /// Its sub-flows.
    fn arms(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it is given, worked out when the step begins.
    fn prepare(&self, _place: &mut Place<'_, '_>) -> Result<Prepared, Stop> {
        Ok(Prepared::default())
    }

    /// Goes on as far as it can. Called when the step has begun and after every change, until nothing changes.
    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop>;

    /// Whether it only holds other steps, so that beginning it is no step of its own for a person.
    fn is_composite(&self) -> bool {
        !self.arms().is_empty()
    }

    /// Whether its attempts are context gatherings rather than model calls.
    fn gathers(&self) -> bool {
        false
    }
}

/// What a step is given when it begins.
#[derive(Debug, Default)]
pub struct Prepared {
    pub(crate) input: Option<Text>,
    pub(crate) arm: Option<String>,
}

/// Why a step does not go on.
#[derive(Debug)]
pub enum Stop {
    /// A long text must be fetched first; nothing is decided.
    Missing(atelier_domain::Hash),
    /// The step fails.
    Fail(Failure),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Missing(hash) => Stop::Missing(hash),
            Halt::Wrong(why) => Stop::Fail(crate::work::failure(
                codes::BAD_EXPRESSION,
                why,
                "correct the workflow file and run it again",
            )),
        }
    }
}

/// The usual pair of a required and an optional setting, in one line.
pub(crate) const fn setting(name: &'static str, required: bool, form: Form) -> Setting {
    Setting { name, required, form }
}
