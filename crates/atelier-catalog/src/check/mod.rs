//! What can only be known with all files at hand: names that lead nowhere, templates nobody can fill, schemas that do
//! not fit together.
//!
//! Owns: the checks between files. Does not own: the shape of one file (`crate::read`).
//!
//! **Invariant**: templates are tried on samples made from the schemas, so a wrong variable is found before a model is.

mod agent;
mod flow;
mod trial;
mod workflow;

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Item};
use crate::finding::Findings;
use crate::nearest;

/// Tokens of a text where no tokenizer is at hand: 3.5 characters each.
pub(crate) fn estimated_tokens(text: &str) -> usize {
    (text.chars().count() * 2).div_ceil(7)
}

/// Checks everything and adds what is wrong to the files it is in.
pub(crate) fn all(catalog: &mut Catalog, count: &dyn Fn(&str) -> usize) {
    let found = [
        each(catalog, |c| &c.agents, |findings, file, _| agent::check(catalog, findings, file, count)),
        each(catalog, |c| &c.workflows, |findings, file, _| workflow::check(catalog, findings, file)),
        each(catalog, |c| &c.types, |findings, of, node| types(catalog, findings, of, node)),
    ];
    let [agents, workflows, types] = found;
    add(&mut catalog.agents, agents);
    add(&mut catalog.workflows, workflows);
    add(&mut catalog.types, types);
}

type Found = Vec<(String, Findings)>;

fn each<'a, T: 'a>(
    catalog: &'a Catalog,
    items: impl Fn(&'a Catalog) -> &'a std::collections::BTreeMap<String, Item<T>>,
    check: impl Fn(&Findings, &T, Option<&crate::yaml::Node>),
) -> Found {
    let mut found = Vec::new();
    for (id, item) in items(catalog) {
        let findings = Findings::new(&item.origin.file);
        if let Some(value) = item.good() {
            check(&findings, value, item.node.as_ref());
        }
        found.push((id.clone(), findings));
    }
    found
}

fn add<T>(items: &mut std::collections::BTreeMap<String, Item<T>>, found: Found) {
    for (id, findings) in found {
        if let Some(item) = items.get_mut(&id) {
            item.findings.extend(findings.into_vec());
        }
    }
}

/// A type's references lead to types, and its text for models can be filled.
fn types(
    catalog: &Catalog,
    findings: &Findings,
    of: &atelier_engine::definition::BucketType,
    node: Option<&crate::yaml::Node>,
) {
    let line = |key: &str| node.and_then(|n| n.get(key)).map_or(1, |n| n.line);
    for (name, field) in &of.fields {
        for to in field.to.iter().filter(|to| !catalog.types.contains_key(*to)) {
            let hint = nearest::hint(to, catalog.types.keys().map(String::as_str));
            findings.add(
                line("fields"),
                &format!("fields.{name}.to"),
                format!("there is no type `{to}`"),
                hint,
            );
        }
    }
    let at = line("context_window");
    match crate::template::variables(&crate::template::plain(), &of.context_window) {
        Err(fault) => findings.add(at, "context_window", fault.what, ""),
        Ok(variables) => {
            let mut known: BTreeSet<String> = ["title", "body", "fields"].map(str::to_owned).into();
            known.extend(of.fields.keys().map(|key| format!("fields.{key}")));
            for variable in variables.iter().filter(|v| !known.contains(*v)) {
                let hint = nearest::hint(variable, known.iter().map(String::as_str));
                findings.add(at, "context_window", format!("nobody fills `{variable}`"), hint);
            }
        }
    }
}
