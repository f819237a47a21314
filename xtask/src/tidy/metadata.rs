//! What cargo knows about the workspace and its lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

/// Members, and every package of the lock file.
#[derive(Default)]
pub(crate) struct Workspace {
    pub(crate) members: Vec<Member>,
    pub(crate) locked: Vec<Locked>,
    /// Why the packages of the lock file could not be read.
    pub(crate) trouble: Option<String>,
}

/// A crate of ours.
pub(crate) struct Member {
    pub(crate) name: String,
    /// What it names in its manifest.
    pub(crate) edges: Vec<Edge>,
    /// Names of all packages that are compiled into it, ours and others.
    pub(crate) reach: BTreeSet<String>,
}

/// A dependency named in a manifest.
pub(crate) struct Edge {
    pub(crate) to: String,
    pub(crate) kind: EdgeKind,
}

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Normal,
    Dev,
    Build,
}

/// A package of the lock file.
pub(crate) struct Locked {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    pub(crate) source: Option<String>,
}

impl Workspace {
    /// Asks cargo. The network is used only where packages of other platforms were never fetched.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let ask = |words: &[&str]| -> Result<Value> {
            let mut cargo = sh::cargo(&["metadata", "--format-version", "1"]);
            let said = sh::output(cargo.args(words).current_dir(root))?;
            serde_json::from_str(&said).context("reading what cargo knows")
        };
        let own = ask(&["--no-deps", "--offline"])?;
        match ask(&["--locked", "--offline"]).or_else(|_| ask(&["--locked"])) {
            Ok(all) => Self::from_json(&own, Some(&all)),
            Err(error) => {
                let trouble = Some(format!("{error:#}"));
                Ok(Self { trouble, ..Self::from_json(&own, None)? })
            }
        }
    }

    fn from_json(own: &Value, all: Option<&Value>) -> Result<Self> {
        let reach = all.map(reaches).unwrap_or_default();
        let members =
            list(own, "packages")?.iter().map(|package| member(package, &reach)).collect::<Result<_>>()?;
        let locked = match all {
            Some(all) => list(all, "packages")?.iter().map(locked).collect::<Result<_>>()?,
            None => Vec::new(),
        };
        Ok(Self { members, locked, trouble: None })
    }
}

fn member(package: &Value, reach: &BTreeMap<String, BTreeSet<String>>) -> Result<Member> {
    let name = text(package, "name")?;
    let edge = |dependency: &Value| -> Result<Edge> {
        let kind = match dependency["kind"].as_str() {
            Some("dev") => EdgeKind::Dev,
            Some("build") => EdgeKind::Build,
            _ => EdgeKind::Normal,
        };
        Ok(Edge { to: text(dependency, "name")?, kind })
    };
    let edges = list(package, "dependencies")?.iter().map(edge).collect::<Result<_>>()?;
    Ok(Member { reach: reach.get(&name).cloned().unwrap_or_default(), name, edges })
}

fn locked(package: &Value) -> Result<Locked> {
    let optional = |key: &str| package[key].as_str().map(str::to_owned);
    let (licence, source) = (optional("license"), optional("source"));
    Ok(Locked { name: text(package, "name")?, version: text(package, "version")?, licence, source })
}

/// For each package the names of all packages that it is compiled with, tests and build scripts aside.
fn reaches(all: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let nodes: &[Value] = all["resolve"]["nodes"].as_array().map_or(&[], Vec::as_slice);
    let packages: &[Value] = all["packages"].as_array().map_or(&[], Vec::as_slice);
    let names: BTreeMap<&str, &str> = packages
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let edges: BTreeMap<&str, Vec<&str>> =
        nodes.iter().filter_map(|node| Some((node["id"].as_str()?, normal_edges(node)))).collect();
    let own = packages.iter().filter(|package| package["source"].is_null());
    own.filter_map(|package| package["id"].as_str())
        .filter_map(|id| Some(((*names.get(id)?).to_owned(), walk(id, &edges, &names))))
        .collect()
}

fn normal_edges(node: &Value) -> Vec<&str> {
    let normal = |edge: &&Value| {
        edge["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
    };
    let edges: &[Value] = node["deps"].as_array().map_or(&[], Vec::as_slice);
    edges.iter().filter(normal).filter_map(|edge| edge["pkg"].as_str()).collect()
}

fn walk(from: &str, edges: &BTreeMap<&str, Vec<&str>>, names: &BTreeMap<&str, &str>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        for next in edges.get(id).into_iter().flatten() {
            if seen.insert(*next) {
                open.push(next);
            }
        }
    }
    seen.iter().filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("cargo metadata has no list `{key}`"))
}

fn text(value: &Value, key: &str) -> Result<String> {
    Ok(value[key].as_str().with_context(|| format!("cargo metadata has no text `{key}`"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{EdgeKind, Workspace};
    use serde_json::json;

    #[test]
    fn reach_follows_what_is_compiled_in_and_leaves_tests_out() {
        let edge = |pkg: &str, kind: Option<&str>| json!({"pkg": pkg, "dep_kinds": [{"kind": kind}]});
        let own = json!({"packages": [{"name": "ours", "dependencies": [
            {"name": "a", "kind": null}, {"name": "t", "kind": "dev"}]}]});
        let package = |id: &str, source: Option<&str>| json!({"id": id, "name": id, "version": "1", "license": "MIT", "source": source});
        let all = json!({
            "packages": [package("ours", None), package("a", Some("r")), package("b", Some("r")), package("t", Some("r"))],
            "resolve": {"nodes": [
                {"id": "ours", "deps": [edge("a", None), edge("t", Some("dev"))]},
                {"id": "a", "deps": [edge("b", None)]},
                {"id": "b", "deps": []}, {"id": "t", "deps": []}]},
        });
        let workspace = Workspace::from_json(&own, Some(&all)).unwrap();
        let ours = &workspace.members[0];
        assert_eq!(ours.reach.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert!(ours.edges.iter().any(|edge| edge.to == "t" && edge.kind == EdgeKind::Dev));
        assert_eq!(workspace.locked.len(), 4);
    }
}
