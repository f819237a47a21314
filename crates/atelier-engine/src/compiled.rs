//! A definition made ready: its schemas compiled once, an environment for its expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use atelier_domain::event::run::Profile;
use atelier_domain::{Hash, text::Texts};
use jsonschema::Validator;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use crate::definition::{Agent, Definition, Workflow};

/// Steps a template or expression may take: a crew's file must not be able to hold up its project.
pub const FUEL: u64 = 1_000_000;

/// Where the engine looks things up without waiting.
pub trait Library: Texts {
    /// The frozen definition with this hash, if it is at hand.
    fn definition(&self, hash: &Hash) -> Option<Arc<Compiled>>;
}

/// A definition whose schemas and templates are ready for use.
pub struct Compiled {
    /// What was compiled.
    pub definition: Definition,
    agents: BTreeMap<String, AgentSchemas>,
    steps: BTreeMap<String, Validator>,
    environment: Environment<'static>,
}

struct AgentSchemas {
    output: Validator,
    full: Vec<Validator>,
    tiny: Vec<Validator>,
}

/// Why a definition cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the schema of {of} cannot be compiled: {why}")]
pub struct BadSchema {
    of: String,
    why: String,
}

impl Compiled {
    /// Compiles every schema.
    pub fn new(definition: Definition) -> Result<Self, BadSchema> {
        let mut agents = BTreeMap::new();
        for (id, agent) in &definition.agents {
            agents.insert(id.clone(), AgentSchemas::new(agent)?);
        }
        let mut steps = BTreeMap::new();
        for workflow in std::iter::once(&definition.workflow).chain(definition.workflows.values()) {
            for step in workflow.all_steps() {
                if let Some(schema) = &step.output {
                    let name = format!("step {} of {}", step.id, workflow.id);
                    steps.insert(schema.to_string(), compile(schema, &name)?);
                }
            }
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        Ok(Self { definition, agents, steps, environment })
    }

    /// The workflow a `call` step names, or the one that is run.
    pub fn workflow(&self, id: &str) -> Option<&Workflow> {
        self.definition.workflows.get(id)
    }

    /// The agent with this id.
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.definition.agents.get(id)
    }

    /// What is wrong with an agent's whole output; nothing when it is right.
    pub fn check_output(&self, agent: &str, value: &Value) -> Vec<String> {
        self.agents.get(agent).map(|schemas| problems(&schemas.output, value)).unwrap_or_default()
    }

    /// What is wrong with the answer of one call.
    pub fn check_call(&self, agent: &str, profile: Profile, call: usize, value: &Value) -> Vec<String> {
        let Some(schemas) = self.agents.get(agent) else { return Vec::new() };
        let tiny = self.agent(agent).is_some_and(|a| a.tiny.is_some()) && profile == Profile::Tiny;
        let calls = if tiny { &schemas.tiny } else { &schemas.full };
        calls.get(call).map(|schema| problems(schema, value)).unwrap_or_default()
    }

    /// What is wrong with a step's output by the schema the step itself names.
    pub fn check_step(&self, schema: &Value, value: &Value) -> Vec<String> {
        self.steps.get(&schema.to_string()).map(|schema| problems(schema, value)).unwrap_or_default()
    }

    /// Renders a template in which what is not there is empty.
    pub(crate) fn lenient(&self, source: &str, context: &Value) -> Result<String, minijinja::Error> {
        let mut environment = self.environment.clone();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.render_str(source, Serde(context))
    }

    /// Renders one of the crew's documents; `None` where the crew has no such document. What may be absent can be asked
    /// for (`if place.secret`); printing what is absent is an error.
    pub fn document(&self, name: &str, context: &Value) -> Option<Result<String, String>> {
        let source = self.definition.documents.get(name)?;
        let mut environment = self.environment.clone();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        Some(environment.render_str(source, Serde(context)).map_err(|error| error.to_string()))
    }

    pub(crate) fn environment(&self) -> &Environment<'static> {
        &self.environment
    }
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled").field("workflow", &self.definition.workflow.id).finish_non_exhaustive()
    }
}

impl AgentSchemas {
    fn new(agent: &Agent) -> Result<Self, BadSchema> {
        let calls = |profile: &str, calls: &[crate::definition::Call]| -> Result<Vec<Validator>, BadSchema> {
            calls
                .iter()
                .map(|call| compile(&call.schema, &format!("{}/{profile}/{}", agent.id, call.id)))
                .collect()
        };
        Ok(Self {
            output: compile(&agent.output, &agent.id)?,
            full: calls("full", &agent.full.calls)?,
            tiny: agent.tiny.as_ref().map_or(Ok(Vec::new()), |plan| calls("tiny", &plan.calls))?,
        })
    }
}

fn compile(schema: &Value, of: &str) -> Result<Validator, BadSchema> {
    jsonschema::validator_for(schema).map_err(|error| BadSchema { of: of.to_owned(), why: error.to_string() })
}

/// The first few problems, each with the place it was found at.
fn problems(schema: &Validator, value: &Value) -> Vec<String> {
    if schema.is_valid(value) {
        return Vec::new();
    }
    schema
        .iter_errors(value)
        .take(5)
        .map(|error| {
            let place = error.instance_path().to_string();
            let text: String = error.to_string().chars().take(300).collect();
            if place.is_empty() { text } else { format!("{place}: {text}") }
        })
        .collect()
}
