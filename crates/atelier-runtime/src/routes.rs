//! The cascade: which model an agent runs on, and which level said so.
//!
//! `run > step > agent > project > studio > builtin`; conversation and bucket levels join with discussions and buckets.
//! A crew's agents say which tier they want, never a model's name, so a machine with only a local model contacts
//! nothing else.

use std::collections::BTreeMap;

use atelier_domain::event::run::{Level, Profile, Route};
use atelier_engine::definition::{Agent, Definition, Tier, Workflow};
use atelier_engine::kinds::route_key;
use atelier_models::{Gateway, ModelSpec, ProviderKind};
use imbl::OrdMap;
use serde_json::{Value, json};

use crate::Failure;
use crate::codes;
use crate::config::{Config, Origin};

/// What a caller said about models.
#[derive(Debug, Default, Clone)]
pub(crate) struct Wish {
    pub(crate) model: Option<String>,
    pub(crate) mode: Option<Tier>,
}

/// The models of every agent and of every step that names its own.
pub(crate) fn routes(
    definition: &Definition,
    config: &Config,
    settings: &OrdMap<String, String>,
    wish: &Wish,
    gateway: &Gateway,
) -> Result<BTreeMap<String, Route>, Failure> {
    let mut routes = BTreeMap::new();
    for agent in definition.agents.values() {
        routes.insert(agent.id.clone(), route(agent, config, settings, wish, gateway)?);
    }
    let workflows: Vec<&Workflow> =
        std::iter::once(&definition.workflow).chain(definition.workflows.values()).collect();
    for step in workflows.iter().flat_map(|workflow| workflow.all_steps()) {
        if let (Some(model), None) = (&step.model, &wish.model) {
            let model = parse(model)?;
            routes.insert(route_key(&step.id), named(&model, Level::Step, Vec::new(), gateway));
        }
    }
    Ok(routes)
}

/// The route a person chooses at a gate.
pub(crate) fn chosen(model: &str, gateway: &Gateway) -> Result<Route, Failure> {
    let spec = parse(model)?;
    usable(&spec, gateway)?;
    Ok(named(&spec, Level::Step, Vec::new(), gateway))
}

/// Refuses models that are files which are not there or cannot be read, before anything depends on them.
pub(crate) fn all_usable(routes: &BTreeMap<String, Route>, gateway: &Gateway) -> Result<(), Failure> {
    let alone = routes.values().filter(|route| route.fallback.is_empty());
    alone.map(|route| parse(&route.model)).try_for_each(|spec| usable(&spec?, gateway))
}

/// Blocks for as long as reading the head of a file takes. Servers are not asked: they may come up meanwhile.
fn usable(spec: &ModelSpec, gateway: &Gateway) -> Result<(), Failure> {
    let refuse = |why: &str, hint: &str| {
        Err(Failure::failed(codes::MODEL_UNUSABLE, format!("the model `{spec}` cannot be used: {why}"), hint))
    };
    match spec.provider {
        ProviderKind::Embedded if !gateway.traits_of(spec).exact_tokens => refuse(
            "its file is not there or is no readable GGUF model",
            "run `cargo xtask setup`, or `atelier models install FILE.gguf`, or choose another model",
        ),
        ProviderKind::Scripted if !std::path::Path::new(&spec.model).is_file() => {
            refuse("there is no such file", "name a file of scripted replies")
        }
        _ => Ok(()),
    }
}

fn route(
    agent: &Agent,
    config: &Config,
    settings: &OrdMap<String, String>,
    wish: &Wish,
    gateway: &Gateway,
) -> Result<Route, Failure> {
    let key = format!("agents.{}.model", agent.id);
    let tier = wish.mode.unwrap_or(agent.tier);
    let tiered = match tier {
        Tier::Fast => ["models.fast", "models.default"],
        Tier::Heavy => ["models.heavy", "models.default"],
    };
    let project = |key: &str| settings.get(key).filter(|v| !v.is_empty()).cloned();
    let studio =
        |key: &str| config.get(key).filter(|(_, origin)| *origin != Origin::Builtin).map(|(value, _)| value);
    let (model, level) = wish
        .model
        .clone()
        .map(|model| (model, Level::Run))
        .or_else(|| project(&key).or_else(|| studio(&key)).map(|model| (model, Level::Agent)))
        .or_else(|| tiered.iter().find_map(|key| project(key)).map(|model| (model, Level::Project)))
        .or_else(|| tiered.iter().find_map(|key| studio(key)).map(|model| (model, Level::Studio)))
        .unwrap_or_else(|| (crate::config::BUILTIN_MODEL.to_owned(), Level::Builtin));
    let chain = format!("agents.{}.fallback", agent.id);
    let fallback =
        [chain.as_str(), "models.fallback"].iter().find_map(|key| project(key).or_else(|| studio(key)));
    let fallback = match level {
        Level::Run => None,
        _ => fallback,
    };
    let fallback = fallback
        .iter()
        .flat_map(|chain| chain.split_whitespace())
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(named(&parse(&model)?, level, fallback, gateway))
}

/// What a level says: the setting, the model it names, and where it was set.
type Said = (String, String, Option<Origin>);

/// What each level says, from the one that outranks all; the first that says something wins.
pub(crate) fn cascade(
    agent: &Agent,
    mode: Option<Tier>,
    config: &Config,
    settings: &OrdMap<String, String>,
) -> Value {
    let tiered = match mode.unwrap_or(agent.tier) {
        Tier::Fast => ["models.fast", "models.default"],
        Tier::Heavy => ["models.heavy", "models.default"],
    };
    let own = format!("agents.{}.model", agent.id);
    let project =
        |key: &str| Some((key.to_owned(), settings.get(key).filter(|v| !v.is_empty())?.clone(), None));
    let studio = |key: &str| {
        let (value, origin) = config.get(key).filter(|(_, origin)| *origin != Origin::Builtin)?;
        Some((key.to_owned(), value, Some(origin)))
    };
    let builtin = crate::config::BUILTIN_MODEL.to_owned();
    let said = [
        (Level::Run, None),
        (Level::Step, None),
        (Level::Conversation, None),
        (Level::Bucket, None),
        (Level::Agent, project(&own).or_else(|| studio(&own))),
        (Level::Project, tiered.iter().find_map(|key| project(key))),
        (Level::Studio, tiered.iter().find_map(|key| studio(key))),
        (Level::Builtin, Some(("models.default".to_owned(), builtin, Some(Origin::Builtin)))),
    ];
    let winner = said.iter().position(|(_, said)| said.is_some()).unwrap_or(said.len() - 1);
    let line = |n: usize, (level, said): &(Level, Option<Said>)| {
        let (key, model, origin) = match said {
            Some((key, model, origin)) => (Some(key), Some(model), origin.as_ref()),
            None => (None, None, None),
        };
        json!({"level": level, "key": key, "model": model, "origin": origin, "wins": n == winner})
    };
    let levels: Vec<Value> = said.iter().enumerate().map(|(n, said)| line(n, said)).collect();
    let (level, model, key) = (&levels[winner]["level"], &levels[winner]["model"], &levels[winner]["key"]);
    let why = match key.as_str() {
        Some(key) => format!("{key} is set on the level {}", level.as_str().unwrap_or_default()),
        None => "nothing is set".to_owned(),
    };
    json!({"agent": agent.id, "model": model, "level": level, "why": why, "levels": levels})
}

fn named(model: &ModelSpec, level: Level, fallback: Vec<ModelSpec>, gateway: &Gateway) -> Route {
    let profile = if gateway.traits_of(model).tiny { Profile::Tiny } else { Profile::Full };
    Route {
        model: model.to_string(),
        level,
        profile,
        fallback: fallback.iter().map(ToString::to_string).collect(),
    }
}

fn parse(model: &str) -> Result<ModelSpec, Failure> {
    let spec: ModelSpec = model.parse().map_err(|error: atelier_models::SpecError| {
        Failure::usage(
            codes::BAD_MODEL,
            format!(
                "the model `{}`: {error}",
                crate::config::masked(model).chars().take(120).collect::<String>()
            ),
            error.hint(),
        )
    })?;
    Ok(spec)
}
