//! From a chat request and the reply that was chosen for it to the plan of its answer.

use super::ledger::{Hold, Seen};
use super::plan::{Plan, Step};
use super::script::{Content, Fault, Reply, Usage};
use super::wire::{Closing, Protocol};
use crate::{from_schema, words};
use axum::body::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) struct Asked<'a> {
    pub(crate) seen: &'a Seen,
    pub(crate) protocol: Protocol,
    pub(crate) honours_max_tokens: bool,
    pub(crate) hold: Option<Arc<Hold>>,
}

pub(crate) fn plan(asked: &Asked<'_>, reply: &Reply) -> Plan {
    let mut plan = match &reply.fault {
        Some(Fault::Hang) => Plan::hang(),
        Some(Fault::Garbage) => garbage(),
        Some(Fault::Status { code, body, headers }) => {
            refusal(asked.protocol, *code, body.as_deref(), headers)
        }
        fault => {
            let answer = answer(asked, reply);
            if is_streamed(asked) {
                streamed(asked, reply, fault.as_ref(), &answer)
            } else {
                whole(asked, reply, fault.as_ref(), &answer)
            }
        }
    };
    if let Some(hold) = asked.hold.as_ref().filter(|hold| hold.after.is_none() || !is_streamed(asked)) {
        plan.before.insert(0, Step::Hold(Arc::clone(hold)));
    }
    plan
}

pub(crate) fn garbage() -> Plan {
    let bytes: &[u8] = b"<!DOCTYPE html><html><body>502 Bad Gateway\x00\xff\xfe\x80</body></html>";
    Plan::whole(200, "text/html", bytes)
}

pub(crate) fn refusal(
    protocol: Protocol,
    code: u16,
    body: Option<&str>,
    headers: &[(String, String)],
) -> Plan {
    let spelled = || protocol.error(code, &format!("scripted failure {code}")).to_string();
    let body = body.map_or_else(spelled, str::to_owned);
    Plan { headers: headers.to_vec(), ..Plan::whole(code, "application/json", body) }
}

/// What is said, before it is cut into pieces.
struct Answer {
    text: String,
    closing: Closing,
}

fn is_streamed(asked: &Asked<'_>) -> bool {
    let stream = asked.seen.body.get("stream").and_then(Value::as_bool);
    stream.unwrap_or(matches!(asked.protocol, Protocol::Ollama))
}

fn answer(asked: &Asked<'_>, reply: &Reply) -> Answer {
    let mut text = match (&reply.fault, &reply.content) {
        (Some(Fault::EmptyAnswer), _) => String::new(),
        (Some(Fault::BadJson), _) => "{\"title\": \"Half a thing\", \"items\": [1, 2,, }".to_owned(),
        (_, Content::Text(text)) => text.clone(),
        (_, Content::Echo) => last_user_text(asked.seen),
        (_, Content::Auto) => auto(asked.seen),
    };
    let mut finish = "stop";
    let mut most =
        if matches!(reply.fault, Some(Fault::LengthStop)) { text.chars().count() / 2 } else { usize::MAX };
    if asked.honours_max_tokens {
        most = most.min(max_tokens(asked.seen).saturating_mul(CHARS_PER_TOKEN));
    }
    if most < text.chars().count() {
        text = text.chars().take(most).collect();
        finish = "length";
    }
    let usage = match reply.usage {
        Usage::Counted => Some((tokens(&asked.seen.text), tokens(&text))),
        Usage::Claimed { input, output } => Some((input, output)),
        Usage::Withheld => None,
    };
    Answer { text, closing: Closing { finish, usage } }
}

fn streamed(asked: &Asked<'_>, reply: &Reply, fault: Option<&Fault>, answer: &Answer) -> Plan {
    let (protocol, model) = (asked.protocol, asked.seen.model.as_str());
    let mut steps = vec![Step::Wait(reply.first)];
    if let Some(thinking) = &reply.thinking {
        steps.push(Step::Send(protocol.thought(model, thinking)));
        steps.push(Step::Wait(reply.between));
    }
    let pieces = pieces(&answer.text, reply.chunk_chars);
    let hold_at = asked.hold.as_ref().and_then(|hold| hold.after).map(|after| after.min(pieces.len()));
    let breaks = match fault {
        Some(Fault::HangAfter(after) | Fault::CutAfter(after) | Fault::ErrorIn200 { after, .. }) => {
            Some(*after)
        }
        _ => None,
    };
    for n in 0..=pieces.len() {
        if let Some(hold) = asked.hold.as_ref().filter(|_| hold_at == Some(n)) {
            steps.push(Step::Hold(Arc::clone(hold)));
        }
        let Some(piece) = pieces.get(n).filter(|_| breaks.is_none_or(|after| n < after)) else { break };
        if n > 0 {
            steps.push(Step::Wait(reply.between));
        }
        steps.push(Step::Send(protocol.piece(model, n, piece)));
    }
    let last: Vec<Step> = match fault {
        Some(Fault::HangAfter(_)) => vec![Step::Hang],
        Some(Fault::CutAfter(_)) => vec![Step::Cut],
        Some(Fault::ErrorIn200 { message, .. }) => vec![Step::Send(protocol.error_part(message))],
        Some(Fault::NoFinish) => protocol.bare_ending().into_iter().map(Step::Send).collect(),
        _ => protocol.ending(model, &answer.closing).into_iter().map(Step::Send).collect(),
    };
    steps.extend(last);
    Plan { body: steps, ..Plan::whole(200, protocol.stream_type(), "") }
}

/// Everything at once; a fault in the middle is in the middle of the body.
fn whole(asked: &Asked<'_>, reply: &Reply, fault: Option<&Fault>, answer: &Answer) -> Plan {
    let closing = Some(&answer.closing).filter(|_| !matches!(fault, Some(Fault::NoFinish)));
    let value = asked.protocol.whole(&asked.seen.model, &answer.text, reply.thinking.as_deref(), closing);
    let bytes = Bytes::from(value.to_string());
    let half = bytes.slice(..bytes.len() / 2);
    let body = match fault {
        Some(Fault::HangAfter(_)) => vec![Step::Send(half), Step::Hang],
        Some(Fault::CutAfter(_)) => vec![Step::Send(half), Step::Cut],
        Some(Fault::ErrorIn200 { message, .. }) => {
            vec![Step::Send(asked.protocol.error(500, message).to_string().into())]
        }
        _ => vec![Step::Send(bytes)],
    };
    let n_waits = u32::try_from(pieces(&answer.text, reply.chunk_chars).len()).unwrap_or(u32::MAX);
    let before = vec![Step::Wait(reply.first + reply.between * n_waits.saturating_sub(1))];
    Plan { before, body, ..Plan::whole(200, "application/json", "") }
}

/// Without a rule: a value for the schema, an object where any JSON was asked for, else a sentence or two.
fn auto(seen: &Seen) -> String {
    if let Some(schema) = seen.schema() {
        return from_schema::instance_of(schema, &seen.text).to_string();
    }
    let (first, second) = words::pair(&seen.text);
    let wants_json = seen.body.pointer("/response_format/type") == Some(&json!("json_object"))
        || seen.body.get("format") == Some(&json!("json"));
    if wants_json {
        return json!({"title": format!("{first} {second}"), "text": "A quiet thing happened there."})
            .to_string();
    }
    format!(
        "In the house called {first} {second} a quiet thing happened. Nobody spoke of it until the morning."
    )
}

fn last_user_text(seen: &Seen) -> String {
    let messages = seen.messages();
    messages.into_iter().rev().find(|(role, _)| role == "user").map(|(_, text)| text).unwrap_or_default()
}

fn max_tokens(seen: &Seen) -> usize {
    let places = ["/max_completion_tokens", "/max_tokens", "/options/num_predict"];
    let asked = places.iter().find_map(|place| seen.body.pointer(place)).and_then(Value::as_u64);
    asked.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX)
}

const CHARS_PER_TOKEN: usize = 4;

pub(crate) fn tokens(text: &str) -> u64 {
    u64::try_from(text.chars().count().div_ceil(CHARS_PER_TOKEN)).unwrap_or(u64::MAX)
}

fn pieces(text: &str, chunk_chars: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(chunk_chars).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_server::ledger::Call;
    use std::time::Duration;

    #[test]
    fn the_first_wait_is_the_first_chunks_and_the_others_stand_between_the_chunks() {
        let reply = Reply::text("abcdefghij").first_ms(30).inter_ms(20);
        let ms = Duration::from_millis;
        assert_eq!(waits(&plan(&asked(&seen(true)), &reply).body), [ms(30), ms(20), ms(20)]);
        assert_eq!(waits(&plan(&asked(&seen(false)), &reply).before), [ms(70)]);
    }

    fn asked(seen: &Seen) -> Asked<'_> {
        Asked { seen, protocol: Protocol::Ollama, honours_max_tokens: false, hold: None }
    }

    fn seen(stream: bool) -> Seen {
        Seen {
            index: 0,
            call: Call::Chat(1),
            method: String::new(),
            path: String::new(),
            headers: Default::default(),
            body: json!({"stream": stream}),
            model: String::new(),
            text: String::new(),
            finished: false,
            abandoned: false,
        }
    }

    fn waits(steps: &[Step]) -> Vec<Duration> {
        let wait = |step: &Step| if let Step::Wait(time) = step { Some(*time) } else { None };
        steps.iter().filter_map(wait).collect()
    }
}
