//! promise: planted, then paid, once, and in time.

use std::sync::Arc;

use atelier_domain::BucketId;

use crate::check::Ctx;
use crate::facts::Fact;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(promise) = ctx.rule.bucket else { return };
    let title = ctx.title(promise);
    let place = |field: &str| ctx.own(promise, field).and_then(|text| ctx.order().find(&text).ok());
    let (made, due) = (place("made"), place("due"));
    let mut turns: Vec<Arc<Fact>> = ctx.every(promise, "status");
    turns.sort_by_key(|fact| (fact.begins(ctx.order()), fact.seq));
    let mut paid: Option<Arc<Fact>> = None;
    let mut open = true;
    for fact in turns {
        match fact.text().unwrap_or_default().to_lowercase().as_str() {
            "paid" => {
                if let Some(before) = paid.as_ref().filter(|_| !open) {
                    let message = format!("the promise `{title}` is paid a second time");
                    at(
                        ctx,
                        promise,
                        &fact,
                        Some(before),
                        message,
                        "pay it once, or open it again in between",
                    );
                }
                let too_soon = made.is_some_and(|made| fact.begins(ctx.order()) < ctx.order().start(made));
                if too_soon {
                    let message = format!("the promise `{title}` is paid before it is made");
                    at(ctx, promise, &fact, None, message, "pay it later, or make it sooner");
                }
                paid = Some(fact);
                open = false;
            }
            "open" => open = true,
            _ => open = false,
        }
    }
    let Some(due) = due else { return };
    let Some(end) = ctx.order().end(due) else { return };
    let status =
        ctx.text(promise, "status", end).map(|(status, _)| status.to_lowercase()).unwrap_or_default();
    if !matches!(status.as_str(), "paid" | "void") {
        let message = format!("the promise `{title}` is not paid at the end of {}", ctx.title(due));
        let suggestion = "pay it, make it void, or let it be due later".to_owned();
        ctx.between((promise, (0, 0)), (due, (0, 0)), message, suggestion);
    }
}

fn at(
    ctx: &Ctx<'_>,
    promise: BucketId,
    fact: &Fact,
    before: Option<&Arc<Fact>>,
    message: String,
    suggestion: &str,
) {
    let here = fact.from.unwrap_or(promise);
    let there = before.and_then(|before| before.from).unwrap_or(promise);
    ctx.between((here, (0, 0)), (there, (0, 0)), message, suggestion.to_owned());
}
