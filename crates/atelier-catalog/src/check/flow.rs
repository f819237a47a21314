//! The order of the steps of one flow: what each can rely on, and what never starts.

use std::collections::{BTreeMap, BTreeSet};

use atelier_engine::definition::StepSpec;

/// What is wrong with the order.
#[derive(Debug, PartialEq)]
pub(super) enum Disorder {
    /// The step needs one that its flow does not have.
    Unknown(String, String),
    /// These steps wait for each other, in this order.
    Cycle(Vec<String>),
    /// The step waits for one that never starts.
    Unreachable(String, String),
}

/// The steps each step can rely on: all that are settled before it starts.
pub(super) fn before(steps: &[StepSpec]) -> BTreeMap<String, BTreeSet<String>> {
    let needs = needs(steps);
    let mut before = BTreeMap::new();
    for step in steps {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = needs.get(step.id.as_str()).into_iter().flatten().copied().collect();
        while let Some(id) = open.pop() {
            if seen.insert(id.to_owned()) {
                open.extend(needs.get(id).into_iter().flatten());
            }
        }
        before.insert(step.id.clone(), seen);
    }
    before
}

pub(super) fn disorders(steps: &[StepSpec]) -> Vec<Disorder> {
    let needs = needs(steps);
    let mut found = Vec::new();
    for (id, wanted) in &needs {
        for unknown in wanted.iter().filter(|wanted| !needs.contains_key(*wanted)) {
            found.push(Disorder::Unknown((*id).to_owned(), (*unknown).to_owned()));
        }
    }
    let before = before(steps);
    let circular: BTreeSet<&str> =
        before.iter().filter(|(id, seen)| seen.contains(*id)).map(|(id, _)| id.as_str()).collect();
    if let Some(cycle) = circular.first().and_then(|first| walk(&needs, &circular, first)) {
        found.push(Disorder::Cycle(cycle));
    }
    for step in steps.iter().filter(|step| !circular.contains(step.id.as_str())) {
        let stuck =
            before.get(&step.id).and_then(|seen| seen.iter().find(|id| circular.contains(id.as_str())));
        if let Some(stuck) = stuck {
            found.push(Disorder::Unreachable(step.id.clone(), stuck.clone()));
        }
    }
    found
}

/// What each step needs: what it says, or the one before it.
fn needs(steps: &[StepSpec]) -> BTreeMap<&str, Vec<&str>> {
    let mut last: Option<&str> = None;
    let mut needs = BTreeMap::new();
    for step in steps {
        let wanted = match &step.needs {
            Some(named) => named.iter().map(String::as_str).collect(),
            None => last.into_iter().collect(),
        };
        needs.insert(step.id.as_str(), wanted);
        last = Some(&step.id);
    }
    needs
}

/// A way from a step back to itself.
fn walk(needs: &BTreeMap<&str, Vec<&str>>, circular: &BTreeSet<&str>, first: &str) -> Option<Vec<String>> {
    let mut path = vec![first];
    let mut at = first;
    loop {
        at = needs.get(at)?.iter().copied().find(|next| circular.contains(next))?;
        if let Some(start) = path.iter().position(|seen| *seen == at) {
            let mut cycle: Vec<String> = path[start..].iter().map(|id| (*id).to_owned()).collect();
            cycle.push(at.to_owned());
            return Some(cycle);
        }
        path.push(at);
    }
}
