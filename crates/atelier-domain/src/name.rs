//! Names of projects and titles of buckets: what a person may type, and when two of them mean the same.

use unicode_normalization::UnicodeNormalization;

/// The longest name, in Unicode scalar values.
pub const MAX_NAME: usize = 200;

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing is left after trimming.
    #[error("the name is empty")]
    Empty,
    /// More than [`MAX_NAME`] scalar values.
    #[error("the name has {0} characters, at most {MAX_NAME} are allowed")]
    TooLong(usize),
    /// A separator of paths, or a control character.
    #[error("the name contains {0:?}, which no name may contain")]
    Forbidden(char),
    /// `.` or `..`.
    #[error("`{0}` names a folder, not a project")]
    Dots(String),
}

/// A checked name in Unicode NFC. Emoji, right-to-left marks and inner spaces are legal.
pub fn parse(text: &str) -> Result<String, InvalidName> {
    let name: String = text.trim().nfc().collect();
    let length = name.chars().count();
    match () {
        () if is_blank(&name) => Err(InvalidName::Empty),
        () if length > MAX_NAME => Err(InvalidName::TooLong(length)),
        () if name == "." || name == ".." => Err(InvalidName::Dots(name)),
        () => match name.chars().find(|c| matches!(c, '/' | '\\') || c.is_control()) {
            Some(c) => Err(InvalidName::Forbidden(c)),
            None => Ok(name),
        },
    }
}

/// Whether a reader sees nothing at all: spaces, control characters, marks without a shape of their own.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Unicode's default-ignorable code points: joiners, direction marks, variation selectors, fillers, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What two titles are compared by: NFKC, lower case, spaces collapsed, a leading article of no matter.
pub fn key(title: &str) -> String {
    let folded: String = title.nfkc().collect::<String>().to_lowercase();
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    if words.len() > 1 && matches!(words[0], "the" | "a" | "an") {
        words.remove(0);
    }
    words.join(" ")
}

/// A readable file name for a title: lower-case letters and digits of any script, joined by hyphens, never empty.
pub fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 80 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    let reserved = matches!(out, "con" | "prn" | "aux" | "nul")
        || (out.len() == 4
            && (out.starts_with("com") || out.starts_with("lpt"))
            && out.ends_with(|c: char| c.is_ascii_digit()));
    if out.is_empty() || reserved {
        format!("untitled{}{out}", if out.is_empty() { "" } else { "-" })
    } else {
        out.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_dangerous_ones_refused() {
        assert_eq!(parse("  Cafe\u{301} ").unwrap(), "Café");
        for legal in ["🐙", "a\u{200f}b", "two words", "…", ".hidden", &"x".repeat(200)] {
            assert!(parse(legal).is_ok(), "{legal}");
        }
        for bad in [
            "",
            "  ",
            "\u{200f}",
            "\u{200b} \u{feff}",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\nb",
            "a\0b",
            &"x".repeat(201),
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn titles_are_compared_without_case_spaces_and_articles() {
        assert_eq!(key("The  River Gate"), key("river gate"));
        assert_ne!(key("The"), key("a"));
    }

    #[test]
    fn slugs_are_never_empty_and_never_leave_their_folder() {
        for (title, slug_) in [
            ("The River Gate!", "the-river-gate"),
            ("../../etc", "etc"),
            ("🐙", "untitled"),
            ("CON", "untitled-con"),
            ("Ærø 9", "ærø-9"),
        ] {
            assert_eq!(slug(title), slug_, "{title}");
        }
    }
}
