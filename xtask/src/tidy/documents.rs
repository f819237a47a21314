//! The map of the house is short and shows every room; the list of decisions is whole.

use super::finding::Finding;
use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";
const MAP_LINES: usize = 300;
const DECISIONS: &str = "docs/decisions/";

pub(crate) fn architecture(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(MAP).unwrap_or_default();
    let absent = tree.workspace.members.iter().filter(|member| !text.contains(&format!("`{}`", member.name)));
    let mut found: Vec<Finding> = absent
        .map(|member| {
            Finding::new(MAP, 1, format!("`{}` is not on the map", member.name), "say what it owns")
        })
        .collect();
    if text.lines().count() > MAP_LINES {
        found.push(Finding::new(MAP, MAP_LINES, "the map is too long to read", "move detail into docs/"));
    }
    found
}

pub(crate) fn decisions(tree: &Tree) -> Vec<Finding> {
    let index = tree.text(&format!("{DECISIONS}README.md")).unwrap_or_default();
    let pages = tree.ending(".md").filter_map(|(path, _)| Some((path, path.strip_prefix(DECISIONS)?)));
    let unlisted = pages.filter(|(_, name)| *name != "README.md" && !index.contains(&format!("({name})")));
    let mend = "add it to docs/decisions/README.md";
    unlisted.map(|(path, _)| Finding::new(path, 1, "a decision that the list does not have", mend)).collect()
}

#[cfg(test)]
mod tests {
    use super::{architecture, decisions};
    use crate::tidy::metadata::{Member, Workspace};
    use crate::tidy::tree::Tree;

    #[test]
    fn the_map_is_short_and_shows_every_crate() {
        let member = Member { name: "atelier-x".to_owned(), edges: Vec::new(), reach: Default::default() };
        let workspace = Workspace { members: vec![member], ..Default::default() };
        let tree = Tree::of(workspace);
        assert_eq!(architecture(&tree).len(), 1);
        let tree = tree.with("ARCHITECTURE.md", "`atelier-x` owns x");
        assert!(architecture(&tree).is_empty());
        assert_eq!(architecture(&tree.with("ARCHITECTURE.md", &"`atelier-x`\n".repeat(301))).len(), 1);
    }

    #[test]
    fn every_decision_is_listed() {
        let tree = Tree::default().with("docs/decisions/0001-a.md", "");
        assert_eq!(decisions(&tree).len(), 1);
        assert!(decisions(&tree.with("docs/decisions/README.md", "[a](0001-a.md)")).is_empty());
    }
}
