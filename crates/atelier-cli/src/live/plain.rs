//! Where nobody looks at a screen: one line on stderr for each thing that happens.

use super::teller::Word;
use crate::output;
use crate::text::clean;

#[derive(Debug)]
pub(crate) struct Plain;

impl Plain {
    pub(crate) fn told(&mut self, words: &[Word]) {
        for word in words {
            match word {
                Word::Line(line) | Word::Alarm(line) => output::talk(&clean(line)),
                // The texts lie in the log and in the outputs.
                Word::Text { .. } => {}
            }
        }
    }
}
