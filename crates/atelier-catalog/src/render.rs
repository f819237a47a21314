//! From templates to the texts that are really sent and shown.
//!
//! Owns: the environment prompts are filled in. Does not own: what they are filled with. Templates are compiled for
//! each use: some tens of microseconds beside a model call.
//!
//! **Invariant**: a variable that nobody fills is an error, never an empty place in a prompt.

use atelier_engine::definition::Call;
use minijinja::Environment;
use serde_json::Value;

use crate::template;

/// The texts of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The system message.
    pub system: String,
    /// The task.
    pub prompt: String,
}

/// Why a template gave no text.
#[derive(Debug, thiserror::Error)]
#[error("cannot fill the template of {what}, line {line}: {why}")]
pub struct RenderError {
    what: String,
    line: u32,
    why: String,
}

/// Fills templates.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { environment: template::prompts() }
    }
}

impl Renderer {
    /// A renderer; making one is cheap.
    pub fn new() -> Self {
        Self::default()
    }

    /// The texts of a call.
    ///
    /// # Errors
    /// Where a template does not compile or asks for what `vars` does not hold.
    pub fn call(&self, call: &Call, vars: &Value) -> Result<Rendered, RenderError> {
        let of = |part: &str| format!("call `{}`, {part}", call.id);
        Ok(Rendered {
            system: self.text(&call.system, vars, of("system"))?,
            prompt: self.text(&call.prompt, vars, of("prompt"))?,
        })
    }

    /// A document for people.
    ///
    /// # Errors
    /// Where the template does not compile or asks for what `vars` does not hold.
    pub fn document(&self, template: &str, vars: &Value) -> Result<String, RenderError> {
        self.text(template, vars, "the document".to_owned())
    }

    fn text(&self, source: &str, vars: &Value, what: String) -> Result<String, RenderError> {
        let rendered = self.environment.render_str(source, minijinja::value::Serde(vars));
        rendered.map(|text| text.trim().to_owned()).map_err(|error| {
            let template::Fault { line, what: why } = template::fault(&error);
            RenderError { what, line, why }
        })
    }
}
