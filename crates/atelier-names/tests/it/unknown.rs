//! Names nobody has.

use crate::people;

#[track_caller]
fn check(names: &[&str], text: &str, expected: &[(&str, usize)]) {
    let found = people(names).unknown(text, 2);
    let found: Vec<(&str, usize)> = found.iter().map(|one| (one.text.as_str(), one.n)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_capitalised_name_that_comes_back_is_offered() {
    check(&["Mara"], "Mara met Odo Brandt. Then Odo Brandt’s dog bit Mara.", &[("Odo Brandt", 2)]);
    check(&[], "In Tiflis it rained. Tiflis slept. Nobody left Tiflis.", &[("Tiflis", 3)]);
}

#[test]
fn words_that_only_begin_sentences_are_no_names() {
    check(
        &[],
        "Yesterday it rained. Yesterday it did. Suddenly! Suddenly he said: Quixotically! Quixotically.",
        &[],
    );
    check(&[], "NO! NO! I said I did. He met Lord Lord.", &[]);
}

#[test]
fn german_nouns_are_no_names() {
    let text = "Am Abend saß Ilke am Feuerherd und der Feuerherd glomm. Die Nachtluft roch nach Salz, und Ilke sah \
                die Nachtluft zittern. Der Feuerherd knackte. Da lachte Ilke über den Bootsmann, und der Bootsmann \
                schwieg, weil Ilke lachte.";
    check(&[], text, &[("Ilke", 4)]);
}
