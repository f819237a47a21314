//! Installing model files to where the embedded engine finds them.
//!
//! Owns: rewriting a chat model in the quantisation that runs fastest, copying the folder of an embedding model.
//! Does not own: downloads. Invariants: a model appears whole or not at all; installing the same content again changes
//! nothing; what the engine could not load is refused before anything is there under its name.

use crate::gguf;
use crate::provider::embedded::EMBEDDING_FOLDER;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The files of an embedding model.
const EMBEDDING_FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub kind: InstalledKind,
    /// As it is named behind `embedded:`; the folder for embeddings.
    pub name: String,
    pub path: PathBuf,
    /// It was there already, from the same source.
    pub unchanged: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstalledKind {
    Chat,
    Embedding,
}

#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("cannot {what} {}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is neither a GGUF file nor the folder of an embedding model: {why}", path.display())]
    NotAModel { path: PathBuf, why: String },
    #[error(transparent)]
    Engine(#[from] atelier_inference::Error),
}

impl InstallError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => {
                "check that the source is there, and the rights and the free space of the models' folder"
            }
            Self::NotAModel { .. } => {
                "give a .gguf file, or a folder with config.json, tokenizer.json and model.safetensors"
            }
            Self::Engine(error) => error.hint().unwrap_or("choose another model file"),
        }
    }
}

/// Installs a `.gguf` file or an embedding model's folder. Takes as long as reading and writing the file.
pub fn install(source: &Path, models_dir: &Path) -> Result<Installed, InstallError> {
    fs::create_dir_all(models_dir).map_err(io_error("create the folder", models_dir))?;
    if source.is_dir() { install_embedding(source, models_dir) } else { install_chat(source, models_dir) }
}

fn install_chat(source: &Path, models_dir: &Path) -> Result<Installed, InstallError> {
    let not_a_model = |why: String| InstallError::NotAModel { path: source.to_owned(), why };
    if !source.is_file() {
        return Err(not_a_model("there is no such file".to_owned()));
    }
    gguf::read_facts(source).map_err(|error| not_a_model(error.to_string()))?;
    let stem = source.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    let name = format!("{}.gguf", quantised_name(&stem));
    let path = models_dir.join(&name);
    let hash = hash_of(source)?;
    let unchanged = is_from(&path, &hash);
    if !unchanged {
        // Loading the head of the tokenizer refuses here what the engine would refuse later.
        atelier_inference::TokenCounter::open(source)?;
        atelier_inference::requantize(source, &path)?;
        write_mark(&path, &hash)?;
    }
    Ok(Installed { kind: InstalledKind::Chat, name, path, unchanged })
}

fn install_embedding(source: &Path, models_dir: &Path) -> Result<Installed, InstallError> {
    if let Some(missing) = EMBEDDING_FILES.iter().find(|file| !source.join(file).is_file()) {
        let why = format!("it has no {missing}");
        return Err(InstallError::NotAModel { path: source.to_owned(), why });
    }
    let path = models_dir.join(EMBEDDING_FOLDER);
    let mut hashes = String::new();
    for file in EMBEDDING_FILES {
        hashes.push_str(&hash_of(&source.join(file))?);
    }
    let hash = blake3::hash(hashes.as_bytes()).to_hex().to_string();
    let unchanged = path.is_dir() && is_from(&path, &hash);
    if !unchanged {
        copy_folder(source, &path)?;
        write_mark(&path, &hash)?;
    }
    Ok(Installed { kind: InstalledKind::Embedding, name: EMBEDDING_FOLDER.to_owned(), path, unchanged })
}

/// Beside its place first, then moved there as a whole.
fn copy_folder(source: &Path, target: &Path) -> Result<(), InstallError> {
    let part = target.with_extension(format!("part-{}", std::process::id()));
    remove_folder(&part)?;
    fs::create_dir_all(&part).map_err(io_error("create the folder", &part))?;
    for file in EMBEDDING_FILES {
        let to = part.join(file);
        fs::copy(source.join(file), &to).map_err(io_error("write", &to))?;
        File::open(&to).and_then(|file| file.sync_all()).map_err(io_error("write", &to))?;
    }
    remove_folder(target)?;
    fs::rename(&part, target).map_err(io_error("move into its place", target))
}

fn remove_folder(path: &Path) -> Result<(), InstallError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("replace", path)(error)),
        _ => Ok(()),
    }
}

/// `smollm2-135m-instruct.q4_1` becomes `smollm2-135m-instruct-q4_0`, as the packaged models are called.
fn quantised_name(stem: &str) -> String {
    match stem.strip_suffix("q4_1") {
        Some(base) => format!("{}-q4_0", base.trim_end_matches(['.', '-', '_'])),
        None => stem.replace(".q", "-q"),
    }
}

/// Beside each model lies the hash of what it was made from.
fn mark_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.source"))
}

fn is_from(path: &Path, hash: &str) -> bool {
    path.exists() && fs::read_to_string(mark_of(path)).is_ok_and(|mark| mark.trim() == hash)
}

fn write_mark(path: &Path, hash: &str) -> Result<(), InstallError> {
    let mark = mark_of(path);
    fs::write(&mark, format!("{hash}\n")).map_err(io_error("write", &mark))
}

fn hash_of(path: &Path) -> Result<String, InstallError> {
    let mut file = File::open(path).map_err(io_error("read", path))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut buffer).map_err(io_error("read", path))?;
        if n == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..n]);
    }
}

fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    let path = path.to_owned();
    move |source| InstallError::Io { what, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(dir: &Path, weights: &str) -> PathBuf {
        let source = dir.join("source");
        fs::create_dir_all(&source).unwrap();
        for file in EMBEDDING_FILES {
            fs::write(source.join(file), weights).unwrap();
        }
        source
    }

    #[test]
    fn an_embedding_folder_is_installed_once_and_again_only_when_it_changed() {
        let dir = tempfile::tempdir().unwrap();
        let models = dir.path().join("models");
        let first = install(&folder(dir.path(), "one"), &models).unwrap();
        assert!(!first.unchanged && first.kind == InstalledKind::Embedding);
        assert!(install(&folder(dir.path(), "one"), &models).unwrap().unchanged);
        assert!(!install(&folder(dir.path(), "two"), &models).unwrap().unchanged);
        assert_eq!(fs::read_to_string(first.path.join("model.safetensors")).unwrap(), "two");
        let left: Vec<_> = fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "nothing but the model and its mark: {left:?}");
    }

    #[test]
    fn what_is_no_model_is_refused_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let models = dir.path().join("models");
        let text = dir.path().join("story.gguf");
        fs::write(&text, "once upon a time there was a file that was no model").unwrap();
        assert!(matches!(install(&text, &models), Err(InstallError::NotAModel { .. })));
        assert!(matches!(
            install(&dir.path().join("gone.gguf"), &models),
            Err(InstallError::NotAModel { .. })
        ));
        let empty = dir.path().join("empty");
        fs::create_dir(&empty).unwrap();
        assert!(matches!(install(&empty, &models), Err(InstallError::NotAModel { .. })));
        assert_eq!(fs::read_dir(&models).unwrap().count(), 0);
    }

    #[test]
    fn rewritten_models_are_called_as_the_packaged_ones() {
        assert_eq!(quantised_name("smollm2-135m-instruct.q4_1"), "smollm2-135m-instruct-q4_0");
        assert_eq!(quantised_name("qwen2.5-0.5b-instruct-q8_0"), "qwen2.5-0.5b-instruct-q8_0");
    }
}
