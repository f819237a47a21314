//! What somebody is, out of what is written about them: `a retired ferrywoman of the Fen` is found as `the ferrywoman`.

/// What a part in a story is called by those who plan it; in the story nobody is called so.
const PARTS: [&str; 22] = [
    "protagonist",
    "antagonist",
    "ally",
    "mentor",
    "villain",
    "hero",
    "heroine",
    "sidekick",
    "foil",
    "rival",
    "narrator",
    "lead",
    "main",
    "minor",
    "supporting",
    "character",
    "interest",
    "deuteragonist",
    "tritagonist",
    "confidant",
    "role",
    "figure",
];
const ARTICLES: [&str; 6] = ["a", "an", "the", "ein", "eine", "der"];
/// Words that end what is told of somebody's trade.
const ENDS: [&str; 14] =
    ["of", "who", "in", "at", "from", "with", "for", "to", "and", "or", "on", "whose", "that", "by"];
/// A description is at most so long.
const MOST_WORDS: usize = 3;

/// What somebody may be called after `the`, the longest first.
pub fn descriptions(text: &str) -> Vec<String> {
    let first = text.split([',', ';', '.', '(', ':', '/', '\n']).next().unwrap_or_default();
    let words = first.split_whitespace().map(str::to_lowercase);
    let words: Vec<String> = words
        .skip_while(|word| ARTICLES.contains(&word.as_str()))
        .take_while(|word| !ENDS.contains(&word.as_str()))
        .collect();
    let Some(trade) = words.last() else { return Vec::new() };
    let is_part = words.iter().any(|word| PARTS.contains(&word.as_str()));
    if is_part || words.len() > MOST_WORDS || trade.chars().count() < 3 {
        return Vec::new();
    }
    let mut found = vec![words.join(" ")];
    if words.len() > 1 {
        found.push(trade.clone());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::descriptions;

    #[test]
    fn a_trade_is_a_description_and_a_part_in_the_story_is_none() {
        assert_eq!(descriptions("ferrywoman"), ["ferrywoman"]);
        assert_eq!(descriptions("a retired Captain of the guard"), ["retired captain", "captain"]);
        for none in
            ["protagonist", "Love interest", "", "He is the one who never comes back", "love interest, rival"]
        {
            assert!(descriptions(none).is_empty(), "{none}");
        }
    }
}
