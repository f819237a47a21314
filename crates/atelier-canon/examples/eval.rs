//! Measures the crate on its seeded sets and on the cases written by hand: `cargo run --example eval -- [SEED]`.

use atelier_canon::eval;

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut figures = Vec::new();
    for outcomes in
        [eval::by_hand(), eval::by_hand_again(), eval::by_hand_unseen(), eval::manuscripts(seed, 4)]
    {
        for outcome in outcomes.iter().filter(|outcome| !outcome.is_right()) {
            let due = if outcome.due { "due" } else { "silent" };
            println!("{due:6} {:?}\n       {}", outcome.found, outcome.line);
        }
        figures.extend(eval::tally(&outcomes));
    }
    figures.extend(eval::knowledge(seed, 1000));
    for figure in figures {
        let eval::Figure { family, precision, recall, f1, n } = figure;
        println!("{family:20} precision {precision:.3}  recall {recall:.3}  f1 {f1:.3}  n {n}");
    }
}
