//! `atelier run WORKFLOW`

use atelier_domain::event::run::GatePolicy;
use atelier_runtime::{Config, Exit, Failure, Request, RunRequest};
use clap::Args;
use serde_json::{Map, Value};

use super::{Context, say};
use crate::args::{Gates, InProject, Mode};
use crate::codes;
use crate::door::Door;
use crate::live;
use crate::signals::Signals;
use crate::text::field;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The workflow, such as story-bible
    pub(crate) workflow: String,
    #[command(flatten)]
    project: InProject,
    /// What the story is about, in a sentence or more; `-` reads it from stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    idea: Option<String>,
    #[command(flatten)]
    sugar: Sugar,
    #[command(flatten)]
    pub(super) how: How,
    /// When the run waits for a yes
    #[arg(long, value_enum)]
    gates: Option<Gates>,
    /// Leave the work to `atelier serve`, and answer at once
    #[arg(long)]
    detach: bool,
}

/// How agents are asked, whatever is run.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    /// An input, as KEY=VALUE; may be given again for another one
    #[arg(long = "input", short = 'i', value_name = "K=V")]
    inputs: Vec<String>,
    /// The model, as PROVIDER:MODEL[@BASE_URL]; outranks all settings
    #[arg(long, value_name = "SPEC")]
    model: Option<String>,
    /// Which of the configured models
    #[arg(long, value_enum)]
    mode: Option<Mode>,
}

/// Inputs of the story workflows that have an option of their own.
#[derive(Debug, Args)]
struct Sugar {
    /// Input `genre`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    genre: Option<String>,
    /// Input `tone`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    tone: Option<String>,
    /// Input `themes`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    themes: Option<String>,
    /// Input `setting`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    setting: Option<String>,
    /// Input `notes`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    notes: Option<String>,
    /// Input `chapter`: which one
    #[arg(long, value_name = "N", help_heading = "Inputs")]
    chapter: Option<String>,
    /// Input `chapters`: how many
    #[arg(long, value_name = "N", help_heading = "Inputs")]
    chapters: Option<String>,
    /// Input `goal`
    #[arg(long, value_name = "TEXT", help_heading = "Inputs")]
    goal: Option<String>,
}

impl RunArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let mut inputs = self.how.inputs()?;
        let idea = self.idea.as_deref().map(say::given).transpose()?;
        let named = [
            ("idea", &idea),
            ("genre", &self.sugar.genre),
            ("tone", &self.sugar.tone),
            ("themes", &self.sugar.themes),
            ("setting", &self.sugar.setting),
            ("notes", &self.sugar.notes),
            ("chapter", &self.sugar.chapter),
            ("chapters", &self.sugar.chapters),
            ("goal", &self.sugar.goal),
        ];
        for (key, value) in named {
            if let Some(value) = value {
                insert(&mut inputs, key, Value::from(value.clone()))?;
            }
        }
        let request = RunRequest {
            project: self.project.project.clone(),
            name: self.workflow.clone(),
            agent: false,
            inputs,
            model: self.how.model.clone(),
            mode: self.how.mode(),
            gates: self.gates.map(Into::into),
            environment: Config::model_variables(&|name| context.environment.get(name)),
            detach: self.detach,
        };
        if self.detach {
            return context.show(Request::Run(request), |started| field(started, "id").to_owned()).await;
        }
        // What came from stdin is the idea; nobody can type there any more.
        let hears = if self.idea.as_deref() == Some("-") { live::Hears::Nobody } else { live::Hears::Stdin };
        start(context, request, hears).await
    }
}

/// Starts a run and stays with it.
pub(super) async fn start(
    context: &Context,
    request: RunRequest,
    hears: live::Hears,
) -> Result<Exit, Failure> {
    let door = Door::open_lasting(context).await?;
    let project = request.project.clone();
    let begun = async {
        // From here on there is a run to pause: Ctrl-C must not come before somebody listens.
        let signals = Signals::new()?;
        // Watching comes first, so that not even the first event is missed.
        let updates = door.follow(&project, None).await?;
        let started = door.ask(Request::Run(request)).await?;
        Ok((updates, signals, field(&started, "id").to_owned()))
    };
    match begun.await {
        Ok((updates, signals, run)) => {
            live::accompany(context, door, updates, signals, live::Run { project, run }, hears).await
        }
        Err(failure) => {
            door.close().await;
            Err(failure)
        }
    }
}

impl How {
    pub(super) fn inputs(&self) -> Result<Map<String, Value>, Failure> {
        let mut inputs = Map::new();
        for given in &self.inputs {
            let Some((key, value)) = given.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
                let message = format!("the input `{given}` is not of the form KEY=VALUE");
                return Err(Failure::usage(codes::BAD_INPUT, message, "such as --input genre=noir"));
            };
            insert(&mut inputs, key.trim(), Value::from(value))?;
        }
        Ok(inputs)
    }

    pub(super) fn mode(&self) -> Option<String> {
        self.mode.map(|mode| match mode {
            Mode::Fast => "fast".to_owned(),
            Mode::Heavy => "heavy".to_owned(),
        })
    }

    pub(super) fn model(&self) -> Option<String> {
        self.model.clone()
    }
}

fn insert(inputs: &mut Map<String, Value>, key: &str, value: Value) -> Result<(), Failure> {
    if inputs.insert(key.to_owned(), value).is_some() {
        let message = format!("the input `{key}` is given twice");
        return Err(Failure::usage(codes::INPUT_TWICE, message, "give it once"));
    }
    Ok(())
}

impl From<Gates> for GatePolicy {
    fn from(gates: Gates) -> Self {
        match gates {
            Gates::Always => GatePolicy::Always,
            Gates::OnViolation => GatePolicy::OnViolation,
            Gates::Never => GatePolicy::Never,
        }
    }
}
