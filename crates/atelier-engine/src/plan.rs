//! Inputs, outputs and the calls of an agent: from what was written to what is asked and what is given back.

use std::collections::BTreeMap;

use atelier_domain::event::run::{Profile, Route};
use atelier_domain::state::{Run, Turn};
use serde_json::{Map, Value};

use crate::compiled::{Compiled, Library};
use crate::definition::{Agent, Call, Input, Limits, Plan, StepSpec, Workflow};
use crate::kinds::Stop;
use crate::scope::Scope;
use crate::work::Work;

/// Everything needed to ask a model for one call of a step.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct CallSpec<'a> {
    pub agent: &'a Agent,
    pub plan: &'a Plan,
    pub call: &'a Call,
    pub index: u32,
    pub profile: Profile,
    pub route: Route,
    pub model: String,
    pub inputs: Value,
    pub so_far: Value,
    pub because: Option<String>,
    pub turns: Vec<Turn>,
    pub delay_ms: u64,
    pub limits: Limits,
}

/// What an attempt asks for; `None` when it is no model call of this run.
///
/// # Errors
/// The hash of a long text that must be fetched first.
pub fn call_of<'a>(
    compiled: &'a Compiled,
    library: &dyn Library,
    run: &Run,
    path: &str,
    number: u32,
) -> Result<Option<CallSpec<'a>>, atelier_domain::Hash> {
    let json = |text: &atelier_domain::Text| -> Result<Value, atelier_domain::Hash> {
        Ok(serde_json::from_str(&text.get(library_texts(library))?).unwrap_or(Value::Null))
    };
    let (Some(step), Some(spec)) = (run.steps.get(path), locate(compiled, path)) else { return Ok(None) };
    let Some(attempt) = step.attempts.iter().find(|a| a.number == number) else { return Ok(None) };
    let (Some(agent), Some(route)) =
        (spec.agent().and_then(|id| compiled.agent(id)), crate::kinds::route_of(run, step, spec))
    else {
        return Ok(None);
    };
    let plan = agent.plan(route.profile);
    let Some(call) = plan.calls.get(attempt.call as usize) else { return Ok(None) };
    let results = step.results.iter().map(json).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(CallSpec {
        agent,
        plan,
        call,
        index: attempt.call,
        profile: route.profile,
        model: attempt.model.clone().unwrap_or_else(|| route.model.clone()),
        route,
        inputs: step.input.as_ref().map(json).transpose()?.unwrap_or(Value::Null),
        so_far: merge(&plan.calls, &results),
        because: attempt
            .because
            .as_ref()
            .map(|t| t.get(library_texts(library)))
            .transpose()?
            .map(|t| t.to_string()),
        turns: step.turns.clone(),
        delay_ms: attempt.delay_ms,
        limits: spec.limits,
    }))
}

fn library_texts(library: &dyn Library) -> &dyn atelier_domain::text::Texts {
    library
}

/// The step of the definition that stands at a path of a run.
pub fn locate<'a>(compiled: &'a Compiled, path: &str) -> Option<&'a StepSpec> {
    let mut steps: Vec<&'a StepSpec> = compiled.definition.workflow.steps.iter().collect();
    let mut found = None;
    for part in path.split('/') {
        let id = part.split('[').next().unwrap_or(part);
        let spec: &'a StepSpec = steps.iter().copied().find(|spec| spec.id == id)?;
        found = Some(spec);
        steps = match spec
            .text("workflow")
            .filter(|_| spec.kind == "call")
            .and_then(|id| compiled.workflow(id))
        {
            Some(workflow) => workflow.steps.iter().collect(),
            None => spec.arms.values().flatten().collect(),
        };
    }
    found
}

/// The inputs of the same names as wanted ones.
pub(crate) fn same_names(wanted: &BTreeMap<String, Input>, from: &Value) -> Value {
    let pick =
        |name: &String| from.get(name).filter(|v| !v.is_null()).map(|value| (name.clone(), value.clone()));
    Value::Object(wanted.keys().filter_map(pick).collect())
}

/// The inputs in full: what was given, defaults for the rest, null where there is none.
pub(crate) fn inputs(wanted: &BTreeMap<String, Input>, given: Value) -> Result<Value, String> {
    let given = match given {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => return Err(format!("inputs must be named, not {other}")),
    };
    if let Some(unknown) = given.keys().find(|name| !wanted.contains_key(*name)) {
        return Err(format!("there is no input `{unknown}`"));
    }
    let mut all = Map::new();
    for (name, input) in wanted {
        let value = given
            .get(name)
            .filter(|v| !v.is_null())
            .or(input.default.as_ref())
            .cloned()
            .unwrap_or(Value::Null);
        if value.is_null() && input.required {
            return Err(format!("the input `{name}` is missing"));
        }
        all.insert(name.clone(), value);
    }
    Ok(Value::Object(all))
}

/// The outputs of a workflow whose steps are settled.
pub(crate) fn outputs(
    work: &Work<'_>,
    compiled: &Compiled,
    scope: &Scope<'_>,
    workflow: &Workflow,
) -> Result<Value, Stop> {
    let mut outputs = Map::new();
    for (name, expression) in &workflow.outputs {
        outputs.insert(name.clone(), scope.eval(work, compiled, expression)?);
    }
    Ok(Value::Object(outputs))
}

/// The output of an agent whose calls have all been answered: what they gave, put together, without working notes.
pub fn merged(plan: &Plan, results: &[Value]) -> Value {
    match merge(&plan.calls, results) {
        Value::Object(map) => {
            Value::Object(map.into_iter().filter(|(key, _)| !key.starts_with('_')).collect())
        }
        other => other,
    }
}

/// What the calls so far gave. `into` says where each answer goes: empty merges it in, `key` puts it there, `key[]`
/// adds it to a list, `key[n]` merges it into the n-th of a list. Keys that begin with `_` are working notes.
fn merge(calls: &[Call], results: &[Value]) -> Value {
    if let ([call], [only]) = (calls, results)
        && call.into.is_empty()
    {
        return only.clone();
    }
    let mut all = Map::new();
    for (call, result) in calls.iter().zip(results) {
        if call.into.is_empty() {
            merge_into(&mut all, result);
        } else if let Some(key) = call.into.strip_suffix("[]") {
            with_list(&mut all, key, |items| items.push(result.clone()));
        } else if let Some(key) = call.into.strip_suffix("[n]") {
            let index = call.n.saturating_sub(1) as usize;
            with_list(&mut all, key, |items| {
                while items.len() <= index {
                    items.push(Value::Object(Map::new()));
                }
                match &mut items[index] {
                    Value::Object(item) => merge_into(item, result),
                    other => *other = result.clone(),
                }
            });
        } else {
            all.insert(call.into.clone(), result.clone());
        }
    }
    Value::Object(all)
}

fn merge_into(target: &mut Map<String, Value>, result: &Value) {
    if let Value::Object(map) = result {
        target.extend(map.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
}

/// Changes the list under a key, which begins empty.
fn with_list(all: &mut Map<String, Value>, key: &str, change: impl FnOnce(&mut Vec<Value>)) {
    let mut items = match all.remove(key) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    change(&mut items);
    all.insert(key.to_owned(), Value::Array(items));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(into: &str, n: u32) -> Call {
        Call {
            id: "c".into(),
            system: String::new(),
            prompt: String::new(),
            schema: json!({}),
            into: into.into(),
            n,
            max_output_tokens: 10,
        }
    }

    #[test]
    fn answers_of_several_calls_are_put_together_and_notes_left_out() {
        let plan = Plan {
            calls: vec![call("", 0), call("_names", 0), call("places[]", 1), call("places[n]", 2)],
            context_tokens: 0,
        };
        let results =
            [json!({"title": "T"}), json!({"list": ["a"]}), json!({"name": "a"}), json!({"name": "b"})];
        assert_eq!(merged(&plan, &results), json!({"title": "T", "places": [{"name": "a"}, {"name": "b"}]}));
    }

    #[test]
    fn one_call_gives_the_output_as_it_is() {
        let plan = Plan { calls: vec![call("", 0)], context_tokens: 0 };
        assert_eq!(merged(&plan, &[json!("prose")]), json!("prose"));
    }
}
