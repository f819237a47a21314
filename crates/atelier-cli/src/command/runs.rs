//! `atelier runs …`

use atelier_domain::event::gate::GateAction;
use atelier_runtime::{Exit, Failure, GateDecision, Request};
use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use super::{Context, say};
use crate::args::InProject;
use crate::door::{Door, Updates};
use crate::signals::Signals;
use crate::text::{field, table};
use crate::{answer, live, output};

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// The runs of a project
    List {
        #[command(flatten)]
        project: InProject,
    },
    /// A run with its steps, attempts, gates and receipts
    Show {
        /// The run's id
        run: String,
        /// With the whole of every receipt: prompt, context, answer
        #[arg(long)]
        receipts: bool,
    },
    /// Start no further step
    Pause {
        /// The run's id
        run: String,
    },
    /// Go on with a run
    Resume {
        /// The run's id
        run: String,
    },
    /// Do one more step of a paused run
    Step {
        /// The run's id
        run: String,
    },
    /// End a run; what is finished is kept
    Cancel {
        /// The run's id
        run: String,
    },
    /// Open an earlier step again; what came after it is kept on a branch
    Rewind {
        /// The run's id
        run: String,
        /// The step, by its name in `runs show`
        step: String,
    },
    /// Decide at a gate
    Gate {
        /// The gate's id
        gate: String,
        /// What to do
        action: Action,
        /// The text that goes with it; `-` reads it from stdin
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        text: Option<String>,
        /// The model to change to
        #[arg(long, value_name = "SPEC")]
        model: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    Approve,
    Edit,
    Chat,
    Paste,
    Skip,
    ChangeModel,
    Retry,
    Pin,
    Reject,
}

impl RunsCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { project } => {
                let request = Request::RunsList { project: Some(project.project.clone()) };
                let keys = ["id", "workflow", "status", "live", "started_at", "finished_at"];
                context.show(request, |list| table(list, &keys, "no runs yet")).await
            }
            Self::Show { run, receipts } => {
                let told = if *receipts { answer::run_with_receipts } else { answer::run };
                context.show(Request::RunShow { run: run.clone() }, told).await
            }
            Self::Pause { run } => {
                let request = Request::RunPause { run: run.clone(), cut: false, reason: "asked".to_owned() };
                context.show(request, answer::run).await
            }
            Self::Cancel { run } => context.show(Request::RunCancel { run: run.clone() }, answer::run).await,
            Self::Rewind { run, step } => {
                let request = Request::RunRewind { run: run.clone(), step: step.clone() };
                let rewound = context.ask(request).await?;
                context.output.answer(&rewound, answer::run)?;
                let kept = field(&rewound["kept"], "name");
                output::talk(&format!("what came after it is kept on the branch {kept}"));
                output::talk(&live::go_on(run));
                Ok(Exit::Ok)
            }
            Self::Resume { run } => work(context, Request::RunResume { run: run.clone() }, Some(run)).await,
            Self::Step { run } => work(context, Request::RunStep { run: run.clone() }, Some(run)).await,
            Self::Gate { gate, action, text, model } => {
                let text = text.as_deref().map(say::given).transpose()?;
                let decision =
                    GateDecision { gate: gate.clone(), action: (*action).into(), text, model: model.clone() };
                work(context, Request::Gate(decision), None).await
            }
        }
    }

    pub(super) fn doing(&self) -> String {
        match self {
            Self::List { .. } => "list the runs".into(),
            Self::Show { run, .. } => format!("show the run {run}"),
            Self::Pause { run } => format!("pause the run {run}"),
            Self::Resume { run } => format!("resume the run {run}"),
            Self::Step { run } => format!("do a step of the run {run}"),
            Self::Cancel { run } => format!("cancel the run {run}"),
            Self::Rewind { run, step } => format!("rewind the run {run} to `{step}`"),
            Self::Gate { gate, .. } => format!("decide at the gate {gate}"),
        }
    }
}

/// A request that sets a run to work. Where somebody else owns the folder, they do the work; otherwise it is done here,
/// to its end, or until the run waits.
async fn work(context: &Context, request: Request, run: Option<&String>) -> Result<Exit, Failure> {
    let door = Door::open_lasting(context).await?;
    match begin(&door, request, run).await {
        Ok((value, None)) => {
            door.close().await;
            context.output.answer(&value, answer::run)?;
            Ok(Exit::Ok)
        }
        Ok((value, Some((updates, signals)))) => {
            let run = live::Run {
                project: field(&value, "project").to_owned(),
                run: field(&value, "id").to_owned(),
            };
            // What stands on stdin may be the text of the decision.
            live::accompany(context, door, updates, signals, run, live::Hears::Terminal).await
        }
        Err(failure) => {
            door.close().await;
            Err(failure)
        }
    }
}

async fn begin(
    door: &Door,
    request: Request,
    run: Option<&String>,
) -> Result<(Value, Option<(Updates, Signals)>), Failure> {
    if matches!(door, Door::Remote(_)) {
        return Ok((door.ask(request).await?, None));
    }
    // From here on there is a run to pause: Ctrl-C must not come before somebody listens.
    let signals = Signals::new()?;
    // Watching comes first where the run is known, so that nothing it does is missed.
    let before = match run {
        Some(run) => {
            let shown = door.ask(Request::RunShow { run: run.clone() }).await?;
            Some(door.follow(field(&shown, "project"), None).await?)
        }
        None => None,
    };
    let value = door.ask(request).await?;
    let updates = match before {
        Some(updates) => updates,
        None => door.follow(field(&value, "project"), None).await?,
    };
    Ok((value, Some((updates, signals))))
}

impl From<Action> for GateAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Approve => GateAction::Approve,
            Action::Edit => GateAction::Edit,
            Action::Chat => GateAction::Chat,
            Action::Paste => GateAction::Paste,
            Action::Skip => GateAction::Skip,
            Action::ChangeModel => GateAction::ChangeModel,
            Action::Retry => GateAction::Retry,
            Action::Pin => GateAction::Pin,
            Action::Reject => GateAction::Reject,
        }
    }
}
