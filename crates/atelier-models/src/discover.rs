//! Finding model servers that run on this machine, at the ports they usually take.
//!
//! Invariants: only this machine is asked, only for lists, each within a moment and all at the same time.

use crate::http::Clients;
use futures::future::join_all;
use reqwest::Url;
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(300);

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What usually runs at this port.
    pub name: &'static str,
    /// As it is written behind the `@` of a model's name.
    pub base_url: String,
    /// How its models are named, ready to be used.
    pub specs: Vec<String>,
}

struct Usual {
    name: &'static str,
    provider: &'static str,
    base_url: String,
    list_path: &'static str,
}

pub(crate) async fn discover(clients: &Clients) -> Vec<Found> {
    let usual = [
        usual("Ollama", "ollama", 11434, "", "/api/tags"),
        usual("vLLM", "openai", 8000, "/v1", "/models"),
        usual("LM Studio", "openai", 1234, "/v1", "/models"),
        usual("llama.cpp", "openai", 8080, "/v1", "/models"),
    ];
    let found = join_all(usual.iter().map(|one| look(clients, one))).await;
    found.into_iter().flatten().collect()
}

fn usual(
    name: &'static str,
    provider: &'static str,
    port: u16,
    base: &str,
    list_path: &'static str,
) -> Usual {
    Usual { name, provider, base_url: format!("http://127.0.0.1:{port}{base}"), list_path }
}

/// Nothing there, or something else, is no error here.
async fn look(clients: &Clients, one: &Usual) -> Option<Found> {
    let url = Url::parse(&format!("{}{}", one.base_url, one.list_path)).ok()?;
    let request = clients.of(&url).ok()?.get(url);
    let exchange = async { request.send().await.ok()?.json::<Value>().await.ok() };
    let list = tokio::time::timeout(PATIENCE, exchange).await.ok()??;
    let names = names_in(&list)?;
    let specs = names.iter().map(|name| format!("{}:{name}@{}", one.provider, one.base_url)).collect();
    Some(Found { name: one.name, base_url: one.base_url.clone(), specs })
}

/// Of Ollama's list or of an OpenAI-compatible one.
fn names_in(list: &Value) -> Option<Vec<String>> {
    let entries = list.get("data").or_else(|| list.get("models"))?.as_array()?;
    let name = |entry: &Value| entry.get("id").or_else(|| entry.get("name"))?.as_str().map(str::to_owned);
    Some(entries.iter().filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_both_kinds_of_lists() {
        let names = |text: &str| names_in(&serde_json::from_str(text).unwrap());
        assert_eq!(names(r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#).unwrap(), ["a", "b"]);
        assert_eq!(names(r#"{"models":[{"name":"q:3b"}]}"#).unwrap(), ["q:3b"]);
        assert_eq!(names(r#"{"hello":"world"}"#), None);
    }
}
