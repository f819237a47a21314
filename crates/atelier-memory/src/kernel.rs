//! The one loop that reads every vector, in the widest instructions this machine has.
//!
//! **Invariant**: all kernels give the same number.

/// Which instructions the scan uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// Whatever the compiler makes of it for any machine of this kind. On 64-bit ARM that is NEON.
    Portable,
    /// 256-bit instructions of newer x86 processors.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Kernel {
    /// The best of this machine.
    pub fn of_this_machine() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Kernel::Avx2;
        }
        Kernel::Portable
    }

    /// The sum of products.
    #[inline]
    pub(crate) fn dot(self, query: &[i16], row: &[i8]) -> i32 {
        match self {
            Kernel::Portable => dot(query, row),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 if std::arch::is_x86_feature_detected!("avx2") => dot_avx2_checked(query, row),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => dot(query, row),
        }
    }
}

#[inline(always)]
fn dot(query: &[i16], row: &[i8]) -> i32 {
    query.iter().zip(row).map(|(q, r)| i32::from(*q) * i32::from(*r)).sum()
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the processor was asked right before the call")]
#[inline]
fn dot_avx2_checked(query: &[i16], row: &[i8]) -> i32 {
    // SAFETY: the only caller has just seen that this processor has AVX2.
    unsafe { dot_avx2(query, row) }
}

/// The same loop; the compiler makes 256-bit instructions of it.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(query: &[i16], row: &[i8]) -> i32 {
    dot(query, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kernels_give_the_same_number() {
        for n in [0, 1, 15, 16, 31, 384, 385] {
            let query: Vec<i16> = (0..n).map(|i| (i * 37 % 255) as i16 - 127).collect();
            let row: Vec<i8> = (0..n).map(|i| ((i * 91 % 255) as i16 - 127) as i8).collect();
            let expected: i32 = query.iter().zip(&row).map(|(q, r)| i32::from(*q) * i32::from(*r)).sum();
            assert_eq!(Kernel::Portable.dot(&query, &row), expected);
            assert_eq!(Kernel::of_this_machine().dot(&query, &row), expected);
        }
    }
}
