//! A disk that is full, a folder that is read-only, before anything starts: what is there can be read, nothing is
//! changed, and who writes is told what to do.

use crate::support::{
    IDEA, bible, content_server, log, only_run, project, state, studio, text, told_in_three_lines,
};
use atelier_testkit::{Atelier, ModelServer};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A data folder on a small disk of its own, where this process may have one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn under(atelier: &Atelier) -> Option<Self> {
        let folder = atelier.data_dir();
        std::fs::create_dir_all(&folder).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"], &folder);
        mounted.then_some(Self(folder))
    }

    fn fill(&self) {
        let mut size = 1 << 20;
        let mut n = 0;
        while size > 0 {
            n += 1;
            if std::fs::write(self.0.join(format!("filler-{n}")), vec![7u8; size]).is_err() {
                size /= 2;
            }
        }
    }

    fn make_room(&self) {
        for entry in std::fs::read_dir(&self.0).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("filler") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The folder goes with the process where this fails.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(words: &[&str], folder: &Path) -> bool {
    let done = Command::new("mount").args(words).arg(folder).output();
    done.is_ok_and(|done| done.status.success())
}

/// A project with a bible on a small disk; nothing where no disk can be had.
fn on_a_small_disk() -> Option<(ModelServer, Atelier, SmallDisk)> {
    let server = content_server();
    let atelier = studio(&server);
    let Some(disk) = SmallDisk::under(&atelier) else {
        eprintln!("skipped: a small disk needs the right to mount one");
        return None;
    };
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    Some((server, atelier, disk))
}

/// All that only reads, and what it says.
fn read_all(atelier: &Atelier) -> Vec<String> {
    let run = only_run(atelier, "Salt");
    let words: [&[&str]; 9] = [
        &["project", "list"],
        &["project", "show", "Salt"],
        &["project", "path", "Salt"],
        &["log", "--project", "Salt"],
        &["state", "--project", "Salt"],
        &["runs", "show", &run],
        &["bucket", "list", "--project", "Salt"],
        &["messages", "list", "--project", "Salt"],
        &["verify", "--project", "Salt"],
    ];
    let read = |words: &&[&str]| {
        let output = atelier.run(*words).expect_code(0);
        // A project that cannot be written says so.
        output.stdout.lines().filter(|line| !line.starts_with("health")).collect::<Vec<_>>().join("\n")
    };
    words.iter().map(read).collect()
}

#[track_caller]
fn refused(atelier: &Atelier, why: &str) {
    let folder = atelier.data_dir().display().to_string();
    let writes: [&[&str]; 3] = [
        &["say", "--project", "Salt", "More fog."],
        &["project", "create", "Pepper"],
        &["run", "story-bible", "--project", "Salt", "--idea", IDEA],
    ];
    for words in writes {
        let output = atelier.run(words);
        assert!(output.code == 1 || output.code == 4, "{words:?}\n{output}");
        told_in_three_lines(&output);
        assert!(output.stderr.contains(why) && output.stderr.contains(&folder), "{words:?}\n{output}");
    }
}

#[test]
fn a_full_disk_is_read_and_who_writes_is_told() {
    let Some((server, atelier, disk)) = on_a_small_disk() else { return };
    let before = read_all(&atelier);
    let events = log(&atelier, "Salt");
    disk.fill();
    assert_eq!(read_all(&atelier), before);
    let calls = server.count();
    refused(&atelier, "the disk is full");
    assert_eq!(server.count(), calls);
    assert_eq!(read_all(&atelier), before);

    disk.make_room();
    assert_eq!(log(&atelier, "Salt"), events);
    text(&atelier.json(["say", "--project", "Salt", "More fog."]), "id");
    assert_eq!(atelier.json(["verify", "--project", "Salt"])["ok"], true);
}

#[test]
fn a_read_only_folder_is_read_and_who_writes_is_told() {
    let Some((server, atelier, disk)) = on_a_small_disk() else { return };
    let before = read_all(&atelier);
    assert!(mount(&["-o", "remount,ro"], &disk.0));
    assert_eq!(read_all(&atelier), before);
    let calls = server.count();
    refused(&atelier, "the folder is read-only");
    assert_eq!(server.count(), calls);

    assert!(mount(&["-o", "remount,rw"], &disk.0));
    assert_eq!(read_all(&atelier), before);
    text(&atelier.json(["say", "--project", "Salt", "More fog."]), "id");
}

#[test]
fn a_killed_writer_on_a_folder_that_became_read_only_leaves_what_was_acknowledged_readable() {
    let Some((_server, atelier, disk)) = on_a_small_disk() else { return };
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", crate::support::DEADLINE);
    atelier.json(["say", "--project", "Salt", "More fog."]);
    let before = (log(&atelier, "Salt"), state(&atelier, "Salt"));
    serving.kill9();
    assert!(mount(&["-o", "remount,ro"], &disk.0));
    assert_eq!((log(&atelier, "Salt"), state(&atelier, "Salt")), before);
}
