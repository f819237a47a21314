//! Long texts and frozen definitions of one project, kept at hand for as long as runs need them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atelier_domain::text::{Blobs, Texts};
use atelier_domain::{Hash, State};
use atelier_engine::definition::Definition;
use atelier_engine::{Compiled, Library};
use atelier_store::Log;

use crate::Failure;
use crate::codes;

/// The most bytes of texts kept at hand; the oldest go first.
const KEEP_BYTES: usize = 8 << 20;
/// Definitions kept at hand even if no run follows them: the next run mostly follows the same one as the last.
const KEEP_DEFINITIONS: usize = 8;

/// What the engine can look up without waiting.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    texts: Mutex<Kept>,
    definitions: Mutex<HashMap<Hash, Arc<Compiled>>>,
}

#[derive(Debug, Default)]
struct Kept {
    by_hash: HashMap<Hash, (u64, Arc<str>)>,
    by_age: BTreeMap<u64, Hash>,
    bytes: usize,
    clock: u64,
    /// How many are at work that need all they fetched at once.
    holders: usize,
}

/// As long as this is held, nothing goes: work that needs more texts than are kept would else fetch for ever, each text
/// pushing out another that is needed as well.
pub(crate) struct Held(Arc<Shelf>);

impl Drop for Held {
    fn drop(&mut self) {
        let mut kept = lock(&self.0.texts);
        kept.holders -= 1;
        kept.make_room();
    }
}

impl Texts for Shelf {
    fn text(&self, hash: &Hash) -> Option<Arc<str>> {
        lock(&self.texts).by_hash.get(hash).map(|(_, text)| text.clone())
    }
}

impl Library for Shelf {
    fn definition(&self, hash: &Hash) -> Option<Arc<Compiled>> {
        lock(&self.definitions).get(hash).cloned()
    }
}

impl Shelf {
    pub(crate) fn add(&self, blobs: &Blobs) {
        let mut kept = lock(&self.texts);
        for (hash, text) in &blobs.0 {
            kept.add(*hash, text.clone());
        }
    }

    /// Keeps all that is here or fetched from now on, until the answer is dropped.
    pub(crate) fn hold(self: &Arc<Self>) -> Held {
        lock(&self.texts).holders += 1;
        Held(self.clone())
    }

    pub(crate) fn add_definition(&self, hash: Hash, compiled: Arc<Compiled>) {
        lock(&self.definitions).insert(hash, compiled);
    }

    /// Definitions that no open run follows any more are let go, once there are many.
    pub(crate) fn keep_definitions_of(&self, state: &State) {
        let mut definitions = lock(&self.definitions);
        if definitions.len() > KEEP_DEFINITIONS {
            let used: Vec<Hash> = state.runs.values().map(|run| run.definition).collect();
            definitions.retain(|hash, _| used.contains(hash));
        }
    }

    /// Fetches a text, or the definition in it, from the log. Blocks.
    pub(crate) fn fetch(&self, log: &dyn Log, hash: &Hash, state: &State) -> Result<(), Failure> {
        let missing = || {
            Failure::failed(
                codes::TEXT_LOST,
                format!("the text {hash} is not in the project"),
                "run `atelier verify` on the project",
            )
        };
        let text = log.blob(hash)?.ok_or_else(missing)?;
        if state.runs.values().any(|run| run.definition == *hash) {
            self.add_definition(*hash, compile(&text)?);
        }
        lock(&self.texts).add(*hash, text);
        Ok(())
    }
}

/// A stored definition, made ready.
pub(crate) fn compile(text: &str) -> Result<Arc<Compiled>, Failure> {
    let broken = |why: String| {
        Failure::failed(
            codes::BAD_DEFINITION,
            format!("the run's definition cannot be used: {why}"),
            "start the workflow again",
        )
    };
    let definition: Definition = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    Compiled::new(definition).map(Arc::new).map_err(|error| broken(error.to_string()))
}

impl Kept {
    fn add(&mut self, hash: Hash, text: Arc<str>) {
        self.clock += 1;
        let clock = self.clock;
        self.bytes += text.len();
        if let Some((age, old)) = self.by_hash.insert(hash, (clock, text)) {
            self.by_age.remove(&age);
            self.bytes -= old.len();
        }
        self.by_age.insert(clock, hash);
        self.make_room();
    }

    fn make_room(&mut self) {
        if self.holders > 0 {
            return;
        }
        while self.bytes > KEEP_BYTES && self.by_age.len() > 1 {
            let Some((_, oldest)) = self.by_age.pop_first() else { return };
            if let Some((_, text)) = self.by_hash.remove(&oldest) {
                self.bytes -= text.len();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use atelier_domain::ProjectId;
    use atelier_store::{Batch, SqliteStore, Store};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn work_that_needs_more_texts_than_are_kept_gets_them_all_and_then_room_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let project = ProjectId::from_uuid(uuid::Uuid::from_u128(1));
        let log = store.create(project, "P").unwrap();
        let mut blobs = Blobs::default();
        for letter in ["a", "b", "c"] {
            let text = letter.repeat(KEEP_BYTES / 2);
            blobs.0.insert(Hash::of(text.as_bytes()), Arc::from(text));
        }
        let needed: Vec<Hash> = blobs.0.keys().copied().collect();
        log.append(0, Batch { drafts: Vec::new(), blobs }).await.unwrap();

        let (shelf, state) = (Arc::new(Shelf::default()), State::new(project));
        let held = shelf.hold();
        let mut fetched = 0;
        while let Some(missing) = needed.iter().find(|hash| shelf.text(hash).is_none()) {
            assert!(fetched < needed.len(), "what was fetched is gone again");
            shelf.fetch(&*log, missing, &state).unwrap();
            fetched += 1;
        }
        drop(held);
        assert!(lock(&shelf.texts).bytes <= KEEP_BYTES);
    }
}
