//! `atelier say …`, and texts that come from stdin.

use std::io::Read;

use atelier_domain::event::message::Priority;
use atelier_runtime::{Exit, Failure, Request};
use clap::{Args, ValueEnum};

use super::Context;
use crate::args::InProject;
use crate::codes;
use crate::text::field;

/// More than this is no idea and no feedback; the product's own limits are lower.
const MAX_STDIN: u64 = 8 << 20;

#[derive(Debug, Args)]
pub(crate) struct SayArgs {
    #[command(flatten)]
    project: InProject,
    /// The agent it is for; all agents when left out
    #[arg(long, value_name = "AGENT")]
    to: Option<String>,
    /// The run it is for; the open and the next one when left out
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// The step of that run it is for, by its path
    #[arg(long, value_name = "STEP", requires = "run")]
    step: Option<String>,
    /// How urgent it is; urgent is read first
    #[arg(long, value_enum, default_value_t = Urgency::Normal)]
    priority: Urgency,
    /// What is said; `-` reads it from stdin
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Urgency {
    Low,
    Normal,
    High,
    Urgent,
}

impl SayArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let request = Request::Say {
            project: self.project.project.clone(),
            to: self.to.clone(),
            run: self.run.clone(),
            step: self.step.clone(),
            priority: self.priority.into(),
            text: given(&self.text)?,
        };
        context
            .show(request, |said| {
                format!("{}  said; it is in the next call of those it concerns", field(said, "id"))
            })
            .await
    }
}

impl From<Urgency> for Priority {
    fn from(urgency: Urgency) -> Self {
        match urgency {
            Urgency::Low => Priority::Low,
            Urgency::Normal => Priority::Normal,
            Urgency::High => Priority::High,
            Urgency::Urgent => Priority::Urgent,
        }
    }
}

/// A text as it was given, or for `-` what stands on stdin.
pub(super) fn given(text: &str) -> Result<String, Failure> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_STDIN + 1).read_to_end(&mut bytes);
    let n = read.map_err(|error| {
        Failure::failed(
            codes::STDIN_UNREADABLE,
            format!("the standard input cannot be read: {error}"),
            "look at where it comes from",
        )
    })?;
    if n as u64 > MAX_STDIN {
        let message = format!("the text on the standard input is longer than {MAX_STDIN} bytes");
        return Err(Failure::usage(codes::TEXT_TOO_LONG, message, "give a shorter one"));
    }
    String::from_utf8(bytes).map(|text| text.trim_end_matches(['\n', '\r']).to_owned()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("the text on the standard input is not UTF-8: byte {at} is wrong");
        Failure::usage(codes::NOT_UTF8, message, "save it as UTF-8")
    })
}
