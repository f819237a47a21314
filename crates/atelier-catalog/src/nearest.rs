//! "Did you mean": the names nearest to one that is unknown.

/// Up to three known names that a person may have meant, nearest first.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let far = name.chars().count() / 3 + 1;
    let mut near: Vec<_> = known
        .into_iter()
        .map(|k| (distance(name, k), k))
        .filter(|&(d, k)| d <= far || (!name.is_empty() && k.contains(name)))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(3);
    near.into_iter().map(|(_, k)| k).collect()
}

/// A hint naming what may have been meant, or else all that is known.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let guess = guess(name, known.clone());
    if !guess.is_empty() {
        return guess;
    }
    let all: Vec<_> = known.into_iter().collect();
    if all.is_empty() { "there are none".to_owned() } else { format!("known: {}", all.join(", ")) }
}

/// A hint naming what may have been meant; empty where nothing is near.
pub(crate) fn guess<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(name, known);
    if near.is_empty() { String::new() } else { format!("did you mean {}?", near.join(", ")) }
}

/// The number of letters to add, remove or change to come from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        let known = ["character", "worldbuilder", "plot-architect"];
        assert_eq!(nearest("charachter", known), ["character"]);
        assert_eq!(nearest("plot", known), ["plot-architect"]);
        assert_eq!(hint("zzz", known), "known: character, worldbuilder, plot-architect");
    }
}
