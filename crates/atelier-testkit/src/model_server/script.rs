//! What the server shall answer: ordered rules, each a matcher and a reply. The first rule that fits and is not used
//! up decides; where none fits, the answer is built from the request's schema, or is a plain sentence.

use super::ledger::{Call, Seen};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Which requests a rule or a hold is about. All but `Path` are about calls only (chat and embeddings), so that a
/// rule for everything does not hit the probes for models and versions.
#[derive(Clone)]
pub enum Matcher {
    Always,
    /// A part of any message's (or input's) text.
    Text(String),
    Model(String),
    /// The nth chat call since the start or the last reset, counted from 1.
    Nth(usize),
    /// The whole path, for instance `/v1/models`.
    Path(String),
    All(Vec<Matcher>),
    Where(Arc<dyn Fn(&Seen) -> bool + Send + Sync>),
}

/// What one request gets: what is said, how fast, and what goes wrong with it.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) content: Content,
    pub(crate) thinking: Option<String>,
    pub(crate) usage: Usage,
    pub(crate) fault: Option<Fault>,
    pub(crate) first: Duration,
    pub(crate) between: Duration,
    pub(crate) chunk_chars: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// From the schema where the request carries one, else a sentence drawn from its text.
    Auto,
    Text(String),
    Echo,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Usage {
    Counted,
    /// What a server says that counts wrong.
    Claimed {
        input: u64,
        output: u64,
    },
    Withheld,
}

/// What can go wrong with a model server. Counts of chunks are counts of text chunks; a shorter answer is cut off
/// after its last chunk, still before its end is announced.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Another status than 200. Without a body: an error object as the protocol spells it.
    Status {
        code: u16,
        body: Option<String>,
        headers: Vec<(String, String)>,
    },
    /// Takes the request and never answers.
    Hang,
    HangAfter(usize),
    /// Drops the connection in the middle of the body.
    CutAfter(usize),
    /// 200 with a page and some bytes that are not text.
    Garbage,
    /// 200, and then an error object in the stream.
    ErrorIn200 {
        after: usize,
        message: String,
    },
    /// 200, finished properly, and nothing was said.
    EmptyAnswer,
    /// The answer stops half way, with the finish reason for it.
    LengthStop,
    /// Ends the stream properly, without ever saying that the answer is finished.
    NoFinish,
    /// Where JSON was asked for: text that is none.
    BadJson,
}

/// Ordered rules and what the server says of itself.
#[derive(Clone)]
pub struct Script {
    rules: Vec<Rule>,
    pub(crate) models: Vec<String>,
    pub(crate) honours_max_tokens: bool,
    pub(crate) dimensions: usize,
}

#[derive(Clone)]
struct Rule {
    matcher: Matcher,
    reply: Reply,
    n_left: Option<usize>,
}

impl Script {
    pub fn new() -> Self {
        let models = vec!["scripted".to_owned(), "scripted-embed".to_owned()];
        Self { rules: Vec::new(), models, honours_max_tokens: false, dimensions: 64 }
    }

    #[must_use]
    pub fn when(self, matcher: impl Into<Matcher>, reply: impl Into<Reply>) -> Self {
        self.with(matcher.into(), reply.into(), None)
    }

    /// A rule that is used up after `n` requests; then the next one that fits decides.
    #[must_use]
    pub fn times(self, n: usize, matcher: impl Into<Matcher>, reply: impl Into<Reply>) -> Self {
        self.with(matcher.into(), reply.into(), Some(n))
    }

    /// For all calls that no rule before fits.
    #[must_use]
    pub fn otherwise(self, reply: impl Into<Reply>) -> Self {
        self.when(Matcher::Always, reply)
    }

    /// The names that the lists of models give.
    #[must_use]
    pub fn models(mut self, names: &[&str]) -> Self {
        self.models = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Cut answers at the request's `max_tokens` or `num_predict`, a token being four characters.
    #[must_use]
    pub fn honour_max_tokens(mut self) -> Self {
        self.honours_max_tokens = true;
        self
    }

    /// How long embedding vectors are.
    #[must_use]
    pub fn dimensions(mut self, n: usize) -> Self {
        self.dimensions = n;
        self
    }

    fn with(mut self, matcher: Matcher, reply: Reply, n_left: Option<usize>) -> Self {
        self.rules.push(Rule { matcher, reply, n_left });
        self
    }

    /// The reply for a request; a rule with a number of times is used up by it.
    pub(crate) fn take(&mut self, seen: &Seen) -> Option<Reply> {
        let rule = self.rules.iter_mut().find(|rule| rule.n_left != Some(0) && rule.matcher.fits(seen))?;
        rule.n_left = rule.n_left.map(|n| n - 1);
        Some(rule.reply.clone())
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Matcher {
    pub fn text(part: &str) -> Self {
        Self::Text(part.to_owned())
    }

    pub fn model(name: &str) -> Self {
        Self::Model(name.to_owned())
    }

    pub fn path(path: &str) -> Self {
        Self::Path(path.to_owned())
    }

    pub fn of(fits: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        Self::Where(Arc::new(fits))
    }

    pub(crate) fn fits(&self, seen: &Seen) -> bool {
        let is_call = seen.call != Call::Other;
        match self {
            Self::Always => is_call,
            Self::Text(part) => is_call && seen.text.contains(part),
            Self::Model(name) => is_call && seen.model == *name,
            Self::Nth(n) => seen.call == Call::Chat(*n),
            Self::Path(path) => seen.path == *path,
            Self::All(parts) => parts.iter().all(|part| part.fits(seen)),
            Self::Where(fits) => fits(seen),
        }
    }
}

impl From<&str> for Matcher {
    fn from(part: &str) -> Self {
        Self::text(part)
    }
}

impl Reply {
    /// From the request's schema where it has one, else a sentence.
    pub fn auto() -> Self {
        Self {
            content: Content::Auto,
            thinking: None,
            usage: Usage::Counted,
            fault: None,
            first: Duration::ZERO,
            between: Duration::ZERO,
            chunk_chars: 4,
        }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self { content: Content::Text(text.into()), ..Self::auto() }
    }

    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    /// The last user message, word for word.
    pub fn echo() -> Self {
        Self { content: Content::Echo, ..Self::auto() }
    }

    #[must_use]
    pub fn failing(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Thinking aloud before the answer, in the field that the protocol has for it.
    #[must_use]
    pub fn thinking(mut self, text: &str) -> Self {
        self.thinking = Some(text.to_owned());
        self
    }

    /// Says it used these many tokens, whatever it was.
    #[must_use]
    pub fn wrong_usage(mut self, input: u64, output: u64) -> Self {
        self.usage = Usage::Claimed { input, output };
        self
    }

    /// Says nothing about tokens.
    #[must_use]
    pub fn no_usage(mut self) -> Self {
        self.usage = Usage::Withheld;
        self
    }

    #[must_use]
    pub fn first_ms(mut self, ms: u64) -> Self {
        self.first = Duration::from_millis(ms);
        self
    }

    #[must_use]
    pub fn inter_ms(mut self, ms: u64) -> Self {
        self.between = Duration::from_millis(ms);
        self
    }

    #[must_use]
    pub fn chunk_chars(mut self, n: usize) -> Self {
        self.chunk_chars = n.max(1);
        self
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::json(&value)
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::auto().failing(fault)
    }
}

impl Fault {
    /// A status with an error object as the protocol spells it.
    pub fn status(code: u16) -> Self {
        Self::Status { code, body: None, headers: Vec::new() }
    }

    pub fn status_with(code: u16, body: &str, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Status { code, body: Some(body.to_owned()), headers }
    }

    pub fn error_in_200(after: usize, message: &str) -> Self {
        Self::ErrorIn200 { after, message: message.to_owned() }
    }
}
