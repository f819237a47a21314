//! Names found by comparing every name with every place. Slow and plain; the product uses the automaton of `atelier-names`.

use atelier_domain::BucketId;

use crate::reading::Mention;

/// Where names stand in a text: whole words, the longest first, as they are written.
pub(super) fn spot(body: &str, names: &[(String, BucketId)]) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let Some(c) = body[at..].chars().next() else { break };
        let begins = !body[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let fits = names.iter().filter(|(name, _)| begins && starts_with(&body[at..], name));
        let longest = fits.max_by_key(|(name, _)| name.len());
        if let Some((name, bucket)) = longest {
            found.push(Mention { bucket: *bucket, start: at, end: at + name.len() });
            at += name.len();
        } else {
            at += c.len_utf8();
        }
    }
    found
}

fn starts_with(body: &str, name: &str) -> bool {
    let capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    let Some(head) = body.get(..name.len()) else { return false };
    let same = head == name || (!capital(name) && head.to_lowercase() == name.to_lowercase());
    same && !body[name.len()..].chars().next().is_some_and(char::is_alphanumeric)
}
