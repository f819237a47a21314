//! The small arithmetic between the matrices. Written so that the compiler can use vectors.

/// e^x, right to about seven digits, without a library call.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    // ln 2 in two parts, so that the rest keeps its digits.
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    value * f32::from_bits(((n as i32 + 127) << 23) as u32)
}

pub(crate) fn rms_norm(input: &[f32], weight: &[f32], epsilon: f32, out: &mut Vec<f32>) {
    out.clear();
    for row in input.chunks_exact(weight.len()) {
        let mean = dot(row, row) / row.len() as f32;
        let scale = 1.0 / (mean + epsilon).sqrt();
        out.extend(row.iter().zip(weight).map(|(x, w)| x * scale * w));
    }
}

pub(crate) fn layer_norm(values: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    for row in values.chunks_exact_mut(weight.len()) {
        let count = row.len() as f32;
        let mean = row.iter().sum::<f32>() / count;
        let spread = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
        let scale = 1.0 / (spread + epsilon).sqrt();
        for ((x, w), b) in row.iter_mut().zip(weight).zip(bias) {
            *x = (*x - mean) * scale * w + b;
        }
    }
}

/// `silu(gate) * up`, where each row holds the gates first and the ups behind them.
pub(crate) fn gated(rows: &[f32], width: usize, out: &mut Vec<f32>) {
    out.clear();
    for row in rows.chunks_exact(width * 2) {
        let (gates, ups) = row.split_at(width);
        out.extend(gates.iter().zip(ups).map(|(g, u)| g / (1.0 + exp(-g)) * u));
    }
}

/// The exact form with the error function (its polynomial is right to 1.5e-7).
pub(crate) fn gelu(values: &mut [f32]) {
    for value in values {
        let x = value.abs() * std::f32::consts::FRAC_1_SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * x);
        let p = 1.061_405_4 * t - 1.453_152;
        let p = ((p * t + 1.421_413_7) * t - 0.284_496_74) * t + 0.254_829_6;
        let erf = (1.0 - p * t * exp(-x * x)).copysign(*value);
        *value *= 0.5 * (1.0 + erf);
    }
}

pub(crate) fn add(to: &mut [f32], from: &[f32]) {
    for (t, f) in to.iter_mut().zip(from) {
        *t += f;
    }
}

/// Adds `bias` to every row.
pub(crate) fn add_bias(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        add(row, bias);
    }
}

#[inline(always)]
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0f32; LANES];
    let (l, r) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    let (l_rest, r_rest) = (l.remainder(), r.remainder());
    for (a, b) in l.zip(r) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in l_rest.iter().zip(r_rest).enumerate() {
        sums[lane] += a * b;
    }
    // Halves first: a chain of sixteen additions would take longer than the products.
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
    }
    sums[0]
}

/// One head of attention: `out` becomes the mean of `values`, weighted by the softmax of `query · keys`.
/// Rows of keys and values are `stride` apart and as long as `query`.
pub(crate) fn attend(query: &[f32], keys: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the instruction set was asked for one line above")]
        // SAFETY: AVX2 is present.
        unsafe {
            attend_avx2(query, keys, values, stride, out);
        }
        return;
    }
    attend_plain(query, keys, values, stride, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn attend_avx2(query: &[f32], keys: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    attend_plain(query, keys, values, stride, out);
}

/// Plain loops: a closure would be compiled apart, without the caller's instructions.
#[inline(always)]
fn attend_plain(query: &[f32], keys: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    let width = query.len();
    let out = &mut out[..width];
    let scale = 1.0 / (width as f32).sqrt();
    let mut scores = vec![0f32; keys.len().div_ceil(stride)];
    let mut most = f32::NEG_INFINITY;
    for (score, key) in scores.iter_mut().zip(keys.chunks(stride)) {
        *score = dot(query, &key[..width]) * scale;
        most = most.max(*score);
    }
    for score in scores.iter_mut() {
        *score = exp(*score - most);
    }
    let inverse = 1.0 / scores.iter().sum::<f32>();
    out.fill(0.0);
    // Four rows at a time, so that the result is loaded and stored a quarter as often.
    let whole = scores.len() / 4 * 4;
    for (at, four) in scores[..whole].chunks_exact(4).enumerate() {
        let rows = &values[at * 4 * stride..];
        let (a, b) = (&rows[..width], &rows[stride..stride + width]);
        let (c, d) = (&rows[2 * stride..2 * stride + width], &rows[3 * stride..3 * stride + width]);
        for lane in 0..width {
            out[lane] += four[0] * a[lane] + four[1] * b[lane] + four[2] * c[lane] + four[3] * d[lane];
        }
    }
    for (at, score) in scores.iter().enumerate().skip(whole) {
        let row = &values[at * stride..at * stride + width];
        for lane in 0..width {
            out[lane] += score * row[lane];
        }
    }
    for value in out.iter_mut() {
        *value *= inverse;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close_to_the_library() {
        for step in -800..800 {
            let x = step as f32 * 0.1;
            let (ours, exact) = (exp(x), x.exp());
            assert!((ours - exact).abs() <= exact * 1e-6, "exp({x}) = {ours}");
        }
    }

    #[test]
    fn gelu_is_close_to_known_values() {
        let mut values = [-1.0, 0.0, 0.5, 2.0];
        gelu(&mut values);
        for (ours, exact) in values.iter().zip([-0.158_655, 0.0, 0.345_731, 1.954_5]) {
            assert!((ours - exact).abs() < 1e-4, "{ours} is not {exact}");
        }
    }
}
