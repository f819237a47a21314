//! Models and settings.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use atelier_engine::Command;
use atelier_models::ModelSpec;
use serde_json::{Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::codes;
use crate::{Exit, Failure, config};

impl Studio {
    pub(super) async fn models(&self) -> Result<Value, Failure> {
        let config = self.config().clone();
        let keys = ["models.default", "models.fast", "models.heavy", "models.embedding"];
        let specs: Vec<ModelSpec> = keys.iter().filter_map(|key| config.get(key)?.0.parse().ok()).collect();
        let listings = self.inner.gateway.list(&specs).await;
        let lines = listings.iter().map(|l| {
            json!({
                "model": l.spec.to_string(), "provider": l.provider.as_str(), "endpoint": l.endpoint, "available": l.available,
                "detail": l.detail, "hint": l.hint, "context_tokens": l.context_tokens, "size_bytes": l.size_bytes,
            })
        });
        Ok(Value::Array(lines.collect()))
    }

    pub(super) async fn test_model(&self, model: Option<&str>) -> Result<Value, Failure> {
        let set = self.config().get("models.default").map(|(value, _)| value);
        let model = model.map(str::to_owned).or(set).unwrap_or_else(|| config::BUILTIN_MODEL.to_owned());
        let spec: ModelSpec = model.parse().map_err(|error: atelier_models::SpecError| {
            Failure::usage(
                codes::BAD_MODEL,
                format!("the model `{}`: {error}", crate::config::masked(&model)),
                error.hint(),
            )
        })?;
        match self.inner.gateway.test(&spec).await {
            Ok(report) => Ok(json!({
                "ok": true, "model": spec.to_string(), "reported": report.model, "text": report.text,
                "input_tokens": report.input_tokens, "output_tokens": report.output_tokens,
                "first_token_ms": report.first_token_ms, "total_ms": report.total_ms,
            })),
            Err(error) => {
                let exit = if error.kind.is_unreachable() { Exit::Unavailable } else { Exit::Failed };
                Err(Failure::new(exit, error.kind.code(), error.message, error.hint))
            }
        }
    }

    /// What each level of the cascade says about the model of an agent.
    pub(super) async fn cascade(
        &self,
        project: Option<&str>,
        agent: &str,
        mode: Option<&str>,
    ) -> Result<Value, Failure> {
        let tier = super::runs::tier(mode)?;
        let crew = self.crews(project).await?;
        let own = match project {
            Some(project) => self.project(project).await?.state().settings.clone(),
            None => Default::default(),
        };
        let known = crew.define(agent, true)?;
        let agent = known.compiled.definition.agents.get(agent);
        let agent = agent.ok_or_else(|| Failure::not_found("agent", "", "see `atelier crews list`"))?;
        Ok(crate::routes::cascade(agent, tier, &self.config().clone(), &own))
    }

    pub(super) async fn config_get(&self, project: Option<&str>, key: &str) -> Result<Value, Failure> {
        config::check_key(key)?;
        let own = match project {
            Some(project) => self.project(project).await?.state().settings.get(key).cloned(),
            None => None,
        };
        let value = own.map(|value| (value, config::Origin::Project)).or_else(|| self.config().get(key));
        Ok(match value {
            Some((value, origin)) => json!({"key": key, "value": value, "origin": origin}),
            None => json!({"key": key, "value": null, "origin": null}),
        })
    }

    pub(super) async fn config_set(
        &self,
        project: Option<&str>,
        key: &str,
        value: Option<&str>,
    ) -> Result<Value, Failure> {
        match project {
            Some(project) => {
                config::check_project(key, value)?;
                let project = self.project(project).await?;
                let (set, removed) = match value {
                    Some(value) => (BTreeMap::from([(key.to_owned(), value.to_owned())]), Vec::new()),
                    None => (BTreeMap::new(), vec![key.to_owned()]),
                };
                project.command(Command::ChangeSettings { set, removed }).await?;
                self.config_get(Some(&project.id.to_string()), key).await
            }
            None => {
                config::check_key(key)?;
                let (inner, owned) = (self.inner.clone(), value.map(str::to_owned));
                let named = key.to_owned();
                let set = move || {
                    let mut config = inner.config.lock().unwrap_or_else(PoisonError::into_inner);
                    config.set(&named, owned.as_deref())
                };
                blocking(set).await?;
                self.inner.hub.change(crate::hub::Change::SettingChanged { key: key.to_owned() });
                let mut answer = self.config_get(None, key).await?;
                if let Some(map) = answer.as_object_mut().filter(|_| config::is_read_at_start(key)) {
                    map.insert("holds_from".into(), json!("the next start of whoever owns the data folder"));
                }
                Ok(answer)
            }
        }
    }

    pub(super) async fn config_show(&self, project: Option<&str>) -> Result<Value, Failure> {
        let own = match project {
            Some(project) => self.project(project).await?.state().settings.clone(),
            None => Default::default(),
        };
        let config = self.config().clone();
        let mut keys = config.keys();
        let extra: Vec<String> =
            own.keys().filter(|key| !keys.iter().any(|(known, _)| known == *key)).cloned().collect();
        keys.extend(extra.into_iter().map(|key| (key, "the model or fallback of one agent")));
        let lines = keys.into_iter().map(|(key, about)| {
            let value =
                own.get(&key).map(|v| (v.clone(), config::Origin::Project)).or_else(|| config.get(&key));
            let (value, origin) = value.map_or((None, None), |(value, origin)| (Some(value), Some(origin)));
            json!({"key": key, "value": value, "origin": origin, "about": about})
        });
        Ok(Value::Array(lines.collect()))
    }
}
