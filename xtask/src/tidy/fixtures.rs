//! Every variant of an event has a golden fixture, and every fixture has its event.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::Tree;

/// The list of kinds, which a test of the domain keeps equal to the code.
const KINDS: &str = "crates/atelier-domain/fixtures/kinds.txt";
const FOLDER: &str = "crates/atelier-domain/fixtures/events/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(kinds) = tree.text(KINDS) else {
        return vec![Finding::new(
            KINDS,
            1,
            "the list of event kinds is missing",
            "run the tests of atelier-domain",
        )];
    };
    let kinds: BTreeSet<&str> = kinds.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let missing =
        kinds.iter().map(|kind| format!("{FOLDER}{kind}.json")).filter(|path| tree.text(path).is_none());
    let missing =
        missing.map(|path| Finding::new(&path, 1, "an event without a golden fixture", "write it once"));
    let files =
        tree.texts().filter_map(|(path, _)| Some((path, path.strip_prefix(FOLDER)?.strip_suffix(".json")?)));
    let orphans = files.filter(|(_, name)| !kinds.contains(kind_of(name)));
    let orphans = orphans.map(|(path, _)| {
        Finding::new(path, 1, "a fixture of no event", "a kind is never renamed or removed: bring it back")
    });
    missing.chain(orphans).collect()
}

/// Fixtures of past schemas are called `<kind>@<schema>.json`.
fn kind_of(name: &str) -> &str {
    name.split_once('@').map_or(name, |(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::{FOLDER, KINDS, check};
    use crate::tidy::tree::Tree;

    #[test]
    fn events_and_fixtures_match_one_to_one() {
        let tree = Tree::default().with(KINDS, "run.started\nrun.paused\n");
        let tree = tree.with(&format!("{FOLDER}run.started.json"), "{}");
        assert_eq!(check(&tree).len(), 1);
        let tree = tree.with(&format!("{FOLDER}run.paused.json"), "{}");
        let tree = tree.with(&format!("{FOLDER}run.paused@1.json"), "{}");
        assert!(check(&tree).is_empty());
        assert_eq!(check(&tree.with(&format!("{FOLDER}run.gone.json"), "{}")).len(), 1);
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
