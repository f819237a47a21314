//! Who owns a data folder: one process at a time, by a lock on `DATA/lock` that ends with the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use super::fault::{io, locked};
use super::open;
use crate::Error;

/// The lock of one data folder, as seen by one store.
pub(super) struct Owner {
    path: PathBuf,
    held: Mutex<Weak<Held>>,
    /// Set when somebody wrote without having asked: the store is the owner as long as it lives.
    kept: Mutex<Option<Arc<Held>>>,
}

/// The lock while it is held.
pub(super) struct Held {
    _file: File,
}

impl Owner {
    pub(super) fn new(data: &Path) -> Self {
        Self { path: data.join("lock"), held: Mutex::default(), kept: Mutex::default() }
    }

    /// Takes the lock, or shares the one this store already has.
    pub(super) fn take(&self) -> Result<Arc<Held>, Error> {
        let mut held = locked(&self.held);
        if let Some(held) = held.upgrade() {
            return Ok(held);
        }
        let options = &mut OpenOptions::new();
        let mut file =
            open::private_file(&self.path, options.read(true).write(true).create(true).truncate(false))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { pid: written_pid(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(io("lock", &self.path)(error)),
        }
        let pid = std::process::id();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{pid}"))
            .map_err(io("write", &self.path))?;
        let taken = Arc::new(Held { _file: file });
        *held = Arc::downgrade(&taken);
        Ok(taken)
    }

    /// Makes sure that this store may write, from now on.
    pub(super) fn ensure(&self) -> Result<(), Error> {
        let mut kept = locked(&self.kept);
        if kept.is_none() {
            *kept = Some(self.take()?);
        }
        Ok(())
    }
}

fn written_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
