//! The owner's side of the socket.
//!
//! Owns: the socket file, connections, the order in which they end. Does not own: tasks; all connections live inside
//! the future that [`SocketServer::serve`] gives, and end with it.

use std::fs::{self, Permissions};
use std::io;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_runtime::{Failure, Request, Studio};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::codes;
use crate::line::{self, Line};
use crate::place::{self, Place};
use crate::wire::{Asked, Hello, MAX_ANSWER, MAX_REQUEST, Said, Watch};

/// More than this many connections wait their turn.
const MAX_CONNECTIONS: usize = 256;

/// How long whoever waits for a run is still answered once the owner ends.
const LAST_ANSWER: Duration = Duration::from_millis(200);

/// How long answers may take once the owner ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The socket of the process that holds the data folder's lock.
#[derive(Debug)]
pub struct SocketServer {
    listener: UnixListener,
    file: PathBuf,
    owner: u32,
}

impl SocketServer {
    /// Opens the socket in a data folder. Only the lock's holder may call this: a socket that is there is a dead
    /// owner's, and is replaced.
    pub fn bind(data: &Path) -> Result<Self, Failure> {
        let file = data.join(place::NAME);
        Self::try_bind(data, &file).map_err(|error| {
            let (why, hint) = match error.kind() {
                ErrorKind::ReadOnlyFilesystem => (
                    "the folder is read-only".to_owned(),
                    "make the data folder writable, or choose another one with --data",
                ),
                ErrorKind::StorageFull => ("the disk is full".to_owned(), "free some space on that disk"),
                _ => (
                    error.to_string(),
                    "check the rights of the data folder, and that its file system knows sockets",
                ),
            };
            Failure::failed(
                codes::SOCKET_UNUSABLE,
                format!("cannot open the socket {}: {why}", file.display()),
                hint,
            )
        })
    }

    fn try_bind(data: &Path, file: &Path) -> io::Result<Self> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let place = Place::of(data)?;
        let listener = UnixListener::bind(place.path())?;
        fs::set_permissions(file, Permissions::from_mode(0o600))?;
        let owner = fs::metadata(file)?.uid();
        Ok(Self { listener, file: file.to_owned(), owner })
    }

    /// Answers until `shutdown`; then says goodbye to whoever waits, finishes what was begun, and removes the file.
    pub async fn serve(self, studio: Studio, shutdown: CancellationToken) {
        let mut connections = FuturesUnordered::new();
        while !shutdown.is_cancelled() {
            let room = connections.len() < MAX_CONNECTIONS;
            tokio::select! {
                () = shutdown.cancelled() => {}
                Some(()) = connections.next() => {}
                accepted = self.listener.accept(), if room => match accepted {
                    Ok((stream, _)) if self.is_ours(&stream) => connections.push(connection(stream, &studio, &shutdown)),
                    Ok(_) => tracing::warn!("refused a connection of another user"),
                    Err(error) => {
                        tracing::warn!(%error, "could not accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        if let Err(error) = fs::remove_file(&self.file) {
            tracing::warn!(%error, "could not remove the socket");
        }
        let rest = async { while connections.next().await.is_some() {} };
        if timeout(LAST_WORDS, rest).await.is_err() {
            tracing::warn!("some answers were not finished in time");
        }
    }

    fn is_ours(&self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == self.owner)
    }
}

/// One client, to its end. A peer that goes away is no error: nobody is left to be told.
async fn connection(stream: UnixStream, studio: &Studio, shutdown: &CancellationToken) {
    let (read, write) = stream.into_split();
    let mut talk = Talk { read: BufReader::new(read), write, studio, shutdown };
    if let Err(error) = talk.run().await {
        tracing::debug!(%error, "a client went away");
    }
}

struct Talk<'a> {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    studio: &'a Studio,
    shutdown: &'a CancellationToken,
}

impl Talk<'_> {
    async fn run(&mut self) -> io::Result<()> {
        let hello = Hello { pid: std::process::id(), version: env!("CARGO_PKG_VERSION").to_owned() };
        self.say(&Said::Hello(hello)).await?;
        loop {
            let line = tokio::select! {
                biased;
                line = line::read(&mut self.read, MAX_REQUEST) => line?,
                () = self.shutdown.cancelled() => return self.say(&Said::Bye {}).await,
            };
            match line {
                Line::Closed => return Ok(()),
                Line::TooLong => {
                    let message = format!("the request is longer than {MAX_REQUEST} bytes");
                    return self
                        .refuse(Failure::usage(codes::REQUEST_TOO_LONG, message, "send less at once"))
                        .await;
                }
                Line::Text(text) => match serde_json::from_slice::<Asked>(&text) {
                    Ok(Asked::Ask(request)) => self.answer(request).await?,
                    Ok(Asked::Follow(watch)) => return self.follow(watch).await,
                    Err(error) => {
                        let message = format!("the request cannot be understood: {error}");
                        let hint = "use the same version of atelier on both sides";
                        self.refuse(Failure::usage(codes::REQUEST_UNREADABLE, message, hint)).await?;
                    }
                },
            }
        }
    }

    async fn answer(&mut self, request: Request) -> io::Result<()> {
        let said = match self.handle(request).await? {
            Ok(value) => Said::Answer(value),
            Err(failure) => Said::Failure(failure),
        };
        self.say(&said).await
    }

    /// Carries a request out. Only waiting is given up when the client goes away or the owner ends.
    async fn handle(&mut self, request: Request) -> io::Result<Result<Value, Failure>> {
        if !matches!(request, Request::RunWait { .. }) {
            return Ok(self.studio.handle(request).await);
        }
        let mut answer = std::pin::pin!(self.studio.handle(request));
        tokio::select! {
            biased;
            answer = &mut answer => Ok(answer),
            gone = closed(&mut self.read) => Err(gone),
            // What has just settled, and is why the owner ends, is still told.
            () = self.shutdown.cancelled() => Ok(timeout(LAST_ANSWER, answer).await.unwrap_or_else(|_| Err(owner_left()))),
        }
    }

    async fn follow(&mut self, watch: Watch) -> io::Result<()> {
        let mut updates = match self.studio.follow(&watch.project, watch.since).await {
            Ok(updates) => updates,
            Err(failure) => return self.refuse(failure).await,
        };
        self.say(&Said::Answer(json!({"following": watch.project}))).await?;
        loop {
            let update = tokio::select! {
                update = updates.recv() => update,
                gone = closed(&mut self.read) => return Err(gone),
                () = self.shutdown.cancelled() => None,
            };
            let Some(update) = update else { return self.say(&Said::Bye {}).await };
            self.say(&Said::Update(update)).await?;
        }
    }

    async fn refuse(&mut self, failure: Failure) -> io::Result<()> {
        self.say(&Said::Failure(failure)).await
    }

    async fn say(&mut self, said: &Said) -> io::Result<()> {
        if line::write(&mut self.write, said, MAX_ANSWER).await? {
            return Ok(());
        }
        let message = format!("the answer is longer than {MAX_ANSWER} bytes");
        let failure = Failure::failed(codes::ANSWER_TOO_LONG, message, "ask for less at once");
        line::write(&mut self.write, &Said::Failure(failure), MAX_ANSWER).await.map(drop)
    }
}

/// Ends when the other side is gone. What it sends meanwhile stays unread.
async fn closed(read: &mut BufReader<OwnedReadHalf>) -> io::Error {
    match read.fill_buf().await {
        Ok([]) => io::ErrorKind::UnexpectedEof.into(),
        Ok(_) => std::future::pending().await,
        Err(error) => error,
    }
}

fn owner_left() -> Failure {
    Failure::refused(codes::OWNER_LEFT, "the process that owned the data folder ended", "try again")
}
