//! A new machine, with the documented commands only.

use crate::support::{IDEA, atelier, list};
use std::time::Duration;

#[test]
fn c59_a_new_machine_reaches_a_finished_run_with_the_documented_commands() {
    let atelier = atelier().with_embedded_models().deadline(Duration::from_secs(300));
    let doctor = atelier.json(["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor:#}");
    for check in list(&doctor, "checks") {
        for key in ["name", "status", "detail", "fix"] {
            assert!(check[key].is_string(), "{check}");
        }
    }
    atelier.run(["project", "create", "Salt"]).expect_code(0);
    let run =
        atelier.run(["agent", "worldbuilder", "--project", "Salt", "--input", &format!("outline={IDEA}")]);
    assert!(matches!(run.code, 0 | 5), "{run}");
    let list = atelier.run(["bucket", "list", "--project", "Salt"]).expect_code(0);
    assert!(list.stdout.contains("location"), "{list}");
}

#[test]
fn a_missing_model_is_told_with_what_to_do() {
    let atelier = atelier();
    atelier.run(["project", "create", "Salt"]).expect_code(0);
    let run = atelier.run(["run", "story-bible", "--project", "Salt", "--idea", IDEA]);
    assert!(matches!(run.code, 1 | 2 | 6), "{run}");
    assert!(run.stdout.contains("models install") || run.stderr.contains("models install"), "{run}");
    let doctor = atelier.json_code(["doctor"], 1);
    assert_eq!(doctor["ok"], false);
}
