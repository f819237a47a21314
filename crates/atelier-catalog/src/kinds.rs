//! The step kinds, as the engine tells them.

use atelier_engine::kinds::{KINDS, Setting};

/// What a kind reads from its step.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) settings: &'static [Setting],
    pub(crate) arms: &'static [&'static str],
}

pub(crate) fn find(name: &str) -> Option<Kind> {
    let kind = atelier_engine::kinds::find(name)?;
    Some(Kind { name: kind.name(), settings: kind.settings(), arms: kind.arms() })
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
    KINDS.iter().map(|kind| kind.name())
}
