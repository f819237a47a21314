//! The mirror: ordinary files that a person can read without this program.
//!
//! `outputs/<kind>/<name>.json` and `.md` hold artifacts, `buckets/<type>/<slug>.md` the buckets, as they are on the
//! main branch. `mirror.json` beside them says what was written last, so that an edited file is told from an old one.
//!
//! **Invariant**: a file that a person edited is never overwritten; it is kept beside the new one as a conflict copy.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_domain::state::{Bucket, Content};
use atelier_domain::{BranchId, Hash, State, Text, name};
use atelier_store::Log;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Failure;

/// What was written, by path below the project's folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    /// The event the files show.
    seq: u64,
    /// The hash of each file as it was written.
    files: BTreeMap<String, Hash>,
}

/// A file as it should be.
struct Wanted {
    path: String,
    text: String,
}

/// A file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) what: &'static str,
}

/// Brings the files of a project to its state. Blocks.
pub(crate) fn write(folder: &Path, state: &State, log: &dyn Log) -> Result<(), Failure> {
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(()) };
    let failed = |path: &str, error: io::Error| {
        Failure::failed(
            "mirror",
            format!("cannot write {path} of the project: {error}"),
            "check space and rights, then run `atelier verify --rebuild`",
        )
    };
    let mut written = read_written(folder);
    let before = written.files.clone();
    let mut now = BTreeMap::new();
    for wanted in wanted(content, log)? {
        let hash = Hash::of(wanted.text.as_bytes());
        let path = confined(folder, &wanted.path).map_err(|error| failed(&wanted.path, error))?;
        match fs::read(&path).map(|bytes| Hash::of(&bytes)) {
            Ok(found) if found == hash => {}
            Ok(found) => {
                if before.get(&wanted.path).is_some_and(|ours| *ours != found)
                    || !before.contains_key(&wanted.path)
                {
                    keep_copy(&path).map_err(|error| failed(&wanted.path, error))?;
                }
                replace(&path, &wanted.text).map_err(|error| failed(&wanted.path, error))?;
            }
            Err(_) => replace(&path, &wanted.text).map_err(|error| failed(&wanted.path, error))?,
        }
        now.insert(wanted.path, hash);
    }
    for (gone, ours) in before.iter().filter(|(path, _)| !now.contains_key(*path)) {
        let path = confined(folder, gone).map_err(|error| failed(gone, error))?;
        if fs::read(&path).is_ok_and(|bytes| Hash::of(&bytes) == *ours) {
            fs::remove_file(&path).map_err(|error| failed(gone, error))?;
        }
    }
    if now != before || written.seq != state.seq {
        written = Written { seq: state.seq, files: now };
        let text = serde_json::to_string(&written)
            .map_err(|error| Failure::failed("mirror", error.to_string(), ""))?;
        replace(&folder.join("mirror.json"), &text).map_err(|error| failed("mirror.json", error))?;
    }
    Ok(())
}

/// What differs between the files and the state. Blocks, and writes nothing.
pub(crate) fn differences(folder: &Path, state: &State, log: &dyn Log) -> Result<Vec<Difference>, Failure> {
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(Vec::new()) };
    let mut differences = Vec::new();
    for wanted in wanted(content, log)? {
        let what = match fs::read(folder.join(&wanted.path)) {
            Ok(bytes) if bytes == wanted.text.as_bytes() => continue,
            Ok(_) => "differs from the project",
            Err(_) => "is missing",
        };
        differences.push(Difference { path: wanted.path, what });
    }
    Ok(differences)
}

fn read_written(folder: &Path) -> Written {
    // What cannot be read is derived: every file then counts as not ours and is kept as a copy where it differs.
    fs::read_to_string(folder.join("mirror.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn wanted(content: &Content, log: &dyn Log) -> Result<Vec<Wanted>, Failure> {
    let mut files = Vec::new();
    for artifact in content.artifacts.values() {
        let stem = format!("outputs/{}/{}", name::slug(&artifact.kind), name::slug(&artifact.name));
        let value: Value = serde_json::from_str(&text(&artifact.content, log)?).unwrap_or(Value::Null);
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        files.push(Wanted { path: format!("{stem}.json"), text: pretty });
        if let Some(markdown) = &artifact.markdown {
            let markdown = text(markdown, log)?;
            files.push(Wanted { path: format!("{stem}.md"), text: format!("{}\n", markdown.trim_end()) });
        }
    }
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    for bucket in content.live(None) {
        let stem = format!("buckets/{}/{}", name::slug(&bucket.r#type), name::slug(&bucket.title));
        let n = taken.entry(stem.clone()).or_default();
        *n += 1;
        let path = if *n == 1 { format!("{stem}.md") } else { format!("{stem}-{n}.md") };
        files.push(Wanted { path, text: bucket_file(bucket, &text(&bucket.body, log)?) });
    }
    Ok(files)
}

/// Markdown with YAML front matter; JSON values are YAML values.
fn bucket_file(bucket: &Arc<Bucket>, body: &str) -> String {
    let line = |key: &str, value: Value| format!("{key}: {value}\n");
    let mut front = String::from("---\n");
    front += &line("id", Value::String(bucket.id.to_string()));
    front += &line("type", Value::String(bucket.r#type.clone()));
    front += &line("title", Value::String(bucket.title.clone()));
    if !bucket.aliases.is_empty() {
        front += &line("aliases", Value::from(bucket.aliases.clone()));
    }
    front += &line("version", Value::from(bucket.version));
    front += &line("seq", Value::from(bucket.seq));
    front += &line("hash", Value::String(Hash::of(body.as_bytes()).to_string()));
    if !bucket.fields.is_empty() {
        front += "fields:\n";
        for (key, value) in &bucket.fields {
            front += &format!("  {}: {value}\n", Value::String(key.clone()));
        }
    }
    format!("{front}---\n\n# {}\n\n{}\n", bucket.title, body.trim_end())
}

fn text(text: &Text, log: &dyn Log) -> Result<Arc<str>, Failure> {
    match text {
        Text::Inline(text) => Ok(text.clone()),
        Text::Blob { blob, .. } => log.blob(blob)?.ok_or_else(|| {
            Failure::failed(
                "missing_text",
                format!("the text {blob} is not in the project"),
                "run `atelier verify`",
            )
        }),
    }
}

/// The path of a mirrored file, which must not lead out of the folder through a link.
fn confined(folder: &Path, path: &str) -> io::Result<PathBuf> {
    let full = folder.join(path);
    let parent = full.parent().unwrap_or(folder);
    fs::create_dir_all(parent)?;
    if !parent.canonicalize()?.starts_with(folder.canonicalize()?) {
        return Err(io::Error::other("a link in the project's folder leads out of it"));
    }
    Ok(full)
}

/// Puts a text in place of a file at once: readers see the old or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("new~");
    fs::write(&temporary, text)?;
    fs::rename(&temporary, path)
}

/// Keeps an edited file beside the place it stood at.
fn keep_copy(path: &Path) -> io::Result<()> {
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("file").to_owned();
    let extension = path.extension().and_then(|s| s.to_str()).unwrap_or("md").to_owned();
    let free = (1..)
        .map(|n| path.with_file_name(format!("{stem}.edited-{n}.{extension}")))
        .find(|copy| !copy.exists());
    match free {
        Some(copy) => fs::rename(path, copy),
        None => Ok(()),
    }
}
