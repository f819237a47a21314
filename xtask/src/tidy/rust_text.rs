//! Rust source cut into code, comments and string literals; just enough of the language to tell them apart.

/// What a stretch of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Code,
    Comment,
    /// The inside of a string literal.
    Literal,
}

/// A stretch of source with the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// The source before its first inline module of tests.
pub(crate) fn without_tests(source: &str) -> &str {
    let mut from = 0;
    while let Some(found) = source[from..].find("#[cfg(test)]") {
        let at = from + found;
        let after = source[at..].trim_start_matches("#[cfg(test)]").trim_start();
        if after.starts_with("mod ") || after.starts_with("#[") {
            return &source[..at];
        }
        from = at + 1;
    }
    source
}

/// Cuts the source into pieces, in order.
pub(crate) fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut cutter = Cutter { source, at: 0, code_from: 0, line: 1, pieces: Vec::new() };
    cutter.cut();
    cutter.pieces
}

struct Cutter<'a> {
    source: &'a str,
    at: usize,
    code_from: usize,
    /// The line of `code_from`.
    line: usize,
    pieces: Vec<Piece<'a>>,
}

impl Cutter<'_> {
    fn cut(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            if rest.starts_with("//") {
                let end = rest.find('\n').unwrap_or(rest.len());
                self.take(Kind::Comment, 0, end, end);
            } else if rest.starts_with("/*") {
                let end = block_comment(rest);
                self.take(Kind::Comment, 0, end, end);
            } else if c == '"' {
                let (inside, end) = quoted(rest);
                self.take(Kind::Literal, 1, inside, end);
            } else if let Some((open, inside, end)) = raw(rest).filter(|_| !self.after_word()) {
                self.take(Kind::Literal, open, inside, end);
            } else if c == '\'' {
                self.at += quote(rest);
            } else {
                self.at += c.len_utf8();
            }
        }
        self.code();
    }

    fn rest(&self) -> &'_ str {
        &self.source[self.at..]
    }

    fn after_word(&self) -> bool {
        self.source[..self.at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
    }

    fn code(&mut self) {
        if self.code_from < self.at {
            let text = &self.source[self.code_from..self.at];
            self.pieces.push(Piece { kind: Kind::Code, line: self.line, text });
            self.line += text.matches('\n').count();
        }
    }

    /// Ends the code before, and takes a piece that goes from `open` to `inside` and is over at `end`.
    fn take(&mut self, kind: Kind, open: usize, inside: usize, end: usize) {
        self.code();
        let text = &self.source[self.at + open..self.at + inside];
        self.pieces.push(Piece { kind, line: self.line, text });
        self.line += self.source[self.at..self.at + end].matches('\n').count();
        self.at += end;
        self.code_from = self.at;
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Where the inside of `"…"` ends, and where the literal is over.
fn quoted(rest: &str) -> (usize, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return (at, at + 1),
            _ => {}
        }
    }
    (rest.len(), rest.len())
}

/// For `r#"…"#`: where the inside begins, where it ends, where the literal is over.
fn raw(rest: &str) -> Option<(usize, usize, usize)> {
    let marked = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = marked.len() - marked.trim_start_matches('#').len();
    let inside = marked[hashes..].strip_prefix('"')?;
    let open = rest.len() - inside.len();
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close).map_or(rest.len(), |found| open + found);
    Some((open, end, (end + close.len()).min(rest.len())))
}

/// The length of a character literal, or 1 for the quote of a lifetime.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((after, escaped))) => {
            let from = after + escaped.len_utf8();
            rest[from..].find('\'').map_or(rest.len(), |found| from + found + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, pieces, without_tests};

    fn shown(source: &str) -> Vec<(Kind, usize, &str)> {
        pieces(source).into_iter().map(|piece| (piece.kind, piece.line, piece.text)).collect()
    }

    #[test]
    fn comments_and_literals_are_told_apart() {
        let source = "let a = \"x // \\\" y\"; // why\n/* a /* b */ c */ r#\"raw \"q\" \"# b";
        let expected = [
            (Kind::Code, 1, "let a = "),
            (Kind::Literal, 1, "x // \\\" y"),
            (Kind::Code, 1, "; "),
            (Kind::Comment, 1, "// why"),
            (Kind::Code, 1, "\n"),
            (Kind::Comment, 2, "/* a /* b */ c */"),
            (Kind::Code, 2, " "),
            (Kind::Literal, 2, "raw \"q\" "),
            (Kind::Code, 2, " b"),
        ];
        assert_eq!(shown(source), expected);
    }

    #[test]
    fn quotes_of_characters_and_lifetimes_open_nothing() {
        let source = "fn f<'a>(c: &'a str) { c == '\"' || c == '\\'' || c == '\\u{22}' }";
        assert_eq!(shown(source), [(Kind::Code, 1, source)]);
        assert_eq!(shown("bar\"x\"").len(), 2);
    }

    #[test]
    fn lines_are_counted_through_long_literals() {
        assert_eq!(shown("a\n\"b\nc\"\nd // e").last().unwrap(), &(Kind::Comment, 4, "// e"));
    }

    #[test]
    fn an_unclosed_literal_goes_to_the_end() {
        assert_eq!(shown("\"abc").last().unwrap(), &(Kind::Literal, 1, "abc"));
        assert_eq!(shown("r#\"abc").last().unwrap(), &(Kind::Literal, 1, "abc"));
    }

    #[test]
    fn inline_tests_are_cut_off_and_test_helpers_are_not() {
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {}"), "a\n");
        assert_eq!(without_tests("#[cfg(test)]\nfn a() {}\nb"), "#[cfg(test)]\nfn a() {}\nb");
    }
}
