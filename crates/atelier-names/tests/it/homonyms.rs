//! Names that several have, and descriptions.

use atelier_names::{Book, Entity, EntityId, Name, Sort, Way};

use crate::found;

fn entity(sort: Sort, names: &[&str], near: &[u128]) -> Entity {
    Entity {
        sort,
        names: names.iter().map(|name| Name::from(*name)).collect(),
        near: near.iter().copied().map(EntityId).collect(),
        ..Entity::default()
    }
}

fn book(entities: &[Entity]) -> Book {
    Book::of((1..).map(EntityId).zip(entities.iter().cloned()))
}

#[test]
fn another_name_nearby_says_who_is_meant() {
    use Sort::Person;
    let book =
        book(&[entity(Person, &["Mara Quell", "Capt"], &[]), entity(Person, &["Ilse Vann", "Capt"], &[])]);
    assert_eq!(found(&book, "Ilse Vann bowed. Capt spoke."), ["2:Ilse Vann@0", "2:Capt@17"]);
    assert_eq!(found(&book, "Capt spoke to nobody."), ["1|2:Capt@0"]);
    assert_eq!(
        found(&book, "Mara Quell and Ilse Vann met. Capt spoke."),
        ["1:Mara Quell@0", "2:Ilse Vann@15", "1|2:Capt@30"]
    );
}

#[test]
fn those_they_have_to_do_with_say_who_is_meant() {
    use Sort::{Person, Place};
    let book = book(&[
        entity(Person, &["Georgia"], &[3]),
        entity(Place, &["Georgia"], &[4]),
        entity(Person, &["Odo"], &[1]),
        entity(Place, &["Tiflis"], &[2]),
    ]);
    assert_eq!(found(&book, "Odo loved Georgia."), ["3:Odo@0", "1:Georgia@10"]);
    assert_eq!(found(&book, "Tiflis is cold; Georgia, too."), ["4:Tiflis@0", "2:Georgia@16"]);
}

#[test]
fn the_sentence_tells_a_person_from_a_place() {
    let book = book(&[entity(Sort::Person, &["Florence"], &[]), entity(Sort::Place, &["Florence"], &[])]);
    assert_eq!(found(&book, "He wintered in Florence."), ["2:Florence@15"]);
    assert_eq!(found(&book, "“No,” said Florence."), ["1:Florence@11"]);
    assert_eq!(found(&book, "Florence."), ["1|2:Florence@0"]);
}

#[test]
fn a_description_is_found_with_its_article_and_outranked_by_a_name() {
    let mut captain = entity(Sort::Person, &["Mara"], &[]);
    captain.descriptions = vec!["captain".into()];
    let mut other = captain.clone();
    other.names = vec![Name::from("Ilse")];
    let book = book(&[captain, other, entity(Sort::Thing, &["The Captain"], &[])]);
    let text = "Ilse nodded. A captain saw the captain’s hat.";
    assert_eq!(found(&book, text), ["2:Ilse@0", "2:the captain@27"]);
    assert_eq!(book.scan(text)[1].way, Way::Description);
    assert_eq!(found(&book, "Ilse read The Captain."), ["2:Ilse@0", "3:The Captain@10"]);
}
