//! The words the reader knows: verbs with their forms, classes of values, terms of relations. They stand in `lexicon/*.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A form of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    Base,
    Third,
    Past,
    Participle,
    Ing,
}

/// All words, read once.
pub(crate) struct Lexicon {
    forms: BTreeMap<String, Vec<(String, Form)>>,
    pub(crate) speech: BTreeSet<String>,
    pub(crate) stative: BTreeSet<String>,
    pub(crate) mind: BTreeSet<String>,
    pub(crate) possess: BTreeSet<String>,
    pub(crate) gives: BTreeSet<String>,
    pub(crate) takes: BTreeSet<String>,
    classes: Vec<Class>,
    pub(crate) kin: Vec<Kin>,
}

/// Values that exclude one another.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    groups: Vec<BTreeSet<String>>,
}

impl Class {
    pub(crate) fn group(&self, word: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.contains(word))
    }
}

/// A group of terms of a relation, and those of its other side.
#[derive(Debug)]
pub(crate) struct Kin {
    pub(crate) family: String,
    pub(crate) terms: BTreeSet<String>,
    pub(crate) inverse: BTreeSet<String>,
}

pub(crate) static WORDS: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

fn list(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

impl Lexicon {
    fn read() -> Self {
        let transfer = include_str!("../../lexicon/transfer.txt");
        let (gives, takes) = transfer.rsplit_once('>').unwrap_or((transfer, ""));
        let mut lexicon = Self {
            forms: BTreeMap::new(),
            speech: list(include_str!("../../lexicon/speech.txt")),
            stative: list(include_str!("../../lexicon/stative.txt")),
            mind: list(include_str!("../../lexicon/mind.txt")),
            possess: list(include_str!("../../lexicon/possess.txt")),
            gives: list(gives),
            takes: list(takes),
            classes: Vec::new(),
            kin: Vec::new(),
        };
        let irregular = include_str!("../../lexicon/irregular.txt");
        for line in irregular.lines().filter(|line| !line.starts_with('#')) {
            if let [base, past, participle] = line.split_whitespace().collect::<Vec<_>>()[..] {
                lexicon.add(base, Form::Past, past);
                lexicon.add(base, Form::Participle, participle);
                lexicon.present(base);
            }
        }
        for base in list(include_str!("../../lexicon/regular.txt")) {
            for past in regular(&base, "ed") {
                lexicon.add(&base, Form::Past, &past);
                lexicon.add(&base, Form::Participle, &past);
            }
            lexicon.present(&base);
        }
        for line in include_str!("../../lexicon/classes.txt").lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, values)) = line.split_once(": ") {
                let groups = values.split(',').map(words).collect();
                lexicon.classes.push(Class { name: name.to_owned(), groups });
            }
        }
        for line in include_str!("../../lexicon/kin.txt").lines().filter(|line| !line.starts_with('#')) {
            if let Some((family, (terms, inverse))) =
                line.split_once(": ").and_then(|(family, rest)| Some((family, rest.split_once('>')?)))
            {
                let kin = Kin { family: family.to_owned(), terms: words(terms), inverse: words(inverse) };
                lexicon.kin.push(kin);
            }
        }
        lexicon
    }

    fn present(&mut self, base: &str) {
        let third = match base {
            _ if ends(base, &["s", "x", "z", "ch", "sh", "o"]) => format!("{base}es"),
            _ if base.ends_with('y') && !ends(base, &["ay", "ey", "oy", "uy"]) => {
                format!("{}ies", &base[..base.len() - 1])
            }
            _ => format!("{base}s"),
        };
        self.add(base, Form::Third, &third);
        self.add(base, Form::Base, base);
        let lying = base.strip_suffix("ie").map(|stem| format!("{stem}ying"));
        for ing in lying.map_or_else(|| regular(base, "ing"), |ing| vec![ing]) {
            self.add(base, Form::Ing, &ing);
        }
    }

    fn add(&mut self, base: &str, form: Form, word: &str) {
        let forms = self.forms.entry(word.to_owned()).or_default();
        if !forms.contains(&(base.to_owned(), form)) {
            forms.push((base.to_owned(), form));
        }
    }

    /// What verb in which form a word can be. Words that nobody listed are taken by their ending.
    pub(crate) fn verb(&self, word: &str, form: Form) -> Option<String> {
        if let Some(forms) = self.forms.get(word) {
            return forms.iter().find(|(_, known)| *known == form).map(|(base, _)| base.clone());
        }
        let stem = |end: &str| {
            word.strip_suffix(end).filter(|stem| stem.len() > 2 && has_vowel(stem)).map(str::to_owned)
        };
        match form {
            Form::Past | Form::Participle => stem("ed"),
            Form::Ing => stem("ing"),
            _ => None,
        }
    }

    /// Whether the word stands in the list of verbs, in any form.
    pub(crate) fn is_verb(&self, word: &str) -> bool {
        self.forms.contains_key(word)
    }

    /// Every form of a verb, the base included; a verb that nobody listed is taken to be regular.
    pub(crate) fn forms_of(&self, base: &str) -> BTreeSet<String> {
        let known = self.forms.iter().filter(|(_, forms)| forms.iter().any(|(of, _)| of == base));
        let mut all: BTreeSet<String> = known.map(|(word, _)| word.clone()).collect();
        if all.is_empty() {
            all.extend([base.to_owned(), format!("{base}s")]);
            all.extend(regular(base, "ed"));
            all.extend(regular(base, "ing"));
        }
        all
    }

    /// The class of values a word belongs to, where the field's name does not decide it.
    pub(crate) fn class_of(&self, word: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.group(word).is_some())
    }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split('=').map(|word| word.trim().to_owned()).collect()
}

fn ends(word: &str, with: &[&str]) -> bool {
    with.iter().any(|end| word.ends_with(end))
}

fn has_vowel(word: &str) -> bool {
    word.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// `stop` gives `stopped` and `stoped`: recognising one too many costs nothing.
fn regular(base: &str, end: &str) -> Vec<String> {
    if let Some(stem) = base.strip_suffix('e').filter(|stem| end == "ed" || !stem.ends_with(['e', 'o', 'y']))
    {
        return vec![format!("{stem}{end}")];
    }
    if let Some(stem) =
        base.strip_suffix('y').filter(|stem| end == "ed" && !stem.ends_with(['a', 'e', 'o', 'u']))
    {
        return vec![format!("{stem}ied")];
    }
    let mut last = base.chars().rev();
    let (c, v) = (last.next(), last.next());
    let doubles = c.is_some_and(|c| "bdgklmnprt".contains(c)) && v.is_some_and(|v| "aeiou".contains(v));
    let mut all = vec![format!("{base}{end}")];
    if let Some(c) = c.filter(|_| doubles) {
        all.push(format!("{base}{c}{end}"));
    }
    all
}

/// The word without the ending of a plural.
pub(crate) fn singular(word: &str) -> String {
    match word {
        "men" => "man".into(),
        "women" => "woman".into(),
        "children" => "child".into(),
        "feet" => "foot".into(),
        "teeth" => "tooth".into(),
        "wives" => "wife".into(),
        "knives" => "knife".into(),
        "wolves" => "wolf".into(),
        _ => {
            if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
                format!("{stem}y")
            } else if ends(word, &["sses", "shes", "ches", "xes"]) {
                word[..word.len() - 2].to_owned()
            } else if word.ends_with('s') && !word.ends_with("ss") && word.len() > 3 {
                word[..word.len() - 1].to_owned()
            } else {
                word.to_owned()
            }
        }
    }
}
