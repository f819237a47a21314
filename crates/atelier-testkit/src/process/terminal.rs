//! A person at a terminal: the binary behind a pseudo-terminal of its own, keys that are pressed, the picture that is
//! seen.
//!
//! Owns: the pseudo-terminal and its size, and a small model of what a terminal shows. Does not own: anything the
//! binary does with it.
//! Invariants: the process is the terminal's session leader, so that Ctrl-C reaches it as it would from a keyboard.

use super::child::{Heard, code_of, lock, send};
use super::picture::Picture;
use super::{Output, World};
use crate::wait;
use std::fs::File;
use std::io::Write;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Terminal {
    process: Mutex<std::process::Child>,
    keyboard: Mutex<File>,
    heard: Heard,
    size: Mutex<(u16, u16)>,
    _world: Arc<World>,
}

impl Terminal {
    #[track_caller]
    pub(super) fn start(mut command: Command, columns: u16, rows: u16, world: Arc<World>) -> Self {
        let (master, slave) = open(columns, rows);
        let end = || Stdio::from(slave.try_clone().expect("a second handle of the terminal"));
        command.stdin(end()).stdout(end()).stderr(end());
        lead(&mut command);
        let process = command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        // Its own handles are dropped with the command: the terminal closes with the process.
        drop((command, slave));
        let master = File::from(master);
        let heard = Heard::listen(master.try_clone().expect("a second handle of the terminal"));
        Self {
            process: Mutex::new(process),
            keyboard: Mutex::new(master),
            heard,
            size: Mutex::new((columns, rows)),
            _world: world,
        }
    }

    /// Types this, as keys: `\r` is Enter, `\x03` is Ctrl-C.
    pub fn press(&self, keys: &str) {
        let mut keyboard = lock(&self.keyboard);
        keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush()).expect("a keyboard");
    }

    /// What Ctrl-C at this keyboard sends.
    pub fn ctrl_c(&self) {
        self.press("\u{3}");
    }

    /// Makes the window larger or smaller.
    pub fn resize(&self, columns: u16, rows: u16) {
        *lock(&self.size) = (columns, rows);
        resize(lock(&self.keyboard).as_raw_fd(), columns, rows);
    }

    /// Every byte that came, control sequences and all.
    pub fn raw(&self) -> String {
        self.heard.so_far()
    }

    /// What is on the screen now, and what scrolled away above it.
    pub fn picture(&self) -> Picture {
        let (columns, rows) = *lock(&self.size);
        Picture::of(&self.raw(), usize::from(columns), usize::from(rows))
    }

    /// Waits until the picture shows this somewhere; gives the picture.
    #[track_caller]
    pub fn wait_seen(&self, part: &str, deadline: Duration) -> Picture {
        self.wait_picture(part, deadline, |picture| picture.text().contains(part))
    }

    #[track_caller]
    pub fn wait_picture(&self, what: &str, deadline: Duration, fits: impl Fn(&Picture) -> bool) -> Picture {
        let seen = wait::poll(deadline, &mut || Some(self.picture()).filter(&fits));
        seen.unwrap_or_else(|| panic!("not seen: {what}\n{}", self.picture().text()))
    }

    /// Whether keys are echoed and come line by line, as a shell wants to find its terminal.
    pub fn is_as_it_was(&self) -> bool {
        echoes(lock(&self.keyboard).as_raw_fd())
    }

    /// Its end; killed, and the test failed, when the deadline has passed. Both outputs are in `stdout`.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Output {
        let ended = wait::poll(deadline, &mut || lock(&self.process).try_wait().expect("a process of ours"));
        let Some(status) = ended else {
            self.end();
            panic!("still running after {deadline:?}\n{}", self.picture().text());
        };
        Output { code: code_of(status), stdout: self.heard.all(), stderr: String::new() }
    }

    fn end(&self) {
        let mut process = lock(&self.process);
        if process.try_wait().expect("a process of ours").is_none() {
            send(-process.id().cast_signed(), libc::SIGKILL);
            let _ = process.wait();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end();
    }
}

#[allow(unsafe_code, reason = "there is no safe way to open a pseudo-terminal in std")]
fn open(columns: u16, rows: u16) -> (OwnedFd, OwnedFd) {
    let size = window(columns, rows);
    let (mut master, mut slave) = (-1, -1);
    // SAFETY: the first two pointers are to numbers that the call fills where it returns 0; name and settings may be
    // null; the size is only read. The handles are nobody else's.
    unsafe {
        let opened = libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null(), &size);
        assert_eq!(opened, 0, "a pseudo-terminal: {}", std::io::Error::last_os_error());
        for fd in [master, slave] {
            libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        }
        (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave))
    }
}

/// The process becomes the leader of a session whose terminal its standard input is.
#[allow(unsafe_code, reason = "there is no safe way to make a process a session leader in std")]
fn lead(command: &mut Command) {
    // SAFETY: both calls may be made between fork and exec, and neither touches memory.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
}

#[allow(unsafe_code, reason = "there is no safe way to resize a terminal in std")]
fn resize(master: i32, columns: u16, rows: u16) {
    let size = window(columns, rows);
    // SAFETY: the call only reads the size.
    let resized = unsafe { libc::ioctl(master, libc::TIOCSWINSZ, &size) };
    assert_eq!(resized, 0, "a resized terminal");
}

#[allow(unsafe_code, reason = "there is no safe way to ask a terminal in std")]
fn echoes(master: i32) -> bool {
    let mut settings = MaybeUninit::<libc::termios>::uninit();
    // SAFETY: the pointer is to memory of the right size and kind, which the call fills where it returns 0.
    let settings = unsafe {
        assert_eq!(libc::tcgetattr(master, settings.as_mut_ptr()), 0, "a terminal");
        settings.assume_init()
    };
    settings.c_lflag & (libc::ECHO | libc::ICANON) == libc::ECHO | libc::ICANON
}

fn window(columns: u16, rows: u16) -> libc::winsize {
    libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}
