//! What is too long, too much, or no name at all.

use atelier_names::{Book, Entity, EntityId, Name, Sheet};

use crate::{found, people};

#[test]
fn what_has_no_word_is_no_name_and_harms_nothing() {
    let book = people(&["", " ", "…", "—|’|\u{301}", "\u{200d}", "Mara", "🜁", "\n"]);
    assert_eq!(found(&book, "… — ’ 🜁 Mara’s 🜁"), ["6:Mara@8"]);
    assert!(found(&book, "\u{200d}\u{feff}").is_empty());
}

#[test]
fn a_chapter_is_nobodys_name_and_a_text_may_be_as_long_as_a_book() {
    let long = "Mara ".repeat(5_000);
    let book = people(&[&long, "Mara"]);
    assert_eq!(book.scan(&long).len(), 5_000);
    let text = "The river ran past Mara’s door.\n".repeat(17_000);
    assert!(text.split_whitespace().count() > 100_000);
    let sheet = Sheet::new(&book, &text);
    assert_eq!(sheet.mentions(&book).len(), 17_000);
}

#[test]
fn ten_thousand_entities_share_a_name() {
    let entity = Entity { names: vec![Name::from("Mara")], ..Entity::default() };
    let mut book = Book::of((0..10_000).map(|n| (EntityId(n), entity.clone())));
    assert_eq!(book.scan("Mara")[0].entities.len(), 10_000);
    (1..10_000).for_each(|n| book.remove(&EntityId(n)));
    assert_eq!(found(&book, "Mara"), ["0:Mara@0"]);
}

#[test]
fn a_place_beyond_the_end_is_the_end() {
    let book = people(&["Mara"]);
    let mut sheet = Sheet::default();
    sheet.edit(&book, 70..90, "Ma");
    sheet.edit(&book, std::ops::Range { start: 50, end: 7 }, "ra");
    assert_eq!(sheet.text(), "Mara");
    assert_eq!(sheet.mentions(&book).len(), 1);
}
