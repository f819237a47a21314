//! The crews as a project sees them: built in, then the studio's own `crews/`, then the project's.
//!
//! Reading and checking them costs milliseconds, so what was read is kept until a file changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use atelier_catalog::{Catalog, Error, Finding, Layer};
use atelier_domain::{Hash, canonical};
use atelier_engine::Compiled;
use atelier_engine::definition::Definition;
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::codes;

/// The crews that were read, by what their files looked like.
#[derive(Debug, Default)]
pub(crate) struct Crews {
    read: Mutex<HashMap<Looks, Arc<Crew>>>,
}

/// Crews as they were read, with the definitions made from them.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) catalog: Catalog,
    pub(crate) findings: Vec<Finding>,
    defined: Mutex<HashMap<(String, bool), Arc<Defined>>>,
}

/// A workflow or agent with everything it needs, as a run freezes it.
#[derive(Debug)]
pub(crate) struct Defined {
    pub(crate) hash: Hash,
    pub(crate) text: String,
    pub(crate) compiled: Arc<Compiled>,
}

/// Every file of the folders, with its length and the time of its last change.
type Looks = Vec<(PathBuf, u64, SystemTime)>;

impl Crews {
    /// The crews of a project, or of the studio where no project is named. Blocks.
    pub(crate) fn of(&self, data: &Path, project: Option<&Path>) -> Result<Arc<Crew>, Failure> {
        let mut looks = Looks::new();
        look(&data.join("crews"), &mut looks);
        if let Some(project) = project {
            look(&project.join("crews"), &mut looks);
        }
        if let Some(crew) = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&looks) {
            return Ok(crew.clone());
        }
        let (catalog, findings) = load(data, project)?;
        let crew = Arc::new(Crew { catalog, findings, defined: Mutex::default() });
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= 64 {
            read.clear();
        }
        read.insert(looks, crew.clone());
        Ok(crew)
    }
}

impl Crews {
    /// Forgets what was read; it is read again when it is wanted.
    pub(crate) fn forget(&self) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Crew {
    /// A workflow or agent, ready to run.
    pub(crate) fn define(&self, name: &str, agent: bool) -> Result<Arc<Defined>, Failure> {
        let key = (name.to_owned(), agent);
        if let Some(defined) = self.defined.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(defined.clone());
        }
        let (_, text) = define(&self.catalog, name, agent)?;
        let compiled = crate::library::compile(&text)?;
        let defined = Arc::new(Defined { hash: Hash::of(text.as_bytes()), text, compiled });
        self.defined.lock().unwrap_or_else(PoisonError::into_inner).insert(key, defined.clone());
        Ok(defined)
    }
}

/// A folder that is not there looks like nothing; one that cannot be read is told of when it is loaded.
fn look(folder: &Path, looks: &mut Looks) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => look(&entry.path(), looks),
            Ok(metadata) => {
                looks.push((
                    entry.path(),
                    metadata.len(),
                    metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                ));
            }
            Err(_) => {}
        }
    }
    looks.sort();
}

fn load(data: &Path, project: Option<&Path>) -> Result<(Catalog, Vec<Finding>), Failure> {
    let unreadable = |folder: &Path, error: std::io::Error| {
        Failure::failed(
            codes::CREWS_UNREADABLE,
            format!("cannot read {}: {error}", folder.display()),
            "check its rights",
        )
    };
    let user = data.join("crews");
    let mut layers =
        vec![Layer::builtin(), Layer::folder("user", &user).map_err(|error| unreadable(&user, error))?];
    if let Some(project) = project {
        let own = project.join("crews");
        layers.push(Layer::folder("project", &own).map_err(|error| unreadable(&own, error))?);
    }
    Ok(Catalog::load(&layers))
}

fn define(catalog: &Catalog, name: &str, agent: bool) -> Result<(Definition, String), Failure> {
    let definition =
        if agent { catalog.definition_for_agent(name) } else { catalog.definition(name) }.map_err(failure)?;
    let text = canonical::to_string(&definition).map_err(|error| {
        Failure::failed(
            codes::BAD_DEFINITION,
            format!("`{name}` cannot be stored: {error}"),
            "use whole numbers in crew files",
        )
    })?;
    Ok((definition, text))
}

/// What was given, fitted to what is wanted.
pub(crate) fn inputs(definition: &Definition, given: &Map<String, Value>) -> Result<Value, Failure> {
    atelier_catalog::validate_inputs(&definition.workflow.inputs, given).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let hint = problems.first().map(|p| p.hint.clone()).unwrap_or_default();
        Failure::usage(codes::BAD_INPUT, all.join("; "), hint)
    })
}

/// `crews list`.
pub(crate) fn list(catalog: &Catalog) -> Value {
    let entry = |e: &atelier_catalog::Entry<'_>| json!({"id": e.id, "name": e.name, "about": e.about, "colour": e.colour, "layer": e.origin.layer, "file": e.origin.file, "ok": e.findings.is_empty()});
    json!({
        "workflows": catalog.workflows().map(|e| entry(&e)).collect::<Vec<_>>(),
        "agents": catalog.agents().map(|e| entry(&e)).collect::<Vec<_>>(),
        "types": catalog.types().map(|(t, origin)| json!({"id": t.id, "name": t.name, "plural": t.plural, "colour": t.colour, "layer": origin.layer})).collect::<Vec<_>>(),
    })
}

/// `crews check`.
pub(crate) fn check(findings: &[Finding]) -> Value {
    let all: Vec<Value> = findings
        .iter()
        .map(|f| json!({"file": f.file, "line": f.line, "key": f.key, "what": f.what, "hint": f.hint, "text": f.to_string()}))
        .collect();
    json!({"ok": all.is_empty(), "findings": all})
}

/// `crews show`.
pub(crate) fn show(catalog: &Catalog, id: &str, resolved: bool) -> Result<Value, Failure> {
    if resolved {
        let values = catalog.resolved(id).map_err(failure)?;
        let lines = values.into_iter().map(
            |r| json!({"key": r.key, "value": r.value, "layer": r.layer, "file": r.file, "line": r.line}),
        );
        return Ok(Value::Array(lines.collect()));
    }
    let shown = match catalog.workflow(id) {
        Ok(workflow) => serde_json::to_value(workflow),
        Err(Error::Unknown { .. }) => serde_json::to_value(catalog.agent(id).map_err(failure)?),
        Err(broken) => return Err(failure(broken)),
    };
    shown.map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))
}

/// What a workflow or an agent must or may be given.
pub(crate) fn inputs_of(catalog: &Catalog, id: &str, agent: bool) -> Result<Value, Failure> {
    let inputs =
        if agent { catalog.agent(id).map(|a| &a.inputs) } else { catalog.workflow(id).map(|w| &w.inputs) };
    serde_json::to_value(inputs.map_err(failure)?)
        .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))
}

fn failure(error: Error) -> Failure {
    match &error {
        Error::Unknown { what, id, hint } => Failure::not_found(what, id, hint.clone()),
        Error::Broken { .. } => Failure::refused(codes::BROKEN_CREW, error.to_string(), error.hint()),
    }
}
