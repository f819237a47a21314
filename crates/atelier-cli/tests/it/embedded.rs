//! The embedded model, from nothing to a bible. `cargo xtask test` installs the model first.

use crate::support::{IDEA, atelier, list, project, text};
use std::path::Path;
use std::time::Duration;

#[test]
fn a_story_bible_grows_on_the_embedded_model() {
    let atelier = atelier().with_embedded_models().deadline(Duration::from_secs(300));
    project(&atelier, "Salt");
    let run = atelier.json(["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--gates", "never"]);
    assert_eq!(run["status"], "done", "{run:#}");
    for receipt in list(&run, "receipts") {
        assert_eq!(
            (&receipt["model"], &receipt["provider"]),
            (&"embedded:smollm2-135m".into(), &"embedded".into())
        );
        assert!(receipt["usage"]["output_tokens"].as_u64() > Some(0));
    }
    let folder = text(&atelier.json(["project", "path", "Salt"]), "path");
    let bible = Path::new(&folder).join("outputs/bible");
    let markdown = std::fs::read_dir(&bible)
        .unwrap()
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|x| x == "md"));
    assert!(markdown.count() >= 1, "{}", bible.display());
    assert!(!atelier.json(["bucket", "list", "--project", "Salt"]).as_array().unwrap().is_empty());
    assert_eq!(atelier.json(["verify", "--project", "Salt"])["ok"], true);
}
