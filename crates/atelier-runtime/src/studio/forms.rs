//! Forms: what a person typed into them, kept as events.

use atelier_engine::Command;
use serde_json::{Map, Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::project::Project;
use crate::{Failure, view};

impl Studio {
    pub(super) async fn forms(&self, project: &str) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let forms: Vec<String> = project.state().forms.keys().cloned().collect();
        let mut all = Vec::new();
        for form in forms {
            all.push(kept(&project, form).await?);
        }
        Ok(Value::Array(all))
    }

    /// What stands in a form; nothing where none was kept.
    pub(super) async fn form(&self, project: &str, form: &str) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        self.known_form(&project, form).await?;
        kept(&project, form.to_owned()).await
    }

    pub(super) async fn keep_form(
        &self,
        project: &str,
        form: &str,
        fields: Map<String, Value>,
    ) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        self.known_form(&project, form).await?;
        project.command(Command::KeepForm { form: form.to_owned(), fields }).await?;
        kept(&project, form.to_owned()).await
    }

    /// A form belongs to a workflow or an agent, or was kept when there was one.
    async fn known_form(&self, project: &Project, form: &str) -> Result<(), Failure> {
        let crew = self.crews(Some(&project.id.to_string())).await?;
        let known = crew.catalog.agents().any(|entry| entry.id == form)
            || crew.catalog.workflows().any(|entry| entry.id == form)
            || project.state().forms.contains_key(form);
        if known { Ok(()) } else { Err(Failure::not_found("form", form, "see `atelier crews list`")) }
    }
}

async fn kept(project: &Project, form: String) -> Result<Value, Failure> {
    let (log, fields) = (project.log.clone(), project.state().forms.get(&form).cloned().unwrap_or_default());
    blocking(move || {
        let mut shown = Map::new();
        for (field, text) in &fields {
            shown.insert(field.clone(), view::parsed(text, &*log)?);
        }
        Ok(json!({"name": form, "fields": shown}))
    })
    .await
}
