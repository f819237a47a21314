//! Keys of hosted models: the environment, then `keys.toml` in the data folder, then the keyring where it is built in.
//!
//! Owns: where keys are looked for. Does not own: to whom one is sent (`atelier-models`).
//!
//! **Invariant**: a file of keys that others can read is refused; no message holds a key.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use atelier_models::ModelSpec;
use secrecy::SecretString;

use crate::Failure;
use crate::codes;

/// Variables of the environment with keys, and whose they are.
const VARIABLES: &[(&str, &str)] = &[
    ("OPENAI_API_KEY", "openai"),
    ("OLLAMA_API_KEY", "ollama"),
    ("OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
];

/// Keys by provider or base URL.
pub(crate) type Places = BTreeMap<String, SecretString>;

/// All keys that can be found; `servers` are the base URLs for which there may be one.
pub(crate) fn read(
    data: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
    servers: &[String],
) -> Result<Places, Failure> {
    let mut keys = from_file(&data.join("keys.toml"))?;
    for (variable, place) in VARIABLES {
        if let Some(key) = environment(variable).filter(|key| !key.trim().is_empty()) {
            keys.insert((*place).to_owned(), SecretString::from(key));
        }
    }
    let known = VARIABLES.iter().map(|(_, place)| (*place).to_owned()).chain(servers.iter().cloned());
    let missing: Vec<String> = known.filter(|place| !keys.contains_key(place)).collect();
    keys.extend(from_keyring(missing));
    Ok(keys)
}

/// The base URLs in settings that name models.
pub(crate) fn servers<'a>(models: impl Iterator<Item = &'a String>) -> Vec<String> {
    let specs =
        models.flat_map(|value| value.split_whitespace()).filter_map(|model| model.parse::<ModelSpec>().ok());
    specs.filter_map(|spec| Some(spec.to_string().split_once('@')?.1.to_owned())).collect()
}

/// The file must be readable by its owner alone.
fn from_file(path: &Path) -> Result<Places, Failure> {
    let rights = match fs::metadata(path) {
        Ok(about) => about.permissions().mode(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Places::new()),
        Err(error) => {
            let message = format!("cannot look at {}: {error}", path.display());
            return Err(Failure::usage(codes::BAD_KEYS, message, "check its rights, or remove it"));
        }
    };
    if rights & 0o077 != 0 {
        let message = format!("{} can be read by others", path.display());
        return Err(Failure::usage(codes::OPEN_KEYS, message, format!("run: chmod 600 {}", path.display())));
    }
    // What is wrong with it is not quoted: the line may hold a key.
    let unreadable = || {
        let message = format!("{} cannot be read", path.display());
        Failure::usage(codes::BAD_KEYS, message, "lines like \"openai\" = \"key\" are wanted")
    };
    let text = fs::read_to_string(path).map_err(|_| unreadable())?;
    let table: toml::Table = text.parse().map_err(|_| unreadable())?;
    let key = |(place, value): (String, toml::Value)| {
        value.as_str().map(|key| (place, SecretString::from(key))).ok_or_else(unreadable)
    };
    table.into_iter().map(key).collect()
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(_places: Vec<String>) -> Places {
    Places::new()
}

/// The service under which keys are kept in the keyring; the user is the provider's name or the base URL.
#[cfg(feature = "keyring")]
const SERVICE: &str = "atelier";

/// On a thread of its own: the keyring is another process, and asking it blocks.
#[cfg(feature = "keyring")]
fn from_keyring(places: Vec<String>) -> Places {
    let ask =
        move || places.into_iter().filter_map(|place| Some((place.clone(), ask_keyring(&place)?))).collect();
    let asked = std::thread::Builder::new().name("keyring".into()).spawn(ask);
    match asked.map(std::thread::JoinHandle::join) {
        Ok(Ok(keys)) => keys,
        Ok(Err(_)) => {
            tracing::warn!("the keyring could not be asked: its thread broke off");
            Places::new()
        }
        Err(error) => {
            tracing::warn!(%error, "the keyring could not be asked");
            Places::new()
        }
    }
}

#[cfg(feature = "keyring")]
fn ask_keyring(place: &str) -> Option<SecretString> {
    use keyring::v1::{Entry, Error};
    match Entry::new(SERVICE, place).and_then(|entry| entry.get_password()) {
        Ok(key) => Some(SecretString::from(key)),
        Err(Error::NoEntry) => None,
        Err(error) => {
            // Without a keyring there is still the file; an error of it never holds a key.
            tracing::debug!(place, %error, "the keyring has no answer");
            None
        }
    }
}
