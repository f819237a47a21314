//! The words of the command line. Names and options are the contract's; nothing here has been renamed since.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::{
    agent::AgentArgs,
    bucket::BucketCommand,
    canon::CanonCommand,
    completions::CompletionsArgs,
    config::ConfigCommand,
    crews::CrewsCommand,
    form::FormCommand,
    log::LogArgs,
    memory::MemoryCommand,
    messages::MessagesCommand,
    models::ModelsCommand,
    names::NamesCommand,
    project::ProjectCommand,
    run::RunArgs,
    runs::RunsCommand,
    say::SayArgs,
    serve::ServeArgs,
    state::StateArgs,
    stop::{StartArgs, StopArgs},
    verify::VerifyArgs,
};

/// A studio in which crews of agents and you make a story together.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, max_term_width = 100, infer_long_args = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The data folder [default: the platform's own]
    #[arg(long, global = true, env = "ATELIER_DATA", hide_env_values = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Answer with one JSON value on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on stderr; twice tells all
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create, list, show, rename, delete projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Let a crew work: start a workflow
    Run(Box<RunArgs>),
    /// Let one agent work alone
    Agent(Box<AgentArgs>),
    /// Look at runs, pause them, go on with them, decide at their gates
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Tell the crew something; it is in the next model call of those it concerns
    Say(SayArgs),
    /// What people and agents said to each other
    #[command(subcommand)]
    Messages(MessagesCommand),
    /// The events of a project, as JSON Lines
    Log(LogArgs),
    /// The folded state of a project, as canonical JSON
    State(StateArgs),
    /// Read the whole log of a project and compare all that is derived from it
    Verify(VerifyArgs),
    /// The people, places, … of a project
    #[command(subcommand)]
    Bucket(BucketCommand),
    /// Passages that are kept, and found again by meaning and by words
    #[command(subcommand)]
    Memory(MemoryCommand),
    /// Whom a text speaks of
    #[command(subcommand)]
    Names(NamesCommand),
    /// What must hold in the story: list, accept, reject its rules
    #[command(subcommand)]
    Canon(CanonCommand),
    /// Agents, workflows and types
    #[command(subcommand)]
    Crews(CrewsCommand),
    /// Models: which there are, whether they answer
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// What stands in the forms of workflows and agents
    #[command(subcommand)]
    Form(FormCommand),
    /// Emergency stop: pause all runs, cutting their calls, and let none begin
    Stop(StopArgs),
    /// Let runs begin again after an emergency stop
    Start(StartArgs),
    /// Drop what is kept for speed and empty the trash of what is old; never an event
    Cleanup,
    /// What is there, what is missing, how to mend it
    Doctor,
    /// Own the data folder, carry runs on, answer others, until stopped
    Serve(ServeArgs),
    /// Measure what is claimed
    Bench(BenchArgs),
    /// A completion script for a shell
    Completions(CompletionsArgs),
}

/// A measurement by name; further words are its own.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What is measured
    pub(crate) name: String,
    /// What the measurement takes
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
}

/// The project a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct InProject {
    /// The project, by name or id
    #[arg(long, short = 'p', value_name = "P")]
    pub(crate) project: String,
}

/// Which of an agent's models is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Fast,
    Heavy,
}

/// When gates open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Gates {
    Always,
    OnViolation,
    Never,
}
