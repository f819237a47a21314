//! A chat model: one request in, its text out as it comes.
//!
//! Owns: the order of template, tokens, cache, constraint, sampling, stream.
//! Does not own: the thread it runs on; how long it may take (the callback says when to stop).
//! Invariants: text leaves only as whole characters and before the call returns; the returned text is all that left.

mod slots;
mod stream;

use crate::error::Error;
use crate::gguf::{self, Gguf};
use crate::llama::Llama;
use crate::sampler::Sampler;
use crate::schema::{Constraint, Grammars};
use crate::template::Template;
use crate::threads::Threads;
use crate::tokenizer::{Piece, TokenCounter};
use slots::Slots;
use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use stream::Stream;

/// Prompt tokens between two looks at whether to stop.
const PROMPT_CHUNK: usize = 32;

#[derive(Clone, Debug)]
pub struct LoadOptions {
    pub threads: usize,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub role: String,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct Generate {
    pub messages: Vec<Message>,
    /// The answer is a JSON document that this schema allows. Properties come in the schema's order.
    pub schema: Option<serde_json::Value>,
    pub max_tokens: usize,
    /// 0 takes the likeliest token each time.
    pub temperature_milli: u32,
    pub seed: u64,
    /// The answer ends before the first of these; they are not part of it.
    pub stop: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model, the schema or a stop text ended the answer.
    Stop,
    /// `max_tokens` or the context's end cut it.
    Length,
    /// The callback asked to stop.
    Cancelled,
}

#[derive(Clone, Debug)]
pub struct Generation {
    pub text: String,
    pub prompt_tokens: usize,
    /// Prompt tokens whose work was still there from an earlier call.
    pub reused_tokens: usize,
    pub output_tokens: usize,
    /// Output tokens that the schema forced, without a choice.
    pub forced_tokens: usize,
    pub finish: Finish,
    pub first_token_ms: u64,
    pub total_ms: u64,
}

pub struct ChatModel {
    llama: Llama,
    tokens: Arc<TokenCounter>,
    template: Template,
    /// Prepared when the first schema comes.
    grammars: OnceCell<Grammars>,
    slots: Slots,
    threads: Threads,
}

impl ChatModel {
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, Error> {
        gguf::guarded(path, || Self::read(path, options))
    }

    fn read(path: &Path, options: &LoadOptions) -> Result<Self, Error> {
        let mut file = Gguf::open(path)?;
        // The architecture is named before anything else is looked at.
        let llama = Llama::load(&mut file)?;
        let tokens = Arc::new(TokenCounter::read(&file)?);
        let template = Template::read(&file, &tokens)?;
        Ok(Self {
            slots: Slots::new(&llama),
            threads: Threads::start(options.threads)?,
            grammars: OnceCell::new(),
            template,
            tokens,
            llama,
        })
    }

    pub fn name(&self) -> &str {
        &self.llama.config().name
    }

    pub fn context_length(&self) -> usize {
        self.llama.config().context
    }

    pub fn tokenizer(&self) -> Arc<TokenCounter> {
        Arc::clone(&self.tokens)
    }

    /// How many tokens the messages become, template included.
    pub fn count_prompt(&self, messages: &[Message]) -> Result<usize, Error> {
        Ok(self.prompt(messages)?.len())
    }

    /// Answers. `on_text` gets each piece of the text, and "" while there is none yet; `Break` ends the call.
    pub fn generate(
        &mut self,
        request: &Generate,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Generation, Error> {
        let started = Instant::now();
        check(request)?;
        let prompt = self.prompt(&request.messages)?;
        if prompt.len() >= self.context_length() {
            return Err(Error::PromptTooLong {
                prompt_tokens: prompt.len(),
                context_tokens: self.context_length(),
            });
        }
        let constraint = self.constraint(request)?;
        let (slot, reused) = self.slots.take(&prompt);
        let mut answer = Answer {
            stream: Stream::new(&request.stop),
            sampler: Sampler::new(request.temperature_milli, request.seed),
            constraint,
            room: request.max_tokens.min(self.context_length() - prompt.len()),
            output: 0,
            forced: 0,
            first_token_ms: 0,
            started,
        };
        let finish = self.run(&prompt[reused..], slot, &mut answer, on_text)?;
        Ok(Generation {
            text: answer.stream.into_text(),
            prompt_tokens: prompt.len(),
            reused_tokens: reused,
            output_tokens: answer.output,
            forced_tokens: answer.forced,
            finish,
            first_token_ms: answer.first_token_ms,
            total_ms: milliseconds(started),
        })
    }

    fn prompt(&self, messages: &[Message]) -> Result<Vec<u32>, Error> {
        let rendered = self.template.render(messages, &self.tokens)?;
        let prompt = self.tokens.rendered(&rendered);
        match prompt.is_empty() {
            true => Err(Error::Template { reason: "it made an empty prompt".to_owned() }),
            false => Ok(prompt),
        }
    }

    fn constraint(&self, request: &Generate) -> Result<Option<Constraint>, Error> {
        let Some(schema) = &request.schema else {
            return Ok(None);
        };
        if self.grammars.get().is_none() {
            let made = Grammars::new(Arc::clone(&self.tokens))?;
            return self.grammars.get_or_init(|| made).constrain(schema).map(Some);
        }
        self.grammars.get().map(|held| held.constrain(schema)).transpose()
    }

    fn run(
        &mut self,
        prompt: &[u32],
        slot: usize,
        answer: &mut Answer,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, Error> {
        let mut scores = Vec::new();
        for chunk in prompt.chunks(PROMPT_CHUNK) {
            if on_text("").is_break() {
                return Ok(Finish::Cancelled);
            }
            scores = self.forward(chunk, slot);
        }
        let mut next = answer.forced();
        loop {
            // What the schema forces at the start needs no choice; later it follows a chosen token.
            if next.is_empty() {
                match answer.choose(&mut scores, &self.tokens)? {
                    Some(chosen) => next = chosen,
                    None => return Ok(answer.end(Finish::Stop, on_text)),
                }
            }
            next.truncate(answer.room - answer.output);
            if answer.say(&next, &self.tokens, on_text).is_break() {
                return Ok(Finish::Cancelled);
            }
            if answer.stream.stopped() || answer.complete() {
                return Ok(answer.end(Finish::Stop, on_text));
            }
            if answer.output >= answer.room {
                return Ok(answer.end(Finish::Length, on_text));
            }
            scores = self.forward(&next, slot);
            next.clear();
        }
    }

    fn forward(&mut self, tokens: &[u32], slot: usize) -> Vec<f32> {
        let (llama, threads) = (&self.llama, &self.threads);
        let cache = self.slots.get(slot);
        threads.run(|| llama.forward(tokens, cache, threads))
    }
}

/// An answer while it grows.
struct Answer {
    stream: Stream,
    sampler: Sampler,
    constraint: Option<Constraint>,
    room: usize,
    output: usize,
    forced: usize,
    first_token_ms: u64,
    started: Instant,
}

impl Answer {
    fn forced(&mut self) -> Vec<u32> {
        let forced = self.constraint.as_mut().map(Constraint::forced).unwrap_or_default();
        self.forced += forced.len();
        forced
    }

    /// The chosen token and what it forces; `None` when the answer ends here.
    fn choose(&mut self, scores: &mut [f32], tokens: &TokenCounter) -> Result<Option<Vec<u32>>, Error> {
        let allowed = match &mut self.constraint {
            Some(constraint) => Some(constraint.allowed()?),
            None => None,
        };
        let chosen = self.sampler.choose(scores, allowed.as_ref(), tokens.pieces());
        let Some(token) = chosen.filter(|token| !tokens.ends().contains(token)) else {
            return Ok(None);
        };
        if let Some(constraint) = &mut self.constraint {
            constraint.accept(token)?;
        }
        let mut next = vec![token];
        next.extend(self.forced());
        Ok(Some(next))
    }

    fn say(
        &mut self,
        next: &[u32],
        tokens: &TokenCounter,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.output == 0 {
            self.first_token_ms = milliseconds(self.started);
        }
        self.output += next.len();
        for token in next {
            self.sampler.note(*token);
            if let Some(Piece::Bytes(bytes)) = tokens.pieces().get(*token as usize) {
                self.stream.push(bytes);
            }
        }
        on_text(self.stream.ready())
    }

    fn complete(&self) -> bool {
        self.constraint.as_ref().is_some_and(Constraint::complete)
    }

    /// Lets out what was held back for a stop text that did not come.
    fn end(&mut self, finish: Finish, on_text: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Finish {
        let rest = self.stream.rest();
        if !rest.is_empty() {
            // The answer is over: a wish to stop it changes nothing any more.
            let _ = on_text(rest);
        }
        finish
    }
}

fn check(request: &Generate) -> Result<(), Error> {
    let wrong = |reason: &str| Err(Error::Request { reason: reason.to_owned() });
    if request.messages.is_empty() {
        return wrong("it has no messages");
    }
    if request.max_tokens == 0 {
        return wrong("max_tokens is 0");
    }
    if request.stop.iter().any(String::is_empty) {
        return wrong("a stop text is empty");
    }
    Ok(())
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_moves_to_its_thread_and_its_counter_is_shared() {
        fn moves<T: Send>() {}
        fn shared<T: Send + Sync>() {}
        moves::<ChatModel>();
        moves::<crate::Embedder>();
        shared::<TokenCounter>();
    }
}
