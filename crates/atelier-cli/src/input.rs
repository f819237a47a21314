//! Texts that a command is given: a file, or the standard input.

use std::io::Read;
use std::path::Path;

use atelier_runtime::Failure;

use crate::codes;

/// No text is longer: a whole series has fewer characters.
const MOST: u64 = 64 * 1024 * 1024;

/// A text file, or the standard input where it is called `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let message = format!("{shown} cannot be read: {error}");
        Failure::usage(codes::FILE_UNREADABLE, message, "name a text file, or `-` for the standard input")
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
    }
    if bytes.len() as u64 > MOST {
        let message = format!("{shown} has more than {MOST} bytes");
        return Err(Failure::usage(codes::TEXT_TOO_LONG, message, "give a part of it"));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(codes::NOT_UTF8, format!("{shown} is not UTF-8"), "convert it to UTF-8"))
}
