//! Vectors in two layers of eight bits: all are compared by the first, the best of them by both.
//!
//! Owns: rounding, the scan. Both layers together are within 1/32,000 of the largest value of a vector, so that the order of
//! the answer is that of the vectors as they came.
//!
//! **Invariant**: nothing is approximated away: every row that counts is looked at.

use crate::kernel::Kernel;
use crate::top::Top;
use crate::{Row, Scored};

/// A vector that is not as long as the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongLength {
    /// How long it should be.
    pub wanted: usize,
    /// How long it is.
    pub given: usize,
}

impl std::fmt::Display for WrongLength {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a vector has {} numbers where all others have {}", self.given, self.wanted)
    }
}

impl std::error::Error for WrongLength {}

/// Vectors of one model, compared by their direction.
#[derive(Debug, Clone)]
pub struct Vectors {
    dimensions: usize,
    coarse: Vec<i8>,
    fine: Vec<i8>,
    scales: Vec<f32>,
    /// The row of each vector; where it is, by row.
    rows: Vec<Row>,
    places: Vec<u32>,
    kernel: Kernel,
}

const NOWHERE: u32 = u32::MAX;
/// The second layer divides a step of the first one by this.
const FINER: f32 = 254.0;
/// So many more than asked for are compared by both layers.
const MARGIN: usize = 64;

impl Vectors {
    /// None yet, of so many numbers each.
    pub fn new(dimensions: usize) -> Self {
        let (coarse, fine, scales, rows, places) = Default::default();
        Self { dimensions, coarse, fine, scales, rows, places, kernel: Kernel::of_this_machine() }
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether a row has its vector.
    pub fn has(&self, row: Row) -> bool {
        self.places.get(row as usize).is_some_and(|place| *place != NOWHERE)
    }

    /// Puts a row's vector in; one that is there already stays.
    ///
    /// # Errors
    /// Where it is not as long as the others.
    pub fn insert(&mut self, row: Row, vector: &[f32]) -> Result<(), WrongLength> {
        if vector.len() != self.dimensions {
            return Err(WrongLength { wanted: self.dimensions, given: vector.len() });
        }
        if self.has(row) {
            return Ok(());
        }
        let vector = unit(vector);
        let scale = scale(&vector);
        for x in vector {
            let coarse = (x / scale).round();
            self.coarse.push(coarse as i8);
            self.fine.push(((x / scale - coarse) * FINER).round() as i8);
        }
        self.scales.push(scale);
        let place = self.rows.len() as u32;
        self.rows.push(row);
        if self.places.len() <= row as usize {
            self.places.resize(row as usize + 1, NOWHERE);
        }
        if let Some(slot) = self.places.get_mut(row as usize) {
            *slot = place;
        }
        Ok(())
    }

    /// The `n` rows most like a vector, of those that count.
    ///
    /// # Errors
    /// Where it is not as long as the others.
    pub fn nearest(
        &self,
        vector: &[f32],
        n: usize,
        counts: impl Fn(Row) -> bool,
    ) -> Result<Vec<Scored>, WrongLength> {
        if vector.len() != self.dimensions {
            return Err(WrongLength { wanted: self.dimensions, given: vector.len() });
        }
        let query = unit(vector);
        let query_scale = scale(&query);
        let rounded: Vec<i16> = query.iter().map(|x| (x / query_scale).round() as i16).collect();
        let mut candidates = Top::new(n.saturating_mul(4).saturating_add(MARGIN));
        let rows = self.coarse.chunks_exact(self.dimensions.max(1)).zip(&self.scales).zip(&self.rows);
        for (place, ((coarse, scale), row)) in rows.enumerate() {
            let score = self.kernel.dot(&rounded, coarse) as f32 * scale;
            if candidates.wants(score) && counts(*row) {
                candidates.show(place as Row, score);
            }
        }
        let mut best = Top::new(n);
        for candidate in candidates.sorted() {
            let place = candidate.row as usize;
            if let Some(row) = self.rows.get(place) {
                best.show(*row, self.exact(place, &query));
            }
        }
        Ok(best.sorted())
    }

    /// By both layers, the query not rounded at all.
    fn exact(&self, place: usize, query: &[f32]) -> f32 {
        let range = place * self.dimensions..(place + 1) * self.dimensions;
        let (Some(coarse), Some(fine), Some(scale)) =
            (self.coarse.get(range.clone()), self.fine.get(range), self.scales.get(place))
        else {
            return 0.0;
        };
        let value = |(coarse, fine): (&i8, &i8)| f32::from(*coarse) + f32::from(*fine) / FINER;
        coarse.iter().zip(fine).map(value).zip(query).map(|(x, q)| x * q).sum::<f32>() * scale
    }
}

/// Of length one. What is no number counts as 0.
fn unit(vector: &[f32]) -> Vec<f32> {
    let vector: Vec<f32> = vector.iter().map(|x| if x.is_finite() { *x } else { 0.0 }).collect();
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 && length.is_finite() {
        vector.iter().map(|x| x / length).collect()
    } else {
        vec![0.0; vector.len()]
    }
}

/// What a step of the first layer is worth.
fn scale(vector: &[f32]) -> f32 {
    vector.iter().fold(0f32, |most, x| most.max(x.abs())).max(f32::MIN_POSITIVE) / 127.0
}
