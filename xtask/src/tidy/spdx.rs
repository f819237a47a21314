//! SPDX licence expressions, as far as packages use them.

/// Whether the expression can be met with allowed licences only. `/` is the old way to write `OR`.
pub(crate) fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    let met = parser.any();
    met && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [&'a str],
}

impl Parser<'_> {
    fn any(&mut self) -> bool {
        let mut met = self.all();
        while self.skip("OR") {
            met |= self.all();
        }
        met
    }

    fn all(&mut self) -> bool {
        let mut met = self.one();
        while self.skip("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.skip("(") {
            let met = self.any();
            return self.skip(")") && met;
        }
        let Some((name, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        if !self.skip("WITH") {
            return self.allowed.contains(name);
        }
        let Some((exception, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        self.allowed.contains(&format!("{name} WITH {exception}").as_str())
    }

    fn skip(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_met;

    #[test]
    fn expressions_are_met_or_not() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        let cases = [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(GPL-3.0 OR MIT) AND ISC", true),
            ("MIT AND (ISC OR GPL-3.0)", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("MIT ISC", false),
            ("(MIT", false),
            ("", false),
        ];
        for (expression, met) in cases {
            assert_eq!(is_met(expression, &allowed), met, "{expression}");
        }
    }
}
