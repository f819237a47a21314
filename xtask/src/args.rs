//! Command line words, taken one after the other; what nobody takes is an error.

use std::collections::VecDeque;

use anyhow::{Result, bail};

/// The words that are still to be taken.
pub(crate) struct Args {
    words: VecDeque<String>,
    rest: Vec<String>,
}

impl Args {
    /// Splits the words at `--`; what follows it is for somebody else.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        let mut words = words.into_iter();
        let own = words.by_ref().take_while(|word| word != "--").collect();
        Self { words: own, rest: words.collect() }
    }

    /// Takes the next word.
    pub(crate) fn word(&mut self) -> Option<String> {
        self.words.pop_front()
    }

    /// Takes a flag such as `--fast`, wherever it stands.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let found = self.words.iter().position(|word| word == name);
        if let Some(at) = found {
            self.words.remove(at);
        }
        found.is_some()
    }

    /// Takes an option such as `--idea TEXT` or `--idea=TEXT`, wherever it stands.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        let Some(at) = self.words.iter().position(|word| word == name || word.starts_with(&joined)) else {
            return Ok(None);
        };
        let Some(word) = self.words.remove(at) else { return Ok(None) };
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        match self.words.remove(at) {
            Some(value) => Ok(Some(value)),
            None => bail!("{name} needs a value"),
        }
    }

    /// Takes what stood behind `--`.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.rest)
    }

    /// Refuses what nobody took.
    pub(crate) fn done(mut self) -> Result<()> {
        match self.words.pop_front().or_else(|| self.rest.pop()) {
            Some(word) => bail!("`{word}` is not understood here; `cargo xtask help` lists what is"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn options_are_found_wherever_they_stand() {
        let mut args = args("run --dev --idea=salt -- --model x");
        assert_eq!(args.word().as_deref(), Some("run"));
        assert_eq!(args.option("--idea").unwrap().as_deref(), Some("salt"));
        assert!(args.flag("--dev"));
        assert_eq!(args.rest(), ["--model", "x"]);
        assert!(args.done().is_ok());
    }

    #[test]
    fn what_nobody_takes_is_refused() {
        assert!(args("--fsat").done().is_err());
        assert!(args("-- more").done().is_err());
        assert!(args("--idea").option("--idea").is_err());
    }
}
