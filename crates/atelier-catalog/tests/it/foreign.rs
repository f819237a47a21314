//! Files and answers that somebody else wrote: whatever is in them, they are read or refused in words.

use std::path::{Path, PathBuf};

use atelier_catalog::{Catalog, PartialJson, partial};
use atelier_testkit::corpus_and_mutations;

use crate::layer;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

#[test]
fn any_crew_file_is_read_or_refused_with_its_line() {
    let mut refused = 0;
    for bytes in corpus_and_mutations(&corpus("crew"), 1_500) {
        let text = String::from_utf8_lossy(&bytes);
        for path in ["c/agents/sage.md", "c/workflows/ask.yaml", "c/types/note.yaml"] {
            let (_, findings) = Catalog::load(&[layer("", &[(path, &text)])]);
            let lines = text.lines().count() + 1;
            for finding in &findings {
                assert!(!finding.what.is_empty(), "{finding}");
                assert!(finding.line as usize <= lines, "{finding} of {lines} lines:\n{text}");
            }
            refused += usize::from(!findings.is_empty());
        }
    }
    assert!(refused > 1_000, "only {refused} were refused");
}

#[test]
fn any_answer_can_be_shown_while_it_grows() {
    for bytes in corpus_and_mutations(&corpus("json"), 3_000) {
        let text = String::from_utf8_lossy(&bytes);
        let mut growing = PartialJson::default();
        for c in text.chars() {
            growing.push(c.encode_utf8(&mut [0; 4]));
        }
        assert_eq!(growing.value(), partial::parse(&text), "in pieces and whole: {text}");
        growing.shown();
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text)
            && !text.contains("[[[[")
            && (value.is_object() || value.is_array())
        {
            assert_eq!(partial::parse(&text), value, "{text}");
        }
    }
}
