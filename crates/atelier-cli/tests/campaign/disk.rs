//! Disks that fill up, and disks that do not read back: the project says so, keeps what it had, and no other notices.

use crate::world::{log, server, studio, verified};
use atelier_testkit::{Atelier, Border, Borders, End, Output};
use serde_json::Value;
use std::process::Command;

/// A small disk of its own, where this process may have one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path());
        mount.output().is_ok_and(|done| done.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The folder goes with the process where this fails.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Words that no compression makes shorter.
fn noise(seed: u64) -> String {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        char::from(b'0' + (x % 75) as u8)
    };
    (0..60_000).map(next).collect()
}

/// One value on stdout, told as a failure; nothing else.
#[track_caller]
fn one_failure(output: &Output) -> String {
    assert!(matches!(output.code, 1 | 4), "{output}");
    let value = output.json();
    let part = |key: &str| value["error"][key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    assert!(part("message").is_some() && part("hint").is_some(), "{output}");
    part("code").expect("a code")
}

#[test]
fn a_disk_of_4_mb_fills_up_and_nothing_that_was_acknowledged_is_lost() {
    let Some(disk) = SmallDisk::new() else {
        return eprintln!("skipped: a small disk needs the right to mount one");
    };
    let server = server();
    let atelier = studio(&server).env("ATELIER_DATA", disk.0.path().join("data"));
    for name in ["Salt", "Reef"] {
        atelier.json(["project", "create", name]);
    }
    let mut acknowledged = Vec::new();
    let refused = (1..500).find_map(|n| {
        let said = atelier.run(["say", "--project", "Salt", "--json", &noise(n)]);
        if said.code == 0 {
            acknowledged.push(said.json()["id"].clone());
            return None;
        }
        Some(said)
    });
    let code = one_failure(&refused.expect("a disk of 4 MB fills up"));
    assert!(matches!(code.as_str(), "project_read_only" | "storage_io" | "storage_failed"), "{code}");
    assert!(acknowledged.len() > 20, "{} texts", acknowledged.len());
    has_all(&atelier, &acknowledged);
    // A run on a full disk is refused or fails; either way with one value.
    let idea = ["run", "story-bible", "--project", "Salt", "--idea", "A sea that answers.", "--json"];
    let run = atelier.run(idea);
    assert!(run.code != 0 && run.json().is_object(), "{run}");

    let mut larger = Command::new("mount");
    assert!(larger.args(["-o", "remount,size=64m"]).arg(disk.0.path()).status().unwrap().success());
    has_all(&atelier, &acknowledged);
    verified(&atelier, "Salt", "with room again");
    verified(&atelier, "Reef", "beside a full one");
    atelier.json(["say", "--project", "Salt", "There is room again."]);
}

#[track_caller]
fn has_all(atelier: &Atelier, acknowledged: &[Value]) {
    let kept: Vec<Value> = log(atelier, "Salt").into_iter().map(|event| event["id"].clone()).collect();
    let lost: Vec<&Value> = acknowledged.iter().filter(|id| !kept.contains(id)).collect();
    assert!(lost.is_empty(), "{lost:?} were acknowledged");
}

#[test]
fn a_disk_that_fails_is_told_and_changes_nothing() {
    let borders = match Borders::build() {
        Ok(borders) => borders,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let server = server();
    let atelier = studio(&server);
    for name in ["Salt", "Reef"] {
        atelier.json(["project", "create", name]);
    }
    atelier.json(["run", "story-bible", "--project", "Salt", "--idea", "A sea that answers."]);
    let before = log(&atelier, "Salt");
    let id = atelier.json(["project", "show", "Salt"])["id"].as_str().unwrap().to_owned();
    let mut told = 0;
    for (call, part) in [("read", "/log.db$"), ("write", "/log.db-wal$"), ("sync", "/log.db-wal$")] {
        for nth in 1..=6 {
            for end in [End::Broken, End::Full] {
                let border = Border { call: call.to_owned(), part: format!("{id}{part}"), nth, end };
                let failing = borders.at(&atelier, &border);
                let said = failing.run(["say", "--project", "Salt", "--json", "More fog."]);
                let kept = log(&atelier, "Salt");
                if said.code == 0 {
                    // The failure came after what was asked, in tidying up.
                    assert!(kept.iter().any(|event| event["id"] == said.json()["id"]), "{border:?}\n{said}");
                } else {
                    one_failure(&said);
                    told += 1;
                }
                assert!(kept.starts_with(&before), "{border:?}\n{said}");
                verified(&atelier, "Salt", &format!("{border:?}"));
                // Another project in the same folder goes on while this one cannot.
                failing.run(["say", "--project", "Reef", "Fog."]).expect_code(0);
            }
        }
    }
    assert!(told >= 10, "only {told} failures were told");
}
