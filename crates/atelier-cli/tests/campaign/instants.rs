//! `atelier serve` carries the runs of several projects at once and is killed at any moment, while others look on.

use crate::world::{
    DEADLINE, Random, STEPS, kills, left, log, n_asked, projects, server, settled, studio, verified,
};
use atelier_testkit::{Atelier, Child, ModelServer, eventually};
use serde_json::Value;
use std::time::Duration;

/// At most so many projects work at once.
const TOGETHER: usize = 4;

#[test]
fn a_kill_at_any_instant_of_who_serves_loses_nothing_that_was_announced() {
    let server = server();
    let mut random = Random(0x5eed_0fa7_e11e);
    let quiet = {
        let calm = Band::new(&server, 1);
        let serving = calm.serve();
        calm.start();
        calm.until_done();
        end(serving);
        left(&calm.atelier, &server, &calm.names[0])
    };
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills() * 2 / 10 {
        rounds += 1;
        server.reset();
        let band = Band::new(&server, projects().min(TOGETHER));
        let first = band.serve();
        band.start();
        let mut here = band.shot(first, &mut random);
        while !band.is_done() && here < 12 {
            here += band.shot(band.serve(), &mut random);
        }
        killed += here;
        let serving = band.serve();
        band.until_done();
        end(serving);
        settled(&server);
        for name in &band.names {
            verified(&band.atelier, name, "at the end");
            assert_eq!(left(&band.atelier, &server, name), quiet, "{name} after {here} kills");
            finished_once(&band.atelier, name);
        }
        // An answer that was given whole may not have been durable when the process died.
        let most = band.names.len() * (1 + here);
        for (_, key) in STEPS {
            assert!((band.names.len()..=most).contains(&n_asked(&server, key)), "{key}");
        }
    }
    eprintln!("instants: {killed} kills in {rounds} rounds of {} projects at once", projects().min(TOGETHER));
}

/// Some projects in one data folder.
struct Band<'a> {
    atelier: Atelier,
    server: &'a ModelServer,
    names: Vec<String>,
}

impl<'a> Band<'a> {
    fn new(server: &'a ModelServer, n: usize) -> Self {
        let atelier = studio(server);
        let names: Vec<String> = (0..n).map(|n| format!("Reef {n}")).collect();
        for name in &names {
            atelier.json(["project", "create", name]);
        }
        Self { atelier, server, names }
    }

    fn serve(&self) -> Child {
        let serving = self.atelier.spawn(["serve"]);
        serving.wait_stderr("serving", DEADLINE);
        serving
    }

    fn start(&self) {
        for name in &self.names {
            let idea = format!("In {name} the tide keeps a diary.");
            self.atelier.json(["run", "story-bible", "--project", name, "--idea", &idea, "--detach"]);
        }
    }

    /// Kills who serves at a random moment; what was told to who looked on must be in the log. How often it was killed.
    fn shot(&self, serving: Child, random: &mut Random) -> usize {
        let name = &self.names[random.below(self.names.len() as u64) as usize];
        let watching = self.atelier.spawn(["log", "--project", name, "--follow"]);
        // A random moment within the time in which the runs work.
        self.server.wait_until(Duration::from_micros(random.below(150_000)), |_| false);
        serving.kill9();
        settled(self.server);
        let told: Vec<Value> = whole_lines(&watching.stdout_so_far());
        watching.kill9();
        let kept = log(&self.atelier, name);
        assert!(kept.starts_with(&told), "{name}: an event that was announced is gone");
        for name in &self.names {
            verified(&self.atelier, name, "after a kill");
        }
        1
    }

    fn is_done(&self) -> bool {
        let done = |name: &String| {
            let runs = self.atelier.json(["runs", "list", "--project", name]);
            runs.as_array().expect("a list").iter().all(|run| run["status"] == "done")
        };
        self.names.iter().all(done)
    }

    fn until_done(&self) {
        eventually(DEADLINE, "all runs are done", || self.is_done().then_some(()));
    }
}

fn end(serving: Child) {
    serving.sigterm();
    assert_eq!(serving.wait(DEADLINE).code, 0);
}

fn whole_lines(text: &str) -> Vec<Value> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

/// Each step has one finished attempt; all others were cut.
#[track_caller]
fn finished_once(atelier: &Atelier, project: &str) {
    let kept = log(atelier, project);
    for (step, _) in STEPS {
        let is = |event: &&Value, kind: &str| event["kind"] == kind && event["body"]["path"] == step;
        let of = |kind: &str| kept.iter().filter(|event| is(event, kind)).count();
        assert_eq!(of("attempt.finished"), 1, "{project}: {step}");
        assert_eq!(of("attempt.requested"), 1 + of("attempt.interrupted"), "{project}: {step}");
    }
}
