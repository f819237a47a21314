//! The layout of weights: 16 rows by 32 columns, four columns of each row side by side.

use half::f16;

pub(crate) const ROWS: usize = 16;
pub(crate) const BLOCK: usize = 32;

/// Four-bit weights: `weight = scale * nibble + offset`. The low nibbles hold columns 0..16, the high ones 16..32.
#[repr(C)]
#[derive(Clone)]
pub(crate) struct Tile4 {
    pub(crate) scales: [u16; ROWS],
    pub(crate) offsets: [u16; ROWS],
    pub(crate) bytes: [u8; ROWS * BLOCK / 2],
}

/// Eight-bit weights: `weight = scale * byte`; no byte is -128.
#[repr(C)]
#[derive(Clone)]
pub(crate) struct Tile8 {
    pub(crate) scales: [u16; ROWS],
    pub(crate) bytes: [i8; ROWS * BLOCK],
}

impl Tile4 {
    pub(crate) fn zero() -> Self {
        Self { scales: [0; ROWS], offsets: [0; ROWS], bytes: [0; ROWS * BLOCK / 2] }
    }

    fn put(&mut self, row: usize, scale: u16, offset: u16, nibbles: &[u8]) {
        self.scales[row] = scale;
        self.offsets[row] = offset;
        for (group, four) in nibbles.chunks_exact(4).enumerate() {
            let at = group * ROWS * 4 + row * 4;
            self.bytes[at..at + 4].copy_from_slice(four);
        }
    }

    pub(crate) fn unpack(&self, row: usize, out: &mut [f32]) {
        let scale = f16::from_bits(self.scales[row]).to_f32();
        let offset = f16::from_bits(self.offsets[row]).to_f32();
        for column in 0..BLOCK / 2 {
            let byte = self.bytes[(column / 4) * ROWS * 4 + row * 4 + column % 4];
            out[column] = scale * f32::from(byte & 0x0f) + offset;
            out[column + BLOCK / 2] = scale * f32::from(byte >> 4) + offset;
        }
    }
}

impl Tile8 {
    fn zero() -> Self {
        Self { scales: [0; ROWS], bytes: [0; ROWS * BLOCK] }
    }

    fn put(&mut self, row: usize, scale: u16, values: impl Iterator<Item = i8>) {
        self.scales[row] = scale;
        for (column, value) in values.enumerate() {
            self.bytes[(column / 4) * ROWS * 4 + row * 4 + column % 4] = value.max(-127);
        }
    }

    pub(crate) fn unpack(&self, row: usize, out: &mut [f32]) {
        let scale = f16::from_bits(self.scales[row]).to_f32();
        for (column, value) in out.iter_mut().enumerate().take(BLOCK) {
            let byte = self.bytes[(column / 4) * ROWS * 4 + row * 4 + column % 4];
            *value = scale * f32::from(byte);
        }
    }
}

/// No scale is infinite or no number.
pub(crate) fn finite(scales: &[u16; ROWS]) -> bool {
    const EXPONENT: u16 = 0x7c00;
    scales.iter().all(|bits| bits & EXPONENT != EXPONENT)
}

/// GGUF's Q4_0: a scale and 16 bytes of nibbles for 32 columns, centred on 8.
pub(crate) fn pack_q4_0(bytes: &[u8], columns: usize) -> Vec<Tile4> {
    pack(bytes, columns, 18, Tile4::zero, |tile, row, block| {
        let scale = u16::from_le_bytes([block[0], block[1]]);
        let offset = f16::from_f32(-8.0 * f16::from_bits(scale).to_f32());
        tile.put(row, scale, offset.to_bits(), &block[2..]);
    })
}

/// GGUF's Q4_1: a scale, a minimum and 16 bytes of nibbles for 32 columns.
pub(crate) fn pack_q4_1(bytes: &[u8], columns: usize) -> Vec<Tile4> {
    pack(bytes, columns, 20, Tile4::zero, |tile, row, block| {
        let scale = u16::from_le_bytes([block[0], block[1]]);
        let offset = u16::from_le_bytes([block[2], block[3]]);
        tile.put(row, scale, offset, &block[4..]);
    })
}

/// GGUF's Q4_K: 256 columns in eight blocks, each with six bits of scale and of minimum. Those products become f16.
pub(crate) fn pack_q4_k(bytes: &[u8], columns: usize) -> Vec<Tile4> {
    const SUPER: usize = 256;
    const BYTES: usize = 144;
    let mut blocks = Vec::with_capacity(bytes.len() / BYTES * SUPER / BLOCK * 20);
    for part in bytes.chunks_exact(BYTES) {
        let whole = |at: usize| f16::from_le_bytes([part[at], part[at + 1]]).to_f32();
        let (scale, minimum) = (whole(0), whole(2));
        let (sixes, nibbles) = part[4..].split_at(12);
        for block in 0..SUPER / BLOCK {
            let (own_scale, own_minimum) = six_bits(sixes, block);
            blocks.extend(f16::from_f32(scale * f32::from(own_scale)).to_le_bytes());
            blocks.extend(f16::from_f32(-minimum * f32::from(own_minimum)).to_le_bytes());
            let source = &nibbles[block / 2 * BLOCK..][..BLOCK];
            let shift = block % 2 * 4;
            let value = |at: usize| (source[at] >> shift) & 0x0f;
            blocks.extend((0..BLOCK / 2).map(|at| value(at) | (value(at + BLOCK / 2) << 4)));
        }
    }
    pack_q4_1(&blocks, columns)
}

/// The scale and the minimum of one block of a Q4_K super-block.
fn six_bits(packed: &[u8], block: usize) -> (u8, u8) {
    match block {
        0..4 => (packed[block] & 63, packed[block + 4] & 63),
        _ => (
            (packed[block + 4] & 0x0f) | ((packed[block - 4] >> 6) << 4),
            (packed[block + 4] >> 4) | ((packed[block] >> 6) << 4),
        ),
    }
}

/// GGUF's Q8_0: a scale and 32 signed bytes.
pub(crate) fn pack_q8_0(bytes: &[u8], columns: usize) -> Vec<Tile8> {
    pack(bytes, columns, 34, Tile8::zero, |tile, row, block| {
        let scale = u16::from_le_bytes([block[0], block[1]]);
        tile.put(row, scale, block[2..].iter().map(|byte| *byte as i8));
    })
}

/// Any other kind of weight, rounded to eight bits.
pub(crate) fn pack_floats(values: &[f32], columns: usize) -> Vec<Tile8> {
    pack(values, columns, BLOCK, Tile8::zero, |tile, row, block| {
        let largest = block.iter().fold(0f32, |most, v| most.max(v.abs()));
        let scale = f16::from_f32(largest / 127.0);
        let inverse = match scale.to_f32() {
            0.0 => 0.0,
            scale => 1.0 / scale,
        };
        let values = block.iter().map(|v| (v * inverse).round().clamp(-127.0, 127.0) as i8);
        tile.put(row, scale.to_bits(), values);
    })
}

/// Walks rows of blocks in the file's order; missing rows of the last tile stay zero.
fn pack<S, T: Clone>(
    source: &[S],
    columns: usize,
    block: usize,
    zero: impl Fn() -> T,
    put: impl Fn(&mut T, usize, &[S]),
) -> Vec<T> {
    let across = columns / BLOCK;
    let rows = source.len() / (across * block);
    let mut tiles = vec![zero(); rows.div_ceil(ROWS) * across];
    for (at, part) in source.chunks_exact(block).enumerate() {
        let (row, column) = (at / across, at % across);
        put(&mut tiles[(row / ROWS) * across + column], row % ROWS, part);
    }
    tiles
}
