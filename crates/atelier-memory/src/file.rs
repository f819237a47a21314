//! The bytes of the file that keeps vectors, so that no text is embedded twice.
//!
//! A head (what it is, a version, how long a vector is, a check of the model's name), then one record for each text: the
//! hash of the text, the numbers, a check of both. Records are only ever added. The file is derived: what cannot be read
//! is left out and made anew.
//!
//! **Invariant**: whatever the bytes are, what is read is what was written.

/// How the file begins: what it is, and its version.
const MAGIC: &[u8; 8] = b"atlvec\x00\x01";
const HEAD: usize = 8 + 4 + 8;
const HASH: usize = 32;
const CHECK: usize = 8;

/// What a text is known by.
pub type TextHash = [u8; HASH];

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The vectors by the hash of their text.
    pub vectors: Vec<(TextHash, Vec<f32>)>,
    /// The bytes that could be used; what follows is cut off before more is written. 0 where the file is of no use.
    pub good: usize,
}

/// The head of a file for vectors of a model.
pub fn head(model: &str, dimensions: usize) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend((dimensions as u32).to_le_bytes());
    head.extend(check(&[model.as_bytes()]).to_le_bytes());
    head
}

/// The record of a text.
pub fn record(hash: &TextHash, vector: &[f32]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HASH + vector.len() * 4 + CHECK);
    record.extend(hash);
    vector.iter().for_each(|x| record.extend(x.to_le_bytes()));
    let check = check(&[&record]);
    record.extend(check.to_le_bytes());
    record
}

/// Reads what a file holds for a model; nothing where it is another's. A record that is not what was written ends it.
pub fn read(bytes: &[u8], model: &str) -> Read {
    let Some((head, rest)) = bytes.split_at_checked(HEAD) else { return Read::default() };
    let dimensions = head.get(8..12).and_then(|n| n.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    if dimensions == 0 || head != self::head(model, dimensions) {
        return Read::default();
    }
    let Some(length) = dimensions.checked_mul(4).and_then(|n| n.checked_add(HASH + CHECK)) else {
        return Read::default();
    };
    let mut read = Read { vectors: Vec::new(), good: HEAD };
    for record in rest.chunks_exact(length) {
        let Some((body, told)) = record.split_at_checked(length - CHECK) else { break };
        let Some((hash, numbers)) = body.split_first_chunk::<HASH>() else { break };
        if told != check(&[body]).to_le_bytes() {
            break;
        }
        let number = |four: &[u8]| four.try_into().map_or(0.0, f32::from_le_bytes);
        read.vectors.push((*hash, numbers.chunks_exact(4).map(number).collect()));
        read.good += length;
    }
    read
}

/// Finds bytes that changed by accident.
fn check(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in parts.iter().copied().flatten() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^ (hash >> 31)
}
