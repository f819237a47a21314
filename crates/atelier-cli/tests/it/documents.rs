//! What the documents tell a person to type can be typed.
//!
//! The README's commands are run as they stand there, from its first line to its last, in one empty studio; so are
//! those of any page in a block marked `sh run`. All other commands of the binary, in blocks and in sentences, are
//! read by the binary's own command line.

use crate::support::{DEADLINE, IDEA, content_server, list, open_gate, project, runs, show, studio, text};
use atelier_testkit::{Atelier, Child, HoldHandle, Matcher, ModelServer};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

struct Document {
    name: String,
    text: String,
}

fn documents() -> Vec<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].map(|name| root.join(name)).into();
    walk(&root.join("docs"), &mut paths);
    let name = |path: &Path| path.strip_prefix(&root).expect("below the root").display().to_string();
    paths
        .iter()
        .map(|path| Document { name: name(path), text: std::fs::read_to_string(path).unwrap() })
        .collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
}

impl Document {
    /// Lines of fenced blocks whose mark this likes.
    fn block_lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut inside = None;
        let mut lines: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines() {
            match (line.trim_start().strip_prefix("```"), inside) {
                (Some(mark), None) => inside = Some(wanted(mark)),
                (Some(_), Some(_)) => inside = None,
                (None, Some(true)) => {
                    let line = line.trim();
                    match lines.last_mut().filter(|_| goes_on) {
                        Some(last) => *last = format!("{} {line}", last.trim_end_matches('\\').trim_end()),
                        None => lines.push(line.to_owned()),
                    }
                    goes_on = line.ends_with('\\');
                }
                _ => {}
            }
        }
        lines
    }

    /// What stands in backticks within sentences.
    fn spans(&self) -> Vec<String> {
        let mut fenced = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                prose.push_str(line);
                prose.push(' ');
            }
        }
        prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// Whether all its blocks are run, not only those that are marked.
    fn is_told_in_order(&self) -> bool {
        self.name == "README.md"
    }
}

#[test]
fn the_commands_of_the_documents_do_what_they_are_there_for() {
    let mut n_run = 0;
    for document in documents() {
        let whole = document.is_told_in_order();
        let lines = document.block_lines(|mark| mark == "sh run" || (whole && mark == "sh"));
        let commands: Vec<String> = lines.into_iter().filter(|line| line.starts_with("atelier ")).collect();
        if commands.is_empty() {
            continue;
        }
        let server = content_server();
        let mut reader = Reader::new(&server);
        for command in &commands {
            reader.does(&document.name, command);
            n_run += 1;
        }
        reader.ends();
    }
    assert!(n_run >= 25, "only {n_run} commands were found");
}

/// Somebody who reads a page and types what stands there.
struct Reader<'a> {
    atelier: Atelier,
    server: &'a ModelServer,
    /// A run that is under way in another terminal, held at its first call.
    working: Option<(Child, HoldHandle)>,
}

impl<'a> Reader<'a> {
    fn new(server: &'a ModelServer) -> Self {
        Self { atelier: studio(server), server, working: None }
    }

    fn does(&mut self, page: &str, command: &str) {
        let typed = self.filled_in(command);
        let output = self.atelier.shell(&typed);
        let waits =
            command.contains("--gates") || command.contains("runs gate") || command.contains("runs pause");
        let fits = output.code == 0 || (waits && output.code == 5);
        // What a machine lacks is no mistake of the page.
        let fits = fits || (command.starts_with("atelier doctor") && output.code == 1);
        assert!(fits, "{page}: {command}\ntyped as: {typed}\n{output}");
        if command.contains("runs pause") {
            self.ends();
        }
    }

    /// What a person puts in the place of the words in capitals, and the servers that they have.
    fn filled_in(&mut self, command: &str) -> String {
        let mut typed = command.replace("\"…\"", &format!("\"{IDEA}\""));
        typed = typed.replace("ollama:qwen2.5:7b", &self.server.ollama_spec());
        typed = typed.replace("openai:NAME@http://127.0.0.1:8000/v1", &self.server.spec());
        if typed.contains(" GATE") {
            let run = self.newest().expect("a run with a gate");
            typed =
                typed.replace(" GATE", &format!(" {}", text(open_gate(&show(&self.atelier, &run)), "id")));
        }
        if typed.contains(" RUN") {
            if typed.contains("runs pause") {
                self.sets_a_run_to_work();
            }
            if typed.contains("runs resume") && !self.can_go_on() {
                // The page speaks of a run that was killed.
                self.sets_a_run_to_work();
                let (child, held) = self.working.take().expect("a run under way");
                child.kill9();
                held.release();
            }
            typed = typed.replace(" RUN", &format!(" {}", self.newest().expect("a run")));
        }
        typed
    }

    fn sets_a_run_to_work(&mut self) {
        let held = self.server.hold(Matcher::Always);
        let child = self.atelier.spawn(["run", "story-bible", "--project", "Salt", "--idea", IDEA]);
        assert!(held.wait_held(1, DEADLINE));
        self.working = Some((child, held));
    }

    fn newest(&self) -> Option<String> {
        let all = runs(&self.atelier, "Salt");
        let newest = all.iter().max_by_key(|run| text(run, "started_at"))?;
        Some(text(newest, "id"))
    }

    fn can_go_on(&self) -> bool {
        let newest = self.newest().expect("a run");
        matches!(text(&show(&self.atelier, &newest), "status").as_str(), "paused" | "running" | "failed")
    }

    fn ends(&mut self) {
        if let Some((child, held)) = self.working.take() {
            held.release();
            assert_eq!(child.wait(DEADLINE).code, 5, "a run that was paused from elsewhere");
        }
    }
}

#[test]
fn every_command_that_a_document_names_is_one() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let before = list_of_projects(&atelier);
    let mut seen = BTreeSet::new();
    for document in documents() {
        let lines = document.block_lines(|mark| mark.starts_with("sh") || mark.starts_with("console"));
        let prose = document.spans();
        let commands = lines
            .iter()
            .chain(&prose)
            .filter_map(|line| line.trim_start_matches("$ ").strip_prefix("atelier "));
        for command in commands {
            let words = words(command);
            if words.is_empty() || !seen.insert(words.clone()) {
                continue;
            }
            // Asked for help behind all of them, the command line reads every word and does nothing.
            let output = atelier.run(words.iter().map(String::as_str).chain(["--help"]));
            assert_eq!(output.code, 0, "{}: atelier {command}\n{output}", document.name);
        }
    }
    assert!(seen.len() >= 40, "only {} commands were found", seen.len());
    assert_eq!(list_of_projects(&atelier), before, "nothing was done");
}

fn list_of_projects(atelier: &Atelier) -> usize {
    list(&serde_json::json!({"projects": atelier.json(["project", "list"])}), "projects").len()
}

/// The words of a command as a shell would split them, up to a comment, a pipe or the next command; words in angle
/// brackets or capitals stand for what a person fills in, numbers where a number is wanted.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut open, mut any) = (String::new(), None, false);
    for c in command.chars() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (None, '"' | '\'') => (open, any) = (Some(c), true),
            (None, '|' | ';' | '>' | '&') => break,
            (None, '#') if !any => break,
            (None, c) if c.is_whitespace() => {
                if std::mem::take(&mut any) {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, c) => {
                word.push(c);
                any = true;
            }
        }
    }
    if any {
        words.push(word);
    }
    words
        .into_iter()
        .map(|word| if matches!(word.as_str(), "SEQ" | "N") { "1".to_owned() } else { word })
        .collect()
}
