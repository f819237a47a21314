//! Texts in events and state: short ones stand where they are, long ones are named by their hash.
//!
//! A long text is stored once, compressed, in the same transaction as the event that names it. State never holds it,
//! so the memory of a project does not grow with what was written in it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A text of more bytes than this is kept as a blob.
pub const INLINE_LIMIT: usize = 1024;

/// The BLAKE3 hash of a content, which is also its address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The 32 bytes, for compact storage.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From 32 stored bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = blake3::HexError;
    fn from_str(text: &str) -> Result<Self, blake3::HexError> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes()))
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Hash;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a hash of 64 hexadecimal digits")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Hash, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl schemars::JsonSchema for Hash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hash".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

/// A text of any length: itself when short, its hash when long.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Text {
    /// At most [`INLINE_LIMIT`] bytes, kept in place.
    Inline(Arc<str>),
    /// A blob beside the event.
    Blob {
        /// Where it is.
        blob: Hash,
        /// How long it is, in bytes.
        bytes: u64,
    },
}

/// Read by hand: an untagged enum would copy each text twice on its way, and texts are most of what a log holds.
impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or the hash and length of one")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::Inline(Arc::from(text)))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                #[derive(serde::Deserialize)]
                struct Named {
                    blob: Hash,
                    bytes: u64,
                }
                let Named { blob, bytes } =
                    serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Text::Blob { blob, bytes })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Default for Text {
    fn default() -> Self {
        Text::Inline(Arc::from(""))
    }
}

impl Text {
    /// Puts a text where it belongs; a long one is added to `blobs`.
    pub fn put(text: &str, blobs: &mut Blobs) -> Self {
        if text.len() <= INLINE_LIMIT {
            return Text::Inline(Arc::from(text));
        }
        let blob = Hash::of(text.as_bytes());
        blobs.0.entry(blob).or_insert_with(|| Arc::from(text));
        Text::Blob { blob, bytes: text.len() as u64 }
    }

    /// A text that is known to be short. Longer ones are kept whole in place, which only costs space.
    pub fn inline(text: &str) -> Self {
        Text::Inline(Arc::from(text))
    }

    /// The text itself, or the hash it must be fetched by.
    pub fn get<'a>(&'a self, texts: &'a dyn Texts) -> Result<Arc<str>, Hash> {
        match self {
            Text::Inline(text) => Ok(text.clone()),
            Text::Blob { blob, .. } => texts.text(blob).ok_or(*blob),
        }
    }

    /// The hash of a long text.
    pub fn blob(&self) -> Option<Hash> {
        match self {
            Text::Inline(_) => None,
            Text::Blob { blob, .. } => Some(*blob),
        }
    }
}

/// Long texts that belong to events not yet stored, by hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blobs(pub BTreeMap<Hash, Arc<str>>);

/// Where long texts can be looked up without waiting.
pub trait Texts {
    /// The text with this hash, if it is at hand.
    fn text(&self, hash: &Hash) -> Option<Arc<str>>;
}

impl Texts for Blobs {
    fn text(&self, hash: &Hash) -> Option<Arc<str>> {
        self.0.get(hash).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stands_in_place_and_a_long_one_is_named_by_its_hash() {
        let mut blobs = Blobs::default();
        let short = Text::put("a river", &mut blobs);
        assert_eq!(serde_json::to_string(&short).unwrap(), "\"a river\"");
        assert!(blobs.0.is_empty());

        let long = "x".repeat(INLINE_LIMIT + 1);
        let text = Text::put(&long, &mut blobs);
        assert_eq!(text.get(&blobs).unwrap().as_ref(), long);
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), text);
        assert_eq!(text.get(&Blobs::default()), Err(Hash::of(long.as_bytes())));
    }
}
