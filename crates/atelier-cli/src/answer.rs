//! The run, told on stdout and by the exit code.

use std::collections::BTreeSet;

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

/// A run for people: steps, gates, receipts in a line each, what it cost.
pub(crate) fn run(run: &Value) -> String {
    told(run, receipt_line)
}

/// The same with the whole of every receipt: what was asked, what was in the context and why, what came back.
pub(crate) fn run_with_receipts(run: &Value) -> String {
    told(run, receipt_whole)
}

fn told(run: &Value, receipt: fn(&Value) -> String) -> String {
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
        if gate["error"].is_object() {
            text.push_str(&format!(
                "  what was asked for here came to nothing: {}\n  try: {}\n",
                clean(field(&gate["error"], "message")),
                clean(field(&gate["error"], "hint"))
            ));
        }
        text.push_str(&format!("  {}\n", how_to_decide(gate)));
    }
    let receipts = items(&run["receipts"]);
    if !receipts.is_empty() {
        text.push_str("\nreceipts\n");
        text.extend(receipts.iter().map(|one| receipt(one) + "\n"));
    }
    if is_left(run) {
        text.push_str(&format!(
            "\nnobody is at work on it; go on with: atelier runs resume {}\n",
            field(run, "id")
        ));
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
    match is_left(run) {
        true => "running (nobody is at work on it)".to_owned(),
        false => field(run, "status").to_owned(),
    }
}

/// Whether the process that was at work on it is gone.
fn is_left(run: &Value) -> bool {
    run["live"] == Value::Bool(false) && field(run, "status") == "running"
}

fn receipt_line(receipt: &Value) -> String {
    let error = match field(&receipt["error"], "code") {
        "" => String::new(),
        code => format!("  {code}"),
    };
    format!(
        "  {}  {}  {}  {} read, {} written  {} ms{error}",
        field(receipt, "id"),
        field(receipt, "agent"),
        field(receipt, "model"),
        word(&receipt["usage"]["input_tokens"]),
        word(&receipt["usage"]["output_tokens"]),
        word(&receipt["total_ms"]),
    )
}

fn receipt_whole(receipt: &Value) -> String {
    let mut text = receipt_line(receipt) + "\n";
    let place = format!("{}, attempt {}", field(receipt, "step"), word(&receipt["attempt"]));
    text.push_str(&format!("    {place}; template {}\n", field(receipt, "template")));
    for line in items(&receipt["context"]) {
        let taken = if line["included"] == Value::Bool(true) { "in " } else { "out" };
        let (source, title, tokens) = (field(line, "source"), field(line, "title"), word(&line["tokens"]));
        let told = format!("{source}: {title} ({tokens} tokens; {})", field(line, "reason"));
        text.push_str(&format!("    {taken} {}\n", clean(&told)));
    }
    for message in items(&receipt["messages"]) {
        text.push_str(&format!("    {}\n{}", field(message, "role"), indented(field(message, "content"))));
    }
    let output = field(receipt, "output");
    if !output.is_empty() {
        text.push_str(&format!("    answer\n{}", indented(output)));
    }
    let error = field(&receipt["error"], "message");
    if !error.is_empty() {
        text.push_str(&format!("    failed: {}\n", clean(error)));
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    | {}\n", clean(line))).collect()
}

fn step(step: &Value) -> Vec<String> {
    let attempts = items(&step["attempts"]);
    let model = attempts.last().map(|attempt| word(&attempt["model"])).unwrap_or_default();
    // The calls of a tiny profile are no second tries.
    let calls: BTreeSet<u64> = attempts.iter().filter_map(|attempt| attempt["call"].as_u64()).collect();
    let again = attempts.len().saturating_sub(calls.len().max(1));
    let tries = match (calls.len(), again) {
        (0 | 1, 0) => String::new(),
        (0 | 1, again) => format!("{} attempts", again + 1),
        (calls, 0) => format!("{calls} calls"),
        (calls, again) => format!("{calls} calls, {again} tried again"),
    };
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
    fn the_calls_of_a_tiny_profile_are_not_told_as_attempts() {
        let told = |calls: &[u64]| {
            let attempts: Vec<Value> = calls.iter().map(|call| json!({"call": call, "model": "m"})).collect();
            step(&json!({"name": "a", "attempts": attempts})).pop()
        };
        assert_eq!(told(&[0]).as_deref(), Some(""));
        assert_eq!(told(&[0, 0]).as_deref(), Some("2 attempts"));
        assert_eq!(told(&[0, 1, 2]).as_deref(), Some("3 calls"));
        assert_eq!(told(&[0, 1, 1, 2]).as_deref(), Some("3 calls, 1 tried again"));
    }

    #[test]
    fn a_run_whose_process_is_gone_says_how_it_goes_on() {
        let left = json!({"id": "run_1", "status": "running", "live": false});
        assert!(run(&left).contains("go on with: atelier runs resume run_1"));
        let live = json!({"id": "run_1", "status": "running", "live": true});
        assert!(!run(&live).contains("resume"));
    }

    #[test]
    fn a_receipt_is_a_line_and_with_receipts_the_whole_prompt() {
        let receipt = json!({
            "id": "rcp_1", "agent": "plot", "model": "ollama:m", "total_ms": 12, "step": "a", "attempt": 1, "template": "t@1",
            "usage": {"input_tokens": 3, "output_tokens": 4},
            "messages": [{"role": "user", "content": "Build\nit."}], "output": "{}",
            "context": [{"source": "canon", "title": "rule", "tokens": 2, "included": false, "reason": "over budget"}],
        });
        let all = json!({"id": "run_1", "status": "done", "receipts": [receipt]});
        let short = run(&all);
        assert!(short.contains("  rcp_1  plot  ollama:m  3 read, 4 written  12 ms\n"), "{short}");
        assert!(!short.contains("Build"));
        let whole = run_with_receipts(&all);
        for line in
            ["    | Build\n    | it.\n", "    out canon: rule (2 tokens; over budget)\n", "    | {}\n"]
        {
            assert!(whole.contains(line), "{whole}");
        }
    }

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
