//! The environment, read once at the start and handed down as a value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use atelier_runtime::Failure;

use crate::codes;

/// The variables of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    texts: BTreeMap<String, String>,
}

impl Environment {
    /// Of all variables those that are texts. One of ours that is none is refused.
    pub(crate) fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Self, Failure> {
        let mut texts = BTreeMap::new();
        for (name, value) in variables {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(texts.insert(name, value)),
                // A path may be any bytes; clap reads that one itself.
                Err(_) if name.starts_with("ATELIER_") && name != "ATELIER_DATA" => {
                    let message = format!("the environment variable {name} is not UTF-8");
                    return Err(Failure::usage(
                        codes::NOT_UTF8,
                        message,
                        format!("set {name} again, or unset it"),
                    ));
                }
                Err(_) => {}
            }
        }
        Ok(Self { texts })
    }

    /// A variable.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.texts.get(name).cloned()
    }

    /// Whether colours are unwanted.
    pub(crate) fn is_plain(&self) -> bool {
        let set = |name: &str| self.texts.get(name).is_some_and(|value| !value.is_empty());
        set("NO_COLOR") || self.texts.get("TERM").is_some_and(|term| term == "dumb")
    }

    /// The data folder where none is named.
    pub(crate) fn data_folder(&self) -> Result<PathBuf, Failure> {
        let absolute = |name: &str| self.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || absolute("HOME").map(|home| home.join(".local/share"));
        match absolute("XDG_DATA_HOME").or_else(home) {
            Some(folder) => Ok(folder.join("atelier")),
            None => Err(Failure::usage(
                codes::NO_DATA_FOLDER,
                "neither HOME nor XDG_DATA_HOME says where data belongs",
                "name a folder with --data DIR or ATELIER_DATA",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::of(pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
            .unwrap()
    }

    #[test]
    fn the_data_folder_is_the_platforms_own() {
        let home = environment(&[("HOME", "/h")]);
        assert_eq!(home.data_folder().unwrap(), PathBuf::from("/h/.local/share/atelier"));
        let xdg = environment(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]);
        assert_eq!(xdg.data_folder().unwrap(), PathBuf::from("/x/atelier"));
        let relative = environment(&[("HOME", "/h"), ("XDG_DATA_HOME", "x")]);
        assert_eq!(relative.data_folder().unwrap(), PathBuf::from("/h/.local/share/atelier"));
        assert_eq!(environment(&[]).data_folder().unwrap_err().exit, atelier_runtime::Exit::Usage);
    }
}
