//! Reads along branch lines against a model that keeps each line as a plain list.

use atelier_domain::BranchId;
use futures::executor::block_on;

use super::{Samples, batch, everything};
use crate::{Log, Query, Store};

/// What happens in a random history. Branches are counted from 0, the first one; numbers wrap around.
#[derive(Debug, Clone)]
pub enum Op {
    /// An event on a branch.
    Append {
        /// Which.
        branch: usize,
    },
    /// A new branch, forked so many events before the newest of all.
    Fork {
        /// From which.
        parent: usize,
        /// How far back.
        back: u64,
    },
}

/// Plays a history and compares every line with the model, at the end and at every number.
pub fn agrees_with_model(store: &dyn Store, ops: &[Op]) {
    let mut make = Samples::new(50);
    let log = store.create(make.project(), "lines").unwrap();
    let mut branches = vec![BranchId::MAIN];
    let mut lines: Vec<Vec<u64>> = vec![Vec::new()];
    let mut last = 0;
    for op in ops {
        let draft = match op {
            Op::Append { branch } => {
                let n = branch % branches.len();
                lines[n].push(last + 1);
                make.on(branches[n])
            }
            Op::Fork { parent, back } => {
                let n = parent % branches.len();
                let at = last.saturating_sub(*back);
                let shared: Vec<u64> = lines[n].iter().copied().filter(|seq| *seq <= at).collect();
                lines[n].push(last + 1);
                let (draft, branch) = make.fork(&format!("b{last}"), branches[n], at);
                branches.push(branch);
                lines.push(shared);
                draft
            }
        };
        block_on(log.append(last, batch(vec![draft]))).unwrap();
        last += 1;
    }
    compare(&*log, &branches, &lines);
    assert_eq!(everything(&*log).len() as u64, last);
    log.close().unwrap();
    let again = store.open(make.project()).unwrap();
    compare(&*again, &branches, &lines);
}

fn compare(log: &dyn Log, branches: &[BranchId], lines: &[Vec<u64>]) {
    for (branch, line) in branches.iter().zip(lines) {
        let all = Query { line: Some(*branch), ..Query::default() };
        assert_eq!(seqs(log, all), *line, "line of {branch}");
        let newest: Vec<u64> = line.iter().rev().take(3).copied().collect();
        assert_eq!(
            seqs(log, Query { newest_first: true, limit: Some(3), ..all }),
            newest,
            "newest of {branch}"
        );
        for upto in 0..=log.last_seq() {
            let past: Vec<u64> = line.iter().copied().filter(|seq| *seq <= upto).collect();
            assert_eq!(seqs(log, Query { upto: Some(upto), ..all }), past, "line of {branch} up to {upto}");
        }
    }
}

fn seqs(log: &dyn Log, query: Query<'_>) -> Vec<u64> {
    log.read(query).unwrap().iter().map(|envelope| envelope.seq).collect()
}
