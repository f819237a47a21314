//! Names in text: what a person said about them.

use super::aggregate::{aggregate, body};
use crate::BucketId;

aggregate! {
    /// What a person says about a name.
    NameEvent {
        /// It is not what it was taken for.
        Refused(NameRefused) = "name.refused",
        /// It is, after all.
        Allowed(NameAllowed) = "name.allowed",
    }
}

body! {
    /// A name is not what it was taken for.
    NameRefused {
        /// The name.
        name: String,
        /// The bucket it does not mean; absent: it is no name and is not offered as one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket: Option<BucketId>,
    }
    /// A refusal was taken back.
    NameAllowed {
        /// The name.
        name: String,
        /// The bucket it may mean again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket: Option<BucketId>,
    }
}
