//! `atelier models …`

use std::path::PathBuf;

use atelier_runtime::{Config, Exit, Failure, Request};
use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use crate::codes;
use crate::text::{columns, field, items, word};

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// The models that are configured or found
    List,
    /// One small call: does it answer, how fast
    Test {
        /// The model, as PROVIDER:MODEL[@BASE_URL] [default: the configured one]
        model: Option<String>,
    },
    /// Put an embedded model where it is found: a .gguf file, or a folder with an embedding model
    Install {
        /// The file or folder
        path: PathBuf,
    },
}

impl ModelsCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List => context.show(Request::ModelsList {}, listed).await,
            Self::Test { model } => context.show(Request::ModelsTest { model: model.clone() }, tested).await,
            Self::Install { path } => install(context, path.clone()).await,
        }
    }

    pub(super) fn doing(&self) -> String {
        match self {
            Self::List => "list the models".into(),
            Self::Test { model: Some(model) } => format!("test the model `{model}`"),
            Self::Test { model: None } => "test the model".into(),
            Self::Install { path } => format!("install the model {}", path.display()),
        }
    }
}

/// Needs no data folder and no lock: models belong to the machine, not to a studio.
async fn install(context: &Context, path: PathBuf) -> Result<Exit, Failure> {
    let config = Config::load(&context.data, &|name| context.environment.get(name))?;
    let folder = config.models_dir().to_owned();
    let work = move || atelier_models::install(&path, &folder);
    let installed = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| {
            Failure::failed(codes::INSTALL_FAILED, format!("the installation was given up: {error}"), "")
        })?
        .map_err(|error| Failure::failed(codes::INSTALL_FAILED, error.to_string(), error.hint()))?;
    let value = json!({"path": installed.path});
    context.output.answer(&value, |value| format!("installed in {}", field(value, "path")))?;
    Ok(Exit::Ok)
}

fn listed(value: &Value) -> String {
    let row = |model: &Value| {
        let there = if model["available"] == Value::Bool(true) { "there" } else { "missing" };
        vec![field(model, "model").to_owned(), there.to_owned(), field(model, "detail").to_owned()]
    };
    columns(items(value).iter().map(row).collect())
}

fn tested(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return word(value) };
    columns(fields.iter().map(|(key, value)| vec![key.replace('_', " "), word(value)]).collect())
}
