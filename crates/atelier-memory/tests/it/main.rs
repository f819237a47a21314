//! The index from outside.

use atelier_memory::{Scored, Vectors, Words, WrongLength, file, fuse};
use proptest::prelude::*;

fn exact(vectors: &[Vec<f32>], query: &[f32], n: usize) -> Vec<u32> {
    let length =
        |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let score = |v: &[f32]| {
        v.iter().zip(query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
            / length(v)
            / length(query)
    };
    let mut scored: Vec<(f64, u32)> = vectors.iter().zip(0..).map(|(v, row)| (score(v), row)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().take(n).map(|(_, row)| row).collect()
}

fn rows(found: &[Scored]) -> Vec<u32> {
    found.iter().map(|one| one.row).collect()
}

/// Numbers that look random and are the same every time.
fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

#[test]
fn the_scan_finds_what_exact_arithmetic_finds() {
    let all: Vec<Vec<f32>> = (0..2_000).map(|n| numbers(n, 384)).collect();
    let mut vectors = Vectors::new(384);
    for (row, vector) in (0..).zip(&all) {
        vectors.insert(row, vector).unwrap();
    }
    let mut same = 0;
    for n in 0..100 {
        let query: Vec<f32> =
            all[n * 17].iter().zip(numbers(9_000 + n as u64, 384)).map(|(a, b)| a + 0.9 * b).collect();
        let found = rows(&vectors.nearest(&query, 5, |_| true).unwrap());
        let wanted = exact(&all, &query, 5);
        same += wanted.iter().filter(|row| found.contains(row)).count();
    }
    assert!(same >= 498, "{same} of 500");
}

#[test]
fn only_rows_that_count_are_told_and_never_more_than_there_are() {
    let mut vectors = Vectors::new(3);
    vectors.insert(0, &[1.0, 0.0, 0.0]).unwrap();
    vectors.insert(7, &[0.9, 0.1, 0.0]).unwrap();
    vectors.insert(7, &[0.0, 0.0, 1.0]).unwrap();
    assert_eq!(rows(&vectors.nearest(&[1.0, 0.0, 0.0], 5, |_| true).unwrap()), [0, 7]);
    assert_eq!(rows(&vectors.nearest(&[1.0, 0.0, 0.0], 5, |row| row == 7).unwrap()), [7]);
    assert!(vectors.nearest(&[1.0, 0.0, 0.0], 0, |_| true).unwrap().is_empty());
}

#[test]
fn a_vector_of_the_wrong_length_is_refused_and_one_without_direction_harms_nothing() {
    let mut vectors = Vectors::new(2);
    assert_eq!(vectors.insert(0, &[1.0]), Err(WrongLength { wanted: 2, given: 1 }));
    assert_eq!(vectors.nearest(&[], 1, |_| true), Err(WrongLength { wanted: 2, given: 0 }));
    for (row, vector) in
        [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 0.0], [f32::MAX, f32::MAX]].iter().enumerate()
    {
        vectors.insert(row as u32, vector).unwrap();
    }
    assert_eq!(vectors.nearest(&[0.0, 1.0], 9, |_| true).unwrap().len(), 4);
    assert_eq!(vectors.nearest(&[f32::NAN, f32::NAN], 9, |_| true).unwrap().len(), 4);
}

#[test]
fn rare_words_weigh_more_and_plurals_and_capitals_nothing() {
    let mut words = Words::default();
    words.insert(0, "The ferry crosses the river.");
    words.insert(1, "The ferries of the North were gilded.");
    words.insert(2, "A river, the river, rivers!");
    words.insert(3, "…");
    assert_eq!(rows(&words.find("RIVER", 5, |_| true)), [2, 0]);
    assert_eq!(rows(&words.find("the gilded river", 1, |_| true)), [1]);
    assert_eq!(rows(&words.find("the river", 5, |row| row != 2)), [0], "`the` holds words together");
    assert_eq!(
        rows(&words.find("of the", 5, |_| true)),
        [1, 0, 2],
        "where nothing else is asked, it is looked for"
    );
    assert!(words.find("unheard", 5, |_| true).is_empty());
    assert!(words.find("", 5, |_| true).is_empty());
    words.insert(4, "美咲は渡し守");
    assert_eq!(rows(&words.find("渡し守", 5, |_| true)), [4]);
}

#[test]
fn a_passage_is_told_once_and_what_is_high_in_both_comes_first() {
    let scored = |rows: &[u32]| rows.iter().map(|row| Scored { row: *row, score: 1.0 }).collect::<Vec<_>>();
    let texts = ["a one", "b two", "A, one!", "d four"];
    let text = |row: u32| texts.get(row as usize).copied();
    let told = |n| fuse(&scored(&[0, 1, 2, 3]), &scored(&[1]), n, text);
    assert_eq!(told(9).iter().map(|hit| hit.row).collect::<Vec<_>>(), [1, 0, 3]);
    assert!(told(9)[0].by_words && told(9)[0].by_meaning && !told(9)[1].by_words);
    assert_eq!(told(2).len(), 2);
    assert_eq!(fuse(&scored(&[0]), &scored(&[0]), 1, text)[0].score, 1.0);
}

proptest! {
    #[test]
    fn what_is_read_from_a_damaged_file_is_what_was_written(
        n in 0u8..6, cut in 0usize..400, at in 0usize..400, flip in 0u8..=255,
    ) {
        let wanted: Vec<([u8; 32], Vec<f32>)> = (0..n).map(|i| ([i; 32], vec![f32::from(i), 0.5, -1.0])).collect();
        let mut bytes = file::head("m", 3);
        wanted.iter().for_each(|(hash, vector)| bytes.extend(file::record(hash, vector)));
        prop_assert_eq!(&file::read(&bytes, "m").vectors, &wanted);
        prop_assert_eq!(file::read(&bytes, "m").good, bytes.len());
        prop_assert_eq!(file::read(&bytes, "other").vectors.len(), 0);
        bytes.truncate(bytes.len().saturating_sub(cut));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= flip;
        }
        let read = file::read(&bytes, "m");
        prop_assert!(read.vectors.len() <= wanted.len() && read.good <= bytes.len());
        prop_assert_eq!(&read.vectors[..], &wanted[..read.vectors.len()]);
    }
}
