//! The kinds of rules that code decides: one file each, and one line in the table.
//!
//! Owns: what each kind needs and how it is decided over sentences that were read. Does not own: when it is asked (`check`).

mod ability;
mod age;
mod alive;
mod attribute;
mod custody;
mod date;
mod duration;
mod knowledge;
mod name;
mod one_place;
mod phrase;
mod point_of_view;
mod promise;
mod quantity;
mod relationship;
mod tense;
mod travel;
mod validate;
mod words;
mod world_rule;

pub use validate::Unfit;

use serde::Serialize;

use crate::check::Ctx;

/// A kind of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    ConstantAttribute,
    Alive,
    OnePlace,
    Custody,
    Age,
    Date,
    Duration,
    TravelTime,
    Ability,
    WorldRule,
    Quantity,
    BannedWords,
    Spelling,
    Name,
    Tense,
    PointOfView,
    Promise,
    Relationship,
    Knowledge,
}

/// What a kind is decided from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// One text after the other.
    Text,
    /// The story as a whole.
    Story,
    /// First the one, then the other.
    Both,
}

/// Whether an argument has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Need {
    No,
    May,
    Must,
}

/// A kind with what it takes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Info {
    /// Its name.
    pub name: &'static str,
    /// A bucket.
    pub bucket: Need,
    /// A field of it.
    pub field: Need,
    /// A value.
    pub value: Need,
    /// Named arguments.
    pub args: &'static [(&'static str, Need)],
    /// What it forbids, in words.
    pub about: &'static str,
    #[serde(skip)]
    pub(crate) kind: Kind,
    #[serde(skip)]
    pub(crate) reads: Reads,
    #[serde(skip)]
    pub(crate) check: fn(&Ctx<'_>),
}

use Need::{May, Must, No};

macro_rules! kinds {
    ($($kind:ident $name:literal $reads:ident $bucket:ident $field:ident $value:ident $args:expr, $check:path, $about:literal;)*) => {
        /// Every kind, in the order of the contract.
        pub const KINDS: &[Info] = &[$(Info {
            name: $name, bucket: $bucket, field: $field, value: $value, args: $args, about: $about,
            kind: Kind::$kind, reads: Reads::$reads, check: $check,
        }),*];

        pub(crate) fn table(kind: Kind) -> &'static Info {
            match kind { $(Kind::$kind => &KINDS[Kind::$kind as usize],)* }
        }
    };
}

kinds! {
    ConstantAttribute "constant-attribute" Text Must Must May &[], attribute::check, "a text that gives it another value";
    Alive "alive" Text May No No &[], alive::check, "the dead or absent doing something";
    OnePlace "one-place" Story May No No &[], one_place::check, "a person in two places at once";
    Custody "custody" Text Must No No &[], custody::check, "somebody handling what another one has";
    Age "age" Text Must No No &[], age::check, "an age that is not the one from birth to the scene";
    Date "date" Text May No May &[], date::check, "a date or a span that the calendar contradicts";
    Duration "duration" Text Must No No &[("days", May), ("from", May), ("to", May)], duration::check, "another length of time";
    TravelTime "travel-time" Both No No No &[("from", Must), ("to", Must), ("days", Must)], travel::check, "a journey faster than it can be";
    Ability "ability" Text Must No Must &[("has", May)], ability::check, "doing what one cannot, or failing at what one can";
    WorldRule "world-rule" Text May No No &[("forbid", Must)], world_rule::check, "what this world does not have";
    Quantity "quantity" Text Must May May &[], quantity::check, "another number of them";
    BannedWords "banned-words" Text No No Must &[], words::banned, "a word that is not to be used";
    Spelling "spelling" Text No No Must &[("not", Must)], words::spelling, "a spelling that is not the agreed one";
    Name "name" Text Must No No &[], name::check, "a wrong or misspelled name";
    Tense "tense" Text No No Must &[], tense::check, "narration in another tense";
    PointOfView "point-of-view" Text No No Must &[], point_of_view::check, "narration from another mind";
    Promise "promise" Story Must No No &[], promise::check, "a promise paid twice, too soon or never";
    Relationship "relationship" Text Must Must No &[], relationship::check, "another relation between the two";
    Knowledge "knowledge" Text No No No &[("fact", Must)], knowledge::check, "somebody using what they cannot know";
}

impl Kind {
    /// By its name.
    pub fn of(name: &str) -> Option<Self> {
        KINDS.iter().find(|info| info.name == name).map(|info| info.kind)
    }

    /// Its name and what it takes.
    pub fn info(self) -> &'static Info {
        table(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Kind};

    #[test]
    fn the_table_has_every_kind_in_its_place() {
        for (at, info) in KINDS.iter().enumerate() {
            assert_eq!(info.kind as usize, at, "{}", info.name);
            assert_eq!(Kind::of(info.name), Some(info.kind));
        }
        assert_eq!(KINDS.len(), 19);
    }
}
