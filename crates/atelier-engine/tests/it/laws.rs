//! What holds whatever is asked, in whatever order.

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::run::{GatePolicy, Level, Profile, Route};
use atelier_domain::state::RunStatus;
use atelier_domain::{Envelope, GateId, RunId, canonical};
use atelier_engine::{Command, Rejection};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use uuid::Uuid;

use crate::crew::{Spec, agent, step, transform};
use crate::harness::{Project, call_failure};
use crate::nested::{self, CALLS};

/// Something that happens to a run.
#[derive(Debug, Clone)]
enum Move {
    /// The prompt of a call is kept, and then it is sent.
    Ask(Index),
    Good(Index),
    Wrong(Index),
    Fail(Index, bool),
    /// An answer is on its way and comes later, or never.
    Hold(Index),
    /// One of the answers so far comes once more.
    Again(Index),
    Kill,
    Pause(bool),
    Resume,
    Step,
    Say,
    Rewind(Index),
    Decide(Index, Index),
    Nonsense(Index, String),
    Restart,
    Cancel,
}

/// What a crowd of networks, crashes and impatient people does.
fn weather() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => any::<Index>().prop_map(Move::Ask),
        6 => any::<Index>().prop_map(Move::Good),
        1 => any::<Index>().prop_map(Move::Wrong),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(i, again)| Move::Fail(i, again)),
        2 => any::<Index>().prop_map(Move::Hold),
        3 => any::<Index>().prop_map(Move::Again),
        2 => Just(Move::Kill),
        1 => any::<bool>().prop_map(Move::Pause),
        2 => Just(Move::Resume),
        2 => Just(Move::Step),
        1 => Just(Move::Say),
    ]
}

fn anything() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => weather(),
        2 => any::<Index>().prop_map(Move::Rewind),
        4 => (any::<Index>(), any::<Index>()).prop_map(|(action, text)| Move::Decide(action, text)),
        2 => (any::<Index>(), ".{0,8}").prop_map(|(which, word)| Move::Nonsense(which, word)),
        1 => Just(Move::Restart),
        1 => Just(Move::Cancel),
    ]
}

/// A project under way and the answers that were given or are on their way.
#[derive(Clone)]
struct World {
    p: Project,
    answers: Vec<Command>,
}

impl World {
    fn new(p: Project) -> Self {
        Self { p, answers: Vec::new() }
    }

    fn command(&mut self, step: &Move) -> Option<Command> {
        let run = self.p.run;
        let pick = |i: &Index| {
            let flying = self.p.flying();
            (!flying.is_empty()).then(|| i.get(&flying).clone())
        };
        Some(match step {
            Move::Ask(i) => self.p.ask(&pick(i)?),
            Move::Good(i) | Move::Hold(i) => {
                let call = pick(i)?;
                let answer = self.p.answered(&call, Ok(self.p.good(&call)));
                self.answers.push(answer.clone());
                if matches!(step, Move::Hold(_)) {
                    return None;
                }
                answer
            }
            Move::Wrong(i) => self.p.answered(&pick(i)?, Ok("{\"people\": 1, \"a\": 2, \"x\": 0.5}".into())),
            Move::Fail(i, again) => self.p.answered(&pick(i)?, Err(call_failure("timeout", *again))),
            Move::Again(i) => (!self.answers.is_empty()).then(|| i.get(&self.answers).clone())?,
            Move::Kill => Command::Recover { run, cut: None },
            Move::Pause(cut) => {
                Command::Pause { run, reason: "asked".into(), cut: cut.then(Default::default) }
            }
            Move::Resume => Command::Resume { run },
            Move::Step => Command::Step { run },
            Move::Cancel => Command::Cancel { run, cut: None },
            Move::Say => Command::Say {
                to: None,
                run: None,
                step: None,
                priority: Default::default(),
                text: "rain".into(),
            },
            Move::Rewind(i) => {
                let paths: Vec<String> = self.p.state.runs.get(&run)?.steps.keys().cloned().collect();
                (!paths.is_empty()).then(|| self.p.rewind_command(&paths[i.index(paths.len())]))?
            }
            Move::Decide(action, text) => self.decision(action, text)?,
            Move::Restart => self.p.start_command(gated(), json!({})),
            Move::Nonsense(which, word) => self.nonsense(which, word),
        })
    }

    fn decision(&self, action: &Index, text: &Index) -> Option<Command> {
        let gates: Vec<GateId> = self.p.state.runs.get(&self.p.run)?.gates.keys().copied().collect();
        let action = *action.get(&GateAction::ALL);
        let texts = [
            None,
            Some(""),
            Some("prose"),
            Some("{\"people\": [{\"name\": \"Zoe\"}]}"),
            Some("{\"people\": [{}]}"),
        ];
        let route = Route {
            model: "two".into(),
            level: Level::Step,
            profile: Profile::Tiny,
            fallback: vec!["one".into()],
        };
        let text = text.get(&texts).map(str::to_owned);
        (!gates.is_empty()).then(|| Command::Decide {
            gate: gates[gates.len() - 1],
            action,
            text,
            route: Some(route),
            cut: Default::default(),
        })
    }

    fn nonsense(&self, which: &Index, word: &str) -> Command {
        let run =
            if word.len().is_multiple_of(2) { self.p.run } else { RunId::from_uuid(Uuid::from_u128(9)) };
        let path =
            ["a", "ctx", "pick/deep/again[0]/every[1]/write", "x[", "]/[0]", word][which.index(6)].to_owned();
        let call = (path.clone(), which.index(3) as u32);
        match which.index(10) {
            0 => Command::Create { name: word.into(), epoch: 0 },
            1 => Command::Rename { name: word.into() },
            2 => Command::Gathered { run, path, attempt: 1, output: json!({"w": word, "f": 0.25}) },
            3 => Command::Unasked { run, path, attempt: 1, failure: call_failure(word, false) },
            4 => self.p.answered(&call, Ok(word.into())),
            9 => self.p.ask(&call),
            5 => Command::Rewind { run, step: path, before: Box::default(), cut: None },
            6 => Command::Decide {
                gate: GateId::from_uuid(Uuid::from_u128(1001)),
                action: GateAction::Chat,
                text: Some(word.into()),
                route: None,
                cut: Default::default(),
            },
            7 => Command::Say {
                to: Some(word.into()),
                run: Some(run),
                step: Some(path),
                priority: Default::default(),
                text: word.into(),
            },
            _ => self.p.answered(&call, Err(call_failure(word, true))),
        }
    }

    fn make(&mut self, step: &Move) -> Result<(), Rejection> {
        match self.command(step) {
            Some(command) => self.p.when(command).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Left alone, and resumed where it waits for that, the run ends.
    fn leave_alone(&mut self) {
        for _ in 0..400 {
            match self.p.status() {
                None => return,
                Some(RunStatus::Paused | RunStatus::Failed) => self.p.resume(),
                Some(RunStatus::Waiting) => drop(self.p.decide(GateAction::Approve, None).unwrap()),
                Some(_) => self.p.answer_all(),
            }
        }
        panic!("it does not end: {:?}", self.p.run());
    }
}

/// Every kind, with gates.
fn gated() -> atelier_engine::definition::Definition {
    let mut definition = nested::nested();
    let before = vec![
        step("ctx", "context").set("agent", "writer").set("budget", 50).needs(&[]),
        agent("a", "caster").gate(GatePolicy::Always).needs(&[]),
        step("ask", "gate")
            .gate(GatePolicy::Always)
            .set("prompt", "ok?")
            .set("about", "{{ steps.a.output }}")
            .needs(&["a"]),
        step("both", "join").needs(&["a", "ask"]),
        step("keep", "tool")
            .set("tool", "save_artifact")
            .set("with", json!({"kind": "k", "name": "n", "content": "{{ steps.ask.output }}"})),
        transform("t", json!("{{ steps.a.output.people | length }}")).when("steps.a.output"),
    ];
    definition.workflow.steps[0].needs = Some(vec!["a".into()]);
    definition.workflow.steps.splice(0..0, before);
    definition
}

fn gated_world() -> World {
    let mut p = Project::new();
    p.route.fallback = vec!["two".into()];
    p.start(gated(), json!({}));
    World::new(p)
}

fn kinds(log: &[Envelope]) -> Vec<&str> {
    log.iter().map(|e| e.event.kind()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_commands_never_panic(moves in prop::collection::vec(anything(), 0..80)) {
        let mut world = gated_world();
        for step in &moves {
            let before = world.p.log.len();
            if world.make(step).is_err() {
                prop_assert_eq!(world.p.log.len(), before);
            }
        }
        world.p.audit();
        world.leave_alone();
        world.p.audit();
    }

    #[test]
    fn every_attempt_has_exactly_one_result_however_things_interleave(moves in prop::collection::vec(weather(), 0..120)) {
        let mut world = World::new(nested::started());
        for step in &moves {
            let _refused = world.make(step);
            world.p.audit();
        }
        world.leave_alone();
        world.p.audit();
        prop_assert_eq!(world.p.finished_calls().len(), CALLS, "as many as undisturbed");
        let last = world.p.news();
        let ended = last.contains("{\"end\":[{\"text\":\"text of end\"}");
        prop_assert!(ended, "{}", last);
    }

    #[test]
    fn a_paused_run_asks_for_nothing(moves in prop::collection::vec(anything(), 0..80)) {
        let mut world = gated_world();
        for step in &moves {
            let run = world.p.state.runs.get(&world.p.run);
            let still = run.is_some_and(|r| r.status() == RunStatus::Paused && !r.one_step && r.stepping.is_none());
            let lets_on = matches!(step, Move::Resume | Move::Step | Move::Restart | Move::Nonsense(..));
            let before = world.p.log.len();
            let _refused = world.make(step);
            if still && !lets_on {
                let new = kinds(&world.p.log[before..]);
                for starts in ["attempt.requested", "step.started", "step.iterated"] {
                    prop_assert!(!new.contains(&starts), "{:?}: {:?}", step, new);
                }
            }
        }
    }

    #[test]
    fn a_result_its_content_and_its_next_effects_are_one_append(
        moves in prop::collection::vec(weather(), 0..60),
    ) {
        let mut world = World::new(nested::started());
        for step in &moves {
            let before = world.p.log.len();
            let _refused = world.make(step);
            let new = kinds(&world.p.log[before..]);
            // Whatever a result leads to is in its own append: a crash right after it has only calls to ask again.
            if let Some(run) = world.p.state.runs.get(&world.p.run).filter(|r| r.status() == RunStatus::Running) {
                prop_assert!(run.in_flight().next().is_some(), "nothing is under way after {:?}", new);
                let mut back = world.clone();
                back.p.state = serde_json::from_str(&canonical::to_string(&back.p.state).unwrap()).unwrap();
                let asked = back.p.paths();
                back.p.kill();
                prop_assert_eq!(back.p.paths(), asked);
            }
        }
    }

    #[test]
    fn the_same_commands_come_to_the_same_bytes(moves in prop::collection::vec(anything(), 0..50)) {
        let (mut one, mut two) = (gated_world(), gated_world());
        for step in &moves {
            let (a, b) = (one.make(step), two.make(step));
            prop_assert_eq!(a, b);
        }
        prop_assert_eq!(canonical::to_string(&one.p.state).unwrap(), canonical::to_string(&two.p.state).unwrap());
        let lines = |p: &Project| p.log.iter().map(|e| serde_json::to_string(e).unwrap()).collect::<Vec<_>>();
        prop_assert_eq!(lines(&one.p), lines(&two.p));
    }
}

#[test]
fn one_answer_brings_its_receipt_result_content_and_the_next_call_at_once() {
    let mut p = Project::given(vec![agent("a", "caster"), agent("b", "writer")]);
    let before = p.log.len();
    p.answer("a");
    assert_eq!(
        kinds(&p.log[before..]),
        [
            "receipt.recorded",
            "attempt.finished",
            "step.finished",
            "bucket.created",
            "canon.rule_proposed",
            "artifact.saved",
            "step.started",
            "attempt.requested"
        ]
    );
    let receipt = p.log[before].id;
    assert!(p.log[before + 1..].iter().all(|e| e.causation == Some(receipt) && e.correlation == Some(p.run)));
}

#[test]
fn odd_answers_of_a_model_never_panic() {
    let odd: [&str; 12] = [
        "",
        "null",
        "[]",
        "{}",
        "{\"people\":[null]}",
        "{\"people\":[[[]]]}",
        "{\"people\":[{\"name\":1}]}",
        "}{",
        "\u{0}",
        "{\"people\":{\"a\":1}}",
        "1e999",
        "{\"people\":[{\"name\":\"A\",\"role\":0.1}],\"rules\":{}}",
    ];
    for text in odd {
        let mut p = Project::given(vec![agent("a", "caster")]);
        p.answer_with("a", text);
        p.audit();
    }
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.answer_with("a", "[".repeat(100_000));
    assert!(p.is_open());
}
