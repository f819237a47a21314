//! `cargo xtask …`: everything that is done to this repository by machine.
//!
//! Owns: building, checking, fetching models, packing. Does not own: anything the product does; it starts the built
//! binary like any user would. Kept to two small dependencies, because it compiles before everything else.

mod args;
mod bench;
mod browser;
mod campaign;
mod check;
mod codegen;
mod dist;
mod need;
mod run;
mod say;
mod setup;
mod sh;
mod test;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, anyhow};

use args::Args;
use say::{complain, say};

const HELP: &str = "\
cargo xtask COMMAND

  run [--dev] [-- OPTIONS]                 set up, build, and open the studio in the browser; OPTIONS go to `atelier serve`
  run --terminal | --idea TEXT [-- …]      the same in the terminal: the story crew grows a bible from one sentence;
                                           OPTIONS go to `atelier run`
  setup [--dev] [--force]                  fetch the embedded models and install them where the binary looks
  test [--fast]                            everything a change has to pass; --fast: no models, unit tests only
  check AREA                               format, lints and tests of one crate (domain, engine, …, xtask)
  web [--test]                             check and build the page; --test: its unit tests too
  tidy                                     the rules of the house that no compiler checks
  bench [NAME…]                            figures of the release build
  campaign [--kills N]                     kill the binary N times (1000) and compare with an undisturbed run
  codegen [--check]                        write what is generated from code; --check: only compare
  dist                                     a stripped binary with licences as an archive in the target folder";

fn main() -> ExitCode {
    let mut args = Args::new(std::env::args().skip(1));
    let result = match args.word().as_deref() {
        Some("run") => done(run::main(args)),
        Some("setup") => done(setup::main(args)),
        Some("test") => test::main(args),
        Some("check") => done(check::main(args)),
        Some("web") => done(web::main(args)),
        Some("tidy") => done(tidy::main(args)),
        Some("bench") => done(bench::main(args)),
        Some("campaign") => done(campaign::main(args)),
        Some("codegen") => done(codegen::main(args)),
        Some("dist") => done(dist::main(args)),
        Some("help" | "--help" | "-h") => {
            say(HELP);
            done(args.done())
        }
        Some(other) => Err(anyhow!("`{other}` is not a command\n\n{HELP}")),
        None => Err(anyhow!("which command?\n\n{HELP}")),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn done(result: Result<()>) -> Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}
