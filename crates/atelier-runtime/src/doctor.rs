//! What the machine has, what is missing and how to get it.

use std::fs;
use std::path::Path;

use atelier_models::{Gateway, ModelSpec};
use serde_json::{Value, json};

use crate::Config;
use crate::config::BUILTIN_MODEL;

/// `doctor`.
pub(crate) async fn checks(data: &Path, config: &Config, gateway: &Gateway) -> Value {
    let mut checks = vec![processor(), memory(), disk(data), rights(data)];
    checks.push(embedded(config, gateway));
    checks.push(embeddings(config));
    checks.extend(servers(gateway).await);
    checks.push(keys(config));
    let ok = checks.iter().all(|check| check["status"] != "missing");
    json!({"ok": ok, "checks": checks})
}

/// The checks that ask nobody else. Blocks as long as the disk takes.
pub(crate) fn quick(data: &Path) -> Value {
    let checks = vec![memory(), disk(data), rights(data)];
    let ok = checks.iter().all(|check| check["status"] != "missing");
    json!({"ok": ok, "checks": checks})
}

fn check(name: &str, status: &str, detail: impl Into<String>, fix: &str) -> Value {
    json!({"name": name, "status": status, "detail": detail.into(), "fix": fix})
}

fn processor() -> Value {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    check("processor", "ok", format!("{cores} cores"), "")
}

fn memory() -> Value {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"));
    match line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()) {
        Some(kib) if kib < 512 * 1024 => check(
            "memory",
            "warn",
            format!("{} MiB are free", kib / 1024),
            "close other programs before using the embedded model",
        ),
        Some(kib) => check("memory", "ok", format!("{} MiB are free", kib / 1024), ""),
        None => check("memory", "warn", "the free memory cannot be read on this system", ""),
    }
}

fn disk(data: &Path) -> Value {
    match fs4::available_space(data) {
        Ok(bytes) if bytes < 1 << 30 => check(
            "disk",
            "warn",
            format!("{} MiB are free for the data folder", bytes >> 20),
            "free some space: a full disk makes projects read-only",
        ),
        Ok(bytes) => check("disk", "ok", format!("{} GiB are free for the data folder", bytes >> 30), ""),
        Err(error) => check("disk", "warn", format!("the free space cannot be read: {error}"), ""),
    }
}

fn rights(data: &Path) -> Value {
    let probe = data.join(".doctor");
    match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => check("rights", "ok", format!("{} can be written", data.display()), ""),
        Err(error) => check(
            "rights",
            "missing",
            format!("{} cannot be written: {error}", data.display()),
            "give yourself the right to write there, or choose another folder with --data",
        ),
    }
}

fn embedded(config: &Config, gateway: &Gateway) -> Value {
    let file = config.models_dir().join("smollm2-135m-instruct-q4_0.gguf");
    let exact = BUILTIN_MODEL.parse::<ModelSpec>().is_ok_and(|spec| gateway.traits_of(&spec).exact_tokens);
    match (file.exists(), exact) {
        (true, true) => {
            check("embedded model", "ok", format!("{BUILTIN_MODEL} in {}", config.models_dir().display()), "")
        }
        (true, false) => check(
            "embedded model",
            "missing",
            format!("{} cannot be read", file.display()),
            "install it again: cargo xtask setup",
        ),
        (false, _) => check(
            "embedded model",
            "missing",
            format!("{} is not there", file.display()),
            "run `cargo xtask setup`, or `atelier models install FILE.gguf`, or set models.default",
        ),
    }
}

fn embeddings(config: &Config) -> Value {
    let folder = config.models_dir().join("all-minilm-l6-v2");
    match folder.join("model.safetensors").exists() {
        true => check("embedded embeddings", "ok", "all-minilm-l6-v2", ""),
        false => check(
            "embedded embeddings",
            "warn",
            format!("{} is not there", folder.display()),
            "run `cargo xtask setup`",
        ),
    }
}

async fn servers(gateway: &Gateway) -> Vec<Value> {
    let found = gateway.discover().await;
    if found.is_empty() {
        return vec![check("model servers", "ok", "none runs on this machine; none is needed", "")];
    }
    found
        .iter()
        .map(|f| check(f.name, "ok", format!("{} with {}", f.base_url, f.specs.join(", ")), ""))
        .collect()
}

fn keys(config: &Config) -> Value {
    match config.key_places() {
        places if places.is_empty() => {
            check("keys", "ok", "no key of a hosted model is set; none is needed", "")
        }
        places => check("keys", "ok", format!("there are keys for {}", places.join(", ")), ""),
    }
}
