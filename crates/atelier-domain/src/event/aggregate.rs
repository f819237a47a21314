//! The macro that makes an aggregate's enum readable and writable by its tags.

/// Declares the events of one aggregate: `Variant(Body) = "tag"`.
macro_rules! aggregate {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident($body:ty) = $kind:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $name { $($(#[$vdoc])* $variant($body)),* }

        impl $name {
            /// The tags of this aggregate.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The tag this event is stored under.
            pub fn kind(&self) -> &'static str {
                match self { $($name::$variant(_) => $kind),* }
            }

            /// The JSON of the body.
            pub fn body(&self) -> Result<String, serde_json::Error> {
                match self { $($name::$variant(body) => serde_json::to_string(body)),* }
            }

            /// Reads a body back; `None` when the tag belongs to another aggregate.
            pub fn decode(kind: &str, body: &str) -> Option<Result<Self, serde_json::Error>> {
                match kind {
                    $($kind => Some(serde_json::from_str(body).map($name::$variant)),)*
                    _ => None,
                }
            }

            /// The JSON Schema of each body.
            pub fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                vec![$(($kind, generator.subschema_for::<$body>())),*]
            }
        }
    };
}

/// The derives and defaults that every body shares.
macro_rules! body {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

pub(super) use {aggregate, body};
