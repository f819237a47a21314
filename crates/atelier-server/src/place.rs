//! Where the socket lies, and how it is reached where the path is longer than a socket's address may be.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The socket's name in the data folder.
pub(crate) const NAME: &str = "socket";

/// What fits into a socket's address everywhere.
const MAX_PATH: usize = 100;

/// A path to the socket that fits. It holds as long as this value lives.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    _folder: Option<File>,
}

impl Place {
    pub(crate) fn of(data: &Path) -> io::Result<Self> {
        let path = data.join(NAME);
        if path.as_os_str().len() <= MAX_PATH {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(data)?;
        let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(NAME);
        Ok(Self { path, _folder: Some(folder) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
