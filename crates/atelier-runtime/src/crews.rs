//! The crews as a project sees them: built in, then the studio's own `crews/`, then the project's.

use std::path::Path;

use atelier_catalog::{Catalog, Error, Finding, Layer};
use atelier_domain::canonical;
use atelier_engine::definition::Definition;
use serde_json::{Map, Value, json};

use crate::Failure;

/// Reads the crews of a project, or of the studio where no project is named. Blocks.
pub(crate) fn load(data: &Path, project: Option<&Path>) -> Result<(Catalog, Vec<Finding>), Failure> {
    let unreadable = |folder: &Path, error: std::io::Error| {
        Failure::failed(
            "crews_unreadable",
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

/// A workflow or agent with everything it needs, as it will be stored: the definition and its text.
pub(crate) fn define(catalog: &Catalog, name: &str, agent: bool) -> Result<(Definition, String), Failure> {
    let definition =
        if agent { catalog.definition_for_agent(name) } else { catalog.definition(name) }.map_err(failure)?;
    let text = canonical::to_string(&definition).map_err(|error| {
        Failure::failed(
            "bad_definition",
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
        Failure::usage("bad_input", all.join("; "), hint)
    })
}

/// `crews list`.
pub(crate) fn list(catalog: &Catalog) -> Value {
    let entry = |e: &atelier_catalog::Entry<'_>| json!({"id": e.id, "name": e.name, "about": e.about, "layer": e.origin.layer, "file": e.origin.file, "ok": e.findings.is_empty()});
    json!({
        "workflows": catalog.workflows().map(|e| entry(&e)).collect::<Vec<_>>(),
        "agents": catalog.agents().map(|e| entry(&e)).collect::<Vec<_>>(),
        "types": catalog.types().map(|(t, origin)| json!({"id": t.id, "name": t.name, "plural": t.plural, "layer": origin.layer})).collect::<Vec<_>>(),
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
    shown.map_err(|error| Failure::failed("crews", error.to_string(), ""))
}

/// What a workflow or an agent must or may be given.
pub(crate) fn inputs_of(catalog: &Catalog, id: &str, agent: bool) -> Result<Value, Failure> {
    let inputs =
        if agent { catalog.agent(id).map(|a| &a.inputs) } else { catalog.workflow(id).map(|w| &w.inputs) };
    serde_json::to_value(inputs.map_err(failure)?)
        .map_err(|error| Failure::failed("crews", error.to_string(), ""))
}

fn failure(error: Error) -> Failure {
    match &error {
        Error::Unknown { what, id, hint } => Failure::not_found(what, id, hint.clone()),
        Error::Broken { .. } => Failure::refused("broken_crew", error.to_string(), error.hint()),
    }
}
