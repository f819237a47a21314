//! The memory of a project: one index of passages for all its branches.
//!
//! Owns: bringing the index up to what a branch remembers, the file of vectors, asking for vectors that are missing.
//! Does not own: what is remembered (events), the scan (`atelier-memory`), what a model is (`atelier-models`).
//! Derived: the index is made when first asked for; the file may be deleted, cut or of another model at any time.
//!
//! **Invariant**: a search waits for no model longer than for the vectors of [`AT_ONCE`] passages; the words of all others
//! are searched meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atelier_domain::state::{Content, Memory};
use atelier_domain::{BranchId, Hash, MemoryId, ProjectId, Text};
use atelier_memory::{Hit, Row, Vectors, Words, file, fuse};
use atelier_models::{CallError, Gateway, ModelSpec};
use atelier_store::Log;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use tokio_util::sync::CancellationToken;

use crate::actor::blocking;
use crate::tasks::{OnCancel, Tasks};
use crate::{Failure, codes};

/// Passages whose vectors a search waits for.
const AT_ONCE: usize = 64;
/// The beginning of a passage that its vector is made of, in bytes; its words are all found.
const EMBEDDED_BYTES: usize = 8 * 1024;
/// Each ranking brings so many for each one asked for.
const WIDTH: usize = 4;
/// The model that embeds where none is set.
pub(crate) const BUILTIN: &str = "embedded:all-minilm-l6-v2";

/// The memory of a project. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Memories {
    index: Arc<Mutex<Index>>,
    /// Held by whoever asks for vectors, so that nobody asks for the same twice.
    embedding: Arc<tokio::sync::Mutex<()>>,
}

/// Passages by row, whatever branch they are on.
#[derive(Default)]
struct Index {
    texts: Vec<Arc<str>>,
    hashes: Vec<Hash>,
    rows: HashMap<Hash, Row>,
    words: Words,
    vectors: Option<Embedded>,
    /// What each branch that was asked about remembers.
    branches: BTreeMap<BranchId, Followed>,
}

/// What a branch remembers, and the rows of it: of passages that are equal the eldest.
#[derive(Clone, Default)]
struct Followed {
    remembered: OrdMap<MemoryId, Arc<Memory>>,
    rows: Rows,
}

type Rows = OrdMap<Row, Arc<Memory>>;

/// The vectors of one model.
struct Embedded {
    model: String,
    vectors: Vectors,
    /// What the file holds and no row has asked for yet.
    spare: HashMap<Hash, Vec<f32>>,
    /// How much of the file is good.
    n_bytes: usize,
}

/// What a search is given.
pub(crate) struct Search<'a> {
    pub(crate) branch: BranchId,
    pub(crate) content: &'a Content,
    pub(crate) question: &'a str,
    pub(crate) n: usize,
}

/// What a search found.
pub(crate) struct Answer {
    pub(crate) found: Vec<(Arc<Memory>, Arc<str>, Hit)>,
    /// Why it was searched by words alone, or not all of it by meaning.
    pub(crate) lacks: Option<String>,
}

/// Where the memory gets what it needs.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) folder: PathBuf,
    pub(crate) gateway: Gateway,
    pub(crate) model: ModelSpec,
    pub(crate) tasks: Tasks,
    pub(crate) project: ProjectId,
}

impl Memories {
    /// The passages nearest to a question.
    pub(crate) async fn search(&self, sources: &Sources, search: Search<'_>) -> Result<Answer, Failure> {
        let live = self.follow(sources, search.branch, search.content).await?;
        let missing = self.missing(live.keys().copied(), sources);
        let question = vec![cut(search.question).to_owned()];
        let embedded = self.embed(sources, missing.iter().copied().take(AT_ONCE).collect()).await;
        let asked = match embedded {
            Ok(()) => {
                let cancel = CancellationToken::new();
                sources.gateway.embed_by(&sources.model, &question, &cancel).await.map_err(why)
            }
            Err(reason) => Err(reason),
        };
        let later = missing.get(AT_ONCE..).unwrap_or_default();
        let lacks = (!later.is_empty()).then(|| format!("{} passages have no vector yet", later.len()));
        if asked.is_ok() {
            self.embed_later(sources, later.to_vec());
        }
        let query = asked.map(|vectors| vectors.into_iter().next().unwrap_or_default());
        let (memories, question, n) = (self.clone(), search.question.to_owned(), search.n);
        let counted = live.clone();
        let (hits, texts, refused) =
            blocking(move || Ok(memories.ranked(&counted, &question, query, n))).await?;
        let found = hits
            .into_iter()
            .zip(texts)
            .filter_map(|(hit, text)| Some((live.get(&hit.row)?.clone(), text, hit)));
        Ok(Answer { found: found.collect(), lacks: refused.or(lacks) })
    }

    /// The texts of what is remembered, in the order it was added.
    pub(crate) async fn list(
        &self,
        sources: &Sources,
        content: &Content,
    ) -> Result<Vec<(Arc<Memory>, Arc<str>)>, Failure> {
        let log = sources.log.clone();
        let mut all: Vec<Arc<Memory>> = content.memory.values().cloned().collect();
        all.sort_by_key(|memory| memory.seq);
        blocking(move || {
            let texts = all.iter().map(|memory| text_of(&memory.text, &*log));
            let texts = texts.collect::<Result<Vec<_>, _>>()?;
            Ok(all.into_iter().zip(texts).collect())
        })
        .await
    }

    /// Gets vectors for what was just added, while nobody waits.
    pub(crate) async fn prepare(
        &self,
        sources: &Sources,
        branch: BranchId,
        content: &Content,
    ) -> Result<(), Failure> {
        let live = self.follow(sources, branch, content).await?;
        let missing = self.missing(live.keys().copied(), sources);
        self.embed_later(sources, missing);
        Ok(())
    }

    /// Puts what a branch remembers into the index; costs what has changed since it was last asked about.
    async fn follow(&self, sources: &Sources, branch: BranchId, content: &Content) -> Result<Rows, Failure> {
        let (memories, sources, remembered) = (self.clone(), sources.clone(), content.memory.clone());
        blocking(move || {
            let mut index = memories.index();
            index.open(&sources);
            let mut followed = index.branches.get(&branch).cloned().unwrap_or_default();
            if followed.remembered.ptr_eq(&remembered) {
                return Ok(followed.rows);
            }
            let gone = |item| matches!(item, DiffItem::Remove(..) | DiffItem::Update { .. });
            if followed.remembered.diff(&remembered).any(gone) {
                // An equal passage may take the place of one that is gone.
                followed = Followed::default();
            }
            for item in followed.remembered.diff(&remembered) {
                let DiffItem::Add(_, memory) = item else { continue };
                let row = index.row(memory, &*sources.log)?;
                if !followed.rows.contains_key(&row) {
                    followed.rows.insert(row, memory.clone());
                }
            }
            followed.remembered = remembered;
            let rows = followed.rows.clone();
            index.branches.insert(branch, followed);
            Ok(rows)
        })
        .await
    }

    /// Those of the rows without a vector of this model, the youngest first.
    fn missing(&self, rows: impl Iterator<Item = Row>, sources: &Sources) -> Vec<Row> {
        let index = self.index();
        let model = sources.model.to_string();
        let known = index.vectors.as_ref().filter(|known| known.model == model);
        if known.is_some_and(|known| known.vectors.len() == index.texts.len()) {
            return Vec::new();
        }
        let mut missing: Vec<Row> =
            rows.filter(|row| !known.is_some_and(|known| known.vectors.has(*row))).collect();
        missing.sort_unstable_by(|a, b| b.cmp(a));
        missing
    }

    fn embed_later(&self, sources: &Sources, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        let (memories, own) = (self.clone(), sources.clone());
        sources.tasks.spawn("embeddings", Some(sources.project), OnCancel::Drop, async move {
            for some in rows.chunks(AT_ONCE) {
                if let Err(reason) = memories.embed(&own, some.to_vec()).await {
                    tracing::warn!(project = %own.project, reason, "passages have no vectors; they are found by their words");
                    return;
                }
            }
        });
    }

    /// Gets the vectors of some rows and keeps them.
    async fn embed(&self, sources: &Sources, rows: Vec<Row>) -> Result<(), String> {
        let _turn = self.embedding.lock().await;
        // Somebody else may have got them while this waited.
        let rows = self.missing(rows.into_iter(), sources);
        if rows.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = {
            let index = self.index();
            rows.iter()
                .filter_map(|row| index.texts.get(*row as usize))
                .map(|text| cut(text).to_owned())
                .collect()
        };
        let vectors =
            sources.gateway.embed_by(&sources.model, &texts, &CancellationToken::new()).await.map_err(why)?;
        let (memories, own) = (self.clone(), sources.clone());
        let kept = blocking(move || Ok(memories.index().keep(&own, &rows, vectors))).await;
        kept.map_err(|failure| failure.message)?
    }

    fn ranked(
        &self,
        live: &Rows,
        question: &str,
        query: Result<Vec<f32>, String>,
        n: usize,
    ) -> (Vec<Hit>, Vec<Arc<str>>, Option<String>) {
        let index = self.index();
        let wide = n.saturating_mul(WIDTH);
        let words = index.words.find(question, wide, |row| live.contains_key(&row));
        let nearest = query.and_then(|query| match &index.vectors {
            Some(known) => {
                known.vectors.nearest(&query, wide, |row| live.contains_key(&row)).map_err(|e| e.to_string())
            }
            None => Ok(Vec::new()),
        });
        let (meaning, refused) = match nearest {
            Ok(meaning) => (meaning, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let hits = fuse(&meaning, &words, n, |row| index.texts.get(row as usize).map(|text| &**text));
        let texts = hits.iter().filter_map(|hit| index.texts.get(hit.row as usize).cloned()).collect();
        (hits, texts, refused)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn row(&mut self, memory: &Memory, log: &dyn Log) -> Result<Row, Failure> {
        let hash = match &memory.text {
            Text::Inline(text) => Hash::of(text.as_bytes()),
            Text::Blob { blob, .. } => *blob,
        };
        match self.rows.get(&hash) {
            Some(row) => Ok(*row),
            None => Ok(self.add(hash, text_of(&memory.text, log)?)),
        }
    }

    fn add(&mut self, hash: Hash, text: Arc<str>) -> Row {
        let row = self.texts.len() as Row;
        self.words.insert(row, &text);
        self.texts.push(text);
        self.hashes.push(hash);
        self.rows.insert(hash, row);
        if let Some(known) = &mut self.vectors
            && let Some(vector) = known.spare.remove(&hash)
            && let Err(error) = known.vectors.insert(row, &vector)
        {
            tracing::warn!(%error, "a kept vector is left out");
        }
        row
    }

    /// Reads what the file holds for the model, where another one or none is known.
    fn open(&mut self, sources: &Sources) {
        let model = sources.model.to_string();
        if self.vectors.as_ref().is_some_and(|known| known.model == model) {
            return;
        }
        self.vectors = None;
        let bytes = fs::read(path(&sources.folder, &model)).unwrap_or_default();
        let read = file::read(&bytes, &model);
        let Some(dimensions) = read.vectors.first().map(|(_, vector)| vector.len()) else { return };
        let mut known =
            Embedded { model, vectors: Vectors::new(dimensions), spare: HashMap::new(), n_bytes: read.good };
        for (hash, vector) in read.vectors {
            let hash = Hash::from_bytes(hash);
            match self.rows.get(&hash) {
                // All records of a file are equally long.
                Some(row) => _ = known.vectors.insert(*row, &vector),
                None => _ = known.spare.insert(hash, vector),
            }
        }
        self.vectors = Some(known);
    }

    fn keep(&mut self, sources: &Sources, rows: &[Row], vectors: Vec<Vec<f32>>) -> Result<(), String> {
        let model = sources.model.to_string();
        let Some(dimensions) = vectors.first().map(Vec::len) else { return Ok(()) };
        let known = match &mut self.vectors {
            Some(known) if known.model == model && known.vectors.dimensions() == dimensions => known,
            // Another model by the same name gives other vectors: what is known of it counts no longer.
            other => other.insert(Embedded {
                model: model.clone(),
                vectors: Vectors::new(dimensions),
                spare: HashMap::new(),
                n_bytes: 0,
            }),
        };
        let mut records = Vec::new();
        for (row, vector) in rows.iter().zip(vectors) {
            known.vectors.insert(*row, &vector).map_err(|error| error.to_string())?;
            if let Some(hash) = self.hashes.get(*row as usize) {
                records.extend(file::record(hash.bytes(), &vector));
            }
        }
        let path = path(&sources.folder, &model);
        match append(&path, known.n_bytes, &file::head(&model, dimensions), &records) {
            Ok(n_bytes) => known.n_bytes = n_bytes,
            // They are known as long as this process lives; the next one asks for them again.
            Err(error) => tracing::warn!(path = %path.display(), %error, "vectors could not be kept"),
        }
        Ok(())
    }
}

/// Adds records behind what is good in the file; one that is of no use is begun anew. How much is good then.
fn append(path: &Path, good: usize, head: &[u8], records: &[u8]) -> std::io::Result<usize> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
    file.set_len(good as u64)?;
    file.seek(SeekFrom::End(0))?;
    if good == 0 {
        file.write_all(head)?;
    }
    file.write_all(records)?;
    Ok(good.max(head.len()) + records.len())
}

fn path(folder: &Path, model: &str) -> PathBuf {
    let name = Hash::of(model.as_bytes()).to_string();
    folder.join("index").join(format!("vectors-{}.bin", name.get(..16).unwrap_or(&name)))
}

fn text_of(text: &Text, log: &dyn Log) -> Result<Arc<str>, Failure> {
    match text {
        Text::Inline(text) => Ok(text.clone()),
        Text::Blob { blob, .. } => log.blob(blob)?.ok_or_else(|| {
            let message = format!("a passage ({blob}) cannot be found");
            Failure::failed(codes::MISSING_TEXT, message, "run `atelier verify` on the project")
        }),
    }
}

/// The beginning of a text.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(EMBEDDED_BYTES)).unwrap_or(text)
}

fn why(error: CallError) -> String {
    error.message
}
