//! Dreams and memories: stretches of a text that are not its present.

use super::{Sentence, Voice};

/// Which layer of the story a sentence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    Now,
    /// A dream, a vision, something imagined.
    Dream,
    /// A memory, or anything told as long past.
    Past,
}

/// Marks the sentences that are told from a dream or as a memory. A dream goes on until somebody wakes; where nobody does,
/// it ends with its paragraph, as a memory does.
pub(crate) fn mark(sentences: &mut [Sentence]) {
    let mut at = 0;
    while at < sentences.len() {
        let frame = opens(&sentences[at]);
        if frame == Frame::Now || sentences[at].voice != Voice::Narrator {
            at += 1;
            continue;
        }
        let paragraph = sentences[at].paragraph;
        let goes_on = spreads(&sentences[at], frame);
        let wakes = (at + 1..sentences.len()).find(|next| ends(&sentences[*next]));
        let until = match (frame, goes_on, wakes) {
            (_, false, _) => at + 1,
            (Frame::Dream, true, Some(wakes)) => wakes,
            _ => {
                let end = (at + 1..sentences.len()).find(|next| sentences[*next].paragraph != paragraph);
                wakes.map_or(usize::MAX, |wakes| wakes).min(end.unwrap_or(sentences.len()))
            }
        };
        for sentence in &mut sentences[at..until] {
            sentence.frame = frame;
        }
        at = until;
    }
}

fn opens(sentence: &Sentence) -> Frame {
    let words = sentence.words(0);
    let has = |phrase: &[&str]| words.windows(phrase.len()).any(|window| window == phrase);
    let dream = [
        "dreamed",
        "dreamt",
        "dreaming",
        "dream",
        "dreams",
        "nightmare",
        "nightmares",
        "vision",
        "hallucination",
    ];
    let woken = ends(sentence);
    if !woken && words.iter().any(|word| dream.contains(word)) {
        return Frame::Dream;
    }
    if words.iter().any(|word| matches!(*word, "imagined" | "pictured" | "daydreamed" | "envisioned")) {
        return Frame::Dream;
    }
    // What a picture or a song shows is not how it is.
    let made = [
        "portrait", "painting", "picture", "drawing", "mural", "statue", "poster", "song", "ballad", "tale",
        "story",
    ];
    let shown = words.first() == Some(&"in") && words.iter().take(6).any(|word| made.contains(word));
    if shown {
        return Frame::Dream;
    }
    let memory = ["remembered", "remembers", "recalled", "recalls", "memory", "memories", "childhood"];
    let phrases: [&[&str]; 14] = [
        &["years", "ago"],
        &["years", "earlier"],
        &["years", "before"],
        &["year", "before"],
        &["long", "ago"],
        &["months", "ago"],
        &["weeks", "ago"],
        &["back", "then"],
        &["in", "those", "days"],
        &["as", "a", "child"],
        &["as", "a", "girl"],
        &["as", "a", "boy"],
        &["once", "upon", "a", "time"],
        &["before", "the", "war"],
    ];
    let once =
        words.first() == Some(&"once") && words.get(1).is_some_and(|word| *word == "," || word.is_empty());
    let young = words.windows(4).any(|w| {
        w[0] == "when"
            && matches!(w[2], "was" | "were")
            && (super::is_determiner(w[3])
                || crate::numbers::cardinal(&w[3..]).is_some()
                || matches!(w[3], "young" | "small" | "little"))
    });
    if once
        || young
        || words.iter().any(|word| memory.contains(word))
        || phrases.iter().any(|phrase| has(phrase))
    {
        return Frame::Past;
    }
    Frame::Now
}

/// Whether what follows in the paragraph belongs to it: not behind `She remembered his name.`
fn spreads(sentence: &Sentence, frame: Frame) -> bool {
    let opener = |word: &str| {
        matches!(
            word,
            "dreamed"
                | "dreamt"
                | "dream"
                | "nightmare"
                | "vision"
                | "ago"
                | "earlier"
                | "once"
                | "remembered"
                | "recalled"
        )
    };
    frame != Frame::Now && sentence.tokens.iter().any(|token| opener(&token.lower))
}

fn ends(sentence: &Sentence) -> bool {
    sentence.voice == Voice::Narrator
        && sentence
            .tokens
            .iter()
            .any(|token| matches!(token.lower.as_str(), "woke" | "awoke" | "wakes" | "awakened" | "waking"))
        || sentence
            .words(0)
            .windows(2)
            .any(|pair| matches!(pair, ["now", ""] | ["memory", "faded"] | ["dream", "faded"]))
}
