//! Runs: started, driven, steered, waited for, carried on after a restart.

use super::*;

impl Studio {
    /// Starts a run and waits until it goes no further by itself.
    pub async fn run_to_end(&self, request: RunRequest) -> Result<RunStatus, Failure> {
        let started = self.run(request).await?;
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
                "no_server",
                message,
                "start `atelier serve`, or leave out --detach",
            ));
        }
        let mode = match request.mode.as_deref() {
            None => None,
            Some("fast") => Some(Tier::Fast),
            Some("heavy") => Some(Tier::Heavy),
            Some(other) => {
                return Err(Failure::usage("bad_mode", format!("`{other}` is no mode"), "use fast or heavy"));
            }
        };
        let project = self.project(&request.project).await?;
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
        project.shelf.add_definition(defined.hash, defined.compiled.clone());
        self.mark_running(project.id)?;
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
            branch: atelier_domain::BranchId::MAIN,
        };
        let done = project.command(Command::Start(Box::new(start))).await?;
        let Reply::Run(id) = done.reply else { return Ok(Value::Null) };
        Ok(json!({"id": id, "project": project.id}))
    }

    /// Once per project and process; a start that finds nothing to carry on takes the mark away.
    pub(super) fn mark_running(&self, id: ProjectId) -> Result<(), Failure> {
        if !self.inner.marked.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Ok(());
        }
        std::fs::write(self.folder(id).join(RUNNING), b"").map_err(|error| {
            Failure::failed(
                "mark",
                format!("cannot mark the project as running: {error}"),
                "check space and rights of the data folder",
            )
        })
    }

    /// Opens the projects that were at work and drives their runs.
    pub(super) async fn recover(&self) -> Result<(), Failure> {
        let store = self.inner.store.clone();
        let rows = blocking(move || Ok(store.projects()?)).await?;
        for row in rows
            .iter()
            .filter(|row| row.status == Status::Active && self.folder(row.id).join(RUNNING).exists())
        {
            let project = match self.open_project(row.id).await {
                Ok(project) => project,
                Err(failure) => {
                    tracing::error!(project = %row.id, error = %failure, "the project's runs are not carried on");
                    continue;
                }
            };
            let running: Vec<RunId> = project
                .state()
                .runs
                .values()
                .filter(|run| run.status() == RunStatus::Running)
                .map(|run| run.id)
                .collect();
            if project.state().runs.is_empty() {
                // Derived: without it a start would only look once more.
                std::fs::remove_file(self.folder(row.id).join(RUNNING)).ok();
                self.inner.marked.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
            }
            for run in running {
                tracing::info!(%run, project = %row.id, "carried on");
                project.drive(run).await?;
            }
        }
        Ok(())
    }

    /// The open project that a run belongs to, found by its id.
    pub(super) async fn find_run(&self, run: &str) -> Result<(Project, RunId), Failure> {
        let id = parse_run(run)?;
        let open: Vec<Project> = self.inner.projects.lock().await.values().cloned().collect();
        for project in &open {
            if project.state().runs.contains_key(&id) {
                return Ok((project.clone(), id));
            }
        }
        let (store, tasks) = (self.inner.store.clone(), id);
        let found = blocking(move || {
            for row in store.projects()?.iter().filter(|row| row.status == Status::Active) {
                // A project that cannot be opened has no run to show; it is listed as damaged.
                let Ok(log) = store.open(row.id) else { continue };
                let query = Query { correlation: Some(tasks), limit: Some(1), ..Query::default() };
                if log.read(query).is_ok_and(|events| !events.is_empty()) {
                    return Ok(Some(row.id));
                }
            }
            Ok(None)
        })
        .await?;
        let project = found.ok_or_else(|| Failure::not_found("run", run, "see `atelier runs list`"))?;
        Ok((self.open_project(project).await?, id))
    }

    pub(super) async fn show_run(&self, project: &Project, id: RunId) -> Result<Value, Failure> {
        let (log, project_id, live) = (project.log.clone(), project.id, project.is_driven(id));
        blocking(move || view::run(&*log, project_id, id, live)).await
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
        self.mark_running(project.id)?;
        // Driven before the command, so that what it releases is done by this process.
        project.drive(id).await?;
        project.command(command(id)).await?;
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
        project.command(command).await?;
        self.show_run(&project, id).await
    }

    pub(super) async fn gate(&self, decision: GateDecision) -> Result<Value, Failure> {
        let gate: GateId = decision.gate.parse().map_err(|error: atelier_domain::id::InvalidId| {
            Failure::not_found("gate", &decision.gate, error.to_string())
        })?;
        let route =
            decision.model.as_deref().map(|model| routes::chosen(model, &self.inner.gateway)).transpose()?;
        let (project, run) = self.find_gate(gate).await?;
        self.mark_running(project.id)?;
        project.drive(run).await?;
        project
            .command(Command::Decide { gate, action: decision.action, text: decision.text, route })
            .await?;
        self.show_run(&project, run).await
    }

    pub(super) async fn find_gate(&self, gate: GateId) -> Result<(Project, RunId), Failure> {
        let store = self.inner.store.clone();
        let rows = blocking(move || Ok(store.projects()?)).await?;
        for row in rows
            .iter()
            .filter(|row| row.status == Status::Active && self.folder(row.id).join(RUNNING).exists())
        {
            let Ok(project) = self.open_project(row.id).await else { continue };
            let run =
                project.state().runs.values().find(|run| run.gates.contains_key(&gate)).map(|run| run.id);
            if let Some(run) = run {
                return Ok((project, run));
            }
        }
        Err(Failure::not_found(
            "gate of an open run",
            &gate.to_string(),
            "see the run's gates with `atelier runs show`",
        ))
    }

    /// Waits until a run needs nothing more from this process.
    pub(super) async fn wait(&self, run: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        self.settled(&project, id).await?;
        self.show_run(&project, id).await
    }

    /// How a run stands once it goes no further by itself. A run that is gone from the state is done or cancelled.
    pub(super) async fn settled(&self, project: &Project, id: RunId) -> Result<RunStatus, Failure> {
        let mut states = project.watch();
        loop {
            let status = states.borrow_and_update().runs.get(&id).map(|run| (is_settled(run), run.status()));
            match status {
                None => return Ok(RunStatus::Done),
                Some((true, status)) => return Ok(status),
                Some((false, _)) => {}
            }
            if states.changed().await.is_err() {
                return Err(Failure::new(
                    Exit::Waiting,
                    "closing",
                    "the studio is being closed",
                    "resume the run with `atelier runs resume`",
                ));
            }
        }
    }

    pub(super) async fn runs(&self, project: Option<&str>) -> Result<Value, Failure> {
        let rows = match project {
            Some(project) => vec![self.row(project).await?],
            None => {
                let store = self.inner.store.clone();
                blocking(move || Ok(store.projects()?))
                    .await?
                    .into_iter()
                    .filter(|row| row.status == Status::Active)
                    .collect()
            }
        };
        let mut all = Vec::new();
        for row in rows {
            let project = self.open_project(row.id).await?;
            let (log, state, watched) = (project.log.clone(), project.state(), project.clone());
            all.extend(
                blocking(move || view::runs(&*log, &state.runs, &|run| watched.is_driven(run))).await?,
            );
        }
        Ok(Value::Array(all))
    }
}
