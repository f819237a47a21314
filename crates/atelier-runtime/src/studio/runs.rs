//! Runs: started, driven, steered, waited for.

use std::collections::BTreeMap;

use atelier_domain::Event;
use atelier_domain::event::RunEvent;
use atelier_domain::event::run::Outcome;
use atelier_domain::state::RunStatus;
use atelier_domain::{BranchId, GateId, ProjectId, RunId};
use atelier_engine::Command;
use atelier_engine::command::{Reply, StartRun};
use atelier_engine::definition::Tier;
use atelier_store::Query;
use serde_json::{Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::api::{GateDecision, RunRequest};
use crate::codes;
use crate::project::{Project, is_settled};
use crate::routes::{self, Wish};
use crate::{Exit, Failure, crews, load, view};

impl Studio {
    /// Starts a run and waits until it goes no further by itself.
    pub async fn run_to_end(&self, request: RunRequest) -> Result<RunStatus, Failure> {
        let started = self.run(request).await?;
        let internal = |error: serde_json::Error| {
            Failure::failed(codes::INTERNAL, error.to_string(), "please report this")
        };
        let project: ProjectId = serde_json::from_value(started["project"].clone()).map_err(internal)?;
        let run: RunId = serde_json::from_value(started["id"].clone()).map_err(internal)?;
        let project = self.open_project(project).await?;
        self.settled(&project, run).await
    }

    pub(super) async fn known_agent(&self, project: &Project, agent: &str) -> Result<(), Failure> {
        let crew = self.crews(Some(&project.id.to_string())).await?;
        let known = crew.catalog.agents().any(|entry| entry.id == agent);
        let open = project.state().runs.values().any(|run| run.routes.contains_key(agent));
        if known || open {
            Ok(())
        } else {
            Err(Failure::not_found("agent", agent, "see `atelier crews list`"))
        }
    }

    pub(super) async fn run(&self, request: RunRequest) -> Result<Value, Failure> {
        if request.detach && !self.inner.stays {
            let message = "nobody stays to carry the run on: no `atelier serve` owns the data folder";
            return Err(Failure::refused(
                codes::NO_SERVER,
                message,
                "start `atelier serve`, or leave out --detach",
            ));
        }
        let mode = tier(request.mode.as_deref())?;
        let project = self.project(&request.project).await?;
        self.not_stopped(project.id).await?;
        let folder = self.folder(project.id);
        let (inner, name, agent) = (self.inner.clone(), request.name.clone(), request.agent);
        let defined =
            blocking(move || inner.crews.of(&inner.data, Some(&folder))?.define(&name, agent)).await?;
        let definition = &defined.compiled.definition;
        let inputs = crews::inputs(definition, &request.inputs)?;
        let config = self.config().with_environment(&request.environment)?;
        let wish = Wish { model: request.model, mode };
        let routes =
            routes::routes(definition, &config, &project.state().settings, &wish, &self.inner.gateway)?;
        routes::all_usable(&routes, &self.inner.gateway)?;
        project.shelf.add_definition(defined.hash, defined.compiled.clone());
        self.mark_running(project.id).await?;
        let accept = project.state().settings.get("canon.accept").cloned();
        let accept = accept.or_else(|| config.get("canon.accept").map(|(value, _)| value));
        let start = StartRun {
            accept_rules: accept.as_deref() == Some("auto"),
            workflow: request.name,
            definition: defined.hash,
            definition_text: defined.text.clone(),
            inputs,
            gates: request.gates,
            routes,
            branch: BranchId::MAIN,
        };
        let done = project.command(Command::Start(Box::new(start))).await?;
        let Reply::Run(id) = done.reply else { return Ok(Value::Null) };
        Ok(json!({"id": id, "project": project.id}))
    }

    pub(super) async fn show_run(&self, project: &Project, id: RunId) -> Result<Value, Failure> {
        let (log, project_id, live) = (project.log.clone(), project.id, project.is_driven(id));
        blocking(move || view::run(&*log, project_id, id, live)).await
    }

    /// The run with receipts that leave their texts out.
    pub(super) async fn outline_run(&self, project: &Project, id: RunId) -> Result<Value, Failure> {
        let (log, project_id, live) = (project.log.clone(), project.id, project.is_driven(id));
        blocking(move || view::outline(&*log, project_id, id, live)).await
    }

    pub(super) async fn receipt(&self, run: &str, receipt: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        let (log, wanted) = (project.log.clone(), receipt.to_owned());
        blocking(move || view::receipt(&*log, id, &wanted)).await
    }

    pub(super) async fn on_run(
        &self,
        run: &str,
        command: impl FnOnce(RunId) -> Command,
    ) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        project.command(command(id)).await?;
        self.show_run(&project, id).await
    }

    /// Changes a run and makes this process drive it; answers with the run as it then stands.
    pub(super) async fn drive_with(
        &self,
        run: &str,
        command: impl FnOnce(RunId) -> Command,
    ) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        self.not_stopped(project.id).await?;
        self.mark_running(project.id).await?;
        // Driven before the command, so that what it releases is done by this process.
        let open = project.state().runs.contains_key(&id);
        project.drive(id).await?;
        match project.command(command(id)).await {
            // What was left of it was done as soon as somebody drove it, before the command came to its turn.
            Err(failure) if open && failure.code == codes::RUN_IS_OVER => {}
            Err(failure) => return Err(failure),
            Ok(_) => {}
        }
        self.show_run(&project, id).await
    }

    pub(super) async fn rewind(&self, run: &str, step: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        let (log, project_id, step_name) = (project.log.clone(), project.id, step.to_owned());
        let not_found = Failure::not_found("step", step, "see the run's steps with `atelier runs show`");
        let before = blocking(move || {
            let Some((run, _)) = load::run(&*log, id)? else { return Ok(None) };
            let found =
                run.steps.iter().find(|(path, s)| **path == step_name || s.id.to_string() == step_name);
            let Some((_, step)) = found else { return Ok(None) };
            Ok(Some(load::content_at(&*log, project_id, run.branch, step.started_seq.saturating_sub(1))?))
        })
        .await?;
        let before = before.ok_or(not_found)?;
        let command = Command::Rewind {
            run: id,
            step: step.to_owned(),
            before: Box::new(before),
            cut: Some(BTreeMap::new()),
        };
        let done = project.command(command).await?;
        let mut shown = self.show_run(&project, id).await?;
        if let Some(map) = shown.as_object_mut() {
            map.insert("kept".into(), kept(&project, id, done.seq).await?);
        }
        Ok(shown)
    }

    pub(super) async fn gate(&self, decision: GateDecision) -> Result<Value, Failure> {
        let gate: GateId = decision.gate.parse().map_err(|error: atelier_domain::id::InvalidId| {
            Failure::not_found("gate", &decision.gate, error.to_string())
        })?;
        let route =
            decision.model.as_deref().map(|model| routes::chosen(model, &self.inner.gateway)).transpose()?;
        let (project, run) = self.find_gate(gate).await?;
        self.not_stopped(project.id).await?;
        self.mark_running(project.id).await?;
        project.drive(run).await?;
        project
            .command(Command::Decide {
                gate,
                action: decision.action,
                text: decision.text,
                route,
                cut: BTreeMap::new(),
            })
            .await?;
        self.show_run(&project, run).await
    }

    /// Waits until a run needs nothing more from this process.
    pub(super) async fn wait(&self, run: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        self.settled(&project, id).await?;
        self.show_run(&project, id).await
    }

    /// How a run stands once it goes no further by itself.
    pub(super) async fn settled(&self, project: &Project, id: RunId) -> Result<RunStatus, Failure> {
        let mut settled = project.watch_settled();
        loop {
            settled.mark_unchanged();
            let status = project.state().runs.get(&id).map(|run| (is_settled(run), run.status()));
            match status {
                None => return ended(project, id).await,
                Some((true, status)) => return Ok(status),
                Some((false, _)) => {}
            }
            if let Some(why) = project.broken() {
                return Err(why.clone());
            }
            if settled.changed().await.is_err() {
                return Err(Failure::new(
                    Exit::Waiting,
                    codes::CLOSING,
                    "the project is being closed",
                    "resume the run with `atelier runs resume`",
                ));
            }
        }
    }

    /// The runs of one project; or of all, where one that cannot be opened only misses its own.
    pub(super) async fn runs(&self, project: Option<&str>) -> Result<Value, Failure> {
        if let Some(project) = project {
            let id = self.row(project).await?.id;
            return Ok(Value::Array(self.runs_of(id).await?));
        }
        let mut all = Vec::new();
        for row in self.rows().await? {
            match self.runs_of(row.id).await {
                Ok(runs) => all.extend(runs),
                Err(failure) => {
                    tracing::warn!(project = %row.id, error = %failure, "the project's runs cannot be listed");
                }
            }
        }
        Ok(Value::Array(all))
    }

    async fn runs_of(&self, id: ProjectId) -> Result<Vec<Value>, Failure> {
        let project = self.open_project(id).await?;
        let state = project.state();
        blocking(move || view::runs(&*project.log, &state.runs, &|run| project.is_driven(run))).await
    }
}

/// The branch that holds what came after a rewind which ended at this event.
async fn kept(project: &Project, id: RunId, upto: u64) -> Result<Value, Failure> {
    let query = Query {
        correlation: Some(id),
        kinds: &["run.rewound"],
        upto: Some(upto),
        newest_first: true,
        limit: Some(1),
        ..Query::default()
    };
    let log = project.log.clone();
    let rewound = blocking(move || Ok(log.read(query)?)).await?;
    let branch = rewound.iter().find_map(|envelope| match &envelope.event {
        Event::Run(RunEvent::Rewound(rewound)) => Some(rewound.kept),
        _ => None,
    });
    let state = project.state();
    let named =
        branch.and_then(|id| state.branches.get(&id).map(|branch| json!({"id": id, "name": branch.name})));
    Ok(named.unwrap_or_default())
}

/// How a run that has left the state ended.
async fn ended(project: &Project, id: RunId) -> Result<RunStatus, Failure> {
    let log = project.log.clone();
    let outcome = blocking(move || load::outcome(&*log, id)).await?;
    let not_found = || Failure::not_found("run", &id.to_string(), "see `atelier runs list`");
    match outcome.ok_or_else(not_found)? {
        Outcome::Done => Ok(RunStatus::Done),
        Outcome::Cancelled => Ok(RunStatus::Cancelled),
        Outcome::Failed => Ok(RunStatus::Failed),
    }
}

/// The models that are meant by a word.
pub(super) fn tier(mode: Option<&str>) -> Result<Option<Tier>, Failure> {
    match mode {
        None => Ok(None),
        Some("fast") => Ok(Some(Tier::Fast)),
        Some("heavy") => Ok(Some(Tier::Heavy)),
        Some(other) => {
            Err(Failure::usage(codes::BAD_MODE, format!("`{other}` is no mode"), "use fast or heavy"))
        }
    }
}
