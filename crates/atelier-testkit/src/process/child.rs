//! A running process: listened to from its first byte, killed with everything it started when it is dropped.

use super::{Output, World, wait};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub struct Child {
    process: Mutex<std::process::Child>,
    stdin: Mutex<Option<ChildStdin>>,
    stdout: Heard,
    stderr: Heard,
    /// Once its group is ended, the number may belong to somebody else.
    group_ended: AtomicBool,
    /// Keeps the folders for as long as the process may use them.
    _world: Arc<World>,
}

/// What came out of one pipe so far.
pub(super) struct Heard {
    text: Arc<(Mutex<Pipe>, Condvar)>,
}

#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    closed: bool,
}

impl Child {
    #[track_caller]
    pub(super) fn start(mut command: Command, world: Arc<World>) -> Self {
        // A group of its own, so that what it starts can be ended with it.
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut process = command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        let stdout = Heard::listen(process.stdout.take().expect("piped"));
        let stderr = Heard::listen(process.stderr.take().expect("piped"));
        let stdin = Mutex::new(process.stdin.take());
        Self {
            process: Mutex::new(process),
            stdin,
            stdout,
            stderr,
            group_ended: AtomicBool::new(false),
            _world: world,
        }
    }

    pub fn id(&self) -> u32 {
        lock(&self.process).id()
    }

    /// The end that nothing can prepare for. Returns when the process is gone.
    pub fn kill9(&self) {
        self.end_group();
    }

    /// What Ctrl-C sends.
    pub fn sigint(&self) {
        self.signal(libc::SIGINT);
    }

    pub fn sigterm(&self) {
        self.signal(libc::SIGTERM);
    }

    pub fn stdin_line(&self, line: &str) {
        let mut stdin = lock(&self.stdin);
        let pipe = stdin.as_mut().expect("stdin was closed before");
        writeln!(pipe, "{line}").and_then(|()| pipe.flush()).expect("the process reads its stdin");
    }

    pub fn close_stdin(&self) {
        lock(&self.stdin).take();
    }

    pub fn stdout_so_far(&self) -> String {
        self.stdout.so_far()
    }

    pub fn stderr_so_far(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits until the text was heard on stderr; fails at the deadline or when the pipe closes without it.
    #[track_caller]
    pub fn wait_stderr(&self, part: &str, deadline: Duration) -> String {
        self.heard(&self.stderr, part, deadline)
    }

    #[track_caller]
    pub fn wait_stdout(&self, part: &str, deadline: Duration) -> String {
        self.heard(&self.stdout, part, deadline)
    }

    pub fn is_running(&self) -> bool {
        lock(&self.process).try_wait().expect("a process of ours").is_none()
    }

    /// Its end; killed, and the test failed, when the deadline has passed.
    #[track_caller]
    pub fn wait(self, deadline: Duration) -> Output {
        let ended = wait::poll(deadline, &mut || lock(&self.process).try_wait().expect("a process of ours"));
        let Some(status) = ended else {
            self.end_group();
            panic!(
                "still running after {deadline:?}\n-- stdout\n{}\n-- stderr\n{}",
                self.stdout_so_far(),
                self.stderr_so_far()
            );
        };
        // Whatever it left behind would keep the pipes open.
        self.end_group();
        Output { code: code_of(status), stdout: self.stdout.all(), stderr: self.stderr.all() }
    }

    pub(super) fn write_all_and_close(&self, input: &[u8]) {
        let pipe = lock(&self.stdin).take();
        // A process that refuses its input before it has read all of it is a legal end of this.
        let _ = pipe.expect("a piped stdin").write_all(input);
    }

    #[track_caller]
    fn heard(&self, pipe: &Heard, part: &str, deadline: Duration) -> String {
        let (found, text) = pipe.wait(part, deadline);
        assert!(found, "not heard: {part}\n-- in\n{text}\n-- stderr\n{}", self.stderr_so_far());
        text
    }

    fn signal(&self, signal: i32) {
        let mut process = lock(&self.process);
        if process.try_wait().expect("a process of ours").is_none() {
            send(process.id().cast_signed(), signal);
        }
    }

    /// Kills what is left of the group, the process itself included.
    fn end_group(&self) {
        let mut process = lock(&self.process);
        if self.group_ended.swap(true, SeqCst) {
            return;
        }
        send(-process.id().cast_signed(), libc::SIGKILL);
        // It may have ended before; then there is nothing to wait for.
        let _ = process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end_group();
    }
}

impl Heard {
    pub(super) fn listen(mut pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new((Mutex::new(Pipe::default()), Condvar::new()));
        let shared = Arc::clone(&text);
        let listen = move || {
            let mut buffer = [0u8; 8192];
            loop {
                let read = pipe.read(&mut buffer).unwrap_or(0);
                let mut heard = lock(&shared.0);
                heard.bytes.extend_from_slice(&buffer[..read]);
                heard.closed = read == 0;
                shared.1.notify_all();
                if heard.closed {
                    return;
                }
            }
        };
        // It ends with its pipe.
        std::thread::Builder::new().name("listener".to_owned()).spawn(listen).expect("a thread");
        Self { text }
    }

    pub(super) fn so_far(&self) -> String {
        String::from_utf8_lossy(&lock(&self.text.0).bytes).into_owned()
    }

    fn wait(&self, part: &str, deadline: Duration) -> (bool, String) {
        let there = |heard: &Pipe| String::from_utf8_lossy(&heard.bytes).contains(part);
        let (heard, _) = self
            .text
            .1
            .wait_timeout_while(lock(&self.text.0), deadline, |heard| !there(heard) && !heard.closed)
            .unwrap_or_else(PoisonError::into_inner);
        (there(&heard), String::from_utf8_lossy(&heard.bytes).into_owned())
    }

    /// To the end of the pipe, which somebody who left the group could keep open: then what was heard by then.
    pub(super) fn all(&self) -> String {
        let heard = lock(&self.text.0);
        drop(self.text.1.wait_timeout_while(heard, Duration::from_secs(5), |heard| !heard.closed));
        self.so_far()
    }
}

pub(super) fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| -status.signal().unwrap_or(0))
}

pub(super) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// To a process, or with a minus to its group. That it is gone already is no failure.
#[allow(unsafe_code, reason = "there is no safe way to send a signal in std; the call takes two numbers")]
pub(super) fn send(to: i32, signal: i32) {
    // SAFETY: kill reads no memory of ours. The id is of a child (or its group) that this file started.
    unsafe { libc::kill(to, signal) };
}
