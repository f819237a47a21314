//! Ids: a UUIDv7 with the prefix of its kind, so that an id tells what it names wherever it is printed.
//!
//! Ids are made outside (an [`IdSource`] comes in with every command): the domain has no randomness.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Where new ids come from. The runtime gives random ones, tests and replay give recorded ones.
pub trait IdSource {
    /// The next id, never the same twice.
    fn next_id(&mut self) -> Uuid;
}

/// Why a text is no id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what} id: it should look like {prefix}_ followed by 32 hexadecimal digits")]
pub struct InvalidId {
    text: String,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id around a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }

            /// A new id from the given source.
            pub fn new(ids: &mut dyn IdSource) -> Self { Self(ids.next_id()) }

            /// The UUID inside, for compact storage.
            pub const fn uuid(&self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let refuse = || InvalidId { text: text.chars().take(80).collect(), what: $what, prefix: $prefix };
                let hex = text.strip_prefix(concat!($prefix, "_")).ok_or_else(refuse)?;
                if hex.len() != 32 { return Err(refuse()); }
                Uuid::try_parse(hex).map(Self).map_err(|_| refuse())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut buffer = [0u8; $prefix.len() + 33];
                buffer[..$prefix.len()].copy_from_slice($prefix.as_bytes());
                buffer[$prefix.len()] = b'_';
                self.0.as_simple().encode_lower(&mut buffer[$prefix.len() + 1..]);
                serializer.serialize_str(std::str::from_utf8(&buffer).map_err(serde::ser::Error::custom)?)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(concat!("an id like ", $prefix, "_…")) }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> { text.parse().map_err(E::custom) }
                }
                deserializer.deserialize_str(Visitor)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": concat!("^", $prefix, "_[0-9a-f]{32}$") })
            }
        }
    )*};
}

ids! {
    /// A project: one log, one universe of work.
    ProjectId, "prj", "project";
    /// One execution of a workflow.
    RunId, "run", "run";
    /// One unit of a run.
    StepId, "step", "step";
    /// A point where a run waits for a person.
    GateId, "gate", "gate";
    /// One event of a project's log.
    EventId, "evt", "event";
    /// A bucket.
    BucketId, "bkt", "bucket";
    /// A passage of memory.
    MemoryId, "mem", "memory";
    /// A message on the project's bus.
    MessageId, "msg", "message";
    /// A branch of the log.
    BranchId, "brn", "branch";
    /// A versioned product of a run.
    ArtifactId, "art", "artifact";
    /// The account of one model call.
    ReceiptId, "rcp", "receipt";
    /// A canon rule.
    RuleId, "rule", "canon rule";
    /// A fact about a bucket that holds from one place of the story on.
    FactId, "fact", "fact";
}

impl BranchId {
    /// The branch every project begins with. Its id is the same in all projects.
    pub const MAIN: BranchId = BranchId(Uuid::nil());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_written_and_other_kinds_are_refused() {
        let id = RunId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "run_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse::<RunId>(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<RunId>(&format!("\"{id}\"")).unwrap(), id);
        for bad in [
            "",
            "run_",
            "prj_00000000000000000000000000000007",
            "run_0000",
            "run_0000000000000000000000000000000g",
        ] {
            assert!(bad.parse::<RunId>().is_err(), "{bad}");
        }
    }
}
