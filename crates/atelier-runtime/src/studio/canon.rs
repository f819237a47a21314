//! Canon rules: listed, accepted, rejected.

use atelier_domain::{BranchId, RuleId};
use atelier_engine::Command;
use serde_json::Value;

use super::Studio;
use crate::project::branch_of;
use crate::{Failure, view};

impl Studio {
    pub(super) async fn rules(&self, project: &str, branch: Option<&str>) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let state = project.state();
        let branch = branch_of(&state, branch)?;
        let rules = state.content(&branch).map(|content| content.rules.values().map(|rule| view::rule(rule)));
        Ok(Value::Array(rules.into_iter().flatten().collect()))
    }

    pub(super) async fn judge_rule(
        &self,
        project: &str,
        branch: Option<&str>,
        rule: &str,
        command: impl FnOnce(BranchId, RuleId) -> Command,
    ) -> Result<Value, Failure> {
        let hint = "see `atelier canon list`";
        let id: RuleId = rule.parse().map_err(|_| Failure::not_found("canon rule", rule, hint))?;
        let project = self.project(project).await?;
        let branch = branch_of(&project.state(), branch)?;
        project.command(command(branch, id)).await?;
        let state = project.state();
        let judged = state.content(&branch).and_then(|content| content.rules.get(&id));
        judged.map(|rule| view::rule(rule)).ok_or_else(|| Failure::not_found("canon rule", rule, hint))
    }
}
