//! Activations as blocks of 32 signed bytes.

use super::tile::BLOCK;

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Activation {
    /// Four values in each word, lowest byte first.
    pub(crate) words: [i32; BLOCK / 4],
    pub(crate) scale: f32,
    pub(crate) sum: i32,
}

impl Activation {
    /// The sum of the values that the bytes stand for.
    pub(crate) fn total(&self) -> f32 {
        self.scale * self.sum as f32
    }
}

/// Appends the blocks of `values`, whose length is a multiple of the block.
pub(crate) fn quantize(values: &[f32], out: &mut Vec<Activation>) {
    out.extend(values.chunks_exact(BLOCK).map(block));
}

fn block(values: &[f32]) -> Activation {
    // Adding and taking away 1.5 * 2^23 rounds to the nearest even integer without a library call.
    const ROUND: f32 = 12_582_912.0;
    let largest = values.iter().fold(0f32, |most, v| most.max(v.abs()));
    let scale = largest / 127.0;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let mut bytes = [0i8; BLOCK];
    let mut sum = 0i32;
    for (byte, value) in bytes.iter_mut().zip(values) {
        let rounded = ((value * inverse + ROUND) - ROUND) as i32;
        *byte = rounded as i8;
        sum += rounded;
    }
    let mut words = [0i32; BLOCK / 4];
    for (word, four) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = i32::from_le_bytes([four[0] as u8, four[1] as u8, four[2] as u8, four[3] as u8]);
    }
    Activation { words, scale, sum }
}
