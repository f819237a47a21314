//! AVX2: four products of each of 8 rows in two or three instructions.
#![expect(
    unsafe_code,
    reason = "vector loads from whole tiles, and calls behind a run-time check of the instructions"
)]

use super::{Activation, Sums, Tile4, Tile8, tile::ROWS};
use core::arch::x86_64::*;

const LANES: usize = 8;

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}

pub(super) fn dot4<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    // SAFETY: reached only after `available` said yes.
    unsafe { dot4_avx2(tiles, rows) }
}

pub(super) fn dot8<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    // SAFETY: as above.
    unsafe { dot8_avx2(tiles, rows) }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn dot4_avx2<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    let low = _mm256_set1_epi8(0x0f);
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    for (at, tile) in tiles.iter().enumerate() {
        for side in 0..2 {
            let scales = halves(&tile.scales, side);
            let offsets = halves(&tile.offsets, side);
            let raw: [__m256i; 4] = std::array::from_fn(|group| load(&tile.bytes, group, side));
            let lower = raw.map(|bytes| _mm256_and_si256(bytes, low));
            let upper = raw.map(|bytes| _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low));
            for (sum, row) in sums.iter_mut().zip(rows) {
                let activation = &row[at];
                // Eight pairs of at most 15 * 127 * 2 stay inside 16 bits.
                let mut pairs = _mm256_setzero_si256();
                for group in 0..4 {
                    let first = _mm256_set1_epi32(activation.words[group]);
                    let second = _mm256_set1_epi32(activation.words[group + 4]);
                    pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(lower[group], first));
                    pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(upper[group], second));
                }
                let product = _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, ones));
                let scale = _mm256_mul_ps(scales, _mm256_set1_ps(activation.scale));
                sum[side] = _mm256_fmadd_ps(scale, product, sum[side]);
                let total = _mm256_set1_ps(activation.total());
                sum[side] = _mm256_fmadd_ps(offsets, total, sum[side]);
            }
        }
    }
    sums.map(|sides| store(sides))
}

#[target_feature(enable = "avx2,fma,f16c")]
fn dot8_avx2<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    for (at, tile) in tiles.iter().enumerate() {
        for side in 0..2 {
            let scales = halves(&tile.scales, side);
            let weights: [__m256i; 8] = std::array::from_fn(|group| load(&tile.bytes, group, side));
            for (sum, row) in sums.iter_mut().zip(rows) {
                let activation = &row[at];
                let mut products = _mm256_setzero_si256();
                for (weight, word) in weights.iter().zip(activation.words) {
                    // The instruction wants one side unsigned: the activation's sign moves to the weight.
                    let word = _mm256_set1_epi32(word);
                    let signed = _mm256_sign_epi8(*weight, word);
                    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(word), signed);
                    products = _mm256_add_epi32(products, _mm256_madd_epi16(pairs, ones));
                }
                let scale = _mm256_mul_ps(scales, _mm256_set1_ps(activation.scale));
                sum[side] = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(products), sum[side]);
            }
        }
    }
    sums.map(|sides| store(sides))
}

#[target_feature(enable = "avx2")]
fn load<T, const N: usize>(bytes: &[T; N], group: usize, side: usize) -> __m256i {
    const { assert!(size_of::<T>() == 1 && N.is_multiple_of(64)) };
    let start = group * 64 + side * 32;
    let part = &bytes[start..start + 32];
    // SAFETY: the slice holds the 32 bytes that are read; the load needs no alignment.
    unsafe { _mm256_loadu_si256(part.as_ptr().cast()) }
}

#[target_feature(enable = "avx2,f16c")]
fn halves(values: &[u16; ROWS], side: usize) -> __m256 {
    let part = &values[side * LANES..side * LANES + LANES];
    // SAFETY: eight values of two bytes are the 16 bytes that are read; the load needs no alignment.
    _mm256_cvtph_ps(unsafe { _mm_loadu_si128(part.as_ptr().cast()) })
}

#[target_feature(enable = "avx2")]
fn store(sides: [__m256; 2]) -> Sums {
    let mut out = [0f32; ROWS];
    for (part, values) in out.chunks_exact_mut(LANES).zip(sides) {
        // SAFETY: the chunk holds the eight values that are written; the store needs no alignment.
        unsafe { _mm256_storeu_ps(part.as_mut_ptr(), values) };
    }
    out
}
