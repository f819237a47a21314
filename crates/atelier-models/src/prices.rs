//! What hosted models cost. The figures are data with a date (`data/prices.json`); what the caller sets outranks them.
//!
//! Invariant: a model without a known price and every local model cost 0; nothing is guessed.

use crate::chat::Usage;
use crate::error::ConfigError;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub struct Prices {
    as_of: String,
    models: BTreeMap<String, Price>,
}

/// In millionths of a US dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub input: u64,
    pub output: u64,
    /// For input that the server had already; without it they cost as any other.
    #[serde(default)]
    pub cached_input: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: String,
    #[serde(rename = "unit")]
    _unit: String,
    models: BTreeMap<String, Price>,
}

impl Prices {
    /// The figures that come with the program.
    pub fn built_in() -> Result<Self, ConfigError> {
        Self::parse(include_str!("../data/prices.json"))
    }

    pub fn parse(json: &str) -> Result<Self, ConfigError> {
        let file: File = serde_json::from_str(json).map_err(|error| {
            ConfigError::new(format!("the prices cannot be read: {error}"), "write them as in prices.json")
        })?;
        Ok(Self { as_of: file.as_of, models: file.models })
    }

    pub fn set(&mut self, model: &str, price: Price) {
        self.models.insert(model.to_owned(), price);
    }

    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// By its name, without the vendor before a slash, and without the date behind it.
    pub fn of(&self, model: &str) -> Option<Price> {
        let bare = model.rsplit('/').next().unwrap_or(model);
        let found = [model, bare, without_date(bare)].iter().find_map(|name| self.models.get(*name));
        found.copied()
    }
}

impl Price {
    /// Rounded up to a whole millionth.
    pub fn cost_micros(&self, usage: &Usage) -> u64 {
        let cached = usage.cached_input_tokens.min(usage.input_tokens);
        let parts = [
            (usage.input_tokens - cached, self.input),
            (cached, self.cached_input.unwrap_or(self.input)),
            (usage.output_tokens, self.output),
        ];
        let total: u128 = parts.iter().map(|(tokens, price)| u128::from(*tokens) * u128::from(*price)).sum();
        u64::try_from(total.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// `gpt-4o-2024-08-06` is `gpt-4o`.
fn without_date(name: &str) -> &str {
    let parts: Vec<&str> = name.rsplitn(4, '-').collect();
    match parts.as_slice() {
        [day, month, year, base]
            if [day, month, year]
                .iter()
                .zip([2, 2, 4])
                .all(|(part, n)| part.len() == n && part.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            base
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input_tokens: u64, output_tokens: u64, cached_input_tokens: u64) -> Usage {
        Usage { input_tokens, output_tokens, cached_input_tokens, estimated: false }
    }

    #[test]
    fn the_built_in_prices_are_dated_and_found_by_any_usual_name() {
        let prices = Prices::built_in().unwrap();
        assert_eq!(prices.as_of().len(), 10);
        let expected = prices.of("gpt-4o-mini");
        assert!(expected.is_some());
        assert_eq!(prices.of("openai/gpt-4o-mini"), expected);
        assert_eq!(prices.of("gpt-4o-mini-2024-07-18"), expected);
        assert_eq!(prices.of("gpt-4o-miniature"), None);
    }

    #[test]
    fn costs_are_exact_and_rounded_up_and_what_the_caller_sets_counts() {
        let mut prices = Prices::default();
        assert_eq!(prices.of("m"), None);
        prices.set("m", Price { input: 150_000, output: 600_000, cached_input: Some(0) });
        let cost = |usage| prices.of("m").unwrap().cost_micros(&usage);
        assert_eq!(cost(usage(1_000_000, 1_000_000, 0)), 750_000);
        assert_eq!(cost(usage(1, 0, 0)), 1);
        assert_eq!(cost(usage(100, 0, 100)), 0);
        assert_eq!(cost(usage(1, 0, 9)), 0);
    }

    #[test]
    fn broken_prices_are_refused() {
        assert!(Prices::parse(r#"{"as_of":"x","unit":"u","models":{"m":{"input":-1,"output":0}}}"#).is_err());
    }
}
