//! The crews of all layers, one over the other.
//!
//! Owns: which file wins, what a run gets of all of them. Does not own: reading (`crate::read`), checking
//! (`crate::check`).
//!
//! **Invariant**: a file that has findings is never used, and never quietly replaced by the one it overrides.

use std::collections::{BTreeMap, BTreeSet};

use atelier_domain::event::run::GatePolicy;
use atelier_engine::definition::{Agent, BucketType, Definition, Input, Save, StepSpec, Workflow};
use serde_json::{Map, Value, json};

use crate::check;
use crate::error::Error;
use crate::finding::{Finding, Findings};
use crate::layer::Layer;
use crate::nearest;
use crate::read::agent::AgentFile;
use crate::read::workflow::WorkflowFile;
use crate::read::{self, parts};
use crate::resolved::{self, Resolved};
use crate::yaml::{self, Node};

/// Everything crews have.
#[derive(Debug, Default)]
pub struct Catalog {
    pub(crate) agents: BTreeMap<String, Item<AgentFile>>,
    pub(crate) workflows: BTreeMap<String, Item<WorkflowFile>>,
    pub(crate) types: BTreeMap<String, Item<BucketType>>,
    pub(crate) documents: BTreeMap<String, Item<String>>,
    findings: Vec<Finding>,
}

/// Where something was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The crew it belongs to.
    pub crew: String,
    /// The layer: `built-in`, `user`, `project`.
    pub layer: String,
    /// The file, as a person would name it.
    pub file: String,
}

/// One thing of a crew and where it comes from.
#[derive(Debug)]
pub struct Item<T> {
    pub(crate) value: Option<T>,
    pub(crate) node: Option<Node>,
    /// Where it comes from.
    pub origin: Origin,
    /// What is wrong with it; a thing with findings is not used.
    pub findings: Vec<Finding>,
}

impl<T> Item<T> {
    /// What was read, where nothing is wrong with it.
    pub(crate) fn good(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.findings.is_empty())
    }
}

/// What lists show of an agent or a workflow.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people call it; its id where the file cannot be read.
    pub name: &'a str,
    /// What it does.
    pub about: &'a str,
    /// Its colour on screen; empty where it has none.
    pub colour: &'a str,
    /// Where it comes from.
    pub origin: &'a Origin,
    /// What is wrong with it.
    pub findings: &'a [Finding],
}

impl Catalog {
    /// Reads layers, later ones over earlier ones, and gives what is wrong with them. Tokens are estimated.
    pub fn load(layers: &[Layer]) -> (Catalog, Vec<Finding>) {
        Self::load_counting(layers, &check::estimated_tokens)
    }

    /// Like [`Catalog::load`], with prompts counted by a model's own tokenizer.
    pub fn load_counting(layers: &[Layer], count: &dyn Fn(&str) -> usize) -> (Catalog, Vec<Finding>) {
        let mut catalog = Catalog::default();
        for layer in layers {
            catalog.findings.extend(layer.findings.iter().cloned());
            catalog.refuse(layer);
            let mut seen = BTreeMap::new();
            for file in &layer.files {
                catalog.take(layer, &file.path, &file.text, &mut seen);
            }
        }
        check::all(&mut catalog, count);
        let findings = catalog.check();
        (catalog, findings)
    }

    /// Everything that is wrong, in the order of files and lines.
    pub fn check(&self) -> Vec<Finding> {
        let mut all = self.findings.clone();
        all.extend(self.agents.values().flat_map(|item| item.findings.iter().cloned()));
        all.extend(self.workflows.values().flat_map(|item| item.findings.iter().cloned()));
        all.extend(self.types.values().flat_map(|item| item.findings.iter().cloned()));
        all.extend(self.documents.values().flat_map(|item| item.findings.iter().cloned()));
        all.sort();
        all
    }

    /// The agents, by id.
    pub fn agents(&self) -> impl Iterator<Item = Entry<'_>> {
        self.agents.iter().map(|(id, item)| {
            let agent = item.value.as_ref().map(|file| &file.agent);
            let (name, about, colour) =
                agent.map_or((id.as_str(), "", ""), |agent| (&agent.name, &agent.role, &agent.colour));
            Entry { id, name, about, colour, origin: &item.origin, findings: &item.findings }
        })
    }

    /// The workflows, by id.
    pub fn workflows(&self) -> impl Iterator<Item = Entry<'_>> {
        self.workflows.iter().map(|(id, item)| {
            let workflow = item.value.as_ref().map(|file| &file.workflow);
            let (name, about) = workflow.map_or((id.as_str(), ""), |w| (&w.title, &w.description));
            Entry { id, name, about, colour: "", origin: &item.origin, findings: &item.findings }
        })
    }

    /// The bucket types without findings.
    pub fn types(&self) -> impl Iterator<Item = (&BucketType, &Origin)> {
        self.types.values().filter_map(|item| Some((item.good()?, &item.origin)))
    }

    /// The documents' templates without findings, by name.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &str, &Origin)> {
        self.documents
            .iter()
            .filter_map(|(id, item)| Some((id.as_str(), item.good()?.as_str(), &item.origin)))
    }

    /// An agent that can be used.
    ///
    /// # Errors
    /// Where there is none of that id, or its file has findings.
    pub fn agent(&self, id: &str) -> Result<&Agent, Error> {
        Ok(&lookup("agent", &self.agents, id)?.agent)
    }

    /// A workflow that can be used.
    ///
    /// # Errors
    /// Where there is none of that id, or its file has findings.
    pub fn workflow(&self, id: &str) -> Result<&Workflow, Error> {
        Ok(&lookup("workflow", &self.workflows, id)?.workflow)
    }

    /// What a run of this workflow follows.
    ///
    /// # Errors
    /// Where it is unknown, or its file or one it needs has findings.
    pub fn definition(&self, workflow: &str) -> Result<Definition, Error> {
        self.define(self.workflow(workflow)?.clone())
    }

    /// What a run of this agent alone follows: a workflow of the single step `agent` that takes the agent's inputs.
    ///
    /// # Errors
    /// Where it is unknown, or its file or one it needs has findings.
    pub fn definition_for_agent(&self, agent: &str) -> Result<Definition, Error> {
        let agent = self.agent(agent)?;
        let with = agent.inputs.keys().map(|name| (name.clone(), format!("{{{{ inputs.{name} }}}}").into()));
        let mut settings = Map::new();
        settings.insert("with".to_owned(), Value::Object(with.collect()));
        settings.insert("agent".to_owned(), json!(agent.id));
        let step = StepSpec {
            id: "agent".to_owned(),
            kind: "agent".to_owned(),
            needs: None,
            when: None,
            // Opens only where a run asks for gates.
            gate: Some(GatePolicy::Never),
            retry: Default::default(),
            limits: Default::default(),
            model: None,
            output: None,
            settings,
            arms: BTreeMap::new(),
        };
        self.define(Workflow {
            id: agent.id.clone(),
            title: agent.name.clone(),
            description: agent.role.clone(),
            inputs: agent.inputs.clone(),
            steps: vec![step],
            outputs: [("output".to_owned(), "steps.agent.output".to_owned())].into(),
        })
    }

    /// The inputs of a workflow, or of an agent where no workflow has that id.
    ///
    /// # Errors
    /// Where it is unknown or its file has findings.
    pub fn inputs_for(&self, id: &str) -> Result<&BTreeMap<String, Input>, Error> {
        match self.agents.contains_key(id) && !self.workflows.contains_key(id) {
            true => Ok(&self.agent(id)?.inputs),
            false => Ok(&self.workflow(id)?.inputs),
        }
    }

    /// Every value of an agent or a workflow, and of the agents and workflows it uses, with the place it came from.
    ///
    /// # Errors
    /// Where nothing has that id. A file with findings is shown as far as it can be read.
    pub fn resolved(&self, id: &str) -> Result<Vec<Resolved>, Error> {
        if let Some(item) = self.workflows.get(id) {
            let mut all = resolved::workflow(id, item);
            for agent in item.value.iter().flat_map(|file| agents_of(&file.workflow)) {
                all.extend(
                    self.agents.get(&agent).map(|item| resolved::agent(&agent, item)).unwrap_or_default(),
                );
            }
            return Ok(all);
        }
        match self.agents.get(id) {
            Some(item) => Ok(resolved::agent(id, item)),
            None => {
                let known = self.workflows.keys().chain(self.agents.keys()).map(String::as_str);
                Err(Error::Unknown {
                    what: "workflow or agent",
                    id: id.to_owned(),
                    hint: nearest::hint(id, known),
                })
            }
        }
    }

    fn define(&self, workflow: Workflow) -> Result<Definition, Error> {
        let mut workflows = BTreeMap::new();
        let mut open: Vec<String> = calls_of(&workflow);
        while let Some(id) = open.pop() {
            if id != workflow.id && !workflows.contains_key(&id) {
                let called = self.workflow(&id)?;
                open.extend(calls_of(called));
                workflows.insert(id, called.clone());
            }
        }
        let mut agents = BTreeMap::new();
        for id in std::iter::once(&workflow).chain(workflows.values()).flat_map(agents_of) {
            agents.insert(id.clone(), self.agent(&id)?.clone());
        }
        for save in agents.values().flat_map(|agent: &Agent| &agent.saves) {
            self.has_place_for(save)?;
        }
        let types = self.types().map(|(of, _)| (of.id.clone(), of.clone())).collect();
        let documents = self.documents().map(|(id, text, _)| (id.to_owned(), text.to_owned())).collect();
        Ok(Definition { workflow, workflows, agents, types, documents })
    }

    fn has_place_for(&self, save: &Save) -> Result<(), Error> {
        match save {
            Save::Bucket { r#type, .. } => lookup("type", &self.types, r#type).map(|_| ()),
            Save::Artifact { document: Some(name), .. } => {
                lookup("document", &self.documents, name).map(|_| ())
            }
            Save::Artifact { .. } | Save::Rule { .. } => Ok(()),
        }
    }

    /// Takes one file in; `seen` are the ids of its layer so far.
    /// A file that cannot be read takes the place of the one it overrides, as one that cannot be used.
    fn refuse(&mut self, layer: &Layer) {
        for (path, finding) in &layer.unreadable {
            let parts: Vec<&str> = path.split('/').collect();
            let [crew, kind, name] = parts[..] else {
                self.findings.push(finding.clone());
                continue;
            };
            let id = name.trim_end_matches(".md").trim_end_matches(".yaml").to_owned();
            let origin =
                Origin { crew: crew.to_owned(), layer: layer.name.clone(), file: finding.file.clone() };
            let findings = vec![finding.clone()];
            match kind {
                "agents" => drop(self.agents.insert(id, Item { value: None, node: None, origin, findings })),
                "documents" => {
                    drop(self.documents.insert(id, Item { value: None, node: None, origin, findings }));
                }
                "workflows" => {
                    drop(self.workflows.insert(id, Item { value: None, node: None, origin, findings }));
                }
                "types" => drop(self.types.insert(id, Item { value: None, node: None, origin, findings })),
                _ => self.findings.push(finding.clone()),
            }
        }
    }

    fn take(&mut self, layer: &Layer, path: &str, text: &str, seen: &mut BTreeMap<String, String>) {
        let file = layer.display(path);
        let findings = Findings::new(&file);
        let parts: Vec<&str> = path.split('/').collect();
        let stem = |name: &'_ str, end: &str| name.strip_suffix(end).map(str::to_owned);
        let place = match parts[..] {
            [crew, kind @ ("agents" | "documents"), name] => stem(name, ".md").map(|id| (crew, kind, id)),
            [crew, kind @ ("workflows" | "types"), name] => stem(name, ".yaml").map(|id| (crew, kind, id)),
            _ => None,
        };
        let Some((crew, kind, id)) = place else {
            let hint =
                "crews hold <crew>/agents/<id>.md, documents/<id>.md, workflows/<id>.yaml, types/<id>.yaml";
            findings.add(1, "", "nothing of a crew has this place", hint);
            return self.findings.extend(findings.into_vec());
        };
        parts::file_id(&findings, &id);
        if let Some(other) = seen.insert(format!("{kind}/{id}"), file.clone()) {
            findings.add(1, "", format!("{other} has the same id"), "give one of them another name");
        }
        let origin = Origin { crew: crew.to_owned(), layer: layer.name.clone(), file };
        match kind {
            "agents" => {
                let value = read::agent::read(&findings, &id, text);
                let node = value.as_ref().map(|file| file.front.clone());
                self.agents.insert(id, Item { value, node, origin, findings: findings.into_vec() });
            }
            "documents" => {
                let value = Some(text.to_owned());
                self.documents.insert(id, Item { value, node: None, origin, findings: findings.into_vec() });
            }
            "workflows" => {
                let node = tree(&findings, text);
                let value = node.as_ref().and_then(|node| read::workflow::read(&findings, &id, node));
                self.workflows.insert(id, Item { value, node, origin, findings: findings.into_vec() });
            }
            _ => {
                let node = tree(&findings, text);
                let value = node.as_ref().and_then(|node| read::bucket_type::read(&findings, &id, node));
                self.types.insert(id, Item { value, node, origin, findings: findings.into_vec() });
            }
        }
    }
}

/// The ids of the workflows that a workflow calls.
pub(crate) fn calls_of(workflow: &Workflow) -> Vec<String> {
    let steps = workflow.all_steps().into_iter().filter(|step| step.kind == "call");
    steps.filter_map(|step| step.text("workflow")).map(str::to_owned).collect()
}

/// The ids of the agents that work in a workflow.
fn agents_of(workflow: &Workflow) -> BTreeSet<String> {
    workflow.all_steps().into_iter().filter_map(StepSpec::agent).map(str::to_owned).collect()
}

fn tree(findings: &Findings, text: &str) -> Option<Node> {
    yaml::parse(text, 1).map_err(|broken| findings.add(broken.line, "", broken.what, "")).ok()
}

fn lookup<'a, T>(what: &'static str, items: &'a BTreeMap<String, Item<T>>, id: &str) -> Result<&'a T, Error> {
    let Some(item) = items.get(id) else {
        let hint = nearest::hint(id, items.keys().map(String::as_str));
        return Err(Error::Unknown { what, id: id.to_owned(), hint });
    };
    item.good().ok_or_else(|| Error::Broken { what, id: id.to_owned(), findings: item.findings.clone() })
}
