//! Processes that a measurement starts and kills: this very program, with other words.
//!
//! **Invariant**: a child never outlives its measurement.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child as Process, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use atelier_runtime::Failure;

use super::broken;
use super::upstream::Counts;

/// A process of ours; killed when dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: Process,
    lines: BufReader<ChildStdout>,
    started: Instant,
}

impl Child {
    /// Starts this program on a data folder.
    pub(super) fn start<W: Into<OsString>>(
        data: &Path,
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| broken("find this program", error))?;
        let mut command = Command::new(program);
        command.arg("--data").arg(data).args(words.into_iter().map(Into::into));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = Instant::now();
        let mut process = command.spawn().map_err(|error| broken("start a process", error))?;
        let out = process.stdout.take().ok_or_else(|| broken("read from a process", "it has no output"))?;
        Ok(Self { process, lines: BufReader::new(out), started })
    }

    /// The next line it says; none when it has ended.
    pub(super) fn line(&mut self) -> Result<Option<String>, Failure> {
        let mut line = String::new();
        let n = self.lines.read_line(&mut line).map_err(|error| broken("read from a process", error))?;
        Ok((n > 0).then(|| line.trim_end().to_owned()))
    }

    /// Waits until it ends by itself and was content; the seconds since its start.
    pub(super) fn finished(&mut self) -> Result<f64, Failure> {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).map_err(|error| broken("read from a process", error))?;
        let status = self.process.wait().map_err(|error| broken("wait for a process", error))?;
        let seconds = self.seconds();
        if status.success() {
            Ok(seconds)
        } else {
            Err(broken("measure a process", format!("it ended with {status}")))
        }
    }

    /// Ends it with the signal that nothing can answer.
    pub(super) fn kill(&mut self) -> Result<(), Failure> {
        self.process.kill().map_err(|error| broken("kill a process", error))?;
        self.process.wait().map(drop).map_err(|error| broken("wait for a process", error))
    }

    /// Seconds since it was started.
    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The model server, with what it counted.
#[derive(Debug)]
pub(super) struct Upstream {
    _process: Child,
    port: u16,
}

impl Upstream {
    pub(super) fn start(data: &Path) -> Result<Self, Failure> {
        let mut process = Child::start(data, ["bench", "upstream"])?;
        let port = process.line()?.and_then(|line| line.parse().ok());
        let port = port.ok_or_else(|| broken("start the model server", "it told no port"))?;
        Ok(Self { _process: process, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn counts(&self) -> Result<Counts, Failure> {
        let body = get(self.port, "/stats").map_err(|error| broken("ask the model server", error))?;
        serde_json::from_str(&body).map_err(|error| broken("understand the model server", error))
    }

    /// Waits until its counts satisfy a condition.
    pub(super) fn until(&self, holds: impl Fn(&Counts) -> bool) -> Result<Counts, Failure> {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let counts = self.counts()?;
            if holds(&counts) {
                return Ok(counts);
            }
            if Instant::now() > end {
                return Err(broken(
                    "wait for the model server",
                    format!("after two minutes it counts {counts:?}"),
                ));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

/// The body of a page on this machine.
pub(super) fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut reader = BufReader::new(stream);
    let (mut length, mut head) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    if !head.starts_with("HTTP/1.1 200") {
        return Err(std::io::Error::other(format!("answered {:?}", head.lines().next())));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
