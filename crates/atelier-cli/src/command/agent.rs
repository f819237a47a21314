//! `atelier agent AGENT`: one agent alone.

use atelier_runtime::{Config, Exit, Failure, RunRequest};
use clap::Args;

use super::Context;
use super::run::{How, start};
use crate::args::InProject;
use crate::live;

#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    /// The agent, such as worldbuilder
    pub(crate) agent: String,
    #[command(flatten)]
    project: InProject,
    #[command(flatten)]
    how: How,
}

impl AgentArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let request = RunRequest {
            project: self.project.project.clone(),
            name: self.agent.clone(),
            agent: true,
            inputs: self.how.inputs()?,
            model: self.how.model(),
            mode: self.how.mode(),
            gates: None,
            environment: Config::model_variables(&|name| context.environment.get(name)),
            detach: false,
        };
        start(context, request, live::Hears::Stdin).await
    }
}
