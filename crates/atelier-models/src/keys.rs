//! Keys, each for one endpoint.
//!
//! Invariants: a key is handed out only for its own origin and below its own path; no formatting shows one; a message
//! that a server sent passes `redact` before anybody sees it.

use crate::error::ConfigError;
use crate::spec::{ProviderKind, tidy_base_url};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

#[derive(Clone, Default)]
pub struct Keys {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    base: Url,
    key: SecretString,
}

impl Keys {
    pub fn new() -> Self {
        Self::default()
    }

    /// The key of a server; sent to nothing but what lies below this address. A second one replaces the first.
    pub fn insert(&mut self, base_url: &str, key: SecretString) -> Result<(), ConfigError> {
        let wrong = |why: String| ConfigError::new(why, "give the base URL that the key belongs to");
        let tidy = tidy_base_url(base_url).map_err(|error| wrong(error.to_string()))?;
        let base = Url::parse(&tidy).map_err(|error| wrong(error.to_string()))?;
        let in_header = |c: char| c.is_ascii_graphic();
        if key.expose_secret().is_empty() || !key.expose_secret().chars().all(in_header) {
            let message = format!("the key for {base} is empty or has characters that no key has");
            return Err(ConfigError::new(message, "set it again, without spaces or line ends"));
        }
        self.entries.retain(|entry| entry.base != base);
        self.entries.push(Entry { base, key });
        Ok(())
    }

    /// The key of a provider's own service, for instance api.openai.com.
    pub fn insert_provider(&mut self, provider: ProviderKind, key: SecretString) -> Result<(), ConfigError> {
        let url = provider.default_base_url().ok_or_else(|| {
            ConfigError::new(format!("the provider {provider} takes no key"), "remove the setting")
        })?;
        self.insert(url, key)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The key for an endpoint: of all that fit the one with the longest path.
    pub(crate) fn of(&self, base: &Url) -> Option<&SecretString> {
        let fitting = self.entries.iter().filter(|entry| covers(&entry.base, base));
        fitting.max_by_key(|entry| entry.base.path().len()).map(|entry| &entry.key)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.entries.iter().map(|entry| entry.base.as_str());
        f.debug_list().entries(places).finish()
    }
}

pub(crate) fn redact(text: String, key: Option<&SecretString>) -> String {
    match key.map(ExposeSecret::expose_secret) {
        Some(secret) if text.contains(secret) => text.replace(secret, "[key]"),
        _ => text,
    }
}

fn covers(owner: &Url, base: &Url) -> bool {
    let path = owner.path().trim_end_matches('/');
    let below = base.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    owner.origin() == base.origin() && below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let mut keys = Keys::new();
        keys.insert("https://h/api/v1", "sk-one".into()).unwrap();
        keys.insert("https://h", "sk-two".into()).unwrap();
        keys
    }

    fn of(keys: &Keys, url: &str) -> Option<String> {
        keys.of(&Url::parse(url).unwrap()).map(|key| key.expose_secret().to_owned())
    }

    #[test]
    fn a_key_goes_only_below_the_address_it_belongs_to() {
        let keys = keys();
        assert_eq!(of(&keys, "https://h/api/v1").as_deref(), Some("sk-one"));
        assert_eq!(of(&keys, "https://h/api/v12").as_deref(), Some("sk-two"));
        for elsewhere in ["http://h/api/v1", "https://h:444/api/v1", "https://h.evil/api/v1"] {
            assert_eq!(of(&keys, elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn no_formatting_shows_a_key() {
        assert!(!format!("{:?}", keys()).contains("sk-"));
        let error = Keys::new().insert("https://h", "sk-with space".into()).unwrap_err();
        assert!(!format!("{error:?}").contains("sk-"));
    }
}
