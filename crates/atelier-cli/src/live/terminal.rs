//! The terminal's own settings: keys one by one, and back again.

use std::mem::MaybeUninit;

/// While this lives, keys come one by one and are not echoed; Ctrl-C still is a signal.
#[derive(Debug)]
pub(crate) struct Typing {
    before: libc::termios,
}

impl Typing {
    /// None where stdin is no terminal that can do that.
    #[allow(unsafe_code, reason = "there is no safe way to change a terminal in std")]
    pub(crate) fn begin() -> Option<Self> {
        let mut settings = MaybeUninit::<libc::termios>::uninit();
        // SAFETY: the pointer is to memory of the right size and kind, which the call fills where it returns 0.
        let before = unsafe {
            if libc::tcgetattr(libc::STDIN_FILENO, settings.as_mut_ptr()) != 0 {
                return None;
            }
            settings.assume_init()
        };
        let mut typing = before;
        typing.c_lflag &= !(libc::ICANON | libc::ECHO);
        typing.c_cc[libc::VMIN] = 1;
        typing.c_cc[libc::VTIME] = 0;
        set(&typing).then_some(Self { before })
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        if !set(&self.before) {
            tracing::warn!("the terminal could not be set back");
        }
    }
}

/// Whether this process may use the terminal: one in the background would be stopped for it.
#[allow(unsafe_code, reason = "there is no safe way to ask this in std")]
pub(crate) fn is_in_front() -> bool {
    // SAFETY: neither call reads or writes memory of ours.
    unsafe { libc::tcgetpgrp(libc::STDIN_FILENO) == libc::getpgrp() }
}

#[allow(unsafe_code, reason = "there is no safe way to change a terminal in std")]
fn set(settings: &libc::termios) -> bool {
    // SAFETY: the pointer is to a whole termios, which the call only reads.
    unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSADRAIN, settings) == 0 }
}
