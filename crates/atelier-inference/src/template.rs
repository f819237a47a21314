//! The chat template that a model's file carries.

use crate::chat::Message;
use crate::error::Error;
use crate::gguf::Gguf;
use crate::tokenizer::TokenCounter;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, from_args};
use minijinja::{Environment, ErrorKind, State, context};

const NAME: &str = "chat";

pub(crate) struct Template {
    environment: Environment<'static>,
    begin: String,
    end: String,
}

impl Template {
    pub(crate) fn read(file: &Gguf, tokens: &TokenCounter) -> Result<Self, Error> {
        let source = file
            .text("tokenizer.chat_template")
            .ok_or_else(|| file.bad("it has no chat template, so it is not a chat model"))?;
        // As the library that the templates are written for has it.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(|error| file.bad(error))?;
        let mut environment = Environment::new();
        environment.set_syntax(syntax);
        environment.add_function("raise_exception", |reason: String| -> Result<String, _> {
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, reason))
        });
        environment.set_unknown_method_callback(python_method);
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| file.bad(format!("its chat template: {error}")))?;
        let name = |key: &str| {
            let id = file.number(key).and_then(|id| u32::try_from(id).ok());
            id.map_or("", |id| tokens.name(id)).to_owned()
        };
        Ok(Self {
            environment,
            begin: name("tokenizer.ggml.bos_token_id"),
            end: name("tokenizer.ggml.eos_token_id"),
        })
    }

    /// The prompt up to where the assistant's answer begins.
    pub(crate) fn render(&self, messages: &[Message], tokens: &TokenCounter) -> Result<String, Error> {
        let messages: Vec<Value> = messages
            .iter()
            .map(|message| {
                let content = tokens.disarm(&message.content);
                context! { role => message.role.clone(), content => content }
            })
            .collect();
        let values = context! {
            messages => messages,
            add_generation_prompt => true,
            bos_token => self.begin.clone(),
            eos_token => self.end.clone(),
        };
        self.environment.get_template(NAME).and_then(|template| template.render(values)).map_err(|error| {
            Error::Template { reason: error.detail().map_or_else(|| error.to_string(), str::to_owned) }
        })
    }
}

/// The methods of Python's strings that templates use.
fn python_method(
    _: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, minijinja::Error> {
    let unknown = || minijinja::Error::from(ErrorKind::UnknownMethod);
    let text = value.as_str().ok_or_else(unknown)?;
    Ok(match method {
        "strip" => Value::from(text.trim()),
        "lstrip" => Value::from(text.trim_start()),
        "rstrip" => Value::from(text.trim_end()),
        "upper" => Value::from(text.to_uppercase()),
        "lower" => Value::from(text.to_lowercase()),
        "startswith" => Value::from(text.starts_with(from_args::<(&str,)>(args)?.0)),
        "endswith" => Value::from(text.ends_with(from_args::<(&str,)>(args)?.0)),
        "split" => text.split(from_args::<(&str,)>(args)?.0).map(Value::from).collect(),
        _ => return Err(unknown()),
    })
}
