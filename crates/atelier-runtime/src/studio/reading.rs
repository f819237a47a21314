//! What is read and changes nothing: events, states, buckets, the full check.

use std::sync::Arc;

use atelier_domain::state::{Bucket, Content};
use atelier_domain::{Envelope, Event, Hash, canonical, name};
use atelier_store::{Log, Query};
use serde_json::Value;

use super::{Studio, parse_run};
use crate::actor::blocking;
use crate::api::LogRequest;
use crate::codes;
use crate::project::branch_of;
use crate::{Failure, load, verify, view};

/// Events of one page of the log at most.
const PAGE: usize = 10_000;

impl Studio {
    pub(super) async fn log(&self, wanted: LogRequest) -> Result<Value, Failure> {
        let project = self.project(&wanted.project).await?;
        let line = match &wanted.branch {
            Some(branch) => Some(branch_of(&project.state(), Some(branch))?),
            None => None,
        };
        let correlation = wanted.correlation.as_deref().map(parse_run).transpose()?;
        let kinds = kinds(&wanted.kinds)?;
        let log = project.log.clone();
        blocking(move || {
            let query = Query { line, correlation, kinds: &kinds, ..Query::default() };
            let events = page(&*log, query, &wanted)?;
            let failed = |error: serde_json::Error| Failure::failed(codes::INTERNAL, error.to_string(), "");
            let mut events = serde_json::to_value(events).map_err(failed)?;
            if wanted.texts {
                put_texts(&mut events, &*log)?;
            }
            Ok(events)
        })
        .await
    }

    pub(super) async fn text(&self, project: &str, hash: &str) -> Result<Value, Failure> {
        let log = self.project(project).await?.log;
        let none = Failure::not_found("text", hash, "see the hashes in the project's events");
        let Ok(hash) = hash.parse::<Hash>() else { return Err(none) };
        let text = blocking(move || Ok(log.blob(&hash)?)).await?;
        text.map(|text| Value::String(text.to_string())).ok_or(none)
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
        let one = bucket_in(&content, bucket)?;
        let log = project.log.clone();
        blocking(move || view::bucket(&one, &*log)).await
    }
}

/// The bucket with this id, or the one in use with this title.
pub(super) fn bucket_in(content: &Content, bucket: &str) -> Result<Arc<Bucket>, Failure> {
    let key = name::key(bucket);
    let is_meant =
        |b: &&Arc<Bucket>| b.id.to_string() == bucket || (!b.archived && name::key(&b.title) == key);
    let found: Vec<_> = content.buckets.values().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok(Arc::clone(one)),
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

/// The events that are wanted, in their order. Blocks.
fn page(log: &dyn Log, query: Query<'_>, wanted: &LogRequest) -> Result<Vec<Envelope>, Failure> {
    let limit = wanted.limit.clamp(1, PAGE);
    let made_by = |event: &Envelope| wanted.actor.as_deref().is_none_or(|actor| event.actor.id == actor);
    let newest_first = wanted.before.is_some();
    let mut upto = wanted.before.map(|before| before.saturating_sub(1));
    let mut after = wanted.since;
    let mut found = Vec::new();
    loop {
        let at_once = if wanted.actor.is_some() { PAGE } else { limit - found.len() };
        let read = log.read(Query { after, upto, limit: Some(at_once), newest_first, ..query })?;
        let more = read.len() == at_once;
        match read.last() {
            Some(last) if newest_first => upto = Some(last.seq.saturating_sub(1)),
            Some(last) => after = last.seq,
            None => {}
        }
        found.extend(read.into_iter().filter(made_by).take(limit - found.len()));
        if found.len() == limit || !more {
            break;
        }
    }
    if newest_first {
        found.reverse();
    }
    Ok(found)
}

/// The tags that are meant by whole tags or by the part before the dot.
fn kinds(wanted: &[String]) -> Result<Vec<&'static str>, Failure> {
    let mut kinds = Vec::new();
    for word in wanted {
        let before = kinds.len();
        let meant = |tag: &&str| *tag == word || tag.split('.').next() == Some(word.as_str());
        kinds.extend(Event::kinds().into_iter().filter(meant));
        if kinds.len() == before {
            let message = format!("`{word}` is no kind of event");
            return Err(Failure::usage(
                codes::UNKNOWN_KIND,
                message,
                "name a kind such as run.started, or run",
            ));
        }
    }
    Ok(kinds)
}

/// Puts long texts where they are named. Blocks.
fn put_texts(value: &mut Value, log: &dyn Log) -> Result<(), Failure> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| put_texts(item, log)),
        Value::Object(fields) => {
            let named =
                (fields.len() == 2 && fields.contains_key("bytes")).then(|| fields.get("blob")?.as_str());
            let Some(hash) = named.flatten().and_then(|hash| hash.parse::<Hash>().ok()) else {
                return fields.values_mut().try_for_each(|item| put_texts(item, log));
            };
            if let Some(text) = log.blob(&hash)? {
                *value = Value::String(text.to_string());
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
