//! What a run follows: the resolved workflow with its agents, documents and types, frozen when the run begins.
//!
//! Owns: the shape. Does not own: how files become it (`atelier-catalog`), what happens in a run (`crate::machine`).
//! A definition is stored as canonical JSON under its hash; `run.started` names it, so editing a crew never changes a
//! run under way.

use std::collections::BTreeMap;

use atelier_domain::event::run::GatePolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A workflow and everything it refers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// What is run.
    pub workflow: Workflow,
    /// Workflows it calls, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub workflows: BTreeMap<String, Workflow>,
    /// Agents that work in it, by id.
    pub agents: BTreeMap<String, Agent>,
    /// Bucket types of the crew, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, BucketType>,
    /// Templates of documents for people, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub documents: BTreeMap<String, String>,
}

/// Steps with inputs and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its id, such as `story-bible`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What it does, in a sentence.
    #[serde(default)]
    pub description: String,
    /// What it must or may be given.
    #[serde(default)]
    pub inputs: BTreeMap<String, Input>,
    /// Its steps. A step without `needs` follows the one before it.
    pub steps: Vec<StepSpec>,
    /// What it gives back, by name: expressions over inputs and steps.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
}

/// What a workflow or an agent must or may be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What it is.
    pub r#type: InputType,
    /// Whether there is no going without it.
    #[serde(default)]
    pub required: bool,
    /// What holds when it is not given; null otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What it is for, for people.
    #[serde(default)]
    pub description: String,
    /// The longest text, in Unicode scalar values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u32>,
}

/// The types an input can have. `text` is a string of several lines; `any` takes whatever a step gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum InputType {
    String,
    Text,
    Integer,
    Boolean,
    List,
    Any,
}

/// One step of a workflow, as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSpec {
    /// Its name in the flow: lower-case letters, digits and underscores.
    pub id: String,
    /// Its kind; one file in `crate::kinds` each.
    pub kind: String,
    /// Steps that must be settled first. Absent: the one before; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<String>>,
    /// Only when this expression is true; skipped otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether and when a person is asked about its output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GatePolicy>,
    /// How often the world is asked again.
    #[serde(default)]
    pub retry: Retry,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// The model it must run on, as `PROVIDER:MODEL[@BASE_URL]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// JSON Schema its output must satisfy, besides the agent's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// What its kind reads: `agent`, `with`, `value`, `prompt`, `each`, `until`, ….
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
    /// Its sub-flows by arm: `steps`, or `then` and `else`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arms: BTreeMap<String, Vec<StepSpec>>,
}

/// How often the world is asked again, and how long to wait between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retry {
    /// Tries per call and model, the first included, for failures that a retry can help.
    pub attempts: u32,
    /// The wait before the second try; it doubles with each one.
    pub backoff_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff_ms: 500 }
    }
}

/// What a step may use; 0 means no limit of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Milliseconds for one call.
    pub time_ms: u64,
    /// Input and output tokens of all attempts together.
    pub tokens: u64,
    /// Millionths of a US dollar for all attempts together.
    pub cost_micros: u64,
}

/// A role in a crew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Its id, such as `plot-architect`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it does, in a sentence.
    pub role: String,
    /// Its colour on screen, as `#rrggbb`.
    #[serde(default)]
    pub colour: String,
    /// Whether it wants the fast or the heavy model.
    #[serde(default)]
    pub tier: Tier,
    /// What it must or may be given.
    #[serde(default)]
    pub inputs: BTreeMap<String, Input>,
    /// Which sources its context is gathered from, in order of what changes least.
    #[serde(default)]
    pub context: Vec<String>,
    /// JSON Schema of what it gives back.
    pub output: Value,
    /// How its output becomes buckets, rules and artifacts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saves: Vec<Save>,
    /// What is well-formed but makes no sense: each check that holds is a finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Sampling temperature in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_milli: Option<u32>,
    /// How it is asked on an ordinary model.
    pub full: Plan,
    /// How it is asked on a small model; the full plan where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiny: Option<Plan>,
}

/// Which of the configured models an agent wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Tier {
    Fast,
    #[default]
    Heavy,
}

/// The calls that make up one piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The most tokens of context, the task itself not counted.
    pub context_tokens: u32,
}

/// One model call of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its name; the template is traced as `agent/profile/call`.
    pub id: String,
    /// Template of the system message.
    pub system: String,
    /// Template of the task. It sees `inputs`, `so_far` (what earlier calls gave), `n` (the round, from 1).
    pub prompt: String,
    /// JSON Schema of the answer.
    pub schema: Value,
    /// Where the answer goes in the output: empty for "merged into it", `places[]` for "one more of the places".
    #[serde(default)]
    pub into: String,
    /// The round, when the call is one of several alike; from 1.
    #[serde(default)]
    pub n: u32,
    /// The most tokens of the answer.
    pub max_output_tokens: u32,
}

/// How a part of an output is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "save")]
pub enum Save {
    /// A bucket, matched by type and title.
    Bucket {
        /// Expression giving the list of things to keep, each as `item`; the output itself when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        each: Option<String>,
        /// Its type.
        r#type: String,
        /// Template of its title.
        title: String,
        /// Expressions of its fields.
        #[serde(default)]
        fields: BTreeMap<String, String>,
        /// Template of its text.
        #[serde(default)]
        body: String,
    },
    /// A proposed canon rule.
    Rule {
        /// Expression giving the list, each as `item`.
        each: String,
        /// Template of the rule.
        text: String,
        /// How sure the agent is, in thousandths.
        confidence_milli: u16,
    },
    /// A version of an artifact.
    Artifact {
        /// What it is: the folder in `outputs/`.
        kind: String,
        /// Its name: the stem of the file.
        name: String,
        /// The document template that shows it to people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<String>,
    },
}

/// Something that should not be so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Expression over `output` and `inputs`; true means a finding.
    pub r#if: String,
    /// Template of what to tell the person.
    pub say: String,
}

/// A kind of bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BucketType {
    /// Its id, such as `character`.
    pub id: String,
    /// What one is called.
    pub name: String,
    /// What several are called.
    pub plural: String,
    /// Its icon's name.
    #[serde(default)]
    pub icon: String,
    /// Its colour, as `#rrggbb`.
    #[serde(default)]
    pub colour: String,
    /// Its fields, by key.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// Template of the short text for models; sees `title`, `fields`, `body`.
    pub context_window: String,
}

/// A field of a bucket type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// `string`, `text`, `integer`, `number`, `boolean`, `date`, `enum`, `list`, `reference` or `json`.
    pub r#type: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Allowed values of an `enum`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Bucket types a `reference` may point to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
}

impl Workflow {
    /// Every step, sub-flows included, parents first.
    pub fn all_steps(&self) -> Vec<&StepSpec> {
        fn walk<'a>(steps: &'a [StepSpec], out: &mut Vec<&'a StepSpec>) {
            for step in steps {
                out.push(step);
                step.arms.values().for_each(|arm| walk(arm, out));
            }
        }
        let mut out = Vec::new();
        walk(&self.steps, &mut out);
        out
    }
}

impl StepSpec {
    /// A setting that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(Value::as_str)
    }

    /// The agent that works in it.
    pub fn agent(&self) -> Option<&str> {
        self.text("agent")
    }
}

impl Agent {
    /// How it is asked under a profile.
    pub fn plan(&self, profile: atelier_domain::event::run::Profile) -> &Plan {
        match profile {
            atelier_domain::event::run::Profile::Full => &self.full,
            atelier_domain::event::run::Profile::Tiny => self.tiny.as_ref().unwrap_or(&self.full),
        }
    }
}
