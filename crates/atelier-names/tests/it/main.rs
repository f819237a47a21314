//! The book from outside: what it finds in a text.

mod bad_input;
mod cases;
mod homonyms;
mod laws;
mod unknown;

use atelier_names::{Book, Entity, EntityId, Name, Sort};

/// Persons numbered from 1, each with the names between the bars.
pub(crate) fn people(names: &[&str]) -> Book {
    let entity = |names: &&str| Entity {
        sort: Sort::Person,
        names: names.split('|').map(Name::from).collect(),
        ..Entity::default()
    };
    Book::of((1..).map(EntityId).zip(names.iter().map(entity)))
}

/// What is found, as `number:text@start`.
pub(crate) fn found(book: &Book, text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    book.scan(text)
        .into_iter()
        .map(|mention| {
            let who: Vec<String> = mention.entities.iter().map(|id| id.0.to_string()).collect();
            let seen: String = chars[mention.start..mention.end].iter().collect();
            assert_eq!(seen, text[mention.bytes.clone()]);
            format!("{}:{seen}@{}", who.join("|"), mention.start)
        })
        .collect()
}
