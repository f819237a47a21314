//! A person's word on a canon rule: it holds from now on, or no longer.

use atelier_domain::event::canon::{CanonEvent, RuleAccepted, RuleRetired};
use atelier_domain::state::RuleStatus;
use atelier_domain::{Actor, BranchId, RuleId};

use crate::command::{Rejection, Reply};
use crate::work::Work;

/// A rule that holds already stays as it is.
pub(super) fn accept(work: &mut Work<'_>, branch: BranchId, rule: RuleId) -> Result<Reply, Rejection> {
    if status(work, branch, rule)? != RuleStatus::Accepted {
        work.emit(Actor::human(), CanonEvent::RuleAccepted(RuleAccepted { rule }));
    }
    Ok(Reply::Done)
}

/// One that was proposed never holds; one that held does so no longer.
pub(super) fn reject(work: &mut Work<'_>, branch: BranchId, rule: RuleId) -> Result<Reply, Rejection> {
    if status(work, branch, rule)? != RuleStatus::Retired {
        work.emit(Actor::human(), CanonEvent::RuleRetired(RuleRetired { rule }));
    }
    Ok(Reply::Done)
}

fn status(work: &mut Work<'_>, branch: BranchId, rule: RuleId) -> Result<RuleStatus, Rejection> {
    work.on(branch);
    let known = work.content().rules.get(&rule).map(|rule| rule.status);
    known.ok_or_else(|| Rejection::NotFound { what: "canon rule", name: rule.to_string() })
}
