//! The small words of the language: prepositions, determiners, pronouns, auxiliaries, adverbs. Closed lists; verbs and values stand in
//! `lexicon/`.

pub(super) const BE: [&str; 9] = ["am", "is", "are", "was", "were", "be", "been", "being", "'s"];
pub(super) const MODALS: [&str; 15] = [
    "would", "could", "might", "may", "should", "can", "will", "must", "shall", "'d", "'ll", "cannot",
    "won't", "can't", "shan't",
];
pub(super) const MOVES: [&str; 16] = [
    "come", "go", "stand", "sit", "walk", "ride", "run", "step", "lie", "rise", "march", "limp", "stagger",
    "climb", "appear", "hang",
];
pub(super) const SUBORDINATE: [&str; 7] =
    ["if", "unless", "lest", "whether", "supposing", "suppose", "though"];
pub(super) const PREPOSITIONS: [&str; 44] = [
    "of", "to", "with", "from", "by", "at", "for", "in", "on", "into", "behind", "beside", "under", "over",
    "near", "against", "about", "through", "across", "toward", "towards", "onto", "upon", "between", "among",
    "around", "beyond", "without", "within", "beneath", "below", "above", "along", "past", "like", "inside",
    "outside", "off", "up", "down", "out", "than", "opposite", "except",
];

pub(crate) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(&word)
}

pub(crate) fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "this"
            | "that"
            | "these"
            | "those"
            | "his"
            | "her"
            | "its"
            | "their"
            | "my"
            | "your"
            | "our"
            | "no"
            | "every"
            | "each"
            | "some"
            | "any"
            | "both"
            | "all"
            | "another"
    )
}

pub(crate) fn is_adverb(word: &str) -> bool {
    (word.ends_with("ly")
        && word.len() > 4
        && !matches!(word, "family" | "belly" | "jelly" | "ugly" | "lonely" | "silly"))
        || matches!(
            word,
            "not"
                | "never"
                | "always"
                | "also"
                | "just"
                | "still"
                | "already"
                | "only"
                | "even"
                | "now"
                | "once"
                | "ever"
                | "often"
                | "then"
                | "soon"
                | "again"
                | "almost"
                | "nearly"
                | "perhaps"
                | "maybe"
                | "too"
                | "both"
                | "herself"
                | "himself"
                | "themselves"
                | "itself"
                | "here"
                | "there"
                | "later"
                | "first"
                | "quite"
                | "very"
                | "no"
                | "longer"
                | "much"
                | "all"
                | "hardly"
                | "somehow"
                | "indeed"
                | "at"
                | "last"
                | "long"
                | "since"
                | "neither"
                | "nor"
        )
}

pub(crate) fn is_subject_pronoun(word: &str) -> bool {
    matches!(word, "he" | "she" | "they" | "i" | "we" | "you" | "it")
}

/// `n't` and its like, folded into the word before.
pub(super) fn negative(word: &str) -> Option<&str> {
    match word {
        "won't" => Some("will"),
        "can't" | "cannot" => Some("can"),
        "shan't" => Some("shall"),
        word => word.strip_suffix("n't"),
    }
}
