//! Short commands that are killed at each of their borders: afterwards it is as before, or it is done, and nothing in
//! between; and whoever was told that it is done finds it done.

use crate::world::{copied, kills, log, server, studio, verified};
use atelier_testkit::{Atelier, Border, Borders, End};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const COMMANDS: [&[&str]; 7] = [
    &["project", "create", "Pepper"],
    &["project", "rename", "Salt", "Brine"],
    &["project", "delete", "Salt", "--yes"],
    &["say", "--project", "Salt", "More fog."],
    &["config", "set", "models.heavy", "embedded:smollm2-135m"],
    &["config", "set", "--project", "Salt", "models.fast", "embedded:smollm2-135m"],
    &["verify", "--project", "Salt", "--rebuild"],
];

#[test]
fn a_command_that_is_killed_at_any_border_is_done_or_was_never_begun() {
    let borders = match Borders::build() {
        Ok(borders) => borders,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let server = server();
    let atelier = studio(&server);
    for name in ["Salt", "Reef"] {
        atelier.json(["project", "create", name]);
    }
    atelier.json(["run", "story-bible", "--project", "Salt", "--idea", "A sea that answers."]);
    let share = (kills() * 3 / 10).div_ceil(COMMANDS.len());
    let (mut killed, mut there) = (0, 0);
    for command in COMMANDS {
        let all = met(&borders, &atelier, command);
        there += all.len();
        // All of them in the long campaign where there are as many; else evenly chosen ones.
        let step = (all.len() / share).max(1);
        for border in all.iter().step_by(step) {
            killed += usize::from(survived(&borders, &atelier, command, border));
        }
    }
    eprintln!("commands: {killed} kills at {there} borders of {} commands", COMMANDS.len());
}

/// All borders that the command meets.
fn met(borders: &Borders, atelier: &Atelier, command: &[&str]) -> Vec<Border> {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let copy = copied(atelier, &atelier.data_dir(), &data);
    let trace = place.path().join("trace");
    borders.traced(&copy, &trace).run(command).expect_code(0);
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut all = Vec::new();
    for line in std::fs::read_to_string(&trace).unwrap().lines() {
        let (call, path) = line.split_once(' ').unwrap();
        let Some(part) = part_of(path, &data) else { continue };
        let nth = counts.entry((call.to_owned(), part.clone())).or_default();
        *nth += 1;
        let ends: &[End] =
            if call == "write" { &[End::Before, End::Half, End::After] } else { &[End::Before, End::After] };
        let border = |end: &End| Border { call: call.to_owned(), part: part.clone(), nth: *nth, end: *end };
        all.extend(ends.iter().map(border));
    }
    assert!(all.len() > 10, "{command:?} met {all:?}");
    all
}

/// How a file is known in another copy: by its path in the data folder, or in the project's folder.
fn part_of(path: &str, data: &Path) -> Option<String> {
    let inner = path.strip_prefix(data.to_str()?)?;
    // Shared memory is written anew by whoever comes first; nothing in it outlives a process.
    let (_, tail) = inner.rsplit_once("prj_").unwrap_or(("", inner));
    let tail = tail.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    (tail.len() > 1 && !tail.ends_with("-shm")).then(|| format!("{tail}$"))
}

/// Runs the command to its border and looks at what is left. Whether it was killed.
fn survived(borders: &Borders, atelier: &Atelier, command: &[&str], border: &Border) -> bool {
    let place = tempfile::tempdir().unwrap();
    let copy = copied(atelier, &atelier.data_dir(), &place.path().join("data"));
    let before = seen(&copy);
    let known = log(&copy, "Salt");
    let output = borders.at(&copy, border).run(command);
    let told = format!("{command:?} killed at {border:?}\n{output}");
    assert!(matches!(output.code, 0 | -9), "{told}");
    let after = seen(&copy);
    let acknowledged = output.code == 0 || !output.stdout.is_empty();
    let unchanged = command[0] == "verify";
    assert!(!acknowledged || unchanged || after != before, "{told}\nwas told, and is not there");
    if after == before {
        // It was never begun, and can be done now.
        copy.run(command).expect_code(0);
    }
    let now = seen(&copy);
    assert!(unchanged || now != before, "{told}\ncannot be done any more");
    if let Some(name) = ["Salt", "Brine"].into_iter().find(|name| now.contains_key(*name)) {
        assert!(log(&copy, name).starts_with(&known), "{told}: an acknowledged event is gone");
        verified(&copy, name, &told);
    }
    verified(&copy, "Reef", &told);
    output.code == -9
}

/// What a person can see of the studio: its projects with their states, its settings.
fn seen(atelier: &Atelier) -> BTreeMap<String, Value> {
    let listed = || {
        let mut all = atelier.json(["project", "list"]).as_array().expect("a list").clone();
        all.retain(|project| project["status"] == "active");
        all
    };
    // The log outranks the list: a rename that was cut in two is brought to its end when the project is opened.
    for project in listed() {
        let shown = atelier.run(["project", "show", text(&project, "id")]);
        assert_eq!(shown.code, 0, "listed as {project}, and cannot be shown\n{shown}");
    }
    let mut seen: BTreeMap<String, Value> = listed()
        .iter()
        .map(|project| {
            let state = atelier.run(["state", "--project", text(project, "id")]).expect_code(0);
            // A new project has a new id, and was made at another time.
            (text(project, "name").to_owned(), atelier_testkit::normalise(state.json()))
        })
        .collect();
    seen.insert("settings".to_owned(), atelier.json(["config", "show"]));
    seen
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {of}"))
}
