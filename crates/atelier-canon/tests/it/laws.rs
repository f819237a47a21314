//! Indexes answer what going through everything would have answered.

use atelier_canon::eval::{Size, asof, knowledge};
use proptest::prelude::*;

fn all_right(figures: &[atelier_canon::eval::Figure]) {
    for figure in figures {
        assert!(figure.precision == 1.0 && figure.recall == 1.0, "{figure:?}");
    }
}

#[test]
fn who_may_know_what_is_what_a_simulation_of_every_scene_says() {
    for seed in 0..2 {
        all_right(&knowledge(seed, 1000));
    }
}

#[test]
fn what_held_is_what_a_replay_of_the_whole_log_says() {
    all_right(&asof(1, Size { questions: 24, ..Size::GOAL }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn small_histories_are_replayed_to_the_same_answers(seed in any::<u64>()) {
        all_right(&asof(seed, Size { events: 400, entities: 3, branches: 4, scenes: 12, questions: 40 }));
    }
}
