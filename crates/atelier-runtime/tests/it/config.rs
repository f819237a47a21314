//! Settings and keys.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use atelier_runtime::{Exit, Request};

use crate::bed::{Bed, load, load_with};

#[test]
fn a_wrong_setting_stops_the_start_with_one_clear_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    for (lines, part) in [
        ("\"models.defualt\" = \"openai:x\"", "models.defualt"),
        ("[models]\ndefault = \"nonsense\"", "models.default"),
        ("[limits]\nconnect_ms = 0", "limits.connect_ms"),
        ("\"canon.accept\" = \"maybe\"", "canon.accept"),
        ("models = [", "no TOML"),
    ] {
        fs::write(&file, lines).unwrap();
        let failure = load(folder.path()).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage, "{lines}");
        assert!(failure.message.contains(part) && !failure.hint.is_empty(), "{failure:?}");
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(load(folder.path()).unwrap_err().exit, Exit::Usage);
    fs::remove_dir(&file).unwrap();
    let failure = load_with(folder.path(), &[("ATELIER_MODEL", "nonsense")]).unwrap_err();
    assert!(failure.message.contains("ATELIER_MODEL"), "{failure:?}");
}

#[test]
fn keys_that_others_can_read_are_refused_and_no_key_is_ever_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.toml");
    fs::write(&file, "openai = \"sk-secret\"").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let failure = load(folder.path()).unwrap_err();
    assert_eq!((failure.exit, failure.code.as_str()), (Exit::Usage, "open_keys"));
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let config = load(folder.path()).unwrap();
    assert_eq!(config.key_places(), ["openai"]);
    assert!(!format!("{config:?}").contains("sk-secret"));
    for broken in ["openai = sk-secret", "openai = 3 # sk-secret"] {
        fs::write(&file, broken).unwrap();
        assert!(!format!("{:?}", load(folder.path()).unwrap_err()).contains("sk-secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_comes_back_after_a_restart_whatever_is_in_it() {
    let bed = Bed::new().await;
    let set = |key: &str, value: Option<&str>| Request::ConfigSet {
        project: None,
        key: key.into(),
        value: value.map(Into::into),
    };
    let value = "openai:a\"b\\c@http://127.0.0.1:1/v1";
    bed.ask(set("agents.editor.model", Some(value))).await;
    let concurrency = bed.ask(set("models.concurrency", Some("3"))).await;
    assert!(concurrency["holds_from"].is_string(), "{concurrency}");
    assert_eq!(bed.refused(set("models.nothing", Some("x"))).await.exit, Exit::Usage);
    let bed = bed.again(atelier_runtime::Recovery::Nothing).await;
    let got = bed.ask(Request::ConfigGet { project: None, key: "agents.editor.model".into() }).await;
    assert_eq!(got["value"], value);
    let studio_only = Request::ConfigSet {
        project: Some("P".into()),
        key: "limits.whole_ms".into(),
        value: Some("5".into()),
    };
    assert_eq!(bed.refused(studio_only).await.exit, Exit::Usage);
}
