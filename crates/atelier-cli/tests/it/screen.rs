//! A person at a terminal while the crew works: what is seen, what is typed, what Ctrl-C does.

use crate::support::{
    DEADLINE, IDEA, atelier, content_server, critiques, log, only_run, project, show, studio, text,
};
use atelier_testkit::{Atelier, Matcher, ModelServer, Picture};

const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];
/// What stands below everything while the crew works.
const STATUS: &str = "Ctrl-C pauses";

/// A studio whose terminal knows colours.
fn at_home(server: &ModelServer) -> Atelier {
    let mut atelier = studio(server).env("TERM", "xterm-256color");
    atelier.unset_env("NO_COLOR");
    project(&atelier, "Salt");
    atelier
}

/// The living part stands there once: nothing of an older picture is left.
#[track_caller]
fn is_whole(picture: &Picture) {
    let n = picture.lines().iter().filter(|line| line.contains(STATUS)).count();
    assert_eq!(n, 1, "the status stands there {n} times\n{}", picture.text());
}

#[test]
fn a_typed_line_is_seen_told_and_heard_by_the_next_agent() {
    let server = content_server();
    let atelier = at_home(&server);
    let held = server.hold(Matcher::Nth(1));
    let terminal = atelier.at_terminal(100, 30, RUN);
    assert!(held.wait_held(1, DEADLINE));
    is_whole(&terminal.wait_seen(STATUS, DEADLINE));
    terminal.press("Mor");
    terminal.wait_seen("› Mor", DEADLINE);
    terminal.press("e fog.\r");
    terminal.wait_seen("noted: “More fog.”", DEADLINE);
    held.release();
    let output = terminal.wait(DEADLINE);
    assert_eq!(output.code, 0, "{output}");
    assert!(terminal.picture().text().contains("heard by"), "{}", terminal.picture().text());
    let heard = server.calls().iter().filter(|call| call.text.contains("More fog.")).count();
    assert!(heard >= 2, "world and characters hear it");
    assert!(terminal.is_as_it_was(), "the terminal is left as it was found");
    assert!(!terminal.picture().text().contains(STATUS), "{}", terminal.picture().text());
}

#[test]
fn gates_are_asked_and_answered_by_a_word() {
    let server = content_server();
    let atelier = at_home(&server);
    let terminal = atelier.at_terminal(100, 40, RUN.into_iter().chain(["--gates", "always"]));
    terminal.wait_seen("plot waits for you: approve", DEADLINE);
    terminal.press("perhaps\r");
    terminal.wait_seen("`perhaps` is none of the actions", DEADLINE);
    assert_eq!(server.count(), 1, "nothing goes on before the yes");
    terminal.press("a\r");
    let decided = |n: usize| {
        let what = format!("{n} decisions");
        terminal
            .wait_picture(&what, DEADLINE, |picture| picture.text().matches("decided: approve").count() >= n)
    };
    decided(1);
    for n in 2..=6 {
        // Each question is asked after the answer before it was taken.
        terminal.wait_picture("the next question", DEADLINE, |picture| {
            let text = picture.text();
            text.matches("type one of these").count() >= n || text.contains("the bible lies in")
        });
        if terminal.picture().text().contains("the bible lies in") {
            break;
        }
        terminal.press("approve\r");
    }
    let output = terminal.wait(DEADLINE);
    assert_eq!(output.code, 0, "{}", terminal.picture().text());
    assert_eq!(show(&atelier, &only_run(&atelier, "Salt"))["status"], "done");
    assert_eq!(server.count(), 4);
}

#[test]
fn ctrl_c_pauses_and_says_how_to_go_on() {
    let server = content_server();
    let atelier = at_home(&server);
    let held = server.hold(critiques());
    let terminal = atelier.at_terminal(100, 30, RUN);
    assert!(held.wait_held(1, DEADLINE));
    terminal.wait_seen(STATUS, DEADLINE);
    terminal.ctrl_c();
    terminal.wait_seen("Ctrl-C again cuts", DEADLINE);
    terminal.ctrl_c();
    let output = terminal.wait(DEADLINE);
    assert_eq!(output.code, 5, "{}", terminal.picture().text());
    let run = only_run(&atelier, "Salt");
    let seen = terminal.picture().text();
    assert!(seen.contains(&format!("go on with: atelier runs resume {run}")), "{seen}");
    assert_eq!(show(&atelier, &run)["status"], "paused");
    assert!(terminal.is_as_it_was());
    held.release();
    let again = atelier.at_terminal(100, 30, ["runs", "resume", &run]);
    let output = again.wait(DEADLINE);
    assert_eq!(output.code, 0, "{}", again.picture().text());
}

#[test]
fn a_window_that_changes_its_size_shows_one_whole_picture() {
    let server = content_server();
    let atelier = at_home(&server);
    let held = server.hold_after(30, Matcher::Nth(1));
    let terminal = atelier.at_terminal(120, 40, RUN);
    assert!(held.wait_held(1, DEADLINE));
    is_whole(&terminal.wait_seen(STATUS, DEADLINE));
    terminal.resize(50, 12);
    // A key makes a new picture; what was there before is as wide as it was.
    terminal.press("narrow");
    let picture = terminal.wait_seen("› narrow", DEADLINE);
    let living: Vec<String> = picture.lines().into_iter().rev().take(4).collect();
    assert!(living.iter().all(|line| line.chars().count() <= 50), "{}", picture.text());
    held.release();
    assert_eq!(terminal.wait(DEADLINE).code, 0, "{}", terminal.picture().text());
}

#[test]
fn no_raw_json_and_no_control_characters_of_a_model_reach_the_screen() {
    let server = content_server();
    let atelier = at_home(&server);
    let held = server.hold_after(30, critiques());
    let terminal = atelier.at_terminal(100, 40, RUN);
    assert!(held.wait_held(1, DEADLINE));
    terminal.wait_seen("Creative Director", DEADLINE);
    held.release();
    assert_eq!(terminal.wait(DEADLINE).code, 0);
    let seen = terminal.picture().text();
    for json in ["{\"", "\":", "\",\"", "[{"] {
        assert!(!seen.contains(json), "{json} is on the screen:\n{seen}");
        assert!(!terminal.raw().contains(json), "{json} was on the screen:\n{}", terminal.raw());
    }
    assert!(seen.contains("Mara Tull"), "the people are shown as text:\n{seen}");
}

#[test]
fn colours_are_for_those_who_want_them() {
    let server = content_server();
    let coloured =
        |raw: &str| raw.contains("\u{1b}[3") || raw.contains("\u{1b}[1m") || raw.contains("\u{1b}[2m");
    let atelier = at_home(&server);
    let terminal = atelier.at_terminal(100, 30, RUN);
    assert_eq!(terminal.wait(DEADLINE).code, 0);
    assert!(coloured(&terminal.raw()), "{:?}", terminal.raw());
    for (key, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let terminal = atelier.clone().env(key, value).at_terminal(100, 30, RUN);
        assert_eq!(terminal.wait(DEADLINE).code, 0, "{key}");
        assert!(!coloured(&terminal.raw()), "{key}: {:?}", terminal.raw());
    }
}

#[test]
fn a_question_on_a_terminal_waits_for_its_yes() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let terminal = atelier.at_terminal(100, 30, ["project", "delete", "Salt"]);
    terminal.wait_seen("Salt", DEADLINE);
    terminal.press("no\r");
    assert_eq!(terminal.wait(DEADLINE).code, 4, "{}", terminal.picture().text());
    assert_eq!(log(&atelier, "Salt").len(), 1);
    let terminal = atelier.at_terminal(100, 30, ["project", "delete", "Salt"]);
    terminal.wait_seen("Salt", DEADLINE);
    terminal.press("yes\r");
    assert_eq!(terminal.wait(DEADLINE).code, 0, "{}", terminal.picture().text());
    let listed = atelier.json(["project", "list"]);
    assert_eq!(text(&listed[0], "status"), "trashed");
}
