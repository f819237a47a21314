//! Every relative link of a document leads somewhere.

use super::finding::Finding;
use super::tree::Tree;

/// Templates for models and fixtures are not documents.
const NOT_DOCUMENTS: [&str; 2] = ["crews/", "crates/"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in
        tree.ending(".md").filter(|(path, _)| !NOT_DOCUMENTS.iter().any(|at| path.starts_with(at)))
    {
        for (line, target) in links(text) {
            if resolve(path, target).is_none_or(|to| !tree.has(&to)) {
                let what = format!("the link to `{target}` leads nowhere");
                found.push(Finding::new(path, line, what, "mend the path, or take the link out"));
            }
        }
    }
    found
}

/// The relative links outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (n, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        let prose = line.split('`').step_by(2);
        let targets =
            prose.flat_map(|part| part.split("](").skip(1)).filter_map(|part| part.split(')').next());
        found.extend(targets.filter(|target| is_relative(target)).map(|target| (n + 1, target)));
    }
    found
}

fn is_relative(target: &str) -> bool {
    !target.is_empty()
        && !target.starts_with('#')
        && !target.contains("://")
        && !target.starts_with("mailto:")
}

/// The path from the root; nothing where it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or(target);
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::default().with("README.md", "").with("docs/b/c.md", "").with("docs/a.md", text);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        let text = "[a](b/c.md) [b](../README.md#top) [c](b/) [d](https://example.test/x) [e](#here)";
        assert!(found(text).is_empty());
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let found = found("x\n[a](c.md) and [b](../../x.md)");
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("docs/a.md:2: the link to `c.md`"), "{found:?}");
    }

    #[test]
    fn code_holds_no_links() {
        assert!(found("`[a](gone.md)`\n```\n[a](gone.md)\n```\n").is_empty());
    }
}
