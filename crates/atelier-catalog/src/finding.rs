//! What is wrong in a crew's file, where, and what to do about it.

use std::cell::RefCell;
use std::fmt;

/// Something wrong in a crew's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as a person would name it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The key, as a path such as `full.calls[0].system`; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

/// The findings of one file while it is read.
#[derive(Debug)]
pub(crate) struct Findings {
    file: String,
    list: RefCell<Vec<Finding>>,
}

impl Findings {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), list: RefCell::default() }
    }

    pub(crate) fn add(&self, line: u32, key: &str, what: impl Into<String>, hint: impl Into<String>) {
        let (what, hint) = (what.into(), hint.into());
        let finding = Finding { file: self.file.clone(), line, key: key.to_owned(), what, hint };
        let mut list = self.list.borrow_mut();
        if !list.contains(&finding) {
            list.push(finding);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut list = self.list.into_inner();
        list.sort();
        list
    }
}
