//! Random logs: every kind of event over few names, so that events meet, and many that fit nothing.

use atelier_domain::event::Event;
use atelier_domain::{
    Actor, ArtifactId, BranchId, BucketId, Draft, Envelope, EventId, GateId, Hash, MemoryId, MessageId,
    ProjectId, ReceiptId, RuleId, RunId, State, StepId, Timestamp, canonical,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const PROJECT: ProjectId = ProjectId::from_uuid(Uuid::from_u128(1));
const PATHS: [&str; 6] = ["a", "b", "a/x", "a[0]/x", "a[1]/x", "a[0]/b[1]/y"];

/// An event without its place: branch number, run number, whether a person did it, what happened.
#[derive(Debug, Clone)]
pub(crate) struct Loose {
    branch: u128,
    run: Option<u128>,
    human: bool,
    event: Event,
}

impl Loose {
    pub(crate) fn on(branch: u128, event: Event) -> Self {
        Self { branch, run: None, human: false, event }
    }

    pub(crate) fn within(self, run: u128) -> Self {
        Self { run: Some(run), ..self }
    }
}

pub(crate) fn branch(n: u128) -> BranchId {
    BranchId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn run(n: u128) -> RunId {
    RunId::from_uuid(Uuid::from_u128(n))
}

/// The events in their places, numbered from after `seq`.
pub(crate) fn log(events: &[Loose], seq: u64) -> Vec<Envelope> {
    let place = |(i, loose): (usize, &Loose)| {
        let seq = seq + 1 + i as u64;
        let draft = Draft {
            id: EventId::from_uuid(Uuid::from_u128(u128::from(seq))),
            branch: branch(loose.branch),
            at: Timestamp::from_micros(1_700_000_000_000_000 + seq as i64),
            actor: if loose.human { Actor::human() } else { Actor::agent("plot") },
            correlation: loose.run.map(run),
            causation: None,
            event: loose.event.clone(),
        };
        Envelope::place(draft, PROJECT, seq)
    };
    events.iter().enumerate().map(place).collect()
}

pub(crate) fn fold<'a>(state: State, log: impl IntoIterator<Item = &'a Envelope>) -> State {
    log.into_iter().fold(state, |mut state, envelope| {
        state.apply(envelope);
        state
    })
}

pub(crate) fn bytes(state: &State) -> String {
    canonical::to_string(state).unwrap()
}

pub(crate) fn of_kind(kind: &str, body: &Value) -> Event {
    Event::decode(kind, 1, &body.to_string()).unwrap_or_else(|error| panic!("{kind} {body}: {error:?}"))
}

fn id(prefix: &str, n: u64) -> String {
    format!("{prefix}_{n:032x}")
}

/// Any event, content or not.
pub(crate) fn any_event() -> impl Strategy<Value = Loose> {
    prop_oneof![3 => content(), 4 => operation(), 1 => fork()]
}

pub(crate) fn content() -> impl Strategy<Value = Loose> {
    (0u128..4, any::<bool>(), body_of_content(), prop::option::of(0u128..3))
        .prop_map(|(branch, human, event, run)| Loose { branch, run, human, event })
}

fn body_of_content() -> impl Strategy<Value = Event> {
    (0u8..13, 0u64..4, 0u64..3, "[a-c]{0,3}").prop_map(|(which, n, other, word)| {
        let memory = MemoryId::from_uuid(Uuid::from_u128(n.into()));
        let bucket = BucketId::from_uuid(Uuid::from_u128(n.into()));
        let rule = RuleId::from_uuid(Uuid::from_u128(n.into()));
        let source = json!({"run": id("run", other), "step": PATHS[n as usize]});
        match which {
            0 => of_kind(
                "bucket.created",
                &json!({"bucket": bucket, "type": "place", "title": word, "fields": {"k": n}, "source": source}),
            ),
            1 => of_kind("bucket.edited", &json!({"bucket": bucket, "set": {"k": other, "l": word}, "body": word})),
            2 => of_kind("bucket.edited", &json!({"bucket": bucket, "title": word, "removed": ["k"], "source": source})),
            3 => of_kind("bucket.archived", &json!({"bucket": bucket})),
            4 => of_kind("bucket.restored", &json!({"bucket": bucket})),
            5 => of_kind("canon.rule_proposed", &json!({"rule": rule, "text": word, "confidence_milli": 500})),
            6 if other == 0 => of_kind("canon.rule_retired", &json!({"rule": rule})),
            6 => of_kind("canon.rule_accepted", &json!({"rule": rule})),
            9 => of_kind("memory.added", &json!({"memory": memory, "text": word})),
            10 if other == 0 => of_kind("memory.cleared", &json!({})),
            10 => of_kind("memory.removed", &json!({"memory": memory})),
            11 => of_kind("name.refused", &json!({"name": word, "bucket": (other > 0).then_some(bucket)})),
            12 => of_kind("name.allowed", &json!({"name": word, "bucket": (other > 0).then_some(bucket)})),
            7 => of_kind("artifact.withdrawn", &json!({"kind": "bible", "name": word})),
            _ => of_kind(
                "artifact.saved",
                &json!({"artifact": ArtifactId::from_uuid(Uuid::from_u128(n.into())), "kind": "bible", "name": word,
                    "version": other, "content": word, "markdown": {"blob": Hash::of(word.as_bytes()), "bytes": 2000}}),
            ),
        }
    })
}

/// Forks name their parent and point at random; many fit nothing.
fn fork() -> impl Strategy<Value = Loose> {
    (0u128..5, 0u128..5, 0u64..40).prop_map(|(child, parent, at_seq)| {
        let body = json!({"branch": branch(child), "name": format!("b{child}"), "parent": branch(parent), "at_seq": at_seq});
        Loose::on(parent, of_kind("branch.forked", &body))
    })
}

fn operation() -> impl Strategy<Value = Loose> {
    let run = prop::option::weighted(0.9, 0u128..3);
    let body = prop_oneof![2 => project(), 2 => of_a_run(), 4 => step_or_attempt(), 2 => gate(), 2 => said()];
    (0u128..3, run, any::<bool>(), body).prop_map(|(branch, run, human, event)| Loose {
        branch,
        run,
        human,
        event,
    })
}

fn project() -> impl Strategy<Value = Event> {
    (0u8..3, "[a-c]{1,2}").prop_map(|(which, word)| match which {
        0 => of_kind("project.created", &json!({"name": word})),
        1 => of_kind("project.renamed", &json!({"name": word})),
        _ => of_kind("project.settings_changed", &json!({"set": {word.clone(): "v"}, "removed": ["a"]})),
    })
}

fn of_a_run() -> impl Strategy<Value = Event> {
    (0u8..9, 0usize..6).prop_map(|(which, p)| match which {
        0..=2 => of_kind(
            "run.started",
            &json!({"workflow": "w", "definition": Hash::of(b"d"), "inputs": "{}", "routes": {}}),
        ),
        3 => of_kind("run.paused", &json!({"reason": "asked"})),
        4 => of_kind("run.resumed", &json!({"reopened": [PATHS[p]], "dropped": [PATHS[5 - p]]})),
        5 => of_kind("run.stepped", &json!({"path": PATHS[p]})),
        6 => of_kind("run.stepped", &json!({})),
        7 => {
            let outcome = ["done", "failed", "cancelled"][p % 3];
            of_kind("run.finished", &json!({"outcome": outcome, "outputs": "{}"}))
        }
        _ => of_kind(
            "run.rewound",
            &json!({"to": PATHS[p], "dropped": [PATHS[p], PATHS[0]], "kept": branch(9)}),
        ),
    })
}

fn step_or_attempt() -> impl Strategy<Value = Event> {
    let usage = json!({"calls": 1, "input_tokens": u64::MAX / 3, "output_tokens": 5, "cost_micros": 1});
    (0u8..11, 0usize..6, 1u32..4).prop_map(move |(which, p, n)| {
        let (path, error) = (PATHS[p], json!({"code": "c", "message": "m"}));
        match which {
            0 => {
                let step = StepId::from_uuid(Uuid::from_u128(u128::from(n)));
                of_kind(
                    "step.started",
                    &json!({"step": step, "path": path, "kind": "agent", "agent": "plot", "stepped": n == 1}),
                )
            }
            1 => of_kind("step.iterated", &json!({"path": path, "iteration": u32::MAX >> (8 * (3 - n))})),
            2 => of_kind("step.finished", &json!({"path": path, "output": "1", "findings": ["f"]})),
            3 => of_kind("step.skipped", &json!({"path": path, "reason": "r"})),
            4 => of_kind("step.failed", &json!({"path": path, "error": error})),
            5 | 6 => {
                of_kind("attempt.requested", &json!({"path": path, "attempt": n, "call": n, "delay_ms": n}))
            }
            7 => of_kind(
                "receipt.opened",
                &json!({"receipt": ReceiptId::from_uuid(Uuid::from_u128(u128::from(n))), "path": path, "attempt": n,
                    "agent": "plot", "model": "m", "level": "run", "provider": "p", "template": "t", "messages": [],
                    "context": [], "started_at": "2026-01-02T03:04:05Z"}),
            ),
            8 => of_kind(
                "attempt.finished",
                &json!({"path": path, "attempt": n, "output": "2", "usage": usage}),
            ),
            9 => of_kind(
                "attempt.failed",
                &json!({"path": path, "attempt": n, "error": error, "usage": usage}),
            ),
            _ => of_kind("attempt.interrupted", &json!({"path": path, "attempt": n, "estimate": usage})),
        }
    })
}

fn gate() -> impl Strategy<Value = Event> {
    (0u8..4, 0usize..6, 0usize..9).prop_map(|(which, p, a)| {
        let gate = GateId::from_uuid(Uuid::from_u128(p as u128 % 2));
        let action = atelier_domain::event::gate::GateAction::ALL[a];
        match which {
            0 => of_kind(
                "gate.opened",
                &json!({"gate": gate, "path": PATHS[p], "kind": "output", "prompt": "p", "output": "1", "actions": [action]}),
            ),
            2 => of_kind("gate.reopened", &json!({"gate": gate, "error": {"code": "c", "message": "m"}})),
            1 => of_kind("gate.turned", &json!({"gate": gate, "turn": (["chat", "pin", "answer"][a % 3]), "text": "t"})),
            _ => of_kind("gate.decided", &json!({"gate": gate, "action": action})),
        }
    })
}

fn said() -> impl Strategy<Value = Event> {
    let usage = json!({"calls": 1, "input_tokens": 1, "output_tokens": 1, "cost_micros": 0});
    (any::<bool>(), 1u64..4, prop::option::of(0u128..3), any::<bool>()).prop_map(move |(read, n, to_run, to_one)| {
        if read {
            let heard: Vec<EventId> = (1..30).map(|seq| EventId::from_uuid(Uuid::from_u128(seq))).collect();
            return of_kind(
                "receipt.recorded",
                &json!({"receipt": ReceiptId::from_uuid(Uuid::from_u128(n.into())), "path": "a", "attempt": n, "agent": "plot",
                    "model": "m", "level": "run", "provider": "p", "template": "t", "messages": [], "context": [],
                    "usage": usage, "started_at": "2026-01-02T03:04:05Z", "total_ms": n, "feedback": heard}),
            );
        }
        let to = to_one.then_some("plot");
        of_kind(
            "message.sent",
            &json!({"message": MessageId::from_uuid(Uuid::from_u128(n.into())), "n": n, "kind": "feedback", "from": "you",
                "to": to, "run": to_run.map(run), "text": "t"}),
        )
    })
}
