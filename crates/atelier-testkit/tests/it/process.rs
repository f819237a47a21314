//! The driver of processes, driving a shell.

use atelier_testkit::{Atelier, eventually};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

fn shell() -> Atelier {
    Atelier::new("/bin/sh")
}

#[test]
fn what_it_says_and_how_it_ends_is_told() {
    let output = shell().run(["-c", "echo out; echo err >&2; exit 3"]);
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (3, "out\n", "err\n"));
    assert_eq!(shell().run(["-c", "kill -9 $$"]).code, -9);
}

#[test]
fn the_environment_is_its_own() {
    let env = shell().env("ATELIER_MODEL", "x").run(["-c", "env"]).stdout;
    let names: Vec<&str> =
        env.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert!(
        ["HOME", "ATELIER_DATA", "ATELIER_MODEL", "NO_COLOR", "PATH"].iter().all(|name| names.contains(name))
    );
    assert!(!names.iter().any(|name| name.starts_with("CARGO")), "{env}");
    let data = shell().run(["-c", "echo $ATELIER_DATA"]);
    assert_ne!(data.stdout, shell().run(["-c", "echo $ATELIER_DATA"]).stdout);
    let one = shell();
    assert_eq!(one.clone().run(["-c", "echo $ATELIER_DATA"]).stdout.trim(), one.data_dir().to_str().unwrap());
}

#[test]
fn json_is_asked_for_and_its_exit_code_demanded() {
    let atelier = shell();
    assert_eq!(atelier.json(["-c", "echo \"[\\\"$0\\\"]\""]), json!(["--json"]));
    assert_eq!(atelier.json_code(["-c", "echo '{}'; exit 4"], 4), json!({}));
    assert_eq!(atelier.json_lines(["-c", "echo 1; echo 2"]), [json!(1), json!(2)]);
    let failed = catch_unwind(AssertUnwindSafe(|| atelier.json(["-c", "echo why >&2; exit 1"])));
    assert!(failed.unwrap_err().downcast_ref::<String>().unwrap().contains("why"));
}

#[test]
fn input_and_lines_reach_it() {
    assert_eq!(shell().run_with_stdin(["-c", "cat"], b"all of it").stdout, "all of it");
    let child = shell().spawn(["-c", "read a; echo got $a >&2; read b; echo $b"]);
    child.stdin_line("one");
    child.wait_stderr("got one", LONG);
    child.stdin_line("two");
    assert_eq!(child.wait(LONG).stdout, "two\n");
}

#[test]
fn signals_reach_it() {
    let child = shell().spawn(["-c", "trap 'echo paused; exit 5' INT; echo ready; while read x; do :; done"]);
    child.wait_stdout("ready", LONG);
    child.sigint();
    child.close_stdin();
    let output = child.wait(LONG);
    assert_eq!((output.code, output.stdout.as_str()), (5, "ready\npaused\n"));
}

#[test]
fn kill9_ends_it_at_once_and_its_folder_stays_for_the_next() {
    let atelier = shell();
    let child = atelier.spawn(["-c", "echo there > kept; echo ready; exec sleep 1000"]);
    child.wait_stdout("ready", LONG);
    child.kill9();
    assert!(!child.is_running());
    assert_eq!(child.wait(LONG).code, -9);
    assert_eq!(atelier.run(["-c", "cat kept"]).stdout, "there\n");
}

#[test]
fn a_process_that_does_not_end_is_killed_at_the_deadline_and_the_test_fails() {
    let atelier = shell().deadline(Duration::from_millis(200));
    let failed = catch_unwind(AssertUnwindSafe(|| atelier.run(["-c", "echo heard; exec sleep 1000"])));
    assert!(failed.unwrap_err().downcast_ref::<String>().unwrap().contains("heard"));
}

#[test]
fn nothing_is_left_behind() {
    let atelier = shell();
    let folder = atelier.work_dir();
    let child = atelier.spawn(["-c", "sleep 1000 & echo $!; wait"]);
    let grandchild = child.wait_stdout("\n", LONG).trim().to_owned();
    drop(atelier);
    assert!(folder.exists());
    drop(child);
    assert!(!folder.exists());
    let state = || std::fs::read_to_string(format!("/proc/{grandchild}/stat")).ok();
    let gone = || state().is_none_or(|stat| stat.contains(") Z")).then_some(());
    eventually(LONG, "the grandchild is gone", gone);
}

#[test]
fn eventually_gives_what_it_found_or_says_what_did_not_happen() {
    let mut n = 0;
    let found = eventually(LONG, "three tries", || {
        n += 1;
        (n == 3).then_some(n)
    });
    assert_eq!(found, 3);
    let failed = catch_unwind(|| eventually(Duration::from_millis(1), "the moon falls", || None::<()>));
    assert!(failed.unwrap_err().downcast_ref::<String>().unwrap().contains("the moon falls"));
}
