//! Runs that are killed at every border: of the log, its checkpoint, the registry, the mirrored files, the sockets,
//! the terminal, the model call, the shut-down.

use crate::world::{
    DEADLINE, Random, STEPS, asks_for, kills, left, log, n_asked, projects, server, settled, studio, verified,
};
use atelier_testkit::{Atelier, Border, Borders, Child, End, Matcher, ModelServer};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What is killed at: a call of the system on a file, each before, after, and for writes in its middle.
const PLACES: [(&str, &str); 19] = [
    ("write", "/log.db-wal$"),
    ("sync", "/log.db-wal$"),
    ("write", "/log.db$"),
    ("sync", "/log.db$"),
    ("truncate", "/log.db-wal$"),
    ("unlink", "/log.db-wal$"),
    ("write", "/registry.db-wal$"),
    ("sync", "/registry.db-wal$"),
    ("write", "/registry.db$"),
    ("mkdir", "/outputs"),
    ("write", "/outputs/"),
    ("rename", "/outputs/"),
    ("write", "/buckets/"),
    ("rename", "/buckets/"),
    ("write", "/mirror."),
    ("rename", "/mirror."),
    ("write", "pipe:"),
    ("send", "socket"),
    ("unlink", "/socket$"),
];

enum Moment {
    At(Border),
    /// While the model is asked for this and has said nothing, or only the first words.
    Call {
        key: &'static str,
        speaking: bool,
    },
    /// After Ctrl-C, at a border of the shut-down.
    ShutDown(Border),
}

#[test]
fn a_kill_at_any_border_of_a_run_loses_nothing_and_repeats_no_finished_call() {
    let borders = match Borders::build() {
        Ok(borders) => borders,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let server = server();
    let quiet = Undisturbed::new(&server);
    let atelier = studio(&server);
    let mut deal = Deal::new();
    let (mut killed, mut bibles) = (0, 0);
    for n in 0..projects() {
        let mut project = Project::new(&atelier, &server, &borders, &format!("Salt {n}"));
        while project.killed < (kills() * 5 / 10).div_ceil(projects()) {
            project.bible(&mut deal);
        }
        killed += project.killed;
        bibles += project.bibles;
        assert_eq!(left(&atelier, &server, &project.name), quiet.after(project.bibles), "{}", project.name);
    }
    eprintln!("borders: {killed} kills in {bibles} runs of {} projects", projects());
    for (place, n) in &deal.met {
        eprintln!("  {n:4} {place}");
    }
}

/// States of projects that nobody disturbed.
struct Undisturbed<'a> {
    server: &'a ModelServer,
    atelier: Atelier,
    /// By the number of bibles.
    known: RefCell<BTreeMap<usize, Value>>,
}

impl<'a> Undisturbed<'a> {
    fn new(server: &'a ModelServer) -> Self {
        Self { server, atelier: studio(server), known: RefCell::default() }
    }

    fn after(&self, bibles: usize) -> Value {
        if let Some(known) = self.known.borrow().get(&bibles) {
            return known.clone();
        }
        let name = format!("Calm {bibles}");
        self.atelier.json(["project", "create", &name]);
        for _ in 0..bibles {
            self.server.reset();
            self.atelier.json(words(&name));
            assert_eq!(self.server.count(), STEPS.len());
        }
        let left = left(&self.atelier, self.server, &name);
        self.known.borrow_mut().insert(bibles, left.clone());
        left
    }
}

fn words(project: &str) -> [String; 6] {
    let idea = format!("In {project} a lighthouse keeper finds that the sea has begun to answer her.");
    ["run", "story-bible", "--project", project, "--idea", &idea].map(str::to_owned)
}

struct Project<'a> {
    atelier: &'a Atelier,
    server: &'a ModelServer,
    borders: &'a Borders,
    name: String,
    killed: usize,
    bibles: usize,
    /// Every event that was acknowledged.
    known: Vec<Value>,
}

impl<'a> Project<'a> {
    fn new(atelier: &'a Atelier, server: &'a ModelServer, borders: &'a Borders, name: &str) -> Self {
        atelier.json(["project", "create", name]);
        let known = log(atelier, name);
        Self { atelier, server, borders, name: name.to_owned(), killed: 0, bibles: 0, known }
    }

    /// One run, killed until it comes to its end all the same.
    fn bible(&mut self, deal: &mut Deal) {
        self.server.reset();
        let mut finished = BTreeMap::new();
        let from = self.known.len();
        loop {
            let run = self.open_run();
            let moment = deal.next();
            let told = format!("{} after {} kills, {}", self.name, self.killed, moment.name());
            let died = self.disturbed(run.as_deref(), &moment);
            settled(self.server);
            if died {
                self.killed += 1;
                *deal.met.entry(moment.name()).or_default() += 1;
            }
            let now = log(self.atelier, &self.name);
            assert!(now.starts_with(&self.known), "{told}: an acknowledged event is gone");
            self.known = now;
            verified(self.atelier, &self.name, &told);
            self.repeats_nothing(from, &mut finished, &told);
            if self.is_over() {
                break;
            }
        }
        self.bibles += 1;
        assert_eq!(finished.len(), STEPS.len(), "{}: each step has its answer", self.name);
    }

    /// Starts or goes on, until the moment comes or the run is over. Whether it was killed.
    fn disturbed(&self, run: Option<&str>, moment: &Moment) -> bool {
        let output = match moment {
            Moment::At(border) => self.begin(&self.borders.at(self.atelier, border), run).wait(DEADLINE),
            Moment::Call { key, speaking } => {
                let key = *key;
                let asked = Matcher::of(move |seen| asks_for(seen, key));
                let held = if *speaking { self.server.hold_after(1, asked) } else { self.server.hold(asked) };
                let working = self.begin(self.atelier, run);
                while working.is_running() && !held.wait_held(1, std::time::Duration::from_millis(20)) {}
                let held_here = held.n_held() > 0;
                if held_here {
                    working.kill9();
                }
                drop(held);
                working.wait(DEADLINE)
            }
            Moment::ShutDown(border) => {
                let held = self.server.hold(Matcher::Always);
                let working = self.begin(&self.borders.at(self.atelier, border), run);
                while working.is_running() && !held.wait_held(1, std::time::Duration::from_millis(20)) {}
                working.sigint();
                let output = working.wait(DEADLINE);
                drop(held);
                output
            }
        };
        assert!(matches!(output.code, -9 | 0 | 5), "{}: {}\n{output}", self.name, moment.name());
        output.code == -9
    }

    fn begin(&self, terminal: &Atelier, run: Option<&str>) -> Child {
        match run {
            None => terminal.spawn(words(&self.name)),
            Some(run) => terminal.spawn(["runs", "resume", run]),
        }
    }

    fn runs(&self) -> Vec<Value> {
        self.atelier.json(["runs", "list", "--project", &self.name]).as_array().expect("a list").clone()
    }

    fn open_run(&self) -> Option<String> {
        let open = self.runs().into_iter().find(|run| run["status"] != "done");
        open.map(|run| run["id"].as_str().expect("an id").to_owned())
    }

    fn is_over(&self) -> bool {
        let done = self.runs().iter().filter(|run| run["status"] == "done").count();
        assert!(done <= self.bibles + 1, "{}: a run more than was started", self.name);
        done > self.bibles
    }

    /// Whatever has its answer in the log is not asked for again; whatever was asked is in the log.
    fn repeats_nothing(&self, from: usize, finished: &mut BTreeMap<&'static str, usize>, told: &str) {
        let is =
            |event: &Value, kind: &str, step: &str| event["kind"] == kind && event["body"]["path"] == step;
        for (step, key) in STEPS {
            let asked = n_asked(self.server, key);
            if let Some(before) = finished.get(step) {
                assert_eq!(asked, *before, "{told}: {step} was finished and is asked for again");
            }
            let requested = self.known[from..].iter().filter(|e| is(e, "attempt.requested", step)).count();
            assert!(asked <= requested, "{told}: {step} was asked for without a word in the log");
            let answers = self.known[from..].iter().filter(|e| is(e, "attempt.finished", step)).count();
            assert!(answers <= 1, "{told}: {step} has {answers} answers");
            if answers == 1 {
                finished.insert(step, asked);
            }
        }
    }
}

impl Moment {
    fn name(&self) -> String {
        match self {
            Moment::At(b) => format!("{:?} {} {}", b.end, b.call, b.part).to_lowercase(),
            Moment::Call { speaking: false, key } => format!("model call begun: {key}"),
            Moment::Call { speaking: true, key } => format!("first words of: {key}"),
            Moment::ShutDown(b) => format!("shut-down: {:?} {} {}", b.end, b.call, b.part).to_lowercase(),
        }
    }
}

/// Hands out all moments in turn, each time at another occurrence.
struct Deal {
    round: usize,
    random: Random,
    met: BTreeMap<String, usize>,
}

impl Deal {
    fn new() -> Self {
        Self { round: 0, random: Random(0x5e_edb0_4de4), met: BTreeMap::new() }
    }

    fn next(&mut self) -> Moment {
        self.round += 1;
        let key = STEPS[self.random.below(4) as usize].1;
        match self.round % 6 {
            0 => Moment::Call { key, speaking: false },
            2 => Moment::Call { key, speaking: true },
            4 => Moment::ShutDown(self.border(3)),
            _ => Moment::At(self.border(6)),
        }
    }

    fn border(&mut self, most: u64) -> Border {
        let (call, part) = PLACES[(self.random.below(PLACES.len() as u64)) as usize];
        let ends = if matches!(call, "write" | "send") { 3 } else { 2 };
        let end = [End::Before, End::After, End::Half][self.random.below(ends) as usize];
        let nth = 1 + self.random.below(most) as usize;
        Border { call: call.to_owned(), part: part.to_owned(), nth, end }
    }
}
