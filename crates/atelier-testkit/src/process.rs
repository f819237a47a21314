//! Drives the real binary from outside, in a world of its own.
//!
//! Owns: private folders for home, data, settings and temporary files; an empty environment; deadlines. Does not own:
//! where the binary lies (the caller says), nor what its answers mean.
//! Invariants: nothing of the person's settings, data or keys reaches the binary; no process and no file is left
//! behind; every wait ends.

use crate::wait;
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

pub use child::Child;
pub use picture::Picture;
pub use terminal::Terminal;

mod child;
mod picture;
mod terminal;

/// One person at one terminal. A clone is a second terminal over the same data.
#[derive(Clone)]
pub struct Atelier {
    binary: PathBuf,
    world: Arc<World>,
    env: Vec<(OsString, OsString)>,
    deadline: Duration,
}

/// How a process ended and what it said.
#[derive(Debug, Clone)]
pub struct Output {
    /// The exit code; minus the signal's number where a signal ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The folders; removed with the last one who uses them.
struct World {
    root: tempfile::TempDir,
}

impl Atelier {
    /// For the binary under test: `Atelier::new(env!("CARGO_BIN_EXE_atelier"))`.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let root = tempfile::Builder::new().prefix("atelier-").tempdir().expect("a temporary folder");
        let world = Arc::new(World { root });
        let env = world.environment();
        Self { binary: binary.into(), world, env, deadline: Duration::from_secs(60) }
    }

    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.set_env(key, value);
        self
    }

    pub fn set_env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.unset_env(&key);
        self.env.push((key.as_ref().to_owned(), value.as_ref().to_owned()));
    }

    pub fn unset_env(&mut self, key: impl AsRef<OsStr>) {
        self.env.retain(|(there, _)| there != key.as_ref());
    }

    /// The default model, as `PROVIDER:MODEL[@BASE_URL]`.
    #[must_use]
    pub fn model(self, spec: &str) -> Self {
        self.env("ATELIER_MODEL", spec)
    }

    /// Lets the embedded models be found where they were set up on this machine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place of the testkit that reads the environment")]
    pub fn with_embedded_models(self) -> Self {
        let of_home =
            || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache").into_os_string());
        match std::env::var_os("XDG_CACHE_HOME").or_else(of_home) {
            Some(cache) => self.env("XDG_CACHE_HOME", cache),
            None => panic!("neither XDG_CACHE_HOME nor HOME says where the embedded models lie"),
        }
    }

    /// How long `run` and its like wait before they kill and fail.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub fn data_dir(&self) -> PathBuf {
        self.world.root.path().join("data")
    }

    /// An empty folder of the test's own: the one the binary is started in.
    pub fn work_dir(&self) -> PathBuf {
        self.world.root.path().join("work")
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run<I, S>(&self, args: I) -> Output
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.spawn_with(args, Stdio::null()).wait(self.deadline)
    }

    /// Runs it to its end with bytes on its standard input.
    #[track_caller]
    pub fn run_with_stdin<I, S>(&self, args: I, input: &[u8]) -> Output
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let child = self.spawn_with(args, Stdio::piped());
        child.write_all_and_close(input);
        child.wait(self.deadline)
    }

    /// Runs it with `--json`, demands exit 0, and gives the one value on stdout.
    #[track_caller]
    pub fn json<I, S>(&self, args: I) -> Value
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.json_code(args, 0)
    }

    /// As `json`, for an exit that is not a success.
    #[track_caller]
    pub fn json_code<I, S>(&self, args: I, code: i32) -> Value
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let args = with_json(args);
        let output = self.run(&args);
        assert_eq!(output.code, code, "exit code of {args:?}\n{output}");
        serde_json::from_str(&output.stdout)
            .unwrap_or_else(|e| panic!("{args:?} gave no json ({e})\n{output}"))
    }

    /// For `log`: one value per line, exit 0.
    #[track_caller]
    pub fn json_lines<I, S>(&self, args: I) -> Vec<Value>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = self.run(&args);
        assert_eq!(output.code, 0, "exit code of {args:?}\n{output}");
        let value =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("no json ({e}): {line}"));
        output.stdout.lines().map(value).collect()
    }

    /// Starts it and goes on; its standard input stays open.
    #[track_caller]
    pub fn spawn<I, S>(&self, args: I) -> Child
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.spawn_with(args, Stdio::piped())
    }

    /// Starts it as a person would, behind a terminal of so many columns and rows.
    #[track_caller]
    pub fn at_terminal<I, S>(&self, columns: u16, rows: u16, args: I) -> Terminal
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        Terminal::start(self.command(args), columns, rows, Arc::clone(&self.world))
    }

    /// Has a shell do this, as a person would type it: the binary is the `atelier` of its path.
    #[track_caller]
    pub fn shell(&self, script: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env_clear().envs(self.env.iter().map(|(k, v)| (k, v)));
        let folder = self.binary.parent().map(Path::as_os_str).unwrap_or_default();
        let path = self.env.iter().find(|(key, _)| key == "PATH").map(|(_, path)| path.as_os_str());
        let all = [folder, path.unwrap_or_default()].join(OsStr::new(":"));
        command.env("PATH", all).current_dir(self.work_dir()).stdin(Stdio::null());
        Child::start(command, Arc::clone(&self.world)).wait(self.deadline)
    }

    #[track_caller]
    fn spawn_with<I, S>(&self, args: I, stdin: Stdio) -> Child
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = self.command(args);
        command.stdin(stdin);
        Child::start(command, Arc::clone(&self.world))
    }

    fn command<I, S>(&self, args: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(&self.binary);
        command.args(args).env_clear().envs(self.env.iter().map(|(k, v)| (k, v)));
        command.current_dir(self.work_dir());
        command
    }
}

impl World {
    #[expect(clippy::disallowed_methods, reason = "PATH is what the binary may inherit, see above")]
    fn environment(&self) -> Vec<(OsString, OsString)> {
        let folder = |name: &str| {
            let path = self.root.path().join(name);
            std::fs::create_dir_all(&path).expect("a folder in the temporary folder");
            path.into_os_string()
        };
        folder("work");
        let mut env = vec![
            ("HOME".into(), folder("home")),
            ("ATELIER_DATA".into(), self.root.path().join("data").into_os_string()),
            ("XDG_CONFIG_HOME".into(), folder("config")),
            ("XDG_DATA_HOME".into(), folder("share")),
            ("XDG_STATE_HOME".into(), folder("state")),
            ("XDG_CACHE_HOME".into(), folder("cache")),
            ("XDG_RUNTIME_DIR".into(), folder("run")),
            ("TMPDIR".into(), folder("tmp")),
            ("NO_COLOR".into(), "1".into()),
        ];
        env.extend(std::env::var_os("PATH").map(|path| ("PATH".into(), path)));
        env
    }
}

impl Output {
    /// Demands this exit code, and shows everything where it was another.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{self}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("no json on stdout ({e})\n{self}"))
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n-- stdout\n{}\n-- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

fn with_json<I, S>(args: I) -> Vec<OsString>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
    if !args.iter().any(|arg| arg == "--json") {
        args.push("--json".into());
    }
    args
}
