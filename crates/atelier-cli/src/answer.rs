//! The run, told on stdout and by the exit code.

use atelier_runtime::Exit;
use serde_json::Value;

use crate::text::{clean, columns, field, items, one_line, word};

/// How a run's end, or pause, is told by the exit code.
pub(crate) fn exit(run: &Value) -> Exit {
    match field(run, "status") {
        "done" => Exit::Ok,
        "waiting" | "paused" => Exit::Waiting,
        "running" => Exit::Ok,
        _ if run["error"]["code"] == "no_model_reachable" => Exit::Unavailable,
        _ => Exit::Failed,
    }
}

/// A run for people: steps, gates, what it cost.
pub(crate) fn run(run: &Value) -> String {
    let mut text = format!("{}  {}  {}\n", field(run, "id"), field(run, "workflow"), status(run));
    let steps = items(&run["steps"]).iter().map(step).collect::<Vec<_>>();
    if !steps.is_empty() {
        text.push_str(&columns(steps));
        text.push('\n');
    }
    for gate in open_gates(run) {
        text.push_str(&format!("\nwaits at {}: {}\n", field(gate, "step"), one_line(&word(&gate["prompt"]))));
        let shown = atelier_catalog::partial::shown(&gate["output"]);
        text.extend(shown.lines().map(|line| format!("  | {}\n", clean(line))));
        text.push_str(&format!("  {}\n", how_to_decide(gate)));
    }
    if run["error"].is_object() {
        text.push_str(&format!("\nfailed: {}\n", clean(field(&run["error"], "message"))));
        let hint = field(&run["error"], "hint");
        if !hint.is_empty() {
            text.push_str(&format!("  try: {hint}\n"));
        }
    }
    text.push_str(&usage(run));
    text
}

/// The gates that wait.
pub(crate) fn open_gates(run: &Value) -> impl Iterator<Item = &Value> {
    items(&run["gates"]).iter().filter(|gate| field(gate, "status") == "open")
}

/// The command that decides at a gate.
pub(crate) fn how_to_decide(gate: &Value) -> String {
    let actions: Vec<String> = items(&gate["actions"]).iter().map(word).collect();
    format!("atelier runs gate {} {}", field(gate, "id"), actions.join("|"))
}

fn status(run: &Value) -> String {
    match run["live"] {
        Value::Bool(false) if field(run, "status") == "running" => {
            "running (nobody is at work on it)".to_owned()
        }
        _ => field(run, "status").to_owned(),
    }
}

fn step(step: &Value) -> Vec<String> {
    let attempts = items(&step["attempts"]);
    let model = attempts.last().map(|attempt| word(&attempt["model"])).unwrap_or_default();
    let tries = if attempts.len() > 1 { format!("{} attempts", attempts.len()) } else { String::new() };
    vec![
        format!("  {}", field(step, "name")),
        field(step, "status").to_owned(),
        word(&step["agent"]),
        model,
        tries,
    ]
}

fn usage(run: &Value) -> String {
    let usage = &run["usage"];
    let milliseconds: u64 =
        items(&run["receipts"]).iter().filter_map(|receipt| receipt["total_ms"].as_u64()).sum();
    let cost = match usage["cost"].as_f64() {
        Some(cost) if cost > 0.0 => format!(", {cost:.4} $"),
        _ => String::new(),
    };
    format!(
        "\n{} model calls, {} tokens read, {} written, {:.1} s of models{cost}\n",
        word(&usage["calls"]),
        word(&usage["input_tokens"]),
        word(&usage["output_tokens"]),
        milliseconds as f64 / 1000.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_exit_code_tells_how_a_run_stands() {
        let code = |run: Value| u8::from(exit(&run));
        assert_eq!(code(json!({"status": "done"})), 0);
        assert_eq!(code(json!({"status": "waiting"})), 5);
        assert_eq!(code(json!({"status": "paused"})), 5);
        assert_eq!(code(json!({"status": "cancelled"})), 1);
        assert_eq!(code(json!({"status": "failed", "error": {"code": "schema"}})), 1);
        assert_eq!(code(json!({"status": "failed", "error": {"code": "no_model_reachable"}})), 6);
    }
}
