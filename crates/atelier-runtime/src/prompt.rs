//! From an attempt to the exact messages: context gathered and chosen, templates filled, every token counted.

use std::sync::Arc;

use atelier_catalog::Renderer;
use atelier_domain::event::receipt::ContextLine;
use atelier_domain::event::run::Profile;
use atelier_domain::state::Run;
use atelier_domain::{EventId, Hash, State};
use atelier_engine::context::{self, Fragment, Reader};
use atelier_engine::{Compiled, Library};
use serde_json::{Value, json};

use crate::Failure;
use crate::codes;
use crate::library::Shelf;

/// Tokens of a chat template around the messages, at most.
const TEMPLATE_TOKENS: u32 = 32;

/// How a model counts, and how much it can read.
pub(crate) struct Measure<'a> {
    pub(crate) count: &'a dyn Fn(&str) -> u32,
    pub(crate) context_tokens: u32,
    /// Whether the count is the model's own; otherwise a reserve is kept.
    pub(crate) exact: bool,
}

/// Everything a model call needs, and what its receipt will say.
pub(crate) struct Prepared {
    pub(crate) messages: Vec<(String, Vec<String>)>,
    pub(crate) schema: Arc<Value>,
    pub(crate) template: String,
    pub(crate) max_output_tokens: u32,
    pub(crate) lines: Vec<ContextLine>,
    pub(crate) feedback: Vec<EventId>,
    pub(crate) input_tokens: u32,
}

/// Why there is no prompt.
pub(crate) enum Halt {
    Missing(Hash),
    Failed(Failure),
}

impl From<Hash> for Halt {
    fn from(hash: Hash) -> Self {
        Halt::Missing(hash)
    }
}

/// The messages of an agent's call.
pub(crate) fn prepare(
    state: &State,
    shelf: &Shelf,
    compiled: &Compiled,
    run: &Run,
    path: &str,
    spec: &atelier_engine::CallSpec<'_>,
    measure: &Measure<'_>,
) -> Result<Prepared, Halt> {
    let run_inputs: Value = json_of(shelf, &run.inputs)?;
    let vars = json!({"inputs": spec.inputs, "so_far": spec.so_far, "n": spec.call.n});
    let rendered = Renderer::new().call(spec.call, &vars).map_err(|error| {
        let message = format!("{} of {}: {error}", spec.call.id, spec.agent.id);
        Halt::Failed(Failure::failed(
            codes::BAD_TEMPLATE,
            message,
            "correct the agent's file, then resume the run",
        ))
    })?;
    let again = match &spec.because {
        Some(because) => {
            words(compiled, "again", &json!({"because": because})).unwrap_or_else(|| because.clone())
        }
        None => String::new(),
    };
    let max_output_tokens = spec.call.max_output_tokens;
    let fixed =
        [&rendered.system, &rendered.prompt, &again].iter().map(|text| (measure.count)(text)).sum::<u32>()
            + TEMPLATE_TOKENS;
    let room = room(measure, fixed, max_output_tokens, path)?;
    let reader = Reader {
        state,
        library: shelf,
        compiled,
        run,
        path,
        agent: &spec.agent.id,
        inputs: &spec.inputs,
        run_inputs: &run_inputs,
        turns: &spec.turns,
    };
    let fragments = context::gather(&reader, &spec.agent.context)?;
    let text_of =
        |fragment: &Fragment, text: &str| fragment_text(compiled, fragment.source, &fragment.title, text);
    let chosen = context::assemble(&fragments, room.min(spec.plan.context_tokens), &|f, text| {
        (measure.count)(&text_of(f, text))
    });
    let mut parts: Vec<String> = Vec::with_capacity(chosen.chosen.len() + 2);
    for (source, title, text) in &chosen.chosen {
        parts.push(fragment_text(compiled, source, title, text));
    }
    parts.push(rendered.prompt);
    if !again.is_empty() {
        parts.push(format!("\n\n{again}"));
    }
    let mut messages = Vec::new();
    if !rendered.system.is_empty() {
        messages.push(("system".to_owned(), vec![rendered.system]));
    }
    messages.push(("user".to_owned(), parts));
    let profile = if spec.profile == Profile::Tiny { "tiny" } else { "full" };
    let template = Hash::of(format!("{}\u{0}{}", spec.call.system, spec.call.prompt).as_bytes()).to_string();
    Ok(Prepared {
        messages,
        schema: Arc::new(spec.call.schema.clone()),
        template: format!(
            "{}/{profile}/{}@{}",
            spec.agent.id,
            spec.call.id,
            template.get(..16).unwrap_or_default()
        ),
        max_output_tokens,
        lines: chosen.lines,
        feedback: chosen.feedback,
        input_tokens: fixed + chosen.tokens,
    })
}

/// What a `context` step gives: the chosen texts, and the account of every candidate.
pub(crate) fn gathered(
    state: &State,
    shelf: &Shelf,
    compiled: &Compiled,
    run: &Run,
    path: &str,
    settings: &serde_json::Map<String, Value>,
    measure: &Measure<'_>,
) -> Result<Value, Halt> {
    let agent = settings.get("agent").and_then(Value::as_str).unwrap_or_default();
    let own = compiled.agent(agent).map(|agent| agent.context.clone()).unwrap_or_default();
    let named = settings
        .get("sources")
        .and_then(Value::as_array)
        .map(|words| words.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>());
    let budget = settings.get("budget").and_then(Value::as_u64).unwrap_or(0).min(u64::from(u32::MAX)) as u32;
    let run_inputs: Value = json_of(shelf, &run.inputs)?;
    let reader = Reader {
        state,
        library: shelf,
        compiled,
        run,
        path,
        agent,
        inputs: &Value::Null,
        run_inputs: &run_inputs,
        turns: &[],
    };
    let mut fragments = context::gather(&reader, &named.unwrap_or(own))?;
    // Feedback stays for the agent's own call, which is where it is heard.
    fragments.retain(|fragment| fragment.source != "feedback");
    let text_of = |f: &Fragment, text: &str| fragment_text(compiled, f.source, &f.title, text);
    let chosen = context::assemble(&fragments, budget, &|f, text| (measure.count)(&text_of(f, text)));
    let text: String = chosen
        .chosen
        .iter()
        .map(|(source, title, text)| fragment_text(compiled, source, title, text))
        .collect();
    Ok(json!({"text": text, "tokens": chosen.tokens, "candidates": chosen.lines}))
}

/// The tokens left for context.
fn room(measure: &Measure<'_>, fixed: u32, output: u32, path: &str) -> Result<u32, Halt> {
    let limit = if measure.exact {
        measure.context_tokens
    } else {
        measure.context_tokens - measure.context_tokens / 7
    };
    let needed = fixed.saturating_add(output);
    limit.checked_sub(needed).ok_or_else(|| {
        let message = format!(
            "the task of {path} needs {fixed} tokens and {output} for the answer; the model reads {limit}"
        );
        Halt::Failed(Failure::failed(
            codes::CONTEXT_TOO_LONG,
            message,
            "choose a model with a longer context, or shorten the inputs",
        ))
    })
}

fn fragment_text(compiled: &Compiled, source: &str, title: &str, text: &str) -> String {
    let vars = json!({"source": source, "title": title, "text": text});
    words(compiled, "context", &vars).unwrap_or_else(|| format!("{title}: {text}")) + "\n\n"
}

fn words(compiled: &Compiled, document: &str, vars: &Value) -> Option<String> {
    compiled.document(document, vars)?.ok().map(|text| text.trim().to_owned())
}

fn json_of(shelf: &Shelf, text: &atelier_domain::Text) -> Result<Value, Halt> {
    let library: &dyn Library = shelf;
    let text = text.get(library)?;
    serde_json::from_str(&text).map_err(|error| {
        Halt::Failed(Failure::failed(codes::UNREADABLE, error.to_string(), "run `atelier verify`"))
    })
}
