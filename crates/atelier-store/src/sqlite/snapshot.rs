//! Snapshots: states kept so that opening need not begin at the first event.
//!
//! Files in `snapshots/` of the project, derived and therefore never synced: a torn, foreign or outdated one is
//! noticed by its checksum and dropped. A snapshot carries the link of its event and is only used in that history.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::chain::Link;
use super::fault::io;
use super::open;
use super::row::link_of;
use super::shared::Shared;
use crate::Error;

const MAGIC: &[u8; 8] = b"ATLSNAP1";
/// Magic, fold version, number, link, checksum.
const HEADER: usize = 8 + 4 + 8 + 16 + 32;

/// Of old snapshots so many remain, spread evenly, so that any past state is near to one.
const SPREAD: u64 = 64;

/// Keeps a state.
pub(super) fn put(shared: &Shared, seq: u64, fold: u32, state: &[u8]) -> Result<(), Error> {
    let link = shared.read(|db| link_of(db, &shared.path, shared.project, seq))?;
    let folder = folder(&shared.folder);
    open::private_folder(&folder)?;
    let packed = zstd::bulk::compress(state, 1).map_err(io("compress a snapshot for", &folder))?;
    let path = folder.join(format!("{seq}-{fold}.snap"));
    let draft = folder.join(format!("{seq}-{fold}.new"));
    let mut file = open::private_file(&draft, OpenOptions::new().write(true).create(true).truncate(true))?;
    let head = header(seq, fold, &link, &packed);
    file.write_all(&head).and_then(|()| file.write_all(&packed)).map_err(io("write", &draft))?;
    std::fs::rename(&draft, &path).map_err(io("write", &path))?;
    thin(&folder, seq)
}

/// The newest state that can be used.
pub(super) fn latest(shared: &Shared, at_or_before: u64, fold: u32) -> Result<Option<(u64, Vec<u8>)>, Error> {
    let upto = at_or_before.min(shared.last_seq());
    for (seq, path) in list(&folder(&shared.folder))?.into_iter().rev() {
        if seq > upto {
            continue;
        }
        let link = shared.read(|db| link_of(db, &shared.path, shared.project, seq))?;
        match read(&path, seq, fold, &link) {
            Some(state) => return Ok(Some((seq, state))),
            None => {
                tracing::info!(project = %shared.project, seq, "an unusable snapshot is dropped");
                if let Err(error) = std::fs::remove_file(&path) {
                    // It is passed over the next time as well.
                    tracing::warn!(project = %shared.project, seq, %error, "an unusable snapshot stays where it is");
                }
            }
        }
    }
    Ok(None)
}

/// Removes all.
pub(super) fn drop_all(shared: &Shared) -> Result<(), Error> {
    let folder = folder(&shared.folder);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", &folder)(error)),
        _ => Ok(()),
    }
}

/// The files of snapshots that are there but could not be used, with their numbers.
pub(super) fn unusable(shared: &Shared) -> Result<Vec<(u64, PathBuf)>, Error> {
    let mut bad = Vec::new();
    for (seq, path) in list(&folder(&shared.folder))? {
        let fits = seq <= shared.last_seq() && {
            let link = shared.read(|db| link_of(db, &shared.path, shared.project, seq))?;
            fold_of(&path).is_some_and(|fold| read(&path, seq, fold, &link).is_some())
        };
        if !fits {
            bad.push((seq, path));
        }
    }
    Ok(bad)
}

/// Bytes on disk.
pub(super) fn bytes(project: &Path) -> Result<u64, Error> {
    let mut sum = 0;
    for (_, path) in list(&folder(project))? {
        sum += std::fs::metadata(&path).map_err(io("look at", &path))?.len();
    }
    Ok(sum)
}

fn folder(project: &Path) -> PathBuf {
    project.join("snapshots")
}

fn header(seq: u64, fold: u32, link: &Link, packed: &[u8]) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&fold.to_le_bytes());
    head.extend_from_slice(&seq.to_le_bytes());
    head.extend_from_slice(link);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head).update(packed);
    head.extend_from_slice(hasher.finalize().as_bytes());
    head
}

fn read(path: &Path, seq: u64, fold: u32, link: &Link) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let (head, packed) = bytes.split_at_checked(HEADER)?;
    if head != header(seq, fold, link, packed) {
        return None;
    }
    zstd::stream::decode_all(packed).ok()
}

/// All snapshots, oldest first.
fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io("look into", folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(io("look into", folder))?.path();
        let name =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".snap"));
        if let Some(seq) = name.and_then(|name| name.split_once('-')).and_then(|(seq, _)| seq.parse().ok()) {
            found.push((seq, path));
        }
    }
    found.sort();
    Ok(found)
}

fn fold_of(path: &Path) -> Option<u32> {
    path.file_stem()?.to_str()?.split_once('-')?.1.parse().ok()
}

/// Removes old ones that stand too close to their neighbours; the two newest always stay.
fn thin(folder: &Path, newest: u64) -> Result<(), Error> {
    let all = list(folder)?;
    let mut kept = 0;
    for (seq, path) in &all[..all.len().saturating_sub(2)] {
        if *seq >= kept + newest / SPREAD {
            kept = *seq;
        } else {
            std::fs::remove_file(path).map_err(io("remove", path))?;
        }
    }
    Ok(())
}
