//! A quantised matrix, or several that share their input.
//!
//! Four-bit GGUF weights (Q4_0, Q4_1, Q4_K) and Q8_0 keep their bits; every other kind is rounded to eight bits when loaded.

use crate::kernel::{self, Activation, BATCH, BLOCK, ROWS, Sums, Tile4, Tile8};
use crate::threads::Threads;

pub(crate) enum Tiles {
    Four(Vec<Tile4>),
    Eight(Vec<Tile8>),
}

pub(crate) struct Linear {
    parts: Vec<Tiles>,
    columns: usize,
    rows: usize,
}

impl Linear {
    /// `rows` of the parts together; only the last part may have a row count that does not fill its tiles.
    pub(crate) fn new(parts: Vec<Tiles>, rows: usize, columns: usize) -> Self {
        Self { parts, columns, rows }
    }

    /// `out` becomes one row of results for each row of `input`.
    pub(crate) fn forward(&self, input: &[Activation], out: &mut Vec<f32>, threads: &Threads) {
        let across = self.columns / BLOCK;
        let batch = input.len() / across;
        let tile_rows = self.rows.div_ceil(ROWS);
        let mut tiled = std::mem::take(out);
        tiled.clear();
        tiled.resize(tile_rows * ROWS * batch, 0.0);
        // A dozen rows of tiles are less work than waking a second thread.
        threads.split(&mut tiled, ROWS * batch, 12, |row, chunk| {
            self.tile_row(row, input, chunk);
        });
        *out = match batch {
            1 => {
                tiled.truncate(self.rows);
                tiled
            }
            _ => untile(&tiled, batch, self.rows),
        };
    }

    /// The weights of one row as floats: the embedding of a token.
    pub(crate) fn unpack_row(&self, row: usize, out: &mut [f32]) {
        let across = self.columns / BLOCK;
        let (tiles, tile_row) = self.part(row / ROWS);
        for (at, values) in out.chunks_exact_mut(BLOCK).enumerate() {
            match tiles {
                Tiles::Four(tiles) => tiles[tile_row * across + at].unpack(row % ROWS, values),
                Tiles::Eight(tiles) => tiles[tile_row * across + at].unpack(row % ROWS, values),
            }
        }
    }

    fn tile_row(&self, row: usize, input: &[Activation], out: &mut [f32]) {
        let across = self.columns / BLOCK;
        let (tiles, row) = self.part(row);
        let mut batches = input.chunks_exact(across * BATCH);
        let mut out = out.chunks_exact_mut(ROWS);
        let mut put = |sums: &[Sums]| {
            for (values, chunk) in sums.iter().zip(&mut out) {
                chunk.copy_from_slice(values);
            }
        };
        let range = row * across..(row + 1) * across;
        for four in &mut batches {
            let rows: [&[Activation]; BATCH] =
                std::array::from_fn(|at| &four[at * across..(at + 1) * across]);
            match tiles {
                Tiles::Four(tiles) => put(&kernel::dot4(&tiles[range.clone()], &rows)),
                Tiles::Eight(tiles) => put(&kernel::dot8(&tiles[range.clone()], &rows)),
            }
        }
        for one in batches.remainder().chunks_exact(across) {
            match tiles {
                Tiles::Four(tiles) => put(&kernel::dot4(&tiles[range.clone()], &[one])),
                Tiles::Eight(tiles) => put(&kernel::dot8(&tiles[range.clone()], &[one])),
            }
        }
    }

    /// The part that holds a row of tiles, and its place inside.
    fn part(&self, mut row: usize) -> (&Tiles, usize) {
        let across = self.columns / BLOCK;
        let last = self.parts.len() - 1;
        for tiles in &self.parts[..last] {
            let held = tiles.len() / across;
            if row < held {
                return (tiles, row);
            }
            row -= held;
        }
        (&self.parts[last], row)
    }
}

impl Tiles {
    /// Every weight is a number.
    pub(crate) fn finite(&self) -> bool {
        match self {
            Self::Four(tiles) => {
                tiles.iter().all(|tile| kernel::finite(&tile.scales) && kernel::finite(&tile.offsets))
            }
            Self::Eight(tiles) => tiles.iter().all(|tile| kernel::finite(&tile.scales)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Four(tiles) => tiles.len(),
            Self::Eight(tiles) => tiles.len(),
        }
    }
}

/// From `[tile][batch][16]` to `[batch][row]`.
fn untile(tiled: &[f32], batch: usize, rows: usize) -> Vec<f32> {
    let mut out = vec![0f32; batch * rows];
    for (tile, block) in tiled.chunks_exact(ROWS * batch).enumerate() {
        let width = ROWS.min(rows - tile * ROWS);
        for (at, values) in block.chunks_exact(ROWS).enumerate() {
            let start = at * rows + tile * ROWS;
            out[start..start + width].copy_from_slice(&values[..width]);
        }
    }
    out
}
