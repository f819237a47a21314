//! Who a text speaks of: the names of a project found in what is typed and written.
//!
//! Owns: a book of names that grows and shrinks by single names, the scan of a text, a text that is scanned again only
//! where it was touched, homonyms, names that nobody knows yet. Does not own: where names come from and what is done
//! with what was found. Nothing here acts: no clock, no input or output, no tasks.
//!
//! A text is read word by word; names are paths of words in a tree whose edges lie in one hash table, so that adding a
//! name costs the same however many there are, and a scan costs the same however many there are.
//!
//! **Invariant**: places are counted in Unicode scalar values of the text as given, and a mention is the name without
//! its inflection.
//! **Invariant**: a book changed bit by bit finds what a book made at once finds; a text edited bit by bit shows what a
//! fresh scan of it shows.

mod book;
mod common;
mod description;
mod fold;
mod inflection;
mod resolve;
mod scan;
mod sheet;
mod unknown;
mod words;

pub use book::{Book, Case, Entity, EntityId, Name, Sort};
pub use common::is_common;
pub use description::descriptions;
pub use resolve::{Mention, Way};
pub use sheet::Sheet;
pub use unknown::Unknown;

/// What two ways of writing a name have in common: the key under which names are equal. Empty where a text has no word.
pub fn key(name: &str) -> String {
    let mut key = String::new();
    let mut folded = String::new();
    for (i, word) in words::Words::new(name).enumerate() {
        if i > 0 {
            key.push(' ');
        }
        fold::fold(&name[word.start..word.end], &mut folded);
        key.push_str(&folded);
    }
    key
}
