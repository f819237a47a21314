//! Whether a rule can be asked at all: said when it is added, so that no rule stands there and checks nothing.

use regex::RegexBuilder;

use super::{Kind, Need};
use crate::calendar::Calendar;
use crate::numbers::cardinal;
use crate::world::Rule;

/// Why a rule cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Something it needs is not there.
    #[error("a rule of kind `{kind}` needs {what}")]
    Missing {
        /// The kind.
        kind: &'static str,
        /// A bucket, a field, a value, or an argument by name.
        what: String,
    },
    /// It was given something it has no use for.
    #[error("a rule of kind `{kind}` takes no argument `{arg}`")]
    Unknown {
        /// The kind.
        kind: &'static str,
        /// The argument.
        arg: String,
    },
    /// A value that says nothing to this kind.
    #[error("`{value}` is no {what}")]
    Unreadable {
        /// What was given.
        value: String,
        /// What it should have been.
        what: &'static str,
    },
}

impl Rule {
    /// Whether it can be asked.
    pub fn validate(&self, calendar: &Calendar) -> Result<(), Unfit> {
        let info = self.kind.info();
        let missing = |what: &str| Err(Unfit::Missing { kind: info.name, what: what.to_owned() });
        if info.bucket == Need::Must && self.bucket.is_none() {
            return missing("a bucket");
        }
        if info.field == Need::Must && self.field.is_none() {
            return missing("a field");
        }
        if info.value == Need::Must && self.value.is_none() {
            return missing("a value");
        }
        if let Some((name, _)) =
            info.args.iter().find(|(name, need)| *need == Need::Must && !self.args.contains_key(*name))
        {
            return missing(&format!("the argument `{name}`"));
        }
        if let Some(arg) = self.args.keys().find(|arg| info.args.iter().all(|(name, _)| name != arg)) {
            return Err(Unfit::Unknown { kind: info.name, arg: arg.clone() });
        }
        self.readable(calendar)
    }

    fn readable(&self, calendar: &Calendar) -> Result<(), Unfit> {
        let value = self.value.clone().unwrap_or_default();
        let arg = |name: &str| self.args.get(name).cloned().unwrap_or_default();
        let (value, what, fits) = match self.kind {
            Kind::Tense => {
                (value.clone(), "tense: past or present", matches!(value.as_str(), "past" | "present"))
            }
            Kind::PointOfView => {
                let fits = matches!(value.as_str(), "first" | "third-limited" | "omniscient");
                (value, "point of view: first, third-limited or omniscient", fits)
            }
            Kind::WorldRule => {
                let pattern = arg("forbid");
                let fits =
                    RegexBuilder::new(&pattern).case_insensitive(true).size_limit(1 << 20).build().is_ok();
                (pattern, "regular expression, or too large a one", fits)
            }
            Kind::TravelTime | Kind::Duration if self.args.contains_key("days") => {
                let fits = super::travel::milli_days(&arg("days")).is_some();
                (arg("days"), "number of days", fits)
            }
            Kind::Duration => {
                let fits = self.args.contains_key("from") && self.args.contains_key("to");
                (arg("from"), "duration: give days, or both from and to", fits)
            }
            Kind::Ability if self.args.contains_key("has") => {
                (arg("has"), "answer: yes or no", matches!(arg("has").as_str(), "yes" | "no"))
            }
            Kind::Quantity if self.field.is_none() => {
                let lower = value.to_lowercase();
                let words: Vec<&str> = lower.split_whitespace().collect();
                let fits = cardinal(&words).is_some_and(|(_, taken)| taken < words.len());
                (value, "number and noun, such as seven gates", fits)
            }
            Kind::Date if self.value.is_some() => (value.clone(), "date", calendar.parse(&value).is_ok()),
            _ => return Ok(()),
        };
        if fits { Ok(()) } else { Err(Unfit::Unreadable { value, what }) }
    }
}

#[cfg(test)]
mod tests {
    use atelier_domain::BucketId;
    use uuid::Uuid;

    use super::super::Kind;
    use crate::calendar::Calendar;
    use crate::world::{Rule, Severity};

    fn said(kind: &str, bucket: bool, value: &str, args: &[(&str, &str)]) -> String {
        let rule = Rule {
            kind: Kind::of(kind).unwrap(),
            bucket: bucket.then(|| BucketId::from_uuid(Uuid::from_u128(1))),
            field: None,
            value: (!value.is_empty()).then(|| value.to_owned()),
            args: args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            scope: (None, None),
            severity: Severity::Normal,
            text: String::new(),
        };
        rule.validate(&Calendar::default()).err().map(|unfit| unfit.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_rule_that_could_check_nothing_is_refused_in_words() {
        assert_eq!(
            said("world-rule", false, "", &[("forbid", "(")]),
            "`(` is no regular expression, or too large a one"
        );
        assert_eq!(
            said("world-rule", false, "", &[]),
            "a rule of kind `world-rule` needs the argument `forbid`"
        );
        assert_eq!(said("custody", false, "", &[]), "a rule of kind `custody` needs a bucket");
        assert_eq!(said("tense", false, "future", &[]), "`future` is no tense: past or present");
        assert_eq!(
            said("quantity", true, "gates", &[]),
            "`gates` is no number and noun, such as seven gates"
        );
        assert_eq!(said("duration", true, "", &[("days", "-1")]), "`-1` is no number of days");
        assert_eq!(said("duration", true, "", &[]), "`` is no duration: give days, or both from and to");
        assert_eq!(
            said("alive", false, "", &[("speed", "9")]),
            "a rule of kind `alive` takes no argument `speed`"
        );
        assert_eq!(said("date", true, "soon", &[]), "`soon` is no date");
    }

    #[test]
    fn a_rule_that_can_be_asked_is_taken() {
        for (kind, bucket, value, args) in [
            ("tense", false, "past", &[][..]),
            ("quantity", true, "seven gates", &[]),
            ("duration", true, "", &[("days", "0.5")]),
            ("ability", true, "swim", &[("has", "no")]),
            ("world-rule", false, "", &[("forbid", r"\bguns?\b")]),
            ("alive", false, "", &[]),
        ] {
            assert_eq!(said(kind, bucket, value, args), "", "{kind}");
        }
    }
}
