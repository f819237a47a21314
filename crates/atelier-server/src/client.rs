//! A client of whoever owns a data folder.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_runtime::{Failure, Request, Update};
use serde_json::Value;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::codes;
use crate::line::{self, Line};
use crate::place::Place;
use crate::wire::{Asked, Hello, MAX_ANSWER, MAX_REQUEST, Said, Watch};

/// How long an owner may take to say hello: it may have just been stopped, or be busy ending.
const GREETING: Duration = Duration::from_secs(5);

/// The way to the owner. Each request is a connection of its own, so that none waits behind another.
#[derive(Debug, Clone)]
pub struct Client {
    data: PathBuf,
    owner: u32,
}

impl Client {
    /// The owner of a data folder, where there is one that answers.
    pub async fn connect(data: &Path) -> Option<Self> {
        let line = Connection::open(data).await.ok()?;
        Some(Self { data: data.to_owned(), owner: line.hello.pid })
    }

    /// The owner's process.
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// One request, one answer. The failure `owner_left` means that nothing was done and asking again is safe.
    pub async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let mut connection = self.open().await?;
        connection.send(Asked::Ask(request)).await?;
        match connection.next().await {
            Ok(Some(Said::Answer(value))) => Ok(value),
            Ok(Some(Said::Failure(failure))) => Err(failure),
            Ok(Some(Said::Bye {})) => Err(left()),
            Ok(Some(other)) => Err(nonsense(&other)),
            Ok(None) => Err(gone("it ended before it answered")),
            Err(error) => Err(gone(&error.to_string())),
        }
    }

    /// Watches a project, from after an event or from now on. Once this returns, nothing is missed.
    pub async fn follow(&self, project: &str, since: Option<u64>) -> Result<Following, Failure> {
        let mut connection = self.open().await?;
        connection.send(Asked::Follow(Watch { project: project.to_owned(), since })).await?;
        match connection.next().await {
            Ok(Some(Said::Answer(_))) => Ok(Following { connection }),
            Ok(Some(Said::Failure(failure))) => Err(failure),
            Ok(Some(Said::Bye {}) | None) => Err(left()),
            Ok(Some(other)) => Err(nonsense(&other)),
            Err(error) => Err(gone(&error.to_string())),
        }
    }

    async fn open(&self) -> Result<Connection, Failure> {
        Connection::open(&self.data).await.map_err(|_| left())
    }
}

/// Updates of a project, as they come.
#[derive(Debug)]
pub struct Following {
    connection: Connection,
}

impl Following {
    /// The next one; none when the owner ends.
    pub async fn next(&mut self) -> Option<Update> {
        loop {
            match self.connection.next().await {
                Ok(Some(Said::Update(update))) => return Some(update),
                Ok(Some(other)) if !matches!(other, Said::Bye {}) => {
                    tracing::warn!(?other, "unexpected word");
                }
                Ok(_) => return None,
                Err(error) => {
                    tracing::debug!(%error, "the owner cannot be heard any more");
                    return None;
                }
            }
        }
    }
}

#[derive(Debug)]
struct Connection {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    hello: Hello,
    /// A line that is only partly here, so that waiting for it may be given up and taken up again.
    partial: Vec<u8>,
}

impl Connection {
    async fn open(data: &Path) -> io::Result<Self> {
        let place = Place::of(data)?;
        timeout(GREETING, Self::greeted(place.path()))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn greeted(path: &Path) -> io::Result<Self> {
        let (read, write) = UnixStream::connect(path).await?.into_split();
        let mut read = BufReader::new(read);
        let Line::Text(line) = line::read(&mut read, MAX_REQUEST).await? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        match serde_json::from_slice(&line)? {
            Said::Hello(hello) => Ok(Self { read, write, hello, partial: Vec::new() }),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// A request that cannot be sent whole is not carried out.
    async fn send(&mut self, asked: Asked) -> Result<(), Failure> {
        match line::write(&mut self.write, &asked, MAX_REQUEST).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let message = format!("the request is longer than {MAX_REQUEST} bytes");
                Err(Failure::usage(codes::REQUEST_TOO_LONG, message, "send less at once"))
            }
            // It may have said goodbye already; then that is what is read next.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(_) => Err(left()),
        }
    }

    /// The next word. May be dropped while it waits without losing anything.
    async fn next(&mut self) -> io::Result<Option<Said>> {
        use tokio::io::AsyncBufReadExt;
        loop {
            let here = self.read.fill_buf().await?;
            let (taken, whole) = match here.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (here.len(), false),
            };
            if taken == 0 {
                return Ok(None);
            }
            self.partial.extend_from_slice(&here[..taken]);
            self.read.consume(taken);
            if whole {
                let line = std::mem::take(&mut self.partial);
                return Ok(Some(serde_json::from_slice(&line)?));
            }
            if self.partial.len() > MAX_ANSWER {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
}

fn left() -> Failure {
    Failure::refused(codes::OWNER_LEFT, "the process that owned the data folder ended", "try again")
}

fn gone(why: &str) -> Failure {
    let message = format!("the process that owns the data folder cannot be heard any more: {why}");
    Failure::refused(codes::OWNER_GONE, message, "look whether it was done, then try again")
}

fn nonsense(said: &Said) -> Failure {
    let shown: String = format!("{said:?}").chars().take(200).collect();
    let message =
        format!("the process that owns the data folder answered something else than was asked: {shown}");
    Failure::failed(codes::BAD_ANSWER, message, "use the same version of atelier on both sides")
}
