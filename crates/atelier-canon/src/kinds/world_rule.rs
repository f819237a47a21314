//! world-rule: what this world does not have, told as if it had.

use regex::RegexBuilder;

use crate::check::Ctx;
use crate::reading::{Kind, Mood, Voice};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(pattern) = ctx.rule.args.get("forbid") else { return };
    if ctx.scene().is_none_or(|(_, scene)| !matches!(scene.mode, Mode::Now | Mode::Flashback)) {
        return;
    }
    // A pattern that is none was refused when the rule was added; one that is too large matches nothing.
    let Ok(pattern) = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build() else {
        return;
    };
    for found in pattern.find_iter(ctx.body()) {
        let told = ctx.sentences().iter().find_map(|sentence| {
            let within = sentence.start <= found.start() && found.start() < sentence.end;
            let at = sentence.tokens.iter().position(|token| token.end > found.start())?;
            (within && !matches!(sentence.tokens[at].kind, Kind::Speech(_))).then_some((sentence, at))
        });
        let Some((sentence, at)) =
            told.filter(|(sentence, _)| sentence.voice == Voice::Narrator && sentence.is_plain())
        else {
            continue;
        };
        let denied = sentence.tokens[at.saturating_sub(5)..at].iter().any(|token| {
            matches!(
                token.lower.as_str(),
                "no" | "not" | "never" | "without" | "neither" | "nor" | "nobody" | "nothing"
            )
        });
        let clause = sentence.clause_at(at);
        let unreal = clause.is_some_and(|clause| clause.mood != Mood::Fact || clause.negated);
        let other =
            ctx.rule.bucket.is_some_and(|bucket| clause.is_none_or(|clause| clause.who != Some(bucket)));
        if denied || unreal || other || found.is_empty() {
            continue;
        }
        let message = format!("this breaks a rule of the world: {}", ctx.rule.text);
        ctx.found(
            (found.start(), found.end()),
            None,
            message,
            "take it out, or end the rule's scope before this scene".into(),
        );
    }
}
