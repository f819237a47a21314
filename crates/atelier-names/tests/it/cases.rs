//! One line each: names, a text, what is found in it.

use atelier_names::{Book, Case, Entity, EntityId, Name};

use crate::{found, people};

#[track_caller]
fn check(names: &[&str], text: &str, expected: &[&str]) {
    assert_eq!(found(&people(names), text), expected, "{names:?} in {text:?}");
}

#[test]
fn a_name_is_found_between_borders_and_nowhere_else() {
    check(
        &["Mara"],
        "Mara sat. Then Mara, (Mara) “Mara” _Mara_ Mara",
        &["1:Mara@0", "1:Mara@15", "1:Mara@22", "1:Mara@29", "1:Mara@36", "1:Mara@42"],
    );
    check(&["Mara"], "Marathon, Samara, Mara2, Mára, Mara\u{301}", &[]);
    check(&["Sal"], "Salome sold salt to SAL.", &["1:SAL@20"]);
    check(&["Mara"], "", &[]);
    check(&[], "Mara", &[]);
}

#[test]
fn the_ending_of_a_name_is_not_part_of_it() {
    check(
        &["Mara"],
        "Mara's, Mara’s, Maras Boot, the Maras",
        &["1:Mara@0", "1:Mara@8", "1:Mara@16", "1:Mara@32"],
    );
    check(&["Jones"], "Jones' and the Joneses", &["1:Jones@0", "1:Jones@15"]);
    check(&["Mara Quell"], "the Mara Quells’ boat", &["1:Mara Quell@4"]);
    check(&["Zoë"], "Zoës Boot", &["1:Zoë@0"]);
    // What has a name of its own needs no ending taken off.
    check(&["Mar", "Mars"], "Mars and Mar", &["2:Mars@0", "1:Mar@9"]);
    check(&["Bos"], "the boss", &[]);
}

#[test]
fn the_longest_name_wins_and_a_shorter_one_where_it_breaks_off() {
    let names = ["Mara", "Mara Quell", "Mara Quell of the Fen", "Quell"];
    check(&names, "Mara Quell of the Fen", &["3:Mara Quell of the Fen@0"]);
    check(&names, "Mara Quell of the sea", &["2:Mara Quell@0"]);
    check(&names, "Mara, Quell", &["1:Mara@0", "4:Quell@6"]);
    check(&names, "Mara Quells", &["2:Mara Quell@0"]);
    check(&["Quell", "Quells Bay"], "Quells Bay. Quells went", &["2:Quells Bay@0", "1:Quell@12"]);
}

#[test]
fn a_name_may_be_broken_over_a_line_and_not_over_a_paragraph() {
    check(&["Mara Quell"], "Mara\nQuell. Mara\n  Quell", &["1:Mara\nQuell@0", "1:Mara\n  Quell@12"]);
    check(&["Mara Quell"], "Mara\n\nQuell. Mara.\nQuell. Mara. Quell", &[]);
}

#[test]
fn a_word_of_the_language_is_a_name_only_with_its_capital() {
    check(&["Hope"], "She gave up hope. Then Hope came.", &["1:Hope@23"]);
    check(&["Will"], "Will you come? He will. So Will came. Will sat.", &["1:Will@27", "1:Will@38"]);
    check(&["Rose"], "Roses are red. I saw Rose’s hat; she rose.", &["1:Rose@21"]);
    check(
        &["The Gilded Crane"],
        "the Gilded Crane, a Gilded Crane, a gilded crane",
        &["1:the Gilded Crane@0", "1:Gilded Crane@20"],
    );
    // What is no word of the language is found as it is typed.
    check(&["Ødger"], "ødger and ØDGER", &["1:ødger@0", "1:ØDGER@10"]);
    // An alias that is written small is found small.
    check(&["the ferrywoman"], "The ferrywoman saw a ferrywoman.", &["1:The ferrywoman@0"]);
}

#[test]
fn a_person_may_say_how_a_name_must_be_written() {
    let with = |text: &str, case| {
        let names = vec![Name { text: text.to_owned(), case }];
        Book::of([(EntityId(1), Entity { names, ..Entity::default() })])
    };
    assert_eq!(found(&with("Hope", Case::Any), "in hope"), ["1:hope@3"]);
    assert_eq!(found(&with("Mara", Case::Capitals), "mara and MARA"), ["1:MARA@9"]);
}

#[test]
fn ways_of_writing_one_name_are_one() {
    check(&["Zo\u{eb}"], "Zoe\u{308} sat", &["1:Zoe\u{308}@0"]);
    check(&["Zoe\u{308}"], "Zo\u{eb}’s", &["1:Zo\u{eb}@0"]);
    check(&["D'Artagnan"], "D’Artagnan", &["1:D’Artagnan@0"]);
    check(&["Anna-Lena"], "Anna\u{2010}Lena", &["1:Anna\u{2010}Lena@0"]);
    check(&["Mr. Vale"], "Mr Vale, Mr. Vale", &["1:Mr Vale@0", "1:Mr. Vale@9"]);
    check(&["Dr Vale"], "Dr. Vale", &["1:Dr. Vale@0"]);
    check(&["J. R. Vale"], "J.R. Vale", &["1:J.R. Vale@0"]);
    check(&["Vale & Sons"], "at Vale & Sons’ door", &["1:Vale & Sons@3"]);
    check(&["Ma\u{ad}ra"], "Mara Ma\u{ad}ra", &["1:Mara@0", "1:Ma\u{ad}ra@5"]);
}

#[test]
fn scripts_are_not_mixed_up_and_those_without_spaces_are_read() {
    check(&["Mara"], "Маra", &[]);
    check(&["Мара"], "Мара сидела. МАРА", &["1:Мара@0", "1:МАРА@13"]);
    check(&["Οδυσσεύς"], "ΟΔΥΣΣΕΎΣ", &["1:ΟΔΥΣΣΕΎΣ@0"]);
    check(&["美咲"], "美咲は美しい。", &["1:美咲@0"]);
    check(&["マリア"], "マリアナとマリアが", &["1:マリア@5"]);
    check(&["Mara美"], "Mara美は", &["1:Mara美@0"]);
}

#[test]
fn a_name_inside_another_persons_name_is_not_found() {
    check(&["Lena"], "Anna-Lena, Lena-Marie, Lena-like", &["1:Lena@23"]);
    check(&["Brien"], "O’Brien and Brien", &["1:Brien@12"]);
    check(&["S"], "Mara’s S", &["1:S@7"]);
}

#[test]
fn a_phrase_may_be_nobodys_name() {
    let mut book = people(&["Rose"]);
    book.exclude("Rose Garden");
    assert_eq!(found(&book, "In the Rose Garden stood Rose."), ["1:Rose@25"]);
    book.admit("rose garden");
    assert_eq!(found(&book, "In the Rose Garden"), ["1:Rose@7"]);
}

#[test]
fn a_name_that_was_refused_for_somebody_is_not_theirs() {
    let entity = |names: &[&str], refused: &[&str]| Entity {
        names: names.iter().map(|name| Name::from(*name)).collect(),
        refused: refused.iter().map(|name| (*name).to_owned()).collect(),
        ..Entity::default()
    };
    let mut book = Book::of([(EntityId(1), entity(&["Mara", "Captain"], &["captain"]))]);
    assert_eq!(found(&book, "Mara saw the Captain."), ["1:Mara@0"]);
    book.set(EntityId(1), entity(&["Mara", "Captain"], &[]));
    assert_eq!(found(&book, "Mara saw the Captain."), ["1:Mara@0", "1:Captain@13"]);
}
