//! AVX-512 with VNNI: four products of each of 16 rows in one instruction.
#![expect(
    unsafe_code,
    reason = "vector loads from whole tiles, and calls behind a run-time check of the instructions"
)]

use super::{Activation, Sums, Tile4, Tile8, tile::ROWS};
use core::arch::x86_64::*;

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
}

pub(super) fn dot4<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    // SAFETY: reached only through `level`, which asked for these instructions.
    unsafe { dot4_vnni(tiles, rows) }
}

pub(super) fn dot8<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    // SAFETY: as above.
    unsafe { dot8_vnni(tiles, rows) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dot4_vnni<const M: usize>(tiles: &[Tile4], rows: &[&[Activation]; M]) -> [Sums; M] {
    let low = _mm512_set1_epi8(0x0f);
    let mut sums = [_mm512_setzero_ps(); M];
    for (at, tile) in tiles.iter().enumerate() {
        let scales = halves(&tile.scales);
        let offsets = halves(&tile.offsets);
        let raw: [__m512i; 4] = std::array::from_fn(|group| load(&tile.bytes, group));
        let lower = raw.map(|bytes| _mm512_and_si512(bytes, low));
        let upper = raw.map(|bytes| _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), low));
        for (sum, row) in sums.iter_mut().zip(rows) {
            let activation = &row[at];
            let mut left = _mm512_setzero_si512();
            let mut right = _mm512_setzero_si512();
            for group in 0..4 {
                let (first, second) = (activation.words[group], activation.words[group + 4]);
                left = _mm512_dpbusd_epi32(left, lower[group], _mm512_set1_epi32(first));
                right = _mm512_dpbusd_epi32(right, upper[group], _mm512_set1_epi32(second));
            }
            let product = _mm512_cvtepi32_ps(_mm512_add_epi32(left, right));
            let scale = _mm512_mul_ps(scales, _mm512_set1_ps(activation.scale));
            *sum = _mm512_fmadd_ps(scale, product, *sum);
            *sum = _mm512_fmadd_ps(offsets, _mm512_set1_ps(activation.total()), *sum);
        }
    }
    sums.map(|values| store(values))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dot8_vnni<const M: usize>(tiles: &[Tile8], rows: &[&[Activation]; M]) -> [Sums; M] {
    // The instruction wants one side unsigned: 128 is added to each weight and its share taken away at the start.
    let shift = _mm512_set1_epi8(-128);
    let mut sums = [_mm512_setzero_ps(); M];
    for (at, tile) in tiles.iter().enumerate() {
        let scales = halves(&tile.scales);
        let weights: [__m512i; 8] =
            std::array::from_fn(|group| _mm512_xor_si512(load(&tile.bytes, group), shift));
        for (sum, row) in sums.iter_mut().zip(rows) {
            let activation = &row[at];
            let mut left = _mm512_set1_epi32(-128 * activation.sum);
            let mut right = _mm512_setzero_si512();
            for group in 0..4 {
                let (first, second) = (activation.words[group], activation.words[group + 4]);
                left = _mm512_dpbusd_epi32(left, weights[group], _mm512_set1_epi32(first));
                right = _mm512_dpbusd_epi32(right, weights[group + 4], _mm512_set1_epi32(second));
            }
            let product = _mm512_cvtepi32_ps(_mm512_add_epi32(left, right));
            let scale = _mm512_mul_ps(scales, _mm512_set1_ps(activation.scale));
            *sum = _mm512_fmadd_ps(scale, product, *sum);
        }
    }
    sums.map(|values| store(values))
}

#[target_feature(enable = "avx512f")]
fn load<T, const N: usize>(bytes: &[T; N], group: usize) -> __m512i {
    const { assert!(size_of::<T>() == 1 && N.is_multiple_of(64)) };
    let part = &bytes[group * 64..group * 64 + 64];
    // SAFETY: the slice holds the 64 bytes that are read; the load needs no alignment.
    unsafe { _mm512_loadu_si512(part.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
fn halves(values: &[u16; ROWS]) -> __m512 {
    // SAFETY: 16 values of two bytes are the 32 bytes that are read; the load needs no alignment.
    _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) })
}

#[target_feature(enable = "avx512f")]
fn store(values: __m512) -> Sums {
    let mut out = [0f32; ROWS];
    // SAFETY: the array holds the 16 values that are written; the store needs no alignment.
    unsafe { _mm512_storeu_ps(out.as_mut_ptr(), values) };
    out
}
