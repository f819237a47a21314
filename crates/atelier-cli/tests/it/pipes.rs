//! Programs on the other end: one value on stdout whatever happens, and a quiet end where nobody reads on.

use crate::support::{IDEA, atelier, bible, content_server, log, project, studio, told_in_three_lines};
use atelier_testkit::{Atelier, mutations};
use std::io::{Read, Write};
use std::path::Path;

#[test]
fn every_failure_is_one_value_with_a_code_that_has_its_page() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    let long = "x".repeat(300);
    let nowhere = "run_00000000000000000000000000000000";
    let failures: &[(&[&str], i32)] = &[
        (&["nonsense"], 2),
        (&["project"], 2),
        (&["project", "create"], 2),
        (&["project", "create", ".."], 2),
        (&["project", "create", &long], 2),
        (&["project", "create", "Salt"], 4),
        (&["project", "show", "Pepper"], 3),
        (&["project", "delete", "Salt"], 4),
        (&["project", "rename", "Pepper", "Brine"], 3),
        (&["run", "story-bible", "--project", "Salt", "--idea", ""], 2),
        (&["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--input", "colour=red"], 2),
        (&["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--input", "nothing"], 2),
        (&["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--model", "nonsense"], 2),
        (&["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--mode", "slow"], 2),
        (&["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--detach"], 4),
        (&["run", "nothing", "--project", "Salt"], 3),
        (&["agent", "nobody", "--project", "Salt"], 3),
        (&["runs", "show", nowhere], 3),
        (&["runs", "resume", nowhere], 3),
        (&["runs", "gate", "gate_0", "approve"], 3),
        (&["say", "--project", "Salt", " "], 2),
        (&["say", "--project", "Salt", "--to", "nobody", "hello"], 3),
        (&["log", "--project", "Salt", "--since", "soon"], 2),
        (&["log", "--project", "Pepper"], 3),
        (&["state", "--project", "Pepper"], 3),
        (&["verify", "--project", "Pepper"], 3),
        (&["bucket", "show", "Nobody", "--project", "Salt"], 3),
        (&["crews", "show", "nobody"], 3),
        (&["models", "test", "nonsense"], 2),
        (&["models", "install", "nothing.gguf"], 1),
        (&["config", "set", "models.nonsense", "x"], 2),
        (&["config", "set", "models.default", "nonsense"], 2),
        (&["bench", "nothing"], 2),
        (&["serve", "--listen", "nonsense"], 2),
        (&["--data", "/proc/nothing/here", "project", "list"], 1),
    ];
    for (words, code) in failures {
        let output = atelier.run(words.iter().copied().chain(["--json"]));
        assert_eq!(output.code, *code, "{words:?}\n{output}");
        told_in_three_lines(&output);
        let told = output.json();
        let part = |key: &str| {
            told["error"][key].as_str().unwrap_or_else(|| panic!("{words:?}: no {key}\n{output}"))
        };
        assert!(!part("message").is_empty() && !part("hint").is_empty(), "{words:?}\n{output}");
        let page = pages.join(format!("{}.md", part("code")));
        assert!(page.is_file(), "{words:?}: no {}", page.display());
    }
    assert_eq!(log(&atelier, "Salt").len(), 1, "nothing was changed");
}

#[test]
fn a_reader_that_has_enough_ends_it_quietly() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    for _ in 0..3 {
        bible(&atelier, "Salt");
    }
    for command in ["log --project Salt", "state --project Salt", "crews show worldbuilder --json"] {
        for reader in ["head -c 1", "true", "head -n 1"] {
            let script = format!("{{ atelier {command}; echo \"exit $?\" >&2; }} | {reader}");
            let output = atelier.shell(&script);
            assert_eq!(output.stderr, "exit 0\n", "{script}\n{output}");
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let output = atelier.shell("atelier log --project Salt > /dev/full");
    assert_eq!(output.code, 1, "{output}");
    told_in_three_lines(&output);
    let output = atelier.shell("atelier project create Pepper --json > /dev/full");
    assert_eq!(output.code, 1, "{output}");
    assert_eq!(atelier.json(["project", "list"]).as_array().unwrap().len(), 2, "it is done all the same");
}

#[test]
fn any_line_on_the_socket_is_answered_or_refused() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", crate::support::DEADLINE);
    let corpus: Vec<Vec<u8>> = [
        r#"{"ask":{"request":"project_list"}}"#,
        r#"{"ask":{"request":"state","project":"Salt","branch":null,"at":3}}"#,
        r#"{"ask":{"request":"say","project":"Salt","to":null,"run":null,"step":null,"priority":"low","text":"fog"}}"#,
        r#"{"follow":{"project":"Salt","since":0}}"#,
        r#"{"ask":{"request":"nonsense"}}"#,
        "\u{1F419}",
    ]
    .iter()
    .map(|line| format!("{line}\n").into_bytes())
    .collect();
    for bytes in mutations(corpus, 300) {
        speak(&atelier, &bytes);
    }
    assert!(serving.is_running());
    atelier.run(["verify", "--project", "Salt"]).expect_code(0);
    serving.sigterm();
    assert_eq!(serving.wait(crate::support::DEADLINE).code, 0);
}

/// Says this, says no more, and hears the first thing that comes back: a greeting.
fn speak(atelier: &Atelier, bytes: &[u8]) {
    let mut stream = std::os::unix::net::UnixStream::connect(atelier.data_dir().join("socket")).unwrap();
    // Whoever is refused in the middle cannot say the rest.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut first = [0u8; 8];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"{\"hello\"", "{}", String::from_utf8_lossy(bytes));
}
