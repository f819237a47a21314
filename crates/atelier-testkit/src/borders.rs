//! Ends the real binary at a chosen call of the system: before, in the middle of, or after a write, a sync, a rename.
//!
//! Owns: a small library in C (`borders/border.c`) that is built with the machine's compiler and loaded before the
//! binary's own C library. Does not own: which borders matter. The binary is the one that is shipped: there is no
//! place in it that waits for a test.

use crate::process::Atelier;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("borders/border.c");

/// The library, for as long as this lives.
pub struct Borders {
    folder: tempfile::TempDir,
}

/// The nth call of a kind on a file, and what happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Border {
    /// `write`, `sync`, `truncate`, `rename`, `unlink`, `mkdir`, `read` or `send`.
    pub call: String,
    /// A part of the file's path; with `$` at its end, the path ends in it.
    pub part: String,
    /// Counted from 1.
    pub nth: usize,
    pub end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Before,
    /// A write is cut short; anything else dies before it.
    Half,
    After,
    /// This call and all later ones fail: the disk is broken.
    Broken,
    /// This call and all later ones fail: the disk is full.
    Full,
}

impl Borders {
    /// Why not, where this machine cannot do it.
    pub fn build() -> Result<Self, String> {
        if !cfg!(all(target_os = "linux", target_env = "gnu")) {
            return Err("calls of the system can be met on Linux with glibc only".to_owned());
        }
        let folder = tempfile::Builder::new().prefix("borders-").tempdir().expect("a temporary folder");
        let source = folder.path().join("border.c");
        std::fs::write(&source, SOURCE).expect("a file in the temporary folder");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(folder.path().join("border.so")).arg(&source);
        let built = compiler.arg("-ldl").output().map_err(|error| format!("no C compiler: {error}"))?;
        if !built.status.success() {
            return Err(format!("the library cannot be built: {}", String::from_utf8_lossy(&built.stderr)));
        }
        Ok(Self { folder })
    }

    /// A terminal whose processes end, or fail, at the border.
    pub fn at(&self, atelier: &Atelier, border: &Border) -> Atelier {
        let Border { call, part, nth, end } = border;
        let end = match end {
            End::Before => "before",
            End::Half => "half",
            End::After => "after",
            End::Broken => "eio+",
            End::Full => "enospc+",
        };
        self.loaded(atelier).env("BORDER_AT", format!("{call}:{nth}:{end}:{part}"))
    }

    /// A terminal whose processes write down each call that changes something, as `call path`.
    pub fn traced(&self, atelier: &Atelier, file: &Path) -> Atelier {
        self.loaded(atelier).env("BORDER_TRACE", file)
    }

    fn loaded(&self, atelier: &Atelier) -> Atelier {
        atelier.clone().env("LD_PRELOAD", self.library())
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("border.so")
    }
}
