//! The files of a project's `outputs/`, for whoever reads them through the studio.
//!
//! Owns: which names are told and read. Does not own: the files (`crate::mirror` writes them).
//!
//! **Invariant**: nothing outside the folder is read, whatever a path or a link in it says.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use atelier_domain::Timestamp;
use serde_json::{Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::{Failure, codes};

/// Files told of at most.
const MOST_FILES: usize = 50_000;
/// A file longer than this is not read whole.
const MOST_BYTES: u64 = 64 << 20;

impl Studio {
    pub(super) async fn outputs(&self, project: &str) -> Result<Value, Failure> {
        let folder = self.outputs_folder(project).await?;
        blocking(move || {
            let mut files = Vec::new();
            list(&folder, &folder, &mut files)?;
            files.sort_by(|a: &Value, b| a["path"].as_str().cmp(&b["path"].as_str()));
            Ok(Value::Array(files))
        })
        .await
    }

    pub(super) async fn output(&self, project: &str, path: &str) -> Result<Value, Failure> {
        let folder = self.outputs_folder(project).await?;
        let path = path.to_owned();
        blocking(move || read(&folder, &path)).await
    }

    async fn outputs_folder(&self, project: &str) -> Result<PathBuf, Failure> {
        // An open project keeps its files as its log says.
        let project = self.project(project).await?;
        Ok(self.folder(project.id).join("outputs"))
    }
}

fn list(root: &Path, folder: &Path, files: &mut Vec<Value>) -> Result<(), Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| unreadable(folder, &error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let about = entry.metadata().map_err(|error| unreadable(&entry.path(), &error))?;
        let path = entry.path();
        // A link is neither: `metadata` of an entry does not follow it.
        if about.is_dir() {
            list(root, &path, files)?;
        } else if about.is_file()
            && files.len() < MOST_FILES
            && let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
            && !is_hidden(name)
        {
            files.push(line(name, &about));
        }
    }
    Ok(())
}

fn line(name: &str, about: &fs::Metadata) -> Value {
    let since = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let updated_at = Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    json!({"path": name, "bytes": about.len(), "updated_at": updated_at})
}

fn read(root: &Path, path: &str) -> Result<Value, Failure> {
    let none = || Failure::not_found("output", path, "see the list of outputs");
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
    if !path.split('/').all(plain) || is_hidden(path) {
        return Err(none());
    }
    let mut folder = root.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        folder.push(part);
        let about = fs::symlink_metadata(&folder).map_err(|_| none())?;
        let as_wanted = if parts.peek().is_some() { about.is_dir() } else { about.is_file() };
        if !as_wanted {
            return Err(none());
        }
    }
    // A link that is put there between the look and this is refused by the system.
    let file = File::options().read(true).custom_flags(libc::O_NOFOLLOW).open(&folder).map_err(|_| none())?;
    let about = file.metadata().map_err(|error| unreadable(&folder, &error))?;
    if about.len() > MOST_BYTES {
        let message = format!("the output `{path}` has {} bytes", about.len());
        return Err(Failure::refused(codes::OUTPUT_TOO_LONG, message, "read it in the project's folder"));
    }
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| unreadable(&folder, &error))?;
    let mut shown = line(path, &about);
    shown["text"] = Value::String(text);
    Ok(shown)
}

fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot read {}: {error}", path.display());
    Failure::failed(codes::OUTPUT_UNREADABLE, message, "check its rights")
}
