//! Where crews' files come from: built in, the user's folder, the project's folder.
//!
//! Owns: which files a folder holds. Does not own: what is in them, and which layer wins (`crate::catalog`).

use std::path::Path;
use std::{fs, io};

use crate::builtin;
use crate::finding::Finding;

/// A set of files that override those of the layers before it.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What people call it: `built-in`, `user`, `project`.
    pub name: String,
    /// What stands before each file's path when it is named to a person.
    pub root: String,
    /// Its files.
    pub files: Vec<CrewFile>,
    /// Files that could not be read, by their path in the layer: none is replaced by the one it overrides.
    pub unreadable: Vec<(String, Finding)>,
    /// What else is wrong with the folder.
    pub findings: Vec<Finding>,
}

/// A file of a crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrewFile {
    /// `<crew>/<agents|workflows|types|documents>/<id>.<md|yaml>`, with `/` on every system.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The most bytes of one file.
const MAX_BYTES: u64 = 1 << 20;

impl Layer {
    /// The crews in the binary.
    pub fn builtin() -> Self {
        let file = |&(path, text): &(&str, &str)| CrewFile { path: path.to_owned(), text: text.to_owned() };
        Self {
            name: "built-in".to_owned(),
            root: "crews".to_owned(),
            files: builtin::FILES.iter().map(file).collect(),
            unreadable: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The crews in a folder; a folder that does not exist has none.
    ///
    /// # Errors
    /// Where the folder itself cannot be read.
    pub fn folder(name: &str, folder: &Path) -> io::Result<Self> {
        let root = folder.display().to_string();
        let mut layer = Self {
            name: name.to_owned(),
            root,
            files: Vec::new(),
            unreadable: Vec::new(),
            findings: Vec::new(),
        };
        if folder.exists() {
            layer.read(folder, "", 0)?;
        }
        layer.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(layer)
    }

    /// How a file of this layer is named to a person.
    pub(crate) fn display(&self, path: &str) -> String {
        if self.root.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.root.trim_end_matches('/'))
        }
    }

    fn read(&mut self, folder: &Path, prefix: &str, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = fs::metadata(entry.path());
            match kind {
                _ if name.starts_with('.') => {}
                Ok(kind) if kind.is_dir() && depth < 3 => self.read(&entry.path(), &path, depth + 1)?,
                Ok(kind) if kind.is_file() && kind.len() <= MAX_BYTES => match fs::read(entry.path()) {
                    Ok(bytes) => self.take(path, bytes),
                    Err(error) => self.report(&path, format!("cannot be read: {error}")),
                },
                Ok(kind) if kind.is_file() => self.report(&path, format!("is larger than {MAX_BYTES} bytes")),
                Ok(_) => self.report(&path, "is nothing that belongs here".to_owned()),
                Err(error) => self.report(&path, format!("cannot be read: {error}")),
            }
        }
        Ok(())
    }

    fn take(&mut self, path: String, bytes: Vec<u8>) {
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
                self.files.push(CrewFile { path, text });
            }
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
                self.report_at(&path, line, "is not UTF-8".to_owned());
            }
        }
    }

    fn report(&mut self, path: &str, what: String) {
        self.report_at(path, 1, what);
    }

    fn report_at(&mut self, path: &str, line: usize, what: String) {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let file = self.display(path);
        let hint = "correct the file, or remove it".to_owned();
        self.unreadable.push((path.to_owned(), Finding { file, line, key: String::new(), what, hint }));
    }
}
