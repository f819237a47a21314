//! Endings a name may have in a sentence and that are not part of it: `Maras Boot`, `the Joneses`.
//!
//! A possessive with an apostrophe needs no rule: the apostrophe is a border.

/// The beginnings of a folded word that it may be a form of, the likeliest first.
pub(crate) fn bases(word: &str) -> impl Iterator<Item = &str> {
    let one = word.strip_suffix('s').filter(|stem| stem.chars().nth(2).is_some() && !stem.ends_with('s'));
    let two = word.strip_suffix("es").filter(|stem| {
        one.is_some() && ["s", "x", "z", "ch", "sh", "o"].iter().any(|end| stem.ends_with(end))
    });
    one.into_iter().chain(two)
}

#[cfg(test)]
mod tests {
    fn bases(word: &str) -> Vec<&str> {
        super::bases(word).collect()
    }

    #[test]
    fn a_plural_and_a_german_genitive_have_their_base() {
        assert_eq!(bases("maras"), ["mara"]);
        assert_eq!(bases("joneses"), ["jonese", "jones"]);
        assert_eq!(bases("foxes"), ["foxe", "fox"]);
        assert_eq!(bases("ödgers"), ["ödger"]);
        for none in ["mara", "as", "ils", "boss", "s", ""] {
            assert!(bases(none).is_empty(), "{none}");
        }
    }
}
