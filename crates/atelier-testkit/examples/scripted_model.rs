//! The scripted model server for tests that are not written in Rust. It is told what to do in JSON lines on its
//! standard input, answers each with one line, and ends with its input.
//!
//! `{"do":"script","rules":[{"text":"Idea","times":1,"reply":{"text":"…","first_ms":5,"inter_ms":20,"chunk_chars":8}}]}`,
//! `{"do":"hold","text":"Idea","after":3}` → `{"hold":1}`, `{"do":"wait","hold":1,"n":1}`, `{"do":"release","hold":1}`,
//! `{"do":"calls"}` → `{"calls":[{"model","text","finished"}]}`, `{"do":"reset"}`. A reply without `text` is made from the
//! request's schema; `fault` is `hang`, `bad_json`, `empty`, `garbage`, `no_finish`, `length`, `{"cut_after":3}` or
//! `{"status":503}`.

use std::collections::HashMap;
use std::io::BufRead;
use std::time::Duration;

use atelier_testkit::{Fault, HoldHandle, Matcher, ModelServer, Reply, Script};
use serde_json::{Value, json};

/// How long a wait lasts at most.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    let mut desk = Desk { server: ModelServer::start(), holds: HashMap::new() };
    say(&json!({"base_url": desk.server.base_url(), "spec": desk.server.spec()}));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        say(&match serde_json::from_str::<Value>(&line) {
            Ok(order) => desk.carry_out(&order),
            Err(error) => json!({"error": error.to_string()}),
        });
    }
}

struct Desk {
    server: ModelServer,
    holds: HashMap<u64, HoldHandle>,
}

impl Desk {
    fn carry_out(&mut self, order: &Value) -> Value {
        match order["do"].as_str() {
            Some("script") => self.script(&order["rules"]),
            Some("hold") => self.hold(order),
            Some("wait") => match self.held(order) {
                Some(hold) => json!({"ok": hold.wait_held(number(&order["n"]).unwrap_or(1), PATIENCE)}),
                None => json!({"error": "no such hold"}),
            },
            Some("release") => {
                let hold = order["hold"].as_u64().and_then(|n| self.holds.remove(&n));
                hold.map_or_else(
                    || json!({"error": "no such hold"}),
                    |hold| {
                        hold.release();
                        json!({"ok": true})
                    },
                )
            }
            Some("calls") => {
                let calls = self.server.calls().into_iter();
                let calls = calls.map(|c| json!({"model": c.model, "text": c.text, "finished": c.finished}));
                json!({"calls": calls.collect::<Vec<_>>()})
            }
            Some("reset") => {
                self.server.reset();
                json!({"ok": true})
            }
            _ => json!({"error": "do what?"}),
        }
    }

    fn script(&mut self, rules: &Value) -> Value {
        let mut script = Script::new();
        for rule in rules.as_array().into_iter().flatten() {
            let Some(reply) = reply(&rule["reply"]) else { return json!({"error": "no such fault"}) };
            script = match number(&rule["times"]) {
                Some(n) => script.times(n, matcher(rule), reply),
                None => script.when(matcher(rule), reply),
            };
        }
        self.server.script(script);
        json!({"ok": true})
    }

    fn hold(&mut self, order: &Value) -> Value {
        let hold = match number(&order["after"]) {
            Some(n) => self.server.hold_after(n, matcher(order)),
            None => self.server.hold(matcher(order)),
        };
        let id = self.holds.len() as u64 + 1;
        self.holds.insert(id, hold);
        json!({"hold": id})
    }

    fn held(&self, order: &Value) -> Option<&HoldHandle> {
        self.holds.get(&order["hold"].as_u64()?)
    }
}

/// What a rule or hold is about: a part of the text, a model, the nth call; everything where nothing is said.
fn matcher(rule: &Value) -> Matcher {
    let mut parts = Vec::new();
    parts.extend(rule["text"].as_str().map(Matcher::text));
    parts.extend(rule["model"].as_str().map(Matcher::model));
    parts.extend(number(&rule["nth"]).map(Matcher::Nth));
    if parts.is_empty() { Matcher::Always } else { Matcher::All(parts) }
}

fn reply(of: &Value) -> Option<Reply> {
    let mut reply = match &of["text"] {
        Value::String(text) => Reply::text(text),
        _ => Reply::auto(),
    };
    reply =
        reply.first_ms(of["first_ms"].as_u64().unwrap_or(0)).inter_ms(of["inter_ms"].as_u64().unwrap_or(0));
    if let Some(n) = number(&of["chunk_chars"]) {
        reply = reply.chunk_chars(n);
    }
    if of["fault"].is_null() { Some(reply) } else { Some(reply.failing(fault(&of["fault"])?)) }
}

fn fault(of: &Value) -> Option<Fault> {
    Some(match of.as_str() {
        Some("hang") => Fault::Hang,
        Some("bad_json") => Fault::BadJson,
        Some("empty") => Fault::EmptyAnswer,
        Some("garbage") => Fault::Garbage,
        Some("no_finish") => Fault::NoFinish,
        Some("length") => Fault::LengthStop,
        Some(_) => return None,
        None => match (number(&of["cut_after"]), of["status"].as_u64()) {
            (Some(n), _) => Fault::CutAfter(n),
            (None, Some(code)) => Fault::status(u16::try_from(code).ok()?),
            (None, None) => return None,
        },
    })
}

fn number(of: &Value) -> Option<usize> {
    of.as_u64().and_then(|n| usize::try_from(n).ok())
}

#[expect(clippy::print_stdout, reason = "its standard output is how it is spoken with")]
fn say(value: &Value) {
    println!("{value}");
}
