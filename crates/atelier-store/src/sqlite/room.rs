//! Room ahead of the write-ahead log. A commit that makes the file grow has to wait for the file system's own log as
//! well, three times as long as one that overwrites; so the file grows between commits, by zeros, which SQLite takes
//! for the end of what was written.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// So much is reserved at a time: some twenty commits.
const STEP: usize = 256 << 10;

static ZEROS: [u8; STEP] = [0; STEP];

/// The room of one log.
pub(super) struct Room {
    path: PathBuf,
    file: Option<File>,
    reserved: u64,
}

impl Room {
    /// Room for the log at `path`; the file beside it need not exist yet.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.with_extension("db-wal"), file: None, reserved: 0 }
    }

    /// Reserves more where the last commit went beyond what there was.
    pub(super) fn reserve(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(OpenOptions::new().write(true).open(&self.path)?),
        };
        let length = file.metadata()?.len();
        if length <= self.reserved {
            return Ok(());
        }
        // Also when it fails below: the next try comes when the log has grown again.
        self.reserved = length;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&ZEROS)?;
        file.sync_data()?;
        self.reserved = length + STEP as u64;
        Ok(())
    }

    /// The file was cut.
    pub(super) fn lost(&mut self) {
        self.reserved = 0;
    }
}
