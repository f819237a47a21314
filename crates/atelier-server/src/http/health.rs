//! How the machine and the studio are: `/doctor`, `/tasks`, and `/health` beside the API

use std::time::Instant;

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::Params;
use crate::schema::{Check, Doctor, Items, Task};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_doctor)).routes(routes!(list_tasks))
}

pub(super) fn outside() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_health)).routes(routes!(show_keys)).routes(routes!(show_metrics))
}

/// What the machine has, what is missing, how to mend it
#[utoipa::path(get, path = "/doctor", tag = "health",
    responses((status = 200, description = "Every check.", body = Doctor)))]
async fn show_doctor(State(api): State<Api>) -> Answer {
    Ok(Json(api.ask(Request::Doctor {}).await?))
}

/// What the studio is at work on
#[utoipa::path(get, path = "/tasks", tag = "health", params(Paging),
    responses((status = 200, description = "Every task.", body = Items<Task>)))]
async fn list_tasks(State(api): State<Api>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::Tasks {}).await?, "name")
}

/// What the studio cannot do without.
const OWN: [&str; 4] = ["studio", "projects", "disk", "rights"];

/// How the studio is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Health {
    /// Whether nothing is missing that the studio itself needs; a model that is missing is told of in `checks`.
    ok: bool,
    /// Its version.
    version: String,
    /// What was looked at.
    checks: Vec<Check>,
}

/// Whether the studio is well
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, description = "Each thing it depends on, with how long it took to answer.", body = Health)))]
async fn show_health(State(api): State<Api>) -> Answer {
    let begun = Instant::now();
    let list = match api.studio().handle(Request::ProjectList {}).await {
        Ok(list) => check("projects", "ok", format!("{} projects", list.as_array().map_or(0, Vec::len)), ""),
        Err(failure) => check("projects", "missing", failure.message, &failure.hint),
    };
    let list = timed(list, begun);
    let begun = Instant::now();
    let work = format!("{} runs at work", api.studio().driven().await);
    let mut checks = vec![timed(check("studio", "ok", work, ""), begun), list];
    let begun = Instant::now();
    for model in api.ask(Request::ModelsList {}).await?.as_array().into_iter().flatten() {
        let word = |key: &str| model[key].as_str().unwrap_or_default().to_owned();
        let status = if model["available"] == true { "ok" } else { "warn" };
        let name = format!("model {}", word("model"));
        checks.push(timed(check(&name, status, word("detail"), &word("hint")), begun));
    }
    let begun = Instant::now();
    let doctor = api.ask(Request::Doctor {}).await?;
    let found = doctor["checks"].as_array().into_iter().flatten();
    checks.extend(found.map(|found| timed(found.clone(), begun)));
    // A model that is missing is told of; the studio itself is well without it.
    let own = |check: &&Value| OWN.iter().any(|name| check["name"] == *name);
    let ok = checks.iter().filter(own).all(|check| check["status"] != "missing");
    Ok(Json(json!({"ok": ok, "version": env!("CARGO_PKG_VERSION"), "checks": checks})))
}

/// For which providers there is a key; never the keys
#[utoipa::path(get, path = "/keys", tag = "health",
    responses((status = 200, description = "Providers and servers.", body = Vec<String>)))]
async fn show_keys(State(api): State<Api>) -> Answer {
    Ok(Json(api.ask(Request::Keys {}).await?))
}

/// What is counted, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "Counts.", body = String, content_type = "text/plain")))]
async fn show_metrics(State(api): State<Api>) -> impl IntoResponse {
    let tasks = api.studio().tasks().list();
    let n = |name: &str| tasks.iter().filter(|task| task.name == name).count() as u64;
    let counts = [
        (
            "atelier_runs_at_work",
            "gauge",
            "Runs whose calls are being made.",
            api.studio().driven().await as u64,
        ),
        ("atelier_projects_awake", "gauge", "Projects that are open.", n("project actor")),
        ("atelier_calls_in_flight", "gauge", "Effects under way.", n("effect")),
        ("atelier_tasks", "gauge", "Tasks at work.", tasks.len() as u64),
        ("atelier_http_connections", "gauge", "Connections.", n("connection")),
        ("atelier_stream_readers", "gauge", "Readers of streams.", api.live().readers() as u64),
        ("atelier_stream_resyncs_total", "counter", "Readers that were too slow.", api.live().resyncs()),
        ("process_resident_memory_bytes", "gauge", "Memory.", resident_bytes()),
    ];
    let lines: String = counts
        .iter()
        .map(|(name, kind, help, n)| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {n}\n"))
        .collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], lines)
}

fn check(name: &str, status: &str, detail: impl Into<String>, fix: &str) -> Value {
    json!({"name": name, "status": status, "detail": detail.into(), "fix": fix})
}

fn timed(mut check: Value, since: Instant) -> Value {
    check["latency_ms"] = json!((since.elapsed().as_secs_f64() * 1e6).round() / 1e3);
    check
}

/// 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}
