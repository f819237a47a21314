//! Embeddings in both protocols: vectors that depend on the words alone, so that texts which share words are near.

use super::chat::{garbage, refusal, tokens};
use super::ledger::{Seen, text_of};
use super::plan::{Plan, Step};
use super::script::{Fault, Reply};
use super::wire::Protocol;
use serde_json::{Value, json};

pub(crate) fn plan(seen: &Seen, protocol: Protocol, dimensions: usize, reply: &Reply) -> Plan {
    let dimensions = seen.body.get("dimensions").and_then(Value::as_u64).map_or(dimensions, |n| n as usize);
    let vectors: Vec<Vec<f32>> = match &reply.fault {
        Some(Fault::EmptyAnswer) => Vec::new(),
        _ => inputs(&seen.body).iter().map(|text| vector(text, dimensions)).collect(),
    };
    let bytes = spelled(seen, protocol, &vectors).to_string();
    let half = bytes.as_bytes()[..bytes.len() / 2].to_vec();
    let mut plan = match &reply.fault {
        Some(Fault::Hang) => Plan::hang(),
        Some(Fault::Garbage) => garbage(),
        Some(Fault::Status { code, body, headers }) => refusal(protocol, *code, body.as_deref(), headers),
        Some(Fault::ErrorIn200 { message, .. }) => {
            Plan::whole(200, "application/json", protocol.error(500, message).to_string())
        }
        Some(Fault::HangAfter(_)) => broken(half, Step::Hang),
        Some(Fault::CutAfter(_) | Fault::NoFinish | Fault::LengthStop) => broken(half, Step::Cut),
        Some(Fault::BadJson) => Plan::whole(200, "application/json", half),
        Some(Fault::EmptyAnswer) | None => Plan::whole(200, "application/json", bytes),
    };
    plan.before.insert(0, Step::Wait(reply.first));
    plan
}

/// The texts of a request, one or many.
pub(crate) fn inputs(body: &Value) -> Vec<String> {
    match body.get("input") {
        Some(Value::Array(texts)) => texts.iter().map(text_of).collect(),
        Some(text) => vec![text_of(text)],
        None => Vec::new(),
    }
}

fn spelled(seen: &Seen, protocol: Protocol, vectors: &[Vec<f32>]) -> Value {
    let n_tokens = tokens(&seen.text);
    match protocol {
        Protocol::Ollama => {
            json!({"model": seen.model, "embeddings": vectors, "total_duration": 1_000_000, "prompt_eval_count": n_tokens})
        }
        Protocol::OpenAi { .. } => {
            let entry = |(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector});
            let data: Vec<Value> = vectors.iter().enumerate().map(entry).collect();
            let usage = json!({"prompt_tokens": n_tokens, "total_tokens": n_tokens});
            json!({"object": "list", "data": data, "model": seen.model, "usage": usage})
        }
    }
}

fn broken(half: Vec<u8>, last: Step) -> Plan {
    Plan { body: vec![Step::Send(half.into()), last], ..Plan::whole(200, "application/json", "") }
}

/// The sum of one random direction per word, of length one.
fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0f32; dimensions];
    let text = text.to_lowercase();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut bytes = vec![0u8; dimensions];
        blake3::Hasher::new().update(word.as_bytes()).finalize_xof().fill(&mut bytes);
        sum.iter_mut().zip(bytes).for_each(|(at, byte)| *at += f32::from(byte) / 127.5 - 1.0);
    }
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    sum.iter_mut().for_each(|x| *x /= length);
    sum
}
