//! Branch lines: which events of which branches a branch sees.

use atelier_domain::BranchId;

/// A branch that was forked from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The branch.
    pub branch: BranchId,
    /// Its name.
    pub name: String,
    /// What it was forked from.
    pub parent: BranchId,
    /// The last number of the parent's line that it shares.
    pub at_seq: u64,
    /// The number of the event that forked it.
    pub seq: u64,
}

/// A part of a line: the events of one branch up to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The branch.
    pub branch: BranchId,
    /// The last number that belongs to the line.
    pub upto: u64,
}

/// The line of a branch, its own part first; `None` when there is no such branch.
pub fn line(branch: BranchId, forks: &[Fork]) -> Option<Vec<Reach>> {
    let mut reaches = vec![Reach { branch, upto: u64::MAX }];
    let mut here = branch;
    let mut upto = u64::MAX;
    while here != BranchId::MAIN {
        // A branch is forked from an older one, so a line that does not end would be a damaged list.
        if reaches.len() > forks.len() {
            return None;
        }
        let fork = forks.iter().find(|fork| fork.branch == here)?;
        upto = upto.min(fork.at_seq);
        here = fork.parent;
        reaches.push(Reach { branch: here, upto });
    }
    Some(reaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(n: u128) -> BranchId {
        BranchId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn fork(of: u128, parent: BranchId, at_seq: u64) -> Fork {
        Fork { branch: branch(of), name: of.to_string(), parent, at_seq, seq: at_seq + 1 }
    }

    #[test]
    fn a_line_reaches_no_further_into_a_grandparent_than_its_parent_does() {
        let forks = [fork(1, BranchId::MAIN, 10), fork(2, branch(1), 5)];
        let reach = |branch, upto| Reach { branch, upto };
        assert_eq!(
            line(branch(2), &forks).unwrap(),
            [reach(branch(2), u64::MAX), reach(branch(1), 5), reach(BranchId::MAIN, 5)]
        );
        assert_eq!(line(BranchId::MAIN, &forks).unwrap(), [reach(BranchId::MAIN, u64::MAX)]);
        assert_eq!(line(branch(3), &forks), None);
    }

    #[test]
    fn a_list_that_goes_in_a_circle_has_no_line() {
        assert_eq!(line(branch(1), &[fork(1, branch(2), 1), fork(2, branch(1), 1)]), None);
    }
}
