//! The mirror: ordinary files that a person can read without this program.
//!
//! `outputs/<kind>/<name>.json` and `.md` hold artifacts, `buckets/<type>/<slug>.md` the buckets, as they are on the
//! main branch. `mirror.json` beside them says what was written last, so that an edited file is told from an old one.
//!
//! **Invariant**: a file that a person edited is never overwritten; it is kept beside the new one as a conflict copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use atelier_domain::state::{Bucket, Content};
use atelier_domain::{BranchId, Hash, State, Text, name};
use atelier_store::{Log, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::actor::blocking;
use crate::codes;
use crate::project::Project;
use crate::tasks::{OnCancel, Tasks};
use crate::{Failure, clock};

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

/// Starts the task that keeps the files of a project up to date with its main branch, until its actor ends.
pub(crate) fn keep(tasks: &Tasks, project: &Project, store: Arc<dyn Store>, folder: PathBuf) {
    let (mut states, log, turn, id) =
        (project.watch(), project.log.clone(), project.files.clone(), project.id);
    tasks.spawn("mirror", Some(id), OnCancel::Finish, async move {
        // The first look takes up what an earlier process did not get to, and what is missing. It leaves alone what a
        // person changed meanwhile: that is told by `verify`, and mended by it or with the next change.
        let mut shown: Option<Content> = None;
        loop {
            let state = states.borrow_and_update().clone();
            store.note(id, state.seq, clock::now());
            let content = state.content(&BranchId::MAIN).cloned();
            let extent = match &shown {
                None => Some(if is_behind(&folder, &state) { Extent::All } else { Extent::Missing }),
                Some(_) => is_changed(shown.as_ref(), content.as_ref()).then_some(Extent::All),
            };
            if let Some(extent) = extent {
                let (log, folder, turn) = (log.clone(), folder.clone(), turn.clone());
                if let Err(failure) = blocking(move || write(&folder, &state, &*log, &turn, extent)).await {
                    tracing::error!(project = %id, error = %failure, "the files of the project are not up to date");
                }
            }
            shown = content;
            if states.changed().await.is_err() {
                return;
            }
        }
    });
}

/// Whether files may have to be written. Contents are compared without looking into them.
fn is_changed(shown: Option<&Content>, now: Option<&Content>) -> bool {
    match (shown, now) {
        (Some(shown), Some(now)) => {
            !(shown.buckets.ptr_eq(&now.buckets) && shown.artifacts.ptr_eq(&now.artifacts))
        }
        _ => false,
    }
}

/// Whether something happened that the files do not show yet.
fn is_behind(folder: &Path, state: &State) -> bool {
    let Some(content) = state.content(&BranchId::MAIN) else { return false };
    let buckets = content.buckets.values().map(|bucket| bucket.seq);
    let newest = buckets.chain(content.artifacts.values().map(|artifact| artifact.seq)).max();
    newest.is_some_and(|newest| read_written(folder).seq < newest)
}

/// Which files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every file that is not as it should be.
    All,
    /// Only those that are not there.
    Missing,
}

/// Brings the files of a project to its state; one writer at a time. Blocks.
pub(crate) fn write(
    folder: &Path,
    state: &State,
    log: &dyn Log,
    turn: &Mutex<()>,
    extent: Extent,
) -> Result<(), Failure> {
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(()) };
    let failed = |path: &str, error: io::Error| {
        Failure::failed(
            codes::MIRROR_UNWRITABLE,
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
            Ok(_) if extent == Extent::Missing => {
                now.extend(before.get(&wanted.path).map(|ours| (wanted.path.clone(), *ours)));
                continue;
            }
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
    if extent == Extent::Missing {
        now.extend(
            before
                .iter()
                .filter(|(path, _)| !now.contains_key(*path))
                .map(|(p, h)| (p.clone(), *h))
                .collect::<Vec<_>>(),
        );
    }
    for (gone, ours) in before.iter().filter(|(path, _)| !now.contains_key(*path)) {
        let path = confined(folder, gone).map_err(|error| failed(gone, error))?;
        if fs::read(&path).is_ok_and(|bytes| Hash::of(&bytes) == *ours) {
            fs::remove_file(&path).map_err(|error| failed(gone, error))?;
        }
    }
    if now != before || (extent == Extent::All && written.seq != state.seq) {
        let seq = if extent == Extent::All { state.seq } else { written.seq };
        written = Written { seq, files: now };
        let text = serde_json::to_string(&written)
            .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))?;
        replace(&folder.join("mirror.json"), &text).map_err(|error| failed("mirror.json", error))?;
    }
    Ok(())
}

/// What differs between the files and the state. Blocks, and writes nothing.
pub(crate) fn differences(folder: &Path, state: &State, log: &dyn Log) -> Result<Vec<Difference>, Failure> {
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(Vec::new()) };
    let mut differences = Vec::new();
    let mut known = BTreeSet::new();
    for wanted in wanted(content, log)? {
        known.insert(wanted.path.clone());
        let what = match fs::read(folder.join(&wanted.path)) {
            Ok(bytes) if bytes == wanted.text.as_bytes() => continue,
            Ok(_) => "differs from the project",
            Err(_) => "is missing",
        };
        differences.push(Difference { path: wanted.path, what });
    }
    let left_over = read_written(folder).files.into_iter().filter(|(path, ours)| {
        let found = || fs::read(folder.join(path)).is_ok_and(|bytes| Hash::of(&bytes) == *ours);
        !known.contains(path) && found()
    });
    differences.extend(left_over.map(|(path, _)| Difference { path, what: "shows what is gone" }));
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
    let mut taken = BTreeSet::new();
    for artifact in content.artifacts.values() {
        let stem = format!("outputs/{}/{}", name::slug(&artifact.kind), name::slug(&artifact.name));
        let stem = free(stem, &mut taken);
        let value: Value = serde_json::from_str(&text(&artifact.content, log)?).unwrap_or(Value::Null);
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        files.push(Wanted { path: format!("{stem}.json"), text: pretty });
        if let Some(markdown) = &artifact.markdown {
            let markdown = text(markdown, log)?;
            files.push(Wanted { path: format!("{stem}.md"), text: format!("{}\n", markdown.trim_end()) });
        }
    }
    for bucket in content.live(None) {
        let stem = format!("buckets/{}/{}", name::slug(&bucket.r#type), name::slug(&bucket.title));
        let path = format!("{}.md", free(stem, &mut taken));
        files.push(Wanted { path, text: bucket_file(bucket, &text(&bucket.body, log)?) });
    }
    Ok(files)
}

/// A stem that no other file has: of several alike the later get a number.
fn free(stem: String, taken: &mut BTreeSet<String>) -> String {
    let mut own = stem.clone();
    let mut n = 1;
    while !taken.insert(own.clone()) {
        n += 1;
        own = format!("{stem}-{n}");
    }
    own
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
                codes::TEXT_LOST,
                format!("the text {blob} is not in the project"),
                "run `atelier verify`",
            )
        }),
    }
}

/// The path of a mirrored file, with the folders it needs; none of them may lead out of the project through a link.
fn confined(folder: &Path, path: &str) -> io::Result<PathBuf> {
    let home = folder.canonicalize()?;
    let mut place = folder.to_owned();
    let parent = Path::new(path).parent().unwrap_or(Path::new(""));
    for part in parent.components() {
        let Component::Normal(part) = part else {
            return Err(io::Error::other("the path leads out of the project's folder"));
        };
        place.push(part);
        match fs::create_dir(&place) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if !place.canonicalize()?.starts_with(&home) {
            return Err(io::Error::other("a link in the project's folder leads out of it"));
        }
    }
    Ok(folder.join(path))
}

/// Puts a text in place of a file at once: readers see the old or the new one. A link is replaced, never followed.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("new~");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    file.write_all(text.as_bytes())?;
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
