//! Remembering, and finding again.

use atelier_domain::{BranchId, MemoryId};
use atelier_engine::Command;
use atelier_engine::command::Reply;
use atelier_models::ModelSpec;
use serde_json::{Value, json};

use super::Studio;
use super::reading::bucket_in;
use crate::memory::{self, Search, Sources};
use crate::project::Project;
use crate::{Failure, codes};

/// Passages of one answer at most.
const MOST: usize = 1_000;

impl Studio {
    pub(super) async fn memory_add(
        &self,
        project: &str,
        branch: Option<&str>,
        text: String,
        kind: String,
        about: &[String],
    ) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        let about =
            about.iter().map(|bucket| Ok(bucket_in(&content, bucket)?.id)).collect::<Result<_, Failure>>()?;
        let done = project.command(Command::Remember { branch, text, kind, about }).await?;
        let Reply::Memory(id) = done.reply else { return Ok(Value::Null) };
        if self.inner.stays {
            self.prepare(&project, branch).await?;
        }
        Ok(json!({"id": id}))
    }

    /// `{"items":[{"id","text","score","source","by"}],"lacks"}`.
    pub(super) async fn memory_search(
        &self,
        project: &str,
        branch: Option<&str>,
        question: &str,
        n: usize,
    ) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        let search = Search { branch, content: &content, question, n: n.min(MOST) };
        let answer = project.memories.search(&self.sources(&project)?, search).await?;
        let items = answer.found.iter().map(|(memory, text, hit)| {
            let by = [(hit.by_meaning, "meaning"), (hit.by_words, "words")];
            let by: Vec<&str> = by.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
            json!({
                "id": memory.id, "text": **text, "score": hit.score, "source": memory.kind, "by": by,
                "about": memory.about, "added_at": memory.added_at,
            })
        });
        Ok(json!({"items": items.collect::<Vec<_>>(), "lacks": answer.lacks}))
    }

    pub(super) async fn memory_list(&self, project: &str, branch: Option<&str>) -> Result<Value, Failure> {
        let (project, _, content) = self.content(project, branch).await?;
        let all = project.memories.list(&self.sources(&project)?, &content).await?;
        let lines = all.iter().map(|(memory, text)| {
            json!({
                "id": memory.id, "text": **text, "source": memory.kind, "about": memory.about,
                "added_at": memory.added_at, "seq": memory.seq,
            })
        });
        Ok(Value::Array(lines.collect()))
    }

    pub(super) async fn memory_delete(
        &self,
        project: &str,
        branch: Option<&str>,
        id: &str,
    ) -> Result<Value, Failure> {
        let (project, branch, _) = self.content(project, branch).await?;
        let unknown = |_| Failure::not_found("memory", id, "see `atelier memory list`");
        let memory: MemoryId = id.parse().map_err(unknown)?;
        project.command(Command::Forget { branch, memory }).await?;
        Ok(json!({"id": memory, "deleted": true}))
    }

    pub(super) async fn memory_clear(&self, project: &str, branch: Option<&str>) -> Result<Value, Failure> {
        let (project, branch, content) = self.content(project, branch).await?;
        project.command(Command::ForgetAll { branch }).await?;
        Ok(json!({"deleted": content.memory.len()}))
    }

    /// Vectors are made while nobody waits for them.
    async fn prepare(&self, project: &Project, branch: BranchId) -> Result<(), Failure> {
        let state = project.state();
        let content = state.content(&branch).cloned().unwrap_or_default();
        project.memories.prepare(&self.sources(project)?, branch, &content).await
    }

    fn sources(&self, project: &Project) -> Result<Sources, Failure> {
        let own = project.state().settings.get("models.embedding").cloned();
        let set = own.or_else(|| self.config().get("models.embedding").map(|(value, _)| value));
        let set = set.filter(|value| !value.is_empty() && value != "auto");
        let model = set.unwrap_or_else(|| memory::BUILTIN.to_owned());
        let model: ModelSpec = model.parse().map_err(|error: atelier_models::SpecError| {
            let message = format!("the embedding model `{}`: {error}", crate::config::masked(&model));
            Failure::usage(codes::BAD_MODEL, message, error.hint())
        })?;
        Ok(Sources {
            log: project.log.clone(),
            folder: self.folder(project.id),
            gateway: self.inner.gateway.clone(),
            model,
            tasks: self.inner.tasks.clone(),
            project: project.id,
        })
    }
}
