//! Who may know whom: `cli → server → runtime → {catalog → engine, store, memory, names, models → inference} → domain`.

use super::finding::Finding;
use super::metadata::{EdgeKind, Member};
use super::tree::Tree;

const DOMAIN: &str = "atelier-domain";
const CANON: &str = "atelier-canon";
const ENGINE: &str = "atelier-engine";
const CATALOG: &str = "atelier-catalog";
const STORE: &str = "atelier-store";
const MEMORY: &str = "atelier-memory";
const NAMES: &str = "atelier-names";
const INFERENCE: &str = "atelier-inference";
const MODELS: &str = "atelier-models";
const RUNTIME: &str = "atelier-runtime";
const SERVER: &str = "atelier-server";
const CLI: &str = "atelier-cli";
/// For tests only, and alone: it knows none of ours.
const TESTKIT: &str = "atelier-testkit";

const ALLOWED: [(&str, &[&str]); 14] = [
    (DOMAIN, &[]),
    (CANON, &[DOMAIN]),
    (ENGINE, &[DOMAIN]),
    (CATALOG, &[ENGINE, DOMAIN]),
    (STORE, &[DOMAIN]),
    (MEMORY, &[]),
    (NAMES, &[]),
    (INFERENCE, &[]),
    (MODELS, &[INFERENCE, DOMAIN]),
    (RUNTIME, &[CATALOG, ENGINE, CANON, STORE, MEMORY, NAMES, MODELS, DOMAIN]),
    (SERVER, &[RUNTIME, CATALOG, ENGINE, CANON, STORE, MEMORY, NAMES, MODELS, DOMAIN]),
    (CLI, &[SERVER, RUNTIME, CATALOG, ENGINE, CANON, STORE, MEMORY, NAMES, MODELS, DOMAIN]),
    (TESTKIT, &[]),
    ("xtask", &[]),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let members = &tree.workspace.members;
    let is_ours = |name: &str| members.iter().any(|member| member.name == name);
    members.iter().flat_map(|member| check_member(member, &is_ours)).collect()
}

fn check_member(member: &Member, is_ours: &impl Fn(&str) -> bool) -> Vec<Finding> {
    let manifest = manifest(&member.name);
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == member.name) else {
        let mend = "give it a line in xtask/src/tidy/edges.rs and in ARCHITECTURE.md";
        return vec![Finding::new(
            &manifest,
            1,
            format!("nobody said whom `{}` may know", member.name),
            mend,
        )];
    };
    let for_tests = |kind, to: &str| kind == EdgeKind::Dev && (to == TESTKIT || to == member.name);
    let bent = member.edges.iter().filter(|edge| is_ours(&edge.to));
    let bent = bent.filter(|edge| !allowed.contains(&edge.to.as_str()) && !for_tests(edge.kind, &edge.to));
    let mend = "declare a small trait where the service is needed and let atelier-runtime wire it";
    bent.map(|edge| Finding::new(&manifest, 1, format!("{} must not know {}", member.name, edge.to), mend))
        .collect()
}

/// Where the manifest of one of our crates lies.
pub(crate) fn manifest(name: &str) -> String {
    if name == "xtask" { "xtask/Cargo.toml".to_owned() } else { format!("crates/{name}/Cargo.toml") }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::metadata::{Edge, EdgeKind, Member, Workspace};
    use crate::tidy::tree::Tree;

    fn found(edges: &[(&str, &str, EdgeKind)]) -> Vec<String> {
        let names = ["atelier-domain", "atelier-store", "atelier-engine", "atelier-testkit", "atelier-new"];
        let member = |name: &str| {
            let edges = edges.iter().filter(|(from, ..)| *from == name);
            let edges = edges.map(|(_, to, kind)| Edge { to: (*to).to_owned(), kind: *kind }).collect();
            Member { name: name.to_owned(), edges, reach: Default::default() }
        };
        let members = names.iter().take(4 + usize::from(edges.is_empty())).map(|name| member(name)).collect();
        let tree = Tree::of(Workspace { members, ..Default::default() });
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_bent_direction_is_found() {
        let found = found(&[("atelier-domain", "atelier-store", EdgeKind::Normal)]);
        assert!(found[0].contains("atelier-domain must not know atelier-store"), "{found:?}");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert!(found(&[("atelier-store", "atelier-testkit", EdgeKind::Dev)]).is_empty());
        assert_eq!(found(&[("atelier-store", "atelier-testkit", EdgeKind::Normal)]).len(), 1);
        assert_eq!(found(&[("atelier-testkit", "atelier-domain", EdgeKind::Normal)]).len(), 1);
    }

    #[test]
    fn a_crate_nobody_placed_is_found() {
        assert!(found(&[])[0].contains("nobody said"));
    }
}
