//! `cargo xtask …`: everything that is done to this repository by machine.
//!
//! Owns: building, checking, fetching models, packing. Does not own: anything the product does; it starts the built
//! binary like any user would. Kept to two small dependencies, because it compiles before everything else.

mod args;
mod bench;
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
mod workspace;

use std::process::ExitCode;

use args::Args;
use say::{complain, say};

const HELP: &str = "\
cargo xtask COMMAND

  run [--idea TEXT] [--dev] [-- OPTIONS]   set up, build, and let the story crew grow a bible from one sentence;
                                           OPTIONS go to `atelier run`
  setup [--dev] [--force]                  fetch the embedded models and install them where the binary looks
  test [--fast]                            everything a change has to pass; --fast: no models, unit tests only
  check AREA                               format, lints and tests of one crate (domain, engine, …, xtask)
  tidy                                     the rules of the house that no compiler checks
  bench [NAME…]                            figures of the release build
  campaign [--kills N]                     kill the binary N times (1000) and compare with an undisturbed run
  codegen [--check]                        write what is generated from code; --check: only compare
  dist                                     a stripped binary with licences as an archive in the target folder";

fn main() -> ExitCode {
    let mut args = Args::new(std::env::args().skip(1));
    let result = match args.word().as_deref() {
        Some("run") => run::main(args),
        Some("setup") => setup::main(args),
        Some("test") => test::main(args),
        Some("check") => check::main(args),
        Some("tidy") => tidy::main(args),
        Some("bench") => bench::main(args),
        Some("campaign") => campaign::main(args),
        Some("codegen") => codegen::main(args),
        Some("dist") => dist::main(args),
        Some("help" | "--help" | "-h") => {
            say(HELP);
            Ok(())
        }
        Some(other) => Err(anyhow::anyhow!("`{other}` is not a command\n\n{HELP}")),
        None => Err(anyhow::anyhow!("which command?\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
