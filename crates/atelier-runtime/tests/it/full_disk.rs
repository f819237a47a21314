//! A disk without room: the project says so to everybody who waits, and goes on once there is room again.

use std::process::Command;

use atelier_runtime::{Exit, Recovery, Request};

use crate::bed::{Bed, DEADLINE, open, text, world};

/// A small disk of its own, where this process may have one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self(folder))
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
        char::from(b'!' + (x % 90) as u8)
    };
    (0..60_000).map(next).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_run_on_a_full_disk_is_told_and_it_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: a small disk needs the right to mount one");
        return;
    };
    let bed = Bed::new().await;
    let Bed { folder, server, studio } = bed;
    studio.shutdown().await;
    drop(studio);
    std::fs::copy(folder.path().join("config.toml"), disk.0.path().join("config.toml")).unwrap();
    let studio = open(disk.0.path(), Recovery::Nothing).await;
    let bed = Bed { folder, server, studio };
    let project = bed.project("P").await;
    let held = bed.server.hold("an island");
    let run = text(&bed.ask(Request::Run(world(&project, "an island"))).await, "id");
    assert!(held.wait_held(1, DEADLINE));
    let wait = bed.studio.handle(Request::RunWait { run: run.clone() });
    let fill = async {
        for n in 1..1_000 {
            let said = Request::Say {
                project: project.clone(),
                to: None,
                run: None,
                step: None,
                priority: serde_json::from_str("\"low\"").unwrap(),
                text: noise(n),
            };
            if let Err(failure) = bed.studio.handle(said).await {
                return failure;
            }
        }
        panic!("the disk never filled");
    };
    let (waited, refused) =
        tokio::time::timeout(DEADLINE, Box::pin(async { tokio::join!(wait, fill) })).await.unwrap();
    assert_eq!((refused.exit, refused.code.as_str()), (Exit::Refused, "project_read_only"), "{refused:?}");
    assert_eq!(waited.unwrap_err().code, "project_read_only");
    assert_eq!(bed.studio.driven().await, 0, "nobody is at work on it any more");
    held.release();

    let larger = Command::new("mount").args(["-o", "remount,size=64m"]).arg(disk.0.path()).status().unwrap();
    assert!(larger.success());
    bed.ask(Request::RunResume { run: run.clone() }).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert_eq!(bed.server.count(), 2, "the call that was cut is made once more");
    bed.studio.shutdown().await;
}
