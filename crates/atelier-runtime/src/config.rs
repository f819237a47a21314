//! Settings: what may be set, where each value comes from, and the model variables of the environment.
//!
//! Owns: the list of settings, the studio's file `config.toml`, the reading of the environment (handed in by `main`).
//! Does not own: a project's own settings (events), the cascade (`crate::routes`), where keys are kept (`crate::keys`).
//!
//! **Invariant**: a wrong setting stops the start with one clear message; none is ignored.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use atelier_models::{Keys, Limits, ModelSpec, ProviderKind};

use crate::codes;
use crate::{Failure, keys};

/// The settings of a studio, with where each came from.
#[derive(Debug, Clone, Default)]
pub struct Config {
    file: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    path: PathBuf,
    models_dir: PathBuf,
    keys: BTreeMap<String, secrecy::SecretString>,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Origin {
    Builtin,
    File,
    Environment,
    Project,
}

/// A setting that can be set.
struct Known {
    key: &'static str,
    default: &'static str,
    check: fn(&str) -> Result<(), String>,
    about: &'static str,
}

/// The model that runs without any setting.
pub const BUILTIN_MODEL: &str = "embedded:smollm2-135m";

const SETTINGS: &[Known] = &[
    Known { key: "models.default", default: BUILTIN_MODEL, check: model, about: "the model of every agent" },
    Known {
        key: "models.fast",
        default: "",
        check: model,
        about: "the model of agents that want a fast one",
    },
    Known {
        key: "models.heavy",
        default: "",
        check: model,
        about: "the model of agents that want a heavy one",
    },
    Known { key: "models.embedding", default: "", check: model, about: "the model that embeds texts" },
    Known {
        key: "models.fallback",
        default: "",
        check: models,
        about: "models tried when the first one fails, separated by spaces",
    },
    Known {
        key: "models.temperature",
        default: "",
        check: thousandths,
        about: "sampling temperature in thousandths, for all agents",
    },
    Known {
        key: "models.context_tokens",
        default: "",
        check: number,
        about: "context length of models that do not tell theirs",
    },
    Known {
        key: "models.concurrency",
        default: "16",
        check: number,
        about: "calls at a time to one endpoint",
    },
    Known { key: "models.threads", default: "", check: number, about: "threads of an embedded model" },
    Known { key: "limits.connect_ms", default: "5000", check: number, about: "until a connection stands" },
    Known { key: "limits.first_token_ms", default: "300000", check: number, about: "until the first token" },
    Known { key: "limits.between_tokens_ms", default: "60000", check: number, about: "between two tokens" },
    Known { key: "limits.whole_ms", default: "900000", check: number, about: "for a whole call" },
    Known {
        key: "canon.accept",
        default: "ask",
        check: accept,
        about: "`ask` or `auto`: who accepts rules that agents propose",
    },
];

/// Environment variables that are settings.
const VARIABLES: &[(&str, &str)] = &[
    ("ATELIER_MODEL", "models.default"),
    ("ATELIER_FAST_MODEL", "models.fast"),
    ("ATELIER_HEAVY_MODEL", "models.heavy"),
    ("ATELIER_EMBEDDING_MODEL", "models.embedding"),
];

/// Settings that only the whole studio has.
const STUDIO_ONLY: &[&str] = &["limits.", "models.concurrency", "models.threads", "models.context_tokens"];

impl Config {
    /// Reads the studio's settings: `config.toml` in the data folder, then the environment.
    pub fn load(data: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let path = data.join("config.toml");
        let file = read_file(&path)?;
        let mut variables = BTreeMap::new();
        for (variable, key) in VARIABLES {
            if let Some(value) = environment(variable).filter(|v| !v.trim().is_empty()) {
                check(key, &value).map_err(|why| wrong(variable, &value, &why))?;
                variables.insert((*key).to_owned(), value);
            }
        }
        let models_dir = models_dir(environment)?;
        let models = file.values().chain(variables.values());
        let keys = keys::read(data, environment, &keys::servers(models))?;
        Ok(Self { file, environment: variables, path, models_dir, keys })
    }

    /// The model variables of an environment, for a request that is carried out by another process.
    pub fn model_variables(environment: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
        let set = |(variable, _): &(&str, &str)| {
            environment(variable).filter(|v| !v.trim().is_empty()).map(|v| ((*variable).to_owned(), v))
        };
        VARIABLES.iter().filter_map(set).collect()
    }

    /// This configuration as the environment of a caller makes it.
    pub(crate) fn with_environment(&self, variables: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let mut config = self.clone();
        for (variable, key) in VARIABLES {
            if let Some(value) = variables.get(*variable) {
                check(key, value).map_err(|why| wrong(variable, value, &why))?;
                config.environment.insert((*key).to_owned(), value.clone());
            }
        }
        Ok(config)
    }

    /// A studio setting, with its origin. Empty texts are as good as none.
    pub fn get(&self, key: &str) -> Option<(String, Origin)> {
        let set = |map: &BTreeMap<String, String>, origin| map.get(key).map(|value| (value.clone(), origin));
        set(&self.environment, Origin::Environment).or_else(|| set(&self.file, Origin::File)).or_else(|| {
            let known = SETTINGS.iter().find(|known| known.key == key && !known.default.is_empty())?;
            Some((known.default.to_owned(), Origin::Builtin))
        })
    }

    /// Every key that is known or set, with what it is for.
    pub fn keys(&self) -> Vec<(String, &'static str)> {
        let mut keys: BTreeMap<String, &'static str> =
            SETTINGS.iter().map(|k| (k.key.to_owned(), k.about)).collect();
        for key in self.file.keys() {
            keys.entry(key.clone()).or_insert("the model or fallback of one agent");
        }
        keys.into_iter().collect()
    }

    /// Sets or removes a studio setting in `config.toml`.
    pub fn set(&mut self, key: &str, value: Option<&str>) -> Result<(), Failure> {
        match value {
            Some(value) => {
                check(key, value).map_err(|why| wrong(key, value, &why))?;
                self.file.insert(key.to_owned(), value.to_owned());
            }
            None => {
                self.file.remove(key);
            }
        }
        self.write()
    }

    /// The folder of embedded models.
    pub fn models_dir(&self) -> &Path {
        &self.models_dir
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connect_ms: self.number("limits.connect_ms", 5_000),
            first_token_ms: self.number("limits.first_token_ms", 300_000),
            between_tokens_ms: self.number("limits.between_tokens_ms", 60_000),
            whole_ms: self.number("limits.whole_ms", 900_000),
        }
    }

    pub(crate) fn number(&self, key: &str, default: u64) -> u64 {
        self.get(key).and_then(|(value, _)| value.parse().ok()).unwrap_or(default)
    }

    pub(crate) fn model_keys(&self) -> Result<Keys, Failure> {
        let mut keys = Keys::new();
        for (place, key) in &self.keys {
            let added = match place.as_str() {
                "openai" => keys.insert_provider(ProviderKind::OpenAi, key.clone()),
                "ollama" => keys.insert_provider(ProviderKind::Ollama, key.clone()),
                url => keys.insert(url, key.clone()),
            };
            added.map_err(|error| {
                Failure::usage(codes::BAD_KEYS, error.to_string(), "correct the keys file")
            })?;
        }
        Ok(keys)
    }

    /// For which providers or servers there is a key; never the keys.
    pub fn key_places(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }

    fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::failed(
                codes::CONFIG_UNWRITABLE,
                format!("cannot write {}: {error}", self.path.display()),
                "check the rights and the space of the data folder",
            )
        };
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let lines: String =
            self.file.iter().map(|(key, value)| format!("\"{key}\" = {}\n", toml_text(value))).collect();
        let temporary = self.path.with_extension("toml.new");
        fs::write(&temporary, lines).and_then(|()| fs::rename(&temporary, &self.path)).map_err(failed)
    }
}

/// Whether a key may be set in a project, and to this value.
pub(crate) fn check_project(key: &str, value: Option<&str>) -> Result<(), Failure> {
    if is_read_at_start(key) {
        return Err(Failure::usage(
            codes::STUDIO_SETTING,
            format!("`{key}` holds for the whole studio"),
            "set it without --project",
        ));
    }
    let result = match value {
        Some(value) => check(key, value),
        None => known(key).map(|_| ()),
    };
    result.map_err(|why| wrong(key, value.unwrap_or_default(), &why))
}

/// Whether a setting is read when a studio is opened, and only then.
pub(crate) fn is_read_at_start(key: &str) -> bool {
    STUDIO_ONLY.iter().any(|own| key == *own || (own.ends_with('.') && key.starts_with(own)))
}

/// Whether a key is known.
pub(crate) fn check_key(key: &str) -> Result<(), Failure> {
    known(key).map(|_| ()).map_err(|why| wrong(key, "", &why))
}

fn check(key: &str, value: &str) -> Result<(), String> {
    (known(key)?)(value)
}

type CheckFn = fn(&str) -> Result<(), String>;

fn known(key: &str) -> Result<CheckFn, String> {
    if let Some(known) = SETTINGS.iter().find(|known| known.key == key) {
        return Ok(known.check);
    }
    match key.strip_prefix("agents.").and_then(|rest| rest.split_once('.')) {
        Some((agent, "model")) if !agent.is_empty() => Ok(model),
        Some((agent, "fallback")) if !agent.is_empty() => Ok(models),
        _ => {
            let all: Vec<&str> = SETTINGS.iter().map(|known| known.key).collect();
            Err(format!(
                "there is no such setting; known are {}, agents.AGENT.model, agents.AGENT.fallback",
                all.join(", ")
            ))
        }
    }
}

fn model(value: &str) -> Result<(), String> {
    value.parse::<ModelSpec>().map(|_| ()).map_err(|error| format!("{error}; {}", error.hint()))
}

fn models(value: &str) -> Result<(), String> {
    value.split_whitespace().try_for_each(model)
}

fn number(value: &str) -> Result<(), String> {
    match value.parse::<u64>() {
        Ok(n) if n > 0 => Ok(()),
        _ => Err("a whole number above 0 is wanted".into()),
    }
}

fn thousandths(value: &str) -> Result<(), String> {
    match value.parse::<u32>() {
        Ok(n) if n <= 2_000 => Ok(()),
        _ => Err("a whole number of thousandths from 0 to 2000 is wanted".into()),
    }
}

fn accept(value: &str) -> Result<(), String> {
    if matches!(value, "ask" | "auto") { Ok(()) } else { Err("`ask` or `auto` is wanted".into()) }
}

/// A value as it may be repeated: without the name and password of an address.
pub(crate) fn masked(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &value[..scheme], &value[at..]),
        _ => value.to_owned(),
    }
}

fn wrong(key: &str, value: &str, why: &str) -> Failure {
    let shown: String = masked(value).chars().take(100).collect();
    let shown = if shown.is_empty() { String::new() } else { format!(" = `{shown}`") };
    Failure::usage(
        codes::BAD_SETTING,
        format!("the setting {key}{shown} is wrong: {why}"),
        "correct it; see `atelier config show`",
    )
}

/// Reads `"key" = "value"` lines and `[table]` headings: the part of TOML that settings need.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => {
            let message = format!("cannot read {}: {error}", path.display());
            return Err(Failure::usage(codes::BAD_SETTING, message, "check its rights, or remove it"));
        }
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let message = format!("{} is no TOML: {}", path.display(), error.message());
        Failure::usage(codes::BAD_SETTING, message, "correct the file, or remove it")
    })?;
    let mut flat = BTreeMap::new();
    flatten("", &table, &mut flat);
    for (key, value) in &flat {
        check(key, value).map_err(|why| wrong(&format!("{key} in {}", path.display()), value, &why))?;
    }
    Ok(flat)
}

fn flatten(prefix: &str, table: &toml::Table, out: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, out),
            toml::Value::String(text) => {
                out.insert(key, text.clone());
            }
            other => {
                out.insert(key, other.to_string());
            }
        }
    }
}

fn toml_text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

fn models_dir(environment: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, Failure> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let cache = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")));
    let none = || Failure::usage(codes::NO_HOME, "neither HOME nor XDG_CACHE_HOME is set", "set one of them");
    Ok(cache.ok_or_else(none)?.join("atelier").join("models"))
}
