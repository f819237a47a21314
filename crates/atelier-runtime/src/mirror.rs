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
use std::time::Duration;

use atelier_domain::state::{Bucket, Content};
use atelier_domain::{BranchId, Hash, ProjectId, State, Text, name};
use atelier_store::{Health, Log, Store};
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::actor::blocking;
use crate::codes;
use crate::follow::{Notice, Update};
use crate::project::Project;
use crate::tasks::{OnCancel, Tasks};
use crate::{Failure, clock};

/// A project at work changes many times a second; its files follow this much later.
const TOGETHER: Duration = Duration::from_millis(50);

/// Of each file so many copies are looked for when they are listed.
const COPIES_LOOKED_FOR: u32 = 9;

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
    pub(crate) what: String,
}

impl Difference {
    fn unwritten(path: String, why: &io::Error) -> Self {
        Self { path, what: format!("cannot be written: {why}") }
    }
}

/// Starts the task that keeps the files of a project up to date with its main branch, until its actor ends.
pub(crate) fn keep(tasks: &Tasks, project: &Project, store: Arc<dyn Store>, folder: PathBuf) {
    let (mut states, log, turn, id, updates) =
        (project.watch(), project.log.clone(), project.files.clone(), project.id, project.updates.clone());
    let mirrored = project.mirrored.clone();
    let ended = project.end().shared();
    tasks.spawn("mirror", Some(id), OnCancel::Finish, async move {
        // The first look takes up what an earlier process did not get to, and what is missing. It leaves alone what a
        // person changed meanwhile: that is told by `verify`, and mended by it or with the next change.
        let mut shown: Option<Content> = None;
        let mut noted = states.borrow().seq;
        loop {
            let state = states.borrow_and_update().clone();
            if state.seq > noted {
                noted = state.seq;
                store.note(id, noted, clock::now());
            }
            let seq = state.seq;
            let content = state.content(&BranchId::MAIN).cloned();
            let extent = match &shown {
                None => Some(if is_behind(&folder, &state) { Extent::All } else { Extent::Missing }),
                Some(_) => is_changed(shown.as_ref(), content.as_ref()).then_some(Extent::All),
            };
            // What cannot be written is not tried; whoever asks is told why.
            if let Some(extent) = extent.filter(|_| log.health() == Health::Ok) {
                let (log, folder, turn) = (log.clone(), folder.clone(), turn.clone());
                match blocking(move || write(&folder, &state, &*log, &turn, extent)).await {
                    Ok(aftermath) => tell(id, &updates, aftermath),
                    Err(failure) => {
                        tracing::error!(project = %id, error = %failure, "the files of the project are not up to date");
                    }
                }
            }
            shown = content;
            mirrored.send_replace(Some(seq));
            if states.changed().await.is_err() {
                return;
            }
            // What follows at once is shown together.
            tokio::time::timeout(TOGETHER, ended.clone()).await.ok();
        }
    });
}

/// Tells those who look on, and the log of the program where nobody does.
fn tell(id: ProjectId, updates: &broadcast::Sender<Update>, aftermath: Aftermath) {
    let mut notices = Vec::new();
    for (path, copy) in aftermath.set_aside {
        tracing::warn!(project = %id, path, copy, "a file that was edited by hand is kept as a copy beside the new one");
        notices.push(Notice::SetAside { path, copy });
    }
    for Difference { path, what } in aftermath.left {
        tracing::error!(project = %id, path, what, "a file of the project is not up to date");
        notices.push(Notice::NotWritten { path, what });
    }
    for notice in notices {
        // Nobody watching is no error.
        updates.send(Update::Notice(notice)).ok();
    }
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

/// What became of files that were not simply written.
#[derive(Debug, Default)]
pub(crate) struct Aftermath {
    /// Files that a person had edited, and the copies they are kept as.
    pub(crate) set_aside: Vec<(String, String)>,
    /// Files that could not be written.
    pub(crate) left: Vec<Difference>,
}

/// Brings the files of a project to its state; one writer at a time. One file in the way of ours is left alone and
/// told, and the others are written. Blocks.
pub(crate) fn write(
    folder: &Path,
    state: &State,
    log: &dyn Log,
    turn: &Mutex<()>,
    extent: Extent,
) -> Result<Aftermath, Failure> {
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let mut aftermath = Aftermath::default();
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(aftermath) };
    let mut written = read_written(folder);
    let before = written.files.clone();
    let mut now = BTreeMap::new();
    for wanted in wanted(content, log)? {
        let ours = before.get(&wanted.path).copied();
        match bring(folder, &wanted, ours, extent) {
            Ok(Brought::Shows) => {}
            Ok(Brought::SetAside(copy)) => aftermath.set_aside.push((wanted.path.clone(), copy)),
            Ok(Brought::Left) => {
                now.extend(ours.map(|ours| (wanted.path, ours)));
                continue;
            }
            Err(error) if ends_all(&error) => return Err(failed(&wanted.path, &error)),
            Err(error) => {
                now.extend(ours.map(|ours| (wanted.path.clone(), ours)));
                aftermath.left.push(Difference::unwritten(wanted.path, &error));
                continue;
            }
        }
        now.insert(wanted.path, Hash::of(wanted.text.as_bytes()));
    }
    if extent == Extent::Missing {
        let others = before.iter().filter(|(path, _)| !now.contains_key(*path));
        now.extend(others.map(|(path, ours)| (path.clone(), *ours)).collect::<Vec<_>>());
    }
    for (gone, ours) in before.iter().filter(|(path, _)| !now.contains_key(*path)) {
        if let Err(error) = remove(folder, gone, ours) {
            aftermath.left.push(Difference::unwritten(gone.clone(), &error));
        }
    }
    if now != before || (extent == Extent::All && written.seq != state.seq) {
        let seq = if extent == Extent::All { state.seq } else { written.seq };
        written = Written { seq, files: now };
        let text = serde_json::to_string(&written)
            .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))?;
        replace(&folder.join("mirror.json"), &text).map_err(|error| failed("mirror.json", &error))?;
    }
    Ok(aftermath)
}

/// What became of one file.
enum Brought {
    /// It shows what it should.
    Shows,
    /// So it does, and what stood there is kept as this copy.
    SetAside(String),
    /// It stays as it is.
    Left,
}

fn bring(folder: &Path, wanted: &Wanted, ours: Option<Hash>, extent: Extent) -> io::Result<Brought> {
    let path = confined(folder, &wanted.path)?;
    // A link is no file of ours, whatever it leads to.
    let found = match fs::symlink_metadata(&path) {
        Ok(about) if about.is_file() => Some(Hash::of(&fs::read(&path)?)),
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            replace(&path, &wanted.text)?;
            return Ok(Brought::Shows);
        }
        Err(error) => return Err(error),
    };
    if found == Some(Hash::of(wanted.text.as_bytes())) {
        return Ok(Brought::Shows);
    }
    if extent == Extent::Missing {
        return Ok(Brought::Left);
    }
    let set_aside = if found.is_none() || found != ours { Some(keep_copy(&path)?) } else { None };
    replace(&path, &wanted.text)?;
    Ok(match set_aside {
        Some(copy) => Brought::SetAside(copy.strip_prefix(folder).unwrap_or(&copy).display().to_string()),
        None => Brought::Shows,
    })
}

/// Takes a file away that shows what is gone; one that was edited stays.
fn remove(folder: &Path, path: &str, ours: &Hash) -> io::Result<()> {
    let path = confined(folder, path)?;
    let is_file = fs::symlink_metadata(&path).is_ok_and(|about| about.is_file());
    if is_file && fs::read(&path).is_ok_and(|bytes| Hash::of(&bytes) == *ours) {
        fs::remove_file(&path)?;
    }
    Ok(())
}

/// Whether no other file can be written either.
fn ends_all(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::StorageFull | Kind::QuotaExceeded | Kind::ReadOnlyFilesystem)
}

fn failed(path: &str, error: &io::Error) -> Failure {
    Failure::failed(
        codes::MIRROR_UNWRITABLE,
        format!("cannot write {path} of the project: {error}"),
        "check space and rights, then run `atelier verify --rebuild`",
    )
}

/// The copies of edited files that lie beside ours. Blocks, and writes nothing.
pub(crate) fn copies(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in read_written(folder).files.keys() {
        let path = Path::new(path);
        let copy = |n: u32| copy_of(path, n).filter(|copy| fs::symlink_metadata(folder.join(copy)).is_ok());
        // Copies have no gaps until a person takes one away: it may be the first of several.
        found.extend((1..=COPIES_LOOKED_FOR).filter_map(copy).map(|copy| copy.display().to_string()));
    }
    found
}

/// What differs between the files and the state. Blocks, and writes nothing.
pub(crate) fn differences(folder: &Path, state: &State, log: &dyn Log) -> Result<Vec<Difference>, Failure> {
    let Some(content) = state.content(&BranchId::MAIN) else { return Ok(Vec::new()) };
    let mut differences = Vec::new();
    let mut known = BTreeSet::new();
    for wanted in wanted(content, log)? {
        known.insert(wanted.path.clone());
        let path = folder.join(&wanted.path);
        let what = match fs::symlink_metadata(&path) {
            Ok(about) if !about.is_file() => "is in the way: it is no ordinary file",
            Ok(_) if fs::read(&path).is_ok_and(|bytes| bytes == wanted.text.as_bytes()) => continue,
            Ok(_) => "differs from the project",
            Err(_) => "is missing",
        };
        differences.push(Difference { path: wanted.path, what: what.to_owned() });
    }
    let left_over = read_written(folder).files.into_iter().filter(|(path, ours)| {
        let found = || fs::read(folder.join(path)).is_ok_and(|bytes| Hash::of(&bytes) == *ours);
        !known.contains(path) && found()
    });
    differences.extend(left_over.map(|(path, _)| Difference { path, what: "shows what is gone".to_owned() }));
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
fn keep_copy(path: &Path) -> io::Result<PathBuf> {
    let is_free = |copy: &PathBuf| fs::symlink_metadata(copy).is_err();
    let copy = (1..).filter_map(|n| copy_of(path, n)).find(is_free);
    let copy = copy.ok_or_else(|| io::Error::other("there is no free name for a copy of it"))?;
    fs::rename(path, &copy)?;
    Ok(copy)
}

/// The name of a copy of an edited file.
fn copy_of(path: &Path, n: u32) -> Option<PathBuf> {
    let (stem, extension) = (path.file_stem()?.to_str()?, path.extension()?.to_str()?);
    Some(path.with_file_name(format!("{stem}.edited-{n}.{extension}")))
}
