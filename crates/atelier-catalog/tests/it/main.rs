//! Crews as a person meets them: files in, findings, definitions and texts out.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

mod findings;
mod foreign;
mod layers;
mod story;

use atelier_catalog::{CrewFile, Layer};

/// A layer of these files.
fn layer(name: &str, files: &[(&str, &str)]) -> Layer {
    let file = |(path, text): &(&str, &str)| CrewFile { path: (*path).to_owned(), text: (*text).to_owned() };
    Layer {
        unreadable: Vec::new(),
        name: name.to_owned(),
        root: name.to_owned(),
        files: files.iter().map(file).collect(),
        findings: Vec::new(),
    }
}
