//! Contradictions seeded into generated manuscripts, and decoys beside them.
//!
//! Owns: worlds with known facts, many forms of sentences per family, and the truth about each. A case is a story of nine scenes with
//! filler around one sentence that breaks a rule or only looks like it.

use super::by_hand::Outcome;
use super::dice::Dice;
use super::story::{EntityFile, EventFile, FactFile, RuleFile, SceneFile, Story};

const FORMS: &str = include_str!("../../fixtures/forms.txt");
const FILLER: &str = include_str!("../../fixtures/filler.txt");

const WOMEN: [&str; 8] = ["Mara", "Ilse", "Sefa", "Odile", "Wren", "Katrin", "Nadia", "Brisa"];
const MEN: [&str; 8] = ["Tobin", "Aldric", "Jonas", "Corvin", "Hale", "Rurik", "Emeric", "Stellan"];
const SURNAMES: [&str; 8] =
    ["Venn", "Brandt", "Okoro", "Lindqvist", "Marsh", "Tallow", "Reyes", "Achterberg"];
const TOWNS: [&str; 6] = ["Harrow", "Saltmarsh", "Kestrel Bay", "Dunmere", "Ostwick", "Vell"];
const COLOURS: [&str; 6] = ["green", "brown", "blue", "grey", "amber", "violet"];
const HAIR: [&str; 5] = ["black", "red", "blond", "brown", "white"];
const TRADES: [&str; 6] = ["physician", "baker", "carpenter", "weaver", "lawyer", "miller"];
const NUMBERS: [&str; 8] = ["two", "three", "four", "five", "six", "seven", "eight", "nine"];
const KIN: [(&str, &str); 4] =
    [("brother", "cousin"), ("friend", "enemy"), ("cousin", "brother"), ("uncle", "brother")];

/// Every form of every family, filled in `rounds` times.
pub fn manuscripts(seed: u64, rounds: usize) -> Vec<Outcome> {
    let mut dice = Dice::new(seed);
    let forms = FORMS.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let forms: Vec<(&str, bool, &str)> = forms.filter_map(form).collect();
    let mut outcomes = Vec::new();
    for _ in 0..rounds {
        for (family, due, text) in &forms {
            outcomes.push(one(&mut dice, family, *due, text));
        }
    }
    outcomes
}

fn form(line: &str) -> Option<(&str, bool, &str)> {
    let mut parts = line.splitn(3, '|').map(str::trim);
    Some((parts.next()?, parts.next()? == "hit", parts.next()?))
}

/// The names and values of one case.
struct Cast {
    words: Vec<(&'static str, String)>,
}

impl Cast {
    fn roll(dice: &mut Dice) -> Self {
        let (mut women, mut men, mut towns) = (WOMEN, MEN, TOWNS);
        dice.shuffle(&mut women);
        dice.shuffle(&mut men);
        dice.shuffle(&mut towns);
        let woman_first = dice.chance(1, 2);
        let (a, b) = if woman_first { (women[0], men[0]) } else { (men[0], women[0]) };
        let forms = |she: bool| if she { ["she", "her", "her"] } else { ["he", "him", "his"] };
        let (mine, theirs) = (forms(woman_first), forms(!woman_first));
        let two = |dice: &mut Dice, of: &[&str]| {
            let first = dice.below(of.len());
            let second = (first + 1 + dice.below(of.len() - 1)) % of.len();
            (of[first].to_owned(), of[second].to_owned())
        };
        let ((eye, eye2), (hair, hair2)) = (two(dice, &COLOURS), two(dice, &HAIR));
        let ((trade, trade2), (n, n2)) = (two(dice, &TRADES), two(dice, &NUMBERS));
        let (kin, kin2) = *dice.pick(&KIN);
        let (age, off) = (20 + dice.below(30), 3 + dice.below(6));
        let capital = |text: &str| {
            let mut chars = text.chars();
            chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
        };
        let words = vec![
            ("A", a.to_owned()),
            ("B", b.to_owned()),
            ("C", women[1].to_owned()),
            ("D", men[1].to_owned()),
            ("SURNAME", (*dice.pick(&SURNAMES)).to_owned()),
            ("OTHERNAME", "Quill".to_owned()),
            ("she", mine[0].to_owned()),
            ("her", mine[1].to_owned()),
            ("hers", mine[2].to_owned()),
            ("She", capital(mine[0])),
            ("Hers", capital(mine[2])),
            ("he", theirs[0].to_owned()),
            ("his", theirs[2].to_owned()),
            ("He", capital(theirs[0])),
            ("TOWN", towns[0].to_owned()),
            ("TOWN2", towns[1].to_owned()),
            ("eye", eye),
            ("eye2", eye2),
            ("hair", hair),
            ("hair2", hair2),
            ("trade", trade),
            ("trade2", trade2),
            ("n", n),
            ("n2", n2),
            ("kin", kin.to_owned()),
            ("kin2", kin2.to_owned()),
            ("age", spelled(age)),
            ("age2", spelled(age + off)),
            ("born", format!("{:04}-03-12", 1210 - age)),
        ];
        Self { words }
    }

    fn get(&self, word: &str) -> String {
        self.words.iter().find(|(name, _)| *name == word).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            out.push_str(&self.get(name));
            rest = behind;
        }
        out + rest
    }
}

fn spelled(n: usize) -> String {
    let tens = ["", "", "twenty", "thirty", "forty", "fifty"];
    let units = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    match (n / 10, n % 10) {
        (tens_at, 0) => tens[tens_at].to_owned(),
        (tens_at, unit) => format!("{}-{}", tens[tens_at], units[unit]),
    }
}

fn one(dice: &mut Dice, family: &str, due: bool, form: &str) -> Outcome {
    let cast = Cast::roll(dice);
    let mut story = world(&cast);
    let filler: Vec<&str> = FILLER.lines().filter(|line| !line.trim().is_empty()).collect();
    for scene in &mut story.scenes {
        let n = 2 + dice.below(3);
        let lines: Vec<String> = (0..n).map(|_| cast.fill(filler[dice.below(filler.len())])).collect();
        scene.body = lines.join(if dice.chance(1, 3) { "\n\n" } else { " " });
    }
    // `after:` stands where the later facts hold already, `mode:` in a scene of that mode.
    let (at, text) = match form.split_once(": ") {
        Some(("after", text)) => (7, text),
        Some((mode @ ("dream" | "flashback" | "alternate" | "letter"), text)) => {
            mode.clone_into(&mut story.scenes[4].mode);
            (4, text)
        }
        _ => (4, form),
    };
    let scene = &mut story.scenes[at];
    let sentence = cast.fill(text);
    scene.body = match dice.below(3) {
        0 => format!("{}\n\n{sentence}", scene.body),
        1 => format!("{sentence}\n\n{}", scene.body),
        _ => {
            let more = cast.fill(filler[dice.below(filler.len())]);
            format!("{}\n\n{sentence}\n\n{more}", scene.body)
        }
    };
    let line = format!("{family} | {} | {}", if due { "hit" } else { "ok" }, sentence);
    Outcome::of(family, due, &story, line)
}

fn world(cast: &Cast) -> Story {
    let g = |word: &str| cast.get(word);
    let (a, b, c, d) = (format!("{} {}", g("A"), g("SURNAME")), g("B"), g("C"), g("D"));
    let entity = |title: &str, kind: &str, aliases: &[&str], fields: &[(&str, String)]| EntityFile {
        title: title.to_owned(),
        r#type: kind.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        fields: fields.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect(),
    };
    let pronouns =
        |word: &str| ("pronouns", if word == "she" { "she/her".to_owned() } else { "he/him".to_owned() });
    let town = g("TOWN");
    let entities = vec![
        entity(&a, "character", &[&g("A")], &[pronouns(&g("she")), ("born", g("born"))]),
        entity(&b, "character", &[], &[pronouns(&g("he"))]),
        entity(&c, "character", &[], &[pronouns("she")]),
        entity(&d, "character", &[], &[pronouns("he")]),
        entity(&town, "location", &[], &[]),
        entity(&g("TOWN2"), "location", &[], &[]),
        entity("Moon Lantern", "artifact", &[], &[]),
        entity("Long Winter", "concept", &[], &[]),
    ];
    let scenes = (1..=9).map(|n| SceneFile {
        title: format!("s{n}"),
        chapter: format!("c{}", (n + 2) / 3),
        when: format!("1210-05-{n:02}"),
        location: town.clone(),
        pov: a.clone(),
        ..SceneFile::default()
    });
    let fact = |name: &str, bucket: &str, field: &str, value: &str, to: &str, from: &str| FactFile {
        name: name.to_owned(),
        bucket: bucket.to_owned(),
        field: field.to_owned(),
        value: value.to_owned(),
        to: to.to_owned(),
        from: from.to_owned(),
        until: String::new(),
    };
    let facts = vec![
        fact("", &a, "eyes", &g("eye"), "", "s1"),
        fact("", &a, "hair", &g("hair"), "", "s1"),
        fact("", &a, "profession", &g("trade"), "", "s1"),
        fact("", &a, "eyes", &g("eye2"), "", "s7"),
        fact("", &a, "hair", &g("hair2"), "", "s7"),
        fact("", &a, "profession", &g("trade2"), "", "s7"),
        fact("", &d, "status", "dead", "", "s3"),
        fact("", "Moon Lantern", "holder", "", &a, "s1"),
        fact("", "Moon Lantern", "holder", "", &b, "s7"),
        fact("", &a, &g("kin"), "", &b, "s1"),
        fact("theft", &c, "deed", "burned the old mill", "", "s1"),
    ];
    let facts: Vec<FactFile> = facts
        .into_iter()
        .enumerate()
        .map(|(n, fact)| FactFile {
            name: if fact.name.is_empty() { n.to_string() } else { fact.name },
            ..fact
        })
        .collect();
    let event = |title: &str, kind: &str, scene: &str, by: &[&str], to: &[&str]| EventFile {
        title: title.to_owned(),
        kind: kind.to_owned(),
        fact: "theft".to_owned(),
        scene: scene.to_owned(),
        by: by.iter().map(|one| (*one).to_owned()).collect(),
        to: to.iter().map(|one| (*one).to_owned()).collect(),
    };
    let events = vec![event("e1", "overhears", "s2", &[&b], &[]), event("e2", "tells", "s7", &[&b], &[&a])];
    let rule = |kind: &str, bucket: &str, field: &str, value: &str, args: &[(&str, &str)]| RuleFile {
        kind: kind.to_owned(),
        bucket: bucket.to_owned(),
        field: field.to_owned(),
        value: value.to_owned(),
        args: args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let rules = vec![
        rule("constant-attribute", &a, "eyes", "", &[]),
        rule("constant-attribute", &a, "hair", "", &[]),
        rule("constant-attribute", &a, "profession", "", &[]),
        rule("alive", "", "", "", &[]),
        rule("custody", "Moon Lantern", "", "", &[]),
        rule("age", &a, "", "", &[]),
        rule("date", "", "", "", &[]),
        rule("duration", "Long Winter", "", "", &[("days", "140")]),
        rule("travel-time", "", "", "", &[("from", &town), ("to", &g("TOWN2")), ("days", "4")]),
        rule("ability", &a, "", "swim", &[("has", "no")]),
        rule("world-rule", "", "", "", &[("forbid", r"\b(muskets?|gunpowder)\b")]),
        rule("quantity", &b, "", &format!("{} horses", g("n")), &[]),
        rule("name", &a, "", "", &[]),
        rule("tense", "", "", "past", &[]),
        rule("point-of-view", "", "", "third-limited", &[]),
        rule("relationship", &a, &g("kin"), "", &[]),
        rule("knowledge", "", "", "", &[("fact", "theft")]),
    ];
    Story { entities, scenes: scenes.collect(), facts, events, rules, present: Default::default() }
}
