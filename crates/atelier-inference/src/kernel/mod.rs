//! Dot products of quantised weights with quantised activations.
//!
//! Owns: the tile layout, the activation blocks, the choice of instructions at run time.
//! Does not own: threads, shapes of models.
//! Invariants: weights lie in tiles of 16 rows by 32 columns, ordered so that one instruction multiplies four columns
//! of all rows; every row's sum is built in the same order whatever the batch, so a batch equals its rows one by one.

mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;
mod tile;

pub(crate) use activation::{Activation, quantize};
pub(crate) use tile::{BLOCK, ROWS, Tile4, Tile8, finite};
pub(crate) use tile::{pack_floats, pack_q4_0, pack_q4_1, pack_q4_k, pack_q8_0};

/// Sums of one row of tiles with one activation row.
pub(crate) type Sums = [f32; ROWS];

/// Rows of activations that share one pass over the weights.
pub(crate) const BATCH: usize = 4;

pub(crate) fn dot4<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512::dot4(tiles, rows),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => avx2::dot4(tiles, rows),
        Level::Scalar => scalar::dot4(tiles, rows),
    }
}

pub(crate) fn dot8<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512::dot8(tiles, rows),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => avx2::dot8(tiles, rows),
        Level::Scalar => scalar::dot8(tiles, rows),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Scalar,
}

#[cfg(target_arch = "x86_64")]
fn level() -> Level {
    if avx512::available() {
        Level::Avx512
    } else if avx2::available() {
        Level::Avx2
    } else {
        Level::Scalar
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn level() -> Level {
    Level::Scalar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
            })
            .collect()
    }

    fn rows<const M: usize>(columns: usize) -> Vec<Vec<Activation>> {
        (0..M)
            .map(|m| {
                let mut row = Vec::new();
                quantize(&noise(columns, 77 + m as u32), &mut row);
                row
            })
            .collect()
    }

    fn close(left: &[Sums], right: &[Sums]) {
        for (l, r) in left.iter().flatten().zip(right.iter().flatten()) {
            assert!((l - r).abs() < 1e-3, "{l} and {r} differ");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_sums_as_plain_code() {
        let columns = 96;
        let weights = noise(ROWS * columns, 5);
        let eight = tile::pack_floats(&weights, columns);
        let four: Vec<Tile4> = (0..3u8)
            .map(|seed| {
                let mut tile = Tile4::zero();
                for (at, byte) in tile.bytes.iter_mut().enumerate() {
                    *byte = (at as u8).wrapping_mul(37).wrapping_add(seed);
                }
                tile.scales = [half::f16::from_f32(0.01).to_bits(); ROWS];
                tile.offsets = [half::f16::from_f32(-0.07).to_bits(); ROWS];
                tile
            })
            .collect();
        let held = rows::<4>(columns);
        let held: [&[Activation]; 4] = std::array::from_fn(|at| held[at].as_slice());
        let (plain4, plain8) = (scalar::dot4(&four, &held), scalar::dot8(&eight, &held));
        let mut weights = [0f32; BLOCK];
        for row in 0..ROWS {
            let mut exact = [0f32; 2];
            for (at, activation) in held[0].iter().enumerate() {
                let values: Vec<f32> = activation
                    .words
                    .iter()
                    .flat_map(|word| word.to_le_bytes())
                    .map(|byte| f32::from(byte as i8) * activation.scale)
                    .collect();
                four[at].unpack(row, &mut weights);
                exact[0] += weights.iter().zip(&values).map(|(w, x)| w * x).sum::<f32>();
                eight[at].unpack(row, &mut weights);
                exact[1] += weights.iter().zip(&values).map(|(w, x)| w * x).sum::<f32>();
            }
            assert!((plain4[0][row] - exact[0]).abs() < 1e-3);
            assert!((plain8[0][row] - exact[1]).abs() < 1e-3);
        }
        close(&dot4(&four, &held), &plain4);
        close(&dot8(&eight, &held), &plain8);
        #[cfg(target_arch = "x86_64")]
        if avx2::available() {
            close(&avx2::dot4(&four, &held), &plain4);
            close(&avx2::dot8(&eight, &held), &plain8);
        }
    }

    #[test]
    fn weights_of_k_quants_keep_their_values() {
        use candle_core::quantized::{GgmlDType, QTensor};
        use candle_core::{Device, Tensor};
        let (rows, columns) = (ROWS, 512);
        let plain = Tensor::from_vec(noise(rows * columns, 8), (rows, columns), &Device::Cpu).unwrap();
        let packed = QTensor::quantize(&plain, GgmlDType::Q4K).unwrap();
        let exact = packed.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap();
        let exact = exact.to_vec1::<f32>().unwrap();
        let tiles = pack_q4_k(&packed.data().unwrap(), columns);
        let mut values = [0f32; BLOCK];
        for (at, block) in exact.chunks_exact(BLOCK).enumerate() {
            let (row, column) = (at / (columns / BLOCK), at % (columns / BLOCK));
            tiles[column].unpack(row, &mut values);
            for (ours, exact) in values.iter().zip(block) {
                assert!((ours - exact).abs() < 1e-3, "{ours} is not {exact}");
            }
        }
    }

    #[test]
    fn a_batch_equals_its_rows_one_by_one() {
        let columns = 64;
        let tiles = tile::pack_floats(&noise(ROWS * columns, 9), columns);
        let held = rows::<4>(columns);
        let held: [&[Activation]; 4] = std::array::from_fn(|at| held[at].as_slice());
        let together = dot8(&tiles, &held);
        for (at, row) in held.iter().enumerate() {
            assert_eq!(dot8(&tiles, &[*row])[0], together[at]);
        }
    }

    #[test]
    fn eight_bit_tiles_come_close_to_the_exact_product() {
        let columns = 256;
        let weights = noise(ROWS * columns, 3);
        let input = noise(columns, 4);
        let tiles = tile::pack_floats(&weights, columns);
        let mut row = Vec::new();
        quantize(&input, &mut row);
        let sums = dot8(&tiles, &[row.as_slice()]);
        for (at, sum) in sums[0].iter().enumerate() {
            let exact: f32 =
                weights[at * columns..(at + 1) * columns].iter().zip(&input).map(|(w, x)| w * x).sum();
            assert!((sum - exact).abs() < 0.05, "{sum} is not near {exact}");
        }
    }
}
