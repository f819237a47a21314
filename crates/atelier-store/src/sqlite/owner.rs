//! Who owns a data folder: one process at a time, by a lock on `DATA/lock` that ends with the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
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
    _file: Option<File>,
    /// Why nothing can be written although the folder is ours.
    unwritable: Option<Error>,
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
        let taken = Arc::new(self.lock()?);
        *held = Arc::downgrade(&taken);
        Ok(taken)
    }

    /// Makes sure that this store may write, from now on.
    pub(super) fn ensure(&self) -> Result<(), Error> {
        let mut kept = locked(&self.kept);
        let held = match &*kept {
            Some(held) => held.clone(),
            None => self.take()?,
        };
        match &held.unwritable {
            Some(why) => Err(why.clone()),
            None => {
                *kept = Some(held);
                Ok(())
            }
        }
    }

    /// A folder that cannot be written is locked all the same, by a file that is there; where there is none, nobody
    /// can make one, and the folder is only read.
    fn lock(&self) -> Result<Held, Error> {
        let options = &mut OpenOptions::new();
        let opened =
            open::private_file(&self.path, options.read(true).write(true).create(true).truncate(false));
        let (mut file, unwritable) = match opened {
            Ok(file) => (file, None),
            Err(error) if error.is_unwritable() => match File::open(&self.path) {
                Ok(file) => (file, Some(self.why(error))),
                Err(missing) if missing.kind() == ErrorKind::NotFound => {
                    return Ok(Held { _file: None, unwritable: Some(self.why(error)) });
                }
                Err(_) => return Err(error),
            },
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { pid: written_pid(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(io("lock", &self.path)(error)),
        }
        if unwritable.is_none()
            && let Err(error) = write_pid(&mut file)
        {
            // The number is only told to others; the lock holds without it.
            tracing::debug!(%error, "the lock does not say whose it is");
        }
        Ok(Held { _file: Some(file), unwritable })
    }

    fn why(&self, error: Error) -> Error {
        match error {
            Error::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                let folder = self.path.parent().unwrap_or(&self.path).to_owned();
                Error::FolderReadOnly { doing: "write in", path: folder }
            }
            error => error,
        }
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    let pid = std::process::id();
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{pid}")
}

fn written_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
