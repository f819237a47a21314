//! Whom a text speaks of, and what a person says about that.

use std::sync::Arc;

use atelier_domain::state::Content;
use atelier_domain::{BranchId, name};
use atelier_engine::Command;
use atelier_names::{Mention, Way};
use serde_json::{Value, json};

use super::Studio;
use super::reading::bucket_in;
use crate::Failure;
use crate::actor::blocking;
use crate::names::bucket_of;
use crate::project::{Project, branch_of};

impl Studio {
    pub(super) async fn names_scan(
        &self,
        project: &str,
        branch: Option<&str>,
        text: String,
        descriptions: bool,
    ) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        blocking(move || {
            let mentions = project.books.ask(branch, &content, |book| book.scan(&text));
            let told = mentions.iter().filter(|mention| descriptions || mention.way == Way::Name);
            Ok(Value::Array(told.flat_map(|mention| told_of(mention, &content, &text)).collect()))
        })
        .await
    }

    pub(super) async fn names_unknown(
        &self,
        project: &str,
        branch: Option<&str>,
        text: String,
        at_least: usize,
    ) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        blocking(move || {
            let unknown = project.books.ask(branch, &content, |book| book.unknown(&text, at_least));
            let is_refused = |text: &str| {
                content.refused_names.get(&name::key(text)).is_some_and(|known| known.is_no_name)
            };
            let told = unknown.iter().filter(|one| !is_refused(&one.text));
            let told = told
                .map(|one| json!({"text": one.text, "n": one.n, "start": one.first.0, "end": one.first.1}));
            Ok(Value::Array(told.collect()))
        })
        .await
    }

    pub(super) async fn name_judge(
        &self,
        project: &str,
        branch: Option<&str>,
        name: String,
        bucket: Option<&str>,
        refused: bool,
    ) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        let bucket = bucket.map(|bucket| bucket_in(&content, bucket)).transpose()?.map(|bucket| bucket.id);
        let command = Command::JudgeName { branch, name: name.clone(), bucket, refused };
        project.command(command).await?;
        Ok(json!({"name": name, "bucket": bucket, "refused": refused}))
    }

    /// A project, one of its branches and what holds on it.
    pub(super) async fn content(
        &self,
        project: &str,
        branch: Option<&str>,
    ) -> Result<(Project, BranchId, Content), Failure> {
        let project = self.project(project).await?;
        let state = project.state();
        let branch = branch_of(&state, branch)?;
        let content = state.content(&branch).cloned().unwrap_or_default();
        Ok((project, branch, content))
    }
}

/// One line for each bucket that may be meant.
fn told_of(mention: &Mention, content: &Content, text: &str) -> Vec<Value> {
    let by = match mention.way {
        Way::Name => "name",
        Way::Description => "description",
    };
    let known = mention.entities.iter().filter_map(|id| content.buckets.get(&bucket_of(*id)));
    let lines = known.map(Arc::as_ref).map(|bucket| {
        let mut line = json!({
            "bucket": bucket.id, "title": bucket.title, "type": bucket.r#type, "by": by,
            "start": mention.start, "end": mention.end, "text": text.get(mention.bytes.clone()),
        });
        if let Some(line) = line.as_object_mut().filter(|_| mention.entities.len() > 1) {
            line.insert("candidate".into(), Value::Bool(true));
        }
        line
    });
    lines.collect()
}
