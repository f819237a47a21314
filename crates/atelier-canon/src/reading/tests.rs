//! What the reader makes of sentences: who does what, and how sure the text is of it.

use std::collections::BTreeMap;

use atelier_domain::BucketId;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Frame, Gender, Mention, Mood, Voice, read};

const PEOPLE: [(&str, Gender); 4] =
    [("Mara", Gender::She), ("Tobin", Gender::He), ("Ilse", Gender::She), ("the Ember Blade", Gender::It)];

fn id(n: usize) -> BucketId {
    BucketId::from_uuid(Uuid::from_u128(n as u128 + 1))
}

fn mentions(text: &str) -> Vec<Mention> {
    let all = PEOPLE.iter().enumerate().flat_map(|(n, (name, _))| {
        text.match_indices(name).map(move |(at, name)| Mention {
            bucket: id(n),
            start: at,
            end: at + name.len(),
        })
    });
    all.collect()
}

/// Each clause as `who verb`, with marks: `!` denied, `?` not vouched for, `<` told as past, `"Who` in speech.
fn shown(text: &str) -> String {
    let genders: BTreeMap<BucketId, Gender> =
        PEOPLE.iter().enumerate().map(|(n, (_, g))| (id(n), *g)).collect();
    let name = |who: Option<BucketId>| {
        let known = who.and_then(|who| (0..PEOPLE.len()).find(|n| id(*n) == who));
        known.map_or("-", |n| PEOPLE[n].0.trim_start_matches("the ")).to_owned()
    };
    let reading = read(text, &mentions(text), &genders, None);
    let mut out = Vec::new();
    for sentence in &reading.sentences {
        for clause in &sentence.clauses {
            let mut one = format!("{} {}", name(clause.who), clause.lemma);
            if clause.passive {
                one.push_str(" passive");
            }
            if clause.negated {
                one.push('!');
            }
            if clause.mood != Mood::Fact
                || sentence.question
                || sentence.hedged
                || sentence.frame == Frame::Dream
            {
                one.push('?');
            }
            if clause.past_perfect || sentence.frame == Frame::Past {
                one.push('<');
            }
            if let Voice::Speech(by) = sentence.voice {
                one = format!("\"{}: {one}", name(by));
            }
            out.push(one);
        }
    }
    out.join(" | ")
}

#[test]
fn clauses_have_their_subjects() {
    let cases = [
        ("Mara drew the Ember Blade.", "Mara draw"),
        ("Mara rose, drew the Ember Blade and left.", "Mara rise | Mara draw | Mara leave"),
        ("Mara dived from the wall and swam to the boat.", "Mara dive | Mara swim"),
        ("Mara, gasping, swam on.", "Mara gasp | Mara swim"),
        ("Mara, the captain of the guard, drew the Ember Blade.", "Mara draw"),
        ("Mara, who had lost her way, sat down.", "Mara lose< | Mara sit"),
        ("Swimming hard, Mara reached the bank.", "Mara swim | Mara reach"),
        ("The Ember Blade was drawn by Tobin.", "- draw passive"),
        ("Mara and Tobin laughed.", "Mara laugh"),
        ("Mara saw Tobin draw the Ember Blade.", "Mara see | Tobin draw"),
        ("\"I went,\" said Tobin.", "Tobin say | \"Tobin: Tobin go"),
        ("Mara's brother drank.", "- drink"),
        ("Across the yard came Mara, limping.", "Mara come | Mara limp"),
        ("Out of nowhere Tobin appeared, swinging the Ember Blade.", "Tobin appear | Tobin swing"),
        ("Without thinking Mara jumped in.", "Mara think! | Mara jump"),
        ("Mara nodded. She opened the door.", "Mara nod | Mara open"),
        ("Mara looked at Ilse. She smiled.", "Mara look | Mara smile"),
        ("Tobin opened the door for Mara. She smiled at him.", "Tobin open | Mara smile"),
    ];
    for (text, want) in cases {
        assert_eq!(shown(text), want, "{text}");
    }
}

#[test]
fn what_is_not_so_is_told_from_what_is() {
    let cases = [
        ("Mara did not draw the Ember Blade.", "Mara draw!"),
        ("Mara never drew the Ember Blade.", "Mara draw!"),
        ("Mara couldn't swim.", "Mara swim!"),
        ("Mara would draw the Ember Blade.", "Mara draw?"),
        ("If Mara drew the Ember Blade, Tobin ran.", "Mara draw? | Tobin run?"),
        ("Perhaps Mara drew the Ember Blade.", "Mara draw?"),
        ("Mara wanted to draw the Ember Blade.", "Mara want | Mara draw?"),
        ("Mara began to draw the Ember Blade.", "Mara begin | Mara draw"),
        ("Tobin claimed that Mara drew the Ember Blade.", "Tobin claim | Mara draw?"),
        ("Tobin knew that Mara drew the Ember Blade.", "Tobin know | Mara draw"),
        ("Mara had drawn the Ember Blade.", "Mara draw<"),
        ("Had Mara drawn the Ember Blade, Tobin would laugh.", "Mara have? | Tobin laugh?"),
        ("Mara dreamed. Tobin laughed. She woke.", "Mara dream? | Tobin laugh? | Mara wake"),
        ("Years ago Mara drew the Ember Blade.", "Mara draw<"),
        ("Mara left without drawing the Ember Blade.", "Mara leave | Mara draw!"),
        ("Did Mara draw the Ember Blade?", "Mara draw?"),
    ];
    for (text, want) in cases {
        assert_eq!(shown(text), want, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_reading(
        words in proptest::collection::vec(
            prop_oneof![
                Just("Mara".to_owned()), Just("Mara's".to_owned()), Just("“".to_owned()), Just("\"".to_owned()),
                Just("had".to_owned()), Just("was".to_owned()), Just(",".to_owned()), Just(".".to_owned()),
                Just("’".to_owned()), Just("ne\u{301}".to_owned()), Just("who".to_owned()), Just("\n\n".to_owned()),
                Just("drew".to_owned()), Just("—".to_owned()), Just("*".to_owned()), "[a-z’'\\-,.:?!éß漢0-9]{1,9}",
            ],
            0..40,
        ),
        spans in proptest::collection::vec((0usize..120, 0usize..120), 0..4),
        joined in any::<bool>(),
    ) {
        let text = words.join(if joined { "" } else { " " });
        let mut mentions = mentions(&text);
        mentions.extend(spans.into_iter().map(|(start, end)| Mention { bucket: id(9), start, end }));
        let reading = read(&text, &mentions, &BTreeMap::new(), Some(id(1)));
        for sentence in &reading.sentences {
            prop_assert!(sentence.start <= sentence.end && text.get(sentence.start..sentence.end).is_some());
        }
    }
}
