//! Nothing in the repository says that it is unfinished. A marker with `(owner): condition` behind it may stand,
//! because it says who acts and when.

use super::finding::Finding;
use super::tree::Tree;

const SOURCE: [&str; 9] = [".rs", ".ts", ".tsx", ".py", ".sh", ".sql", ".yaml", ".yml", ".toml"];
/// Written in halves, so that this file does not find itself.
const WORDS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const CALLS: [&str; 4] = [
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("not yet impl", "emented"),
    concat!("not impl", "emented"),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let lines = tree.lines(&SOURCE).filter_map(|(path, n, line)| Some((path, n, marker(line)?)));
    let mend = "finish it, take it out, or say who acts and when";
    lines.map(|(path, n, marker)| Finding::new(path, n, format!("`{marker}`"), mend)).collect()
}

fn marker(line: &str) -> Option<&'static str> {
    let lower = line.to_lowercase();
    let word = WORDS.into_iter().find(|word| stands_alone(line, word));
    word.or_else(|| CALLS.into_iter().find(|call| lower.contains(call)))
}

/// Whether the word stands there by itself and without an owner and a condition.
fn stands_alone(line: &str, word: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let after = &line[at + word.len()..];
        !line[..at].ends_with(letter) && !after.starts_with(letter) && !is_promise(after)
    })
}

/// `(owner): condition`
fn is_promise(after: &str) -> bool {
    let inside = after.strip_prefix('(').and_then(|rest| rest.split_once("):"));
    inside.is_some_and(|(owner, condition)| !owner.trim().is_empty() && !condition.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn n_found(line: &str) -> usize {
        check(&Tree::default().with("a.rs", line)).len()
    }

    #[test]
    fn markers_are_found_unless_somebody_promises_something() {
        assert_eq!(n_found(concat!("// TO", "DO: later")), 1);
        assert_eq!(n_found(concat!("// FIX", "ME")), 1);
        assert_eq!(n_found(concat!("to", "do!()")), 1);
        assert_eq!(n_found(concat!("\"not yet impl", "emented\"")), 1);
        assert_eq!(n_found(concat!("// TO", "DO(store): when sqlx shares the library")), 0);
        assert_eq!(n_found(concat!("// TO", "DO(store)")), 1);
        assert_eq!(n_found(concat!("MAXX", "XL, TO", "DOS")), 0);
    }
}
