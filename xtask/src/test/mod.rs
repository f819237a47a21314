//! `cargo xtask test`: everything that a change has to pass. One build profile (dev) throughout, every stage runs
//! even when an earlier one failed, and the last line is the sum.

mod tally;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::args::Args;
use crate::say::{complain, heading, say};
use crate::setup::{self, Installed};
use crate::workspace::{self, Profile};
use crate::{browser, codegen, need, sh, tidy, web};

use tally::Tally;

/// The suite that every storage back-end must pass is a feature of the store.
const STORE_SUITE: &str = "atelier-store/conformance";

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Everything,
    UnitTests,
}

/// What has happened so far.
#[derive(Default)]
struct Report {
    tally: Tally,
    skipped: Vec<String>,
    broken: Vec<String>,
}

/// Runs everything; the sum is the last line whatever happens.
pub(crate) fn main(mut args: Args) -> Result<ExitCode> {
    let extent = if args.flag("--fast") { Extent::UnitTests } else { Extent::Everything };
    args.done()?;
    let root = workspace::root()?;
    let mut report = Report::default();
    report.stage("what the machine has to have", needs);
    report.stage("tidy", || tidy::check(&root));
    report.format(&root);
    report.page(&root);
    report.models(&root, extent);
    report.stage("generated files", || codegen::compare(&root));
    report.lints(&root);
    report.tests(&root, extent);
    report.browser(&root, extent);
    Ok(report.end())
}

fn needs() -> Result<()> {
    need::c_compiler()?;
    need::pip()
}

impl Report {
    /// A stage counts as one test.
    fn stage(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        heading(name);
        match work() {
            Ok(()) => self.tally.passed += 1,
            Err(error) => {
                complain(format!("{error:#}"));
                self.broken.push(name.to_owned());
                self.tally.failed += 1;
            }
        }
    }

    fn skip(&mut self, what: &str, why: &str) {
        self.skipped.push(format!("{what}: {why}"));
    }

    fn format(&mut self, root: &Path) {
        if !need::component("fmt", "rustfmt") {
            return self.skip("format", "cargo has no rustfmt here (`rustup component add rustfmt`)");
        }
        self.stage("format", || sh::run(sh::cargo(&["fmt", "--all", "--check"]).current_dir(root)));
    }

    fn lints(&mut self, root: &Path) {
        if !need::component("clippy", "clippy") {
            return self.skip("lints", "cargo has no clippy here (`rustup component add clippy`)");
        }
        let words = [
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--features",
            STORE_SUITE,
            "--",
            "-D",
            "warnings",
        ];
        self.stage("lints", || sh::run(sh::cargo(&words).current_dir(root)));
    }

    /// The page is built before the server, which takes it in.
    fn page(&mut self, root: &Path) {
        heading("the page");
        if let Err(error) = web::installed(root) {
            return self.stage("the page: what it needs", || Err(error));
        }
        self.stage("the page: types and lints", || web::checked(root));
        self.stage("the page: build", || web::built(root));
        heading("the page: unit tests");
        match sh::tee(&mut web::unit_tests(root)) {
            Ok((well, said)) => self.count(well, &said),
            Err(error) => self.stage("the page: unit tests", || Err(error)),
        }
    }

    /// The page in a browser, against the binary that carries it.
    fn browser(&mut self, root: &Path, extent: Extent) {
        if extent == Extent::UnitTests {
            return self.skip("tests in a browser", "--fast");
        }
        heading("the page in a browser");
        match browser::tests(root).and_then(|mut tests| sh::tee(&mut tests)) {
            Ok((well, said)) => self.count(well, &said),
            Err(error) => self.stage("the page in a browser", || Err(error)),
        }
    }

    fn models(&mut self, root: &Path, extent: Extent) {
        if extent == Extent::UnitTests {
            return self.skip("fetching models", "--fast");
        }
        self.stage("models", || {
            let binary = workspace::build(root, Profile::Dev)?;
            setup::models(root, &binary, Installed::Keep)
        });
    }

    fn tests(&mut self, root: &Path, extent: Extent) {
        let with_nextest = sh::works("cargo", &["nextest", "--version"]);
        let mut words = if with_nextest { vec!["nextest", "run"] } else { vec!["test"] };
        words.extend(["--locked", "--workspace", "--no-fail-fast", "--features", STORE_SUITE]);
        if extent == Extent::UnitTests {
            words.extend(["--lib", "--bins"]);
            self.skip("tests of whole programs", "--fast");
        }
        heading("tests");
        match sh::tee(sh::cargo(&words).current_dir(root)) {
            Ok((well, said)) => self.count(well, &said),
            Err(error) => self.stage("tests", || Err(error)),
        }
    }

    fn count(&mut self, well: bool, said: &str) {
        let found = Tally::read(said);
        if found.ignored > 0 {
            self.skip(&format!("{} tests", found.ignored), "marked `#[ignore]`, each with its reason");
        }
        let unexplained = !well && found.failed == 0;
        if unexplained || found.passed + found.failed == 0 {
            self.broken.push("tests (not even started, or not to the end)".to_owned());
            self.tally.failed += 1;
        }
        self.tally.add(found);
    }

    fn end(self) -> ExitCode {
        heading("sum (a stage counts as one)");
        for line in &self.skipped {
            say(format!("skipped {line}"));
        }
        for line in &self.broken {
            say(format!("broken: {line}"));
        }
        say(format!("{} passed, {} failed", self.tally.passed, self.tally.failed));
        if self.tally.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
