//! What a model gets to read: fragments gathered from the project, chosen under a token budget, each with its reason.
//!
//! Owns: which candidates there are, their order (what changes least comes first, so that a server's prefix cache can
//! be reused), and which fit. Does not own: counting tokens (a function comes in) and the words around a fragment
//! (the crew's `context` document).
//!
//! **Invariant**: the chosen fragments never count more tokens than the budget; every candidate has a line.

use std::sync::Arc;

use atelier_domain::event::receipt::ContextLine;
use atelier_domain::state::{Bucket, Content, RuleStatus, Run, Turn};
use atelier_domain::{EventId, Hash, State, name, text::Texts};
use serde_json::{Value, json};

use crate::compiled::{Compiled, Library};

/// The sources an agent can name, in the order they stand in a prompt. Pins, turns and feedback come by themselves.
pub const SOURCES: &[&str] = &["canon", "brief", "structure", "buckets"];

/// A candidate for the context.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// What kind of source.
    pub source: &'static str,
    /// What it is called.
    pub title: String,
    /// The text.
    pub text: String,
    /// A shorter text with the same meaning, for when the whole does not fit.
    pub short: Option<String>,
    /// Why it is a candidate.
    pub reason: String,
    /// Chosen first by the lowest rank.
    pub rank: u32,
    /// The event the text came with, for feedback.
    pub event: Option<EventId>,
}

/// The chosen fragments, in prompt order, with the account of all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assembled {
    /// What the model reads: source, title and text.
    pub chosen: Vec<(&'static str, String, String)>,
    /// Every candidate.
    pub lines: Vec<ContextLine>,
    /// Feedback among the chosen.
    pub feedback: Vec<EventId>,
    /// The tokens of the chosen.
    pub tokens: u32,
}

/// What an agent could read in a step.
///
/// # Errors
/// The hash of a long text that must be fetched first.
pub fn gather(place: &Reader<'_>, sources: &[String]) -> Result<Vec<Fragment>, Hash> {
    let mut fragments = Vec::new();
    for source in SOURCES.iter().filter(|s| sources.iter().any(|wanted| wanted == *s)) {
        match *source {
            "canon" => fragments.extend(canon(place)),
            "brief" => fragments.extend(brief(place)),
            "structure" => fragments.extend(structure(place)?),
            _ => fragments.extend(buckets(place)?),
        }
    }
    fragments.extend(turns(place)?);
    fragments.extend(feedback(place)?);
    Ok(fragments)
}

/// Where context is gathered for.
#[allow(missing_docs)]
pub struct Reader<'a> {
    pub state: &'a State,
    pub library: &'a dyn Library,
    pub compiled: &'a Compiled,
    pub run: &'a Run,
    pub path: &'a str,
    pub agent: &'a str,
    /// What the agent is given in its task; nothing of it is repeated in the context.
    pub inputs: &'a Value,
    /// The run's inputs.
    pub run_inputs: &'a Value,
    pub turns: &'a [Turn],
}

impl Reader<'_> {
    fn content(&self) -> Option<&Content> {
        self.state.content(&self.run.branch)
    }

    fn given(&self, key: &str) -> bool {
        self.inputs.get(key).is_some_and(|value| !value.is_null())
    }

    fn texts(&self) -> &dyn Texts {
        self.library
    }
}

fn canon(place: &Reader<'_>) -> Vec<Fragment> {
    let rules = place.content().into_iter().flat_map(|content| content.rules.values());
    rules
        .filter(|rule| rule.status == RuleStatus::Accepted)
        .map(|rule| Fragment {
            source: "canon",
            title: "rule".into(),
            text: rule.text.clone(),
            short: None,
            reason: "an accepted rule of the canon".into(),
            rank: 1,
            event: None,
        })
        .collect()
}

fn brief(place: &Reader<'_>) -> Vec<Fragment> {
    let Value::Object(inputs) = place.run_inputs else { return Vec::new() };
    let told = |key: &str, value: &Value| !value.is_null() && !place.given(key);
    inputs
        .iter()
        .filter(|(key, value)| told(key, value))
        .map(|(key, value)| Fragment {
            source: "brief",
            title: key.clone(),
            text: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            short: None,
            reason: "what the person asked for".into(),
            rank: 2,
            event: None,
        })
        .collect()
}

fn structure(place: &Reader<'_>) -> Result<Vec<Fragment>, Hash> {
    let outline = place.content().and_then(|content| content.artifacts.get("bible/outline"));
    let Some(outline) = outline.filter(|_| !place.given("outline")) else { return Ok(Vec::new()) };
    let text = outline.markdown.as_ref().unwrap_or(&outline.content).get(place.texts())?;
    Ok(vec![Fragment {
        source: "structure",
        title: "outline".into(),
        text: text.to_string(),
        short: None,
        reason: format!("the outline in its version {}", outline.version),
        rank: 3,
        event: None,
    }])
}

/// Buckets that were there before this run; those the task speaks of come first.
fn buckets(place: &Reader<'_>) -> Result<Vec<Fragment>, Hash> {
    let Some(content) = place.content() else { return Ok(Vec::new()) };
    let spoken = name::key(&format!("{} {}", place.inputs, place.run_inputs));
    let mut fragments = Vec::new();
    for bucket in content.live(None).filter(|b| b.source.as_ref().is_none_or(|s| s.run != place.run.id)) {
        let named = spoken.contains(&name::key(&bucket.title));
        let body = bucket.body.get(place.texts())?;
        fragments.push(Fragment {
            source: "bucket",
            title: format!("{}: {}", bucket.r#type, bucket.title),
            text: whole(bucket, &body),
            short: window(place.compiled, bucket, &body),
            reason: if named { "named in the task".into() } else { "part of this world".into() },
            rank: if named { 4 } else { 6 },
            event: None,
        });
    }
    Ok(fragments)
}

fn whole(bucket: &Arc<Bucket>, body: &str) -> String {
    let fields = bucket.fields.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{key}: {text}\n"),
        other => format!("{key}: {other}\n"),
    });
    format!("{}{body}", fields.collect::<String>())
}

/// The short text of a bucket, by its type's template.
fn window(compiled: &Compiled, bucket: &Bucket, body: &str) -> Option<String> {
    let template = &compiled.definition.types.get(&bucket.r#type)?.context_window;
    let context = json!({"title": bucket.title, "fields": bucket.fields, "body": body});
    let text = compiled.lenient(template, &context).ok()?;
    (!text.trim().is_empty()).then_some(text)
}

fn turns(place: &Reader<'_>) -> Result<Vec<Fragment>, Hash> {
    let mut fragments = Vec::new();
    for turn in place.turns {
        let (source, rank) = if turn.turn == "pin" { ("pin", 0) } else { ("turn", 0) };
        fragments.push(Fragment {
            source,
            title: turn.turn.clone(),
            text: turn.text.get(place.texts())?.to_string(),
            short: None,
            reason: "from the gate of this step".into(),
            rank,
            event: None,
        });
    }
    Ok(fragments)
}

/// Fresh feedback, the most urgent first.
fn feedback(place: &Reader<'_>) -> Result<Vec<Fragment>, Hash> {
    let mut fresh: Vec<_> =
        place.state.feedback.values().filter(|f| f.concerns(place.agent, place.run.id, place.path)).collect();
    fresh.sort_by_key(|f| (std::cmp::Reverse(f.priority), f.n));
    let mut fragments = Vec::new();
    for feedback in fresh {
        fragments.push(Fragment {
            source: "feedback",
            title: format!("{:?}", feedback.priority).to_lowercase(),
            text: feedback.text.get(place.texts())?.to_string(),
            short: None,
            reason: "fresh feedback from the person".into(),
            rank: 0,
            event: Some(feedback.event),
        });
    }
    Ok(fragments)
}

/// Chooses what fits, by rank, and keeps the order it came in.
///
/// `count` gives the tokens of a fragment as it will stand in the prompt, the words around it included.
pub fn assemble(fragments: &[Fragment], budget: u32, count: &dyn Fn(&Fragment, &str) -> u32) -> Assembled {
    let mut by_rank: Vec<usize> = (0..fragments.len()).collect();
    by_rank.sort_by_key(|&i| (fragments[i].rank, i));
    let mut left = budget;
    let mut verdicts: Vec<Option<(String, u32, bool, String)>> = vec![None; fragments.len()];
    for i in by_rank {
        let fragment = &fragments[i];
        let tokens = count(fragment, &fragment.text);
        let short = fragment.short.as_ref().map(|short| (short, count(fragment, short)));
        verdicts[i] = Some(match short {
            _ if tokens <= left => (fragment.text.clone(), tokens, true, fragment.reason.clone()),
            Some((short, n)) if n < tokens && n <= left => {
                (short.clone(), n, true, format!("{}; shortened from {tokens} tokens", fragment.reason))
            }
            _ => (String::new(), tokens, false, format!("over budget: {left} tokens were left")),
        });
        if let Some((_, n, true, _)) = &verdicts[i] {
            left -= n;
        }
    }
    let mut assembled = Assembled { tokens: budget - left, ..Assembled::default() };
    for (fragment, verdict) in fragments.iter().zip(verdicts) {
        let Some((text, tokens, included, reason)) = verdict else { continue };
        let (source, title) = (fragment.source, fragment.title.clone());
        assembled.lines.push(ContextLine {
            source: source.into(),
            title: title.clone(),
            tokens,
            included,
            reason,
        });
        if included {
            assembled.feedback.extend(fragment.event);
            assembled.chosen.push((source, title, text));
        }
    }
    assembled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fragment(rank: u32, text: &str, short: Option<&str>) -> Fragment {
        Fragment {
            source: "bucket",
            title: text.chars().take(3).collect(),
            text: text.into(),
            short: short.map(str::to_owned),
            reason: "r".into(),
            rank,
            event: None,
        }
    }

    #[test]
    fn the_most_important_fit_first_and_a_long_one_is_shortened() {
        let fragments =
            [fragment(6, "aaaaaaaa", Some("aa")), fragment(1, "bbbb", None), fragment(6, "cccc", None)];
        let chosen = assemble(&fragments, 7, &|_, text| text.len() as u32);
        let texts: Vec<&str> = chosen.chosen.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(texts, ["aa", "bbbb"]);
        assert_eq!(chosen.tokens, 6);
        assert_eq!(chosen.lines.iter().map(|l| l.included).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(chosen.lines[2].reason, "over budget: 1 tokens were left");
    }

    proptest! {
        #[test]
        fn context_never_exceeds_its_budget(
            sizes in prop::collection::vec((0u32..8, 0usize..40, prop::option::of(0usize..20)), 0..30),
            budget in 0u32..120,
        ) {
            let fragments: Vec<Fragment> = sizes
                .iter()
                .map(|(rank, n, short)| fragment(*rank, &"x".repeat(*n), short.map(|s| "y".repeat(s)).as_deref()))
                .collect();
            let assembled = assemble(&fragments, budget, &|_, text| text.len() as u32);
            let total: usize = assembled.chosen.iter().map(|(_, _, text)| text.len()).sum();
            prop_assert!(total <= budget as usize);
            prop_assert_eq!(total as u32, assembled.tokens);
            prop_assert_eq!(assembled.lines.len(), fragments.len(), "every candidate has a line");
        }
    }
}
