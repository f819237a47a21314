//! Names of models: `PROVIDER:MODEL[@BASE_URL]`.
//!
//! Invariants: what parses is shown as it parses again; a base URL is http or https, without credentials, query,
//! fragment or the ending of one route. The last `@http` divides, so that names with `@` and `:` are whole.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelSpec {
    pub provider: ProviderKind,
    pub model: String,
    pub base_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    Embedded,
    OpenAi,
    Ollama,
    Scripted,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("`auto` chooses a model by itself, and that is not available in this version")]
    Auto,
    #[error("the provider `{0}` is not available in this version")]
    NotYet(String),
    #[error("`{0}` names no provider: a model is PROVIDER:MODEL[@BASE_URL]")]
    NoProvider(String),
    #[error("there is no provider `{0}`")]
    UnknownProvider(String),
    #[error("`{0}` names no model after its provider")]
    NoModel(String),
    #[error("the base URL `{url}` of a model cannot be used: {why}")]
    BaseUrl { url: String, why: String },
    #[error("a model of the provider `{0}` has no base URL")]
    NeedlessUrl(ProviderKind),
}

impl SpecError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Auto => "name a model, for instance embedded:smollm2-135m",
            Self::NotYet(_) => "use openai:NAME@BASE_URL with a server that speaks the OpenAI protocol",
            Self::BaseUrl { .. } => "write it like openai:NAME@http://127.0.0.1:8000/v1",
            Self::NeedlessUrl(_) => "leave out the part from the @ on",
            Self::NoProvider(_) | Self::UnknownProvider(_) | Self::NoModel(_) => {
                "write embedded:smollm2-135m, openai:NAME@BASE_URL, ollama:NAME or scripted:FILE"
            }
        }
    }
}

impl ProviderKind {
    pub const ALL: [Self; 4] = [Self::Embedded, Self::OpenAi, Self::Ollama, Self::Scripted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::Scripted => "scripted",
        }
    }

    /// Where a provider is when the name does not say.
    pub fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Ollama => Some("http://127.0.0.1:11434"),
            Self::Embedded | Self::Scripted => None,
        }
    }

    fn is_a_server(self) -> bool {
        self.default_base_url().is_some()
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.model)?;
        self.base_url.as_ref().map_or(Ok(()), |url| write!(f, "@{url}"))
    }
}

impl FromStr for ModelSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let text = text.trim();
        if text == "auto" {
            return Err(SpecError::Auto);
        }
        let (provider, rest) = text.split_once(':').ok_or_else(|| SpecError::NoProvider(text.to_owned()))?;
        let provider = provider_named(provider)?;
        let (model, url) = match rest.rfind("@http").filter(|_| provider.is_a_server()) {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        // What was meant as an address must never become part of a name: the text would go to the default server.
        if url.is_none()
            && provider.is_a_server()
            && let Some((_, tail)) = rest.rsplit_once('@')
            && (tail.contains("://")
                || tail.contains(':')
                || tail.contains('/')
                || tail.contains('.')
                || tail == "localhost")
        {
            let why = "a base URL begins with http:// or https://".to_owned();
            return Err(SpecError::BaseUrl { url: without_credentials(tail), why });
        }
        if model.trim().is_empty() || model.chars().any(char::is_control) {
            return Err(SpecError::NoModel(text.chars().filter(|c| !c.is_control()).collect()));
        }
        let base_url = url.map(tidy_base_url).transpose()?;
        Ok(Self { provider, model: model.to_owned(), base_url })
    }
}

impl TryFrom<String> for ModelSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl From<ModelSpec> for String {
    fn from(spec: ModelSpec) -> Self {
        spec.to_string()
    }
}

/// A base URL without the ending of one route and without a last slash.
pub(crate) fn tidy_base_url(url: &str) -> Result<String, SpecError> {
    let refuse = |why: &str| SpecError::BaseUrl { url: without_credentials(url), why: why.to_owned() };
    let parsed = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse("only http and https are known"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse("it carries a name or a password, and keys belong into the settings"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(refuse("it has a query or a fragment"));
    }
    let mut tidy = url.trim_end_matches('/');
    for ending in ["/chat/completions", "/embeddings"] {
        tidy = tidy.strip_suffix(ending).unwrap_or(tidy).trim_end_matches('/');
    }
    Ok(tidy.to_owned())
}

fn provider_named(name: &str) -> Result<ProviderKind, SpecError> {
    if matches!(name, "anthropic" | "gemini") {
        return Err(SpecError::NotYet(name.to_owned()));
    }
    let found = ProviderKind::ALL.into_iter().find(|kind| kind.as_str() == name);
    found.ok_or_else(|| SpecError::UnknownProvider(name.chars().filter(|c| !c.is_control()).collect()))
}

/// Error messages repeat what was typed, but never a password.
fn without_credentials(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, provider: ProviderKind, model: &str, url: Option<&str>) {
        let spec: ModelSpec = text.parse().unwrap();
        assert_eq!((spec.provider, spec.model.as_str(), spec.base_url.as_deref()), (provider, model, url));
        assert_eq!(spec.to_string().parse::<ModelSpec>().unwrap(), spec);
    }

    #[test]
    fn names_of_the_contract_are_read_and_shown_so_that_they_read_again() {
        use ProviderKind::{Embedded, Ollama, OpenAi, Scripted};
        check("embedded:smollm2-135m", Embedded, "smollm2-135m", None);
        check("embedded:/a/b@httpd.gguf", Embedded, "/a/b@httpd.gguf", None);
        check("openai:m@http://127.0.0.1:8000/v1", OpenAi, "m", Some("http://127.0.0.1:8000/v1"));
        check("openai:Qwen/Q@x@https://h/v1/", OpenAi, "Qwen/Q@x", Some("https://h/v1"));
        check("openai:m@http://h/v1/chat/completions", OpenAi, "m", Some("http://h/v1"));
        check("openai:m@http://h/v1/embeddings/", OpenAi, "m", Some("http://h/v1"));
        check("ollama:qwen2.5:3b", Ollama, "qwen2.5:3b", None);
        check("ollama:q:3b@http://localhost:1", Ollama, "q:3b", Some("http://localhost:1"));
        check("scripted:dir/file.json", Scripted, "dir/file.json", None);
    }

    #[test]
    fn what_is_no_model_is_refused_with_its_reason() {
        let error = |text: &str| text.parse::<ModelSpec>().unwrap_err();
        assert_eq!(error("auto"), SpecError::Auto);
        assert_eq!(error("anthropic:x"), SpecError::NotYet("anthropic".into()));
        assert_eq!(error("gemini:x"), SpecError::NotYet("gemini".into()));
        assert!(matches!(error("gpt"), SpecError::NoProvider(_)));
        assert!(matches!(error("nobody:x"), SpecError::UnknownProvider(_)));
        assert!(matches!(error("openai:"), SpecError::NoModel(_)));
        assert!(matches!(error("openai:@http://h/v1"), SpecError::NoModel(_)));
        assert!(matches!(error("openai:x@http://"), SpecError::BaseUrl { .. }));
        assert!(matches!(error("openai:x@http://h/v1?k=1"), SpecError::BaseUrl { .. }));
    }

    #[test]
    fn an_address_without_http_is_refused_and_never_becomes_part_of_a_name() {
        for text in [
            "openai:m@127.0.0.1:8000/v1",
            "openai:m@localhost",
            "openai:m@host.example",
            "ollama:q:3b@10.0.0.1:11434",
            "openai:m@ftp://h/v1",
        ] {
            let error = text.parse::<ModelSpec>().unwrap_err();
            assert!(matches!(&error, SpecError::BaseUrl { .. }), "{text}: {error}");
            assert!(error.to_string().contains("http://"), "{text}: {error}");
        }
        check("openai:Qwen@latest", ProviderKind::OpenAi, "Qwen@latest", None);
        let error = "openai:x@me:hunter2@h.example/v1".parse::<ModelSpec>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_password_in_a_base_url_is_refused_and_not_repeated() {
        let error = "openai:x@http://me:hunter2@h/v1".parse::<ModelSpec>().unwrap_err();
        assert!(matches!(error, SpecError::BaseUrl { .. }));
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
