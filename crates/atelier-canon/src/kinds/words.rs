//! banned-words and spelling: what stands in a text, whoever says it and however real the scene is.

use crate::check::Ctx;

pub(super) fn banned(ctx: &Ctx<'_>) {
    let Some(value) = &ctx.rule.value else { return };
    for word in value.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
        for at in occurrences(ctx.body(), word, Case::Any) {
            ctx.found(at, None, format!("`{word}` is not to be used"), "find another word".into());
        }
    }
}

pub(super) fn spelling(ctx: &Ctx<'_>) {
    let (Some(value), Some(not)) = (&ctx.rule.value, ctx.rule.args.get("not")) else { return };
    let case = if value.to_lowercase() == not.to_lowercase() { Case::Exact } else { Case::Any };
    for at in occurrences(ctx.body(), not, case) {
        ctx.found(at, None, format!("the agreed spelling is {value}"), format!("write {value}"));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Any,
    Exact,
}

/// Where a word stands by itself, in bytes. Compared letter by letter, so that no folding moves an offset.
fn occurrences(body: &str, word: &str, case: Case) -> Vec<(usize, usize)> {
    let same = |a: char, b: char| a == b || case == Case::Any && a.to_lowercase().eq(b.to_lowercase());
    let mut found = Vec::new();
    let mut before: Option<char> = None;
    let first = word.chars().next();
    for (at, c) in body.char_indices() {
        let starts = !before.is_some_and(char::is_alphanumeric) && first.is_some_and(|first| same(c, first));
        before = Some(c);
        if !starts {
            continue;
        }
        let mut rest = body[at..].char_indices();
        let all = word.chars().all(|letter| rest.next().is_some_and(|(_, c)| same(c, letter)));
        let behind = rest.next();
        let end = behind.map_or(body.len(), |(offset, _)| at + offset);
        if all && !behind.is_some_and(|(_, c)| c.is_alphanumeric()) {
            found.push((at, end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Case, occurrences};

    #[test]
    fn a_word_stands_by_itself_whatever_its_script() {
        assert_eq!(occurrences("Grau, grauer, GRAU.", "grau", Case::Any), [(0, 4), (14, 18)]);
        assert_eq!(occurrences("éclair Éclair", "Éclair", Case::Exact), [(8, 15)]);
        assert_eq!(occurrences("İstanbul very unique", "very unique", Case::Any).len(), 1);
        assert_eq!(occurrences("", "a", Case::Any), []);
    }
}
