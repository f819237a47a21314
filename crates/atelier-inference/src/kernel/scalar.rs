//! The same sums in plain code, for machines without the instructions and as the measure for the others.
//! The loops run over whole tile lines, which compilers turn into the vectors of whatever machine it is.

use super::{Activation, Sums, Tile4, Tile8, tile::ROWS};

/// Four columns of all rows.
const LINE: usize = ROWS * 4;

pub(super) fn dot4<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    let mut out = [[0f32; ROWS]; M];
    for (at, tile) in tiles.iter().enumerate() {
        let scales = halves(&tile.scales);
        let offsets = halves(&tile.offsets);
        for (sums, activations) in out.iter_mut().zip(rows) {
            let activation = &activations[at];
            let mut products = [0i32; LINE];
            for (group, line) in tile.bytes.chunks_exact(LINE).enumerate() {
                let low = repeated(activation.words[group]);
                let high = repeated(activation.words[group + 4]);
                for lane in 0..LINE {
                    products[lane] +=
                        i32::from(line[lane] & 0x0f) * low[lane] + i32::from(line[lane] >> 4) * high[lane];
                }
            }
            let total = activation.total();
            for (row, four) in products.chunks_exact(4).enumerate() {
                let product = four.iter().sum::<i32>() as f32;
                sums[row] += scales[row] * activation.scale * product + offsets[row] * total;
            }
        }
    }
    out
}

pub(super) fn dot8<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    let mut out = [[0f32; ROWS]; M];
    for (at, tile) in tiles.iter().enumerate() {
        let scales = halves(&tile.scales);
        for (sums, activations) in out.iter_mut().zip(rows) {
            let activation = &activations[at];
            let mut products = [0i32; LINE];
            for (line, word) in tile.bytes.chunks_exact(LINE).zip(activation.words) {
                let values = repeated(word);
                for lane in 0..LINE {
                    products[lane] += i32::from(line[lane]) * values[lane];
                }
            }
            for (row, four) in products.chunks_exact(4).enumerate() {
                let product = four.iter().sum::<i32>() as f32;
                sums[row] += scales[row] * activation.scale * product;
            }
        }
    }
    out
}

fn repeated(word: i32) -> [i32; LINE] {
    let bytes = word.to_le_bytes();
    std::array::from_fn(|lane| i32::from(bytes[lane % 4] as i8))
}

fn halves(values: &[u16; ROWS]) -> [f32; ROWS] {
    values.map(|bits| half::f16::from_bits(bits).to_f32())
}
