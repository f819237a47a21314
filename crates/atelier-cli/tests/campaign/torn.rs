//! A write-ahead log that ends anywhere: what is left is a beginning of what was.

use crate::world::{copied, kills, log, server, studio, verified};
use atelier_testkit::Matcher;
use std::path::{Path, PathBuf};

const HEADER: u64 = 32;
const FRAME: u64 = 24 + 4096;

#[test]
fn a_log_cut_off_at_any_frame_keeps_a_beginning_of_what_was() {
    let server = server();
    let atelier = studio(&server);
    atelier.json(["project", "create", "Salt"]);
    atelier.json(["project", "create", "Reef"]);
    // A process that works keeps its frames in the write-ahead log; killed, it leaves them there.
    let held = server.hold(Matcher::of(|seen| crate::world::asks_for(seen, "verdict")));
    let working = atelier.spawn(["run", "story-bible", "--project", "Salt", "--idea", "A sea that answers."]);
    assert!(held.wait_held(1, crate::world::DEADLINE));
    let project = folder(&atelier);
    let place = tempfile::tempdir().unwrap();
    // The copy is taken while the process is alive, so that nobody has tidied up.
    let torn = place.path().join("torn");
    drop(copied(&atelier, &atelier.data_dir(), &torn));
    working.kill9();
    drop(held);
    let whole = log(&atelier, "Salt");
    let wal = torn.join(project.strip_prefix(atelier.data_dir()).unwrap()).join("log.db-wal");
    let length = std::fs::metadata(&wal).unwrap().len();
    let n_frames = used_frames(&wal);
    assert!(n_frames >= 10, "{n_frames} frames in {length} bytes");
    let mut cuts: Vec<u64> =
        (0..=n_frames).flat_map(|n| [HEADER + n * FRAME, HEADER + n * FRAME + 24 + 1000]).collect();
    cuts.extend([0, 16]);
    let step = (cuts.len() * 20).div_ceil(kills()).max(1);
    let mut kept = Vec::new();
    for cut in cuts.iter().step_by(step).chain([&length]) {
        let scratch = place.path().join("scratch");
        let copy = copied(&atelier, &torn, &scratch);
        let wal = scratch.join(wal.strip_prefix(&torn).unwrap());
        std::fs::remove_file(wal.with_file_name("log.db-shm")).unwrap();
        std::fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(*cut).unwrap();
        let left = copy.run(["log", "--project", "Salt"]).expect_code(0);
        let left: Vec<serde_json::Value> =
            left.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(whole.starts_with(&left), "cut at {cut}: what is left is no beginning of what was");
        let mended = copy.run(["verify", "--project", "Salt", "--rebuild", "--json"]).expect_code(0);
        assert_eq!(mended.json()["ok"], true, "cut at {cut}\n{mended}");
        verified(&copy, "Salt", "after mending");
        verified(&copy, "Reef", "beside a torn one");
        kept.push(left.len());
        std::fs::remove_dir_all(&scratch).unwrap();
    }
    assert!(
        kept.iter().any(|n| *n < whole.len()) && kept.contains(&whole.len()),
        "{kept:?} of {}",
        whole.len()
    );
    eprintln!("torn: {} cuts of a log of {n_frames} frames", kept.len());
}

fn folder(atelier: &atelier_testkit::Atelier) -> PathBuf {
    atelier.json(["project", "path", "Salt"])["path"].as_str().unwrap().into()
}

/// Frames that carry the salt of the header: behind them there is only room.
fn used_frames(wal: &Path) -> u64 {
    let bytes = std::fs::read(wal).unwrap();
    let salt = &bytes[16..24];
    let frames = bytes[HEADER as usize..].chunks(FRAME as usize);
    frames.take_while(|frame| frame.len() > 16 && &frame[8..16] == salt).count() as u64
}
