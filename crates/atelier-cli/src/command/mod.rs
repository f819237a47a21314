//! The commands, one file per family. Each turns words into requests and answers into text; none decides anything.

pub(crate) mod agent;
pub(crate) mod bucket;
pub(crate) mod canon;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod crews;
pub(crate) mod doctor;
pub(crate) mod form;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod names;
pub(crate) mod project;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod say;
pub(crate) mod serve;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod verify;

use std::path::PathBuf;

use atelier_runtime::{Exit, Failure, Request};
use serde_json::Value;

use crate::args::{Cli, Command};
use crate::door::Door;
use crate::environment::Environment;
use crate::output::Output;

/// What every command may use.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) data: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) output: Output,
}

impl Context {
    /// One request through whatever door there is, one answer.
    pub(crate) async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let door = Door::open(self).await?;
        let answer = door.ask(request).await;
        door.close().await;
        answer
    }

    /// One request, answered on stdout.
    pub(crate) async fn show(
        &self,
        request: Request,
        human: impl FnOnce(&Value) -> String,
    ) -> Result<Exit, Failure> {
        let value = self.ask(request).await?;
        self.output.answer(&value, human)?;
        Ok(Exit::Ok)
    }
}

impl Cli {
    /// Does what was asked.
    pub(crate) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Project(command) => command.execute(context).await,
            Command::Run(args) => args.execute(context).await,
            Command::Agent(args) => args.execute(context).await,
            Command::Runs(command) => command.execute(context).await,
            Command::Say(args) => args.execute(context).await,
            Command::Messages(command) => command.execute(context).await,
            Command::Log(args) => args.execute(context).await,
            Command::State(args) => args.execute(context).await,
            Command::Verify(args) => args.execute(context).await,
            Command::Bucket(command) => command.execute(context).await,
            Command::Memory(command) => command.execute(context).await,
            Command::Names(command) => command.execute(context).await,
            Command::Canon(command) => command.execute(context).await,
            Command::Crews(command) => command.execute(context).await,
            Command::Models(command) => command.execute(context).await,
            Command::Config(command) => command.execute(context).await,
            Command::Form(command) => command.execute(context).await,
            Command::Stop(args) => args.execute(context).await,
            Command::Start(args) => args.execute(context).await,
            Command::Cleanup => stop::cleanup(context).await,
            Command::Doctor => doctor::execute(context).await,
            Command::Serve(args) => args.execute(context).await,
            Command::Bench(args) => crate::bench::execute(context, &args.name, &args.arguments).await,
            Command::Completions(args) => args.execute(),
        }
    }

    /// What is tried, for the first line of a failure: "could not …".
    pub(crate) fn doing(&self) -> String {
        match &self.command {
            Command::Project(command) => command.doing(),
            Command::Run(args) => format!("run `{}`", args.workflow),
            Command::Agent(args) => format!("let `{}` work", args.agent),
            Command::Runs(command) => command.doing(),
            Command::Say(_) => "tell the crew".into(),
            Command::Messages(_) => "list the messages".into(),
            Command::Log(_) => "read the log".into(),
            Command::State(_) => "fold the state".into(),
            Command::Verify(_) => "verify the project".into(),
            Command::Bucket(_) => "look into the buckets".into(),
            Command::Memory(command) => command.doing().into(),
            Command::Names(command) => command.doing().into(),
            Command::Canon(command) => command.doing(),
            Command::Crews(_) => "look at the crews".into(),
            Command::Models(command) => command.doing(),
            Command::Config(command) => command.doing().into(),
            Command::Form(_) => "look at the forms".into(),
            Command::Stop(_) => "stop the runs".into(),
            Command::Start(_) => "let runs begin again".into(),
            Command::Cleanup => "clean up".into(),
            Command::Doctor => "look at the machine".into(),
            Command::Serve(_) => "serve".into(),
            Command::Bench(args) => format!("measure `{}`", args.name),
            Command::Completions(_) => "write completions".into(),
        }
    }
}
