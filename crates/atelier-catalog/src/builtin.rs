//! The files of `crews/`, in the binary.

include!(concat!(env!("OUT_DIR"), "/crews.rs"));
