//! `atelier completions SHELL`

use atelier_runtime::{Exit, Failure};
use clap::{Args, CommandFactory};

use crate::args::Cli;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

impl CompletionsArgs {
    pub(super) fn execute(&self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "atelier", &mut script);
        output::data(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Ok)
    }
}
