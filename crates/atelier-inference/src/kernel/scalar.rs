//! The same sums in plain code, for machines without the instructions and as the measure for the others.

use super::{Activation, Sums, Tile4, Tile8, tile::BLOCK, tile::ROWS};

pub(super) fn dot4<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    sums(tiles, rows, Tile4::unpack)
}

pub(super) fn dot8<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    sums(tiles, rows, Tile8::unpack)
}

fn sums<T, const M: usize>(
    tiles: &[T],
    rows: &[&[Activation]; M],
    unpack: impl Fn(&T, usize, &mut [f32]),
) -> [Sums; M] {
    let mut out = [[0f32; ROWS]; M];
    let mut weights = [0f32; BLOCK];
    for (at, tile) in tiles.iter().enumerate() {
        for row in 0..ROWS {
            unpack(tile, row, &mut weights);
            for (sums, activations) in out.iter_mut().zip(rows) {
                sums[row] += product(&weights, &activations[at]);
            }
        }
    }
    out
}

fn product(weights: &[f32; BLOCK], activation: &Activation) -> f32 {
    let bytes = activation.words.iter().flat_map(|word| word.to_le_bytes());
    let sum: f32 = weights.iter().zip(bytes).map(|(weight, byte)| weight * f32::from(byte as i8)).sum();
    sum * activation.scale
}
