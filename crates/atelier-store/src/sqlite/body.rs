//! How texts are stored: as they are, or compressed where that saves something.

use std::sync::Mutex;

use zstd::bulk::{Compressor, Decompressor};

use super::fault::locked;

/// Compressing a body that is shorter than this costs more time than the bytes are worth.
const WORTH_TRYING: usize = 512;

/// The longest text that is believed to be ours when it is unpacked.
const LONGEST: usize = 1 << 30;

/// So many compressors are kept. Each has half a megabyte of its own, and no more work at a time than there are cores.
const KEPT: usize = 2;

/// Compresses, for all threads of a store.
#[derive(Default)]
pub(super) struct Packer(Mutex<Vec<Compressor<'static>>>);

impl Packer {
    /// The compressed text, if it is at least an eighth shorter.
    pub(super) fn pack(&self, text: &[u8]) -> Option<Vec<u8>> {
        if text.len() < WORTH_TRYING {
            return None;
        }
        let kept = locked(&self.0).pop();
        // Without memory for one texts are stored as they are.
        let mut compressor = kept.or_else(|| Compressor::new(3).ok())?;
        let packed = compressor.compress(text).ok()?;
        let mut kept = locked(&self.0);
        if kept.len() < KEPT {
            kept.push(compressor);
        }
        (packed.len() + text.len() / 8 < text.len()).then_some(packed)
    }
}

/// Unpacks; made on first use.
#[derive(Default)]
pub(super) struct Unpacker {
    inner: Option<Decompressor<'static>>,
    room: Vec<u8>,
}

impl Unpacker {
    /// The text that was packed; `None` when this is nothing that was.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> Option<&[u8]> {
        let stated = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
        let length = usize::try_from(stated).ok().filter(|length| *length <= LONGEST)?;
        if self.inner.is_none() {
            self.inner = Decompressor::new().ok();
        }
        self.room.clear();
        self.room.reserve(length);
        self.inner.as_mut()?.decompress_to_buffer(packed, &mut self.room).ok()?;
        Some(&self.room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_equal_and_nonsense_is_refused() {
        let packer = Packer::default();
        let mut unpacker = Unpacker::default();
        let text = "the river remembers every coin ".repeat(100);
        let packed = packer.pack(text.as_bytes()).unwrap();
        assert!(packed.len() < text.len() / 10);
        assert_eq!(unpacker.unpack(&packed).unwrap(), text.as_bytes());
        assert_eq!(unpacker.unpack(&packed[..packed.len() - 1]), None);
        assert_eq!(unpacker.unpack(b"no frame at all"), None);
        assert_eq!(packer.pack(b"short"), None);
    }
}
