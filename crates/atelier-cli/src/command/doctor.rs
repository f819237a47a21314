//! `atelier doctor`

use atelier_runtime::{Exit, Failure, Request};
use serde_json::Value;

use super::Context;
use crate::text::{columns, field, items};

pub(super) async fn execute(context: &Context) -> Result<Exit, Failure> {
    let value = context.ask(Request::Doctor {}).await?;
    context.output.answer(&value, told)?;
    Ok(if value["ok"] == Value::Bool(true) { Exit::Ok } else { Exit::Failed })
}

fn told(value: &Value) -> String {
    let mut rows = Vec::new();
    for check in items(&value["checks"]) {
        rows.push(vec![
            field(check, "status").to_owned(),
            field(check, "name").to_owned(),
            field(check, "detail").to_owned(),
        ]);
        let fix = field(check, "fix");
        if field(check, "status") != "ok" && !fix.is_empty() {
            rows.push(vec![String::new(), String::new(), format!("try: {fix}")]);
        }
    }
    columns(rows)
}
