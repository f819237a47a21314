//! What is read and changes nothing: events, states, buckets, the full check.

use atelier_domain::{canonical, name};
use atelier_store::Query;
use serde_json::Value;

use super::{Studio, parse_run};
use crate::actor::blocking;
use crate::codes;
use crate::project::branch_of;
use crate::{Failure, load, verify, view};

/// Events of one page of the log at most.
const PAGE: usize = 10_000;

impl Studio {
    pub(super) async fn log(
        &self,
        project: &str,
        branch: Option<&str>,
        since: u64,
        correlation: Option<&str>,
        limit: usize,
    ) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let line = match branch {
            Some(branch) => Some(branch_of(&project.state(), Some(branch))?),
            None => None,
        };
        let correlation = correlation.map(parse_run).transpose()?;
        let log = project.log.clone();
        let limit = Some(limit.clamp(1, PAGE));
        blocking(move || {
            let events = log.read(Query { after: since, limit, line, correlation, ..Query::default() })?;
            serde_json::to_value(events)
                .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))
        })
        .await
    }

    pub(super) async fn state(
        &self,
        project: &str,
        branch: Option<&str>,
        at: Option<u64>,
    ) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let (log, id, now) = (project.log.clone(), project.id, project.state());
        if let Some(at) = at.filter(|at| *at > now.seq) {
            let message = format!("the project has {} events, there is no event {at}", now.seq);
            return Err(Failure::not_found("event", &at.to_string(), message));
        }
        let branch = branch.map(str::to_owned);
        blocking(move || {
            let state = match at {
                Some(at) => load::at(&*log, id, at)?,
                None => (*now).clone(),
            };
            let failed = |error: canonical::Error| {
                Failure::failed(codes::INTERNAL, error.to_string(), "please report this")
            };
            let text = match branch {
                None => canonical::to_string(&state).map_err(failed)?,
                Some(name) => {
                    let branch = branch_of(&state, Some(&name))?;
                    canonical::to_string(&state.branches.get(&branch)).map_err(failed)?
                }
            };
            Ok(Value::String(text))
        })
        .await
    }

    pub(super) async fn verify(&self, project: &str, rebuild: bool) -> Result<Value, Failure> {
        let id = self.row(project).await?.id;
        let project = self.open_project(id).await?;
        let driven = project.driven().clone();
        // What a dead process did not get to is taken up when the project is opened: that is no finding.
        project.mirrored().await;
        let verified = blocking(move || verify::verify(&project, rebuild)).await?;
        if rebuild && verified.stale {
            drop(self.inner.projects.close(id).await);
            let project = self.open_project(id).await?;
            for run in driven {
                project.drive(run).await?;
            }
        }
        Ok(verified.report)
    }

    pub(super) async fn bucket(
        &self,
        project: &str,
        branch: Option<&str>,
        bucket: &str,
    ) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let state = project.state();
        let branch = branch_of(&state, branch)?;
        let content = state.content(&branch).cloned().unwrap_or_default();
        let key = name::key(bucket);
        let found: Vec<_> = content
            .buckets
            .values()
            .filter(|b| b.id.to_string() == bucket || (!b.archived && name::key(&b.title) == key))
            .cloned()
            .collect();
        let log = project.log.clone();
        match found.as_slice() {
            [one] => {
                let one = one.clone();
                blocking(move || view::bucket(&one, &*log)).await
            }
            [] => Err(Failure::not_found("bucket", bucket, "see `atelier bucket list`")),
            several => {
                let ids: Vec<String> = several.iter().map(|b| format!("{} ({})", b.id, b.r#type)).collect();
                Err(Failure::usage(
                    codes::AMBIGUOUS,
                    format!("several buckets are called `{bucket}`"),
                    format!("name one by its id: {}", ids.join(", ")),
                ))
            }
        }
    }
}
