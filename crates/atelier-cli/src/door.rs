//! The way to the data: the folder itself where nobody owns it, else the socket of whoever does.
//!
//! **Invariant**: there is one owner; a command that cannot become it is its client, and two writers are impossible.

use std::time::Duration;

use atelier_runtime::tasks::OnCancel;
use atelier_runtime::{Config, Failure, Open, Recovery, Request, Studio, Update};
use atelier_server::{Client, Following, SocketServer};
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use crate::codes;
use crate::command::Context;
use crate::output;
use crate::signals::Signals;

/// How often, and how long apart, both ways are tried: an owner may just be coming or going.
const TRIES: u32 = 200;
const BETWEEN: Duration = Duration::from_millis(50);

/// The way to the data.
pub(crate) enum Door {
    /// This process owns the folder.
    Local(Local),
    /// Another one does.
    Remote(Client),
}

/// Ownership, with the socket at which others are served where this process stays for a while.
pub(crate) struct Local {
    pub(crate) studio: Studio,
    shutdown: CancellationToken,
    /// Each task of the door holds the one end; the other one hears when all have let go.
    at_work: Sender<()>,
    all_ended: Receiver<()>,
}

/// What is seen of a project.
#[derive(Debug)]
pub(crate) enum Updates {
    Local(Receiver<Update>),
    Remote(Box<Following>),
}

impl Door {
    /// For one short request.
    pub(crate) async fn open(context: &Context) -> Result<Self, Failure> {
        find(context, Stay::Short).await
    }

    /// For work that takes a while: whoever comes meanwhile is served.
    pub(crate) async fn open_lasting(context: &Context) -> Result<Self, Failure> {
        find(context, Stay::Long).await
    }

    pub(crate) async fn ask(&self, request: Request) -> Result<Value, Failure> {
        match self {
            Self::Local(local) => local.studio.handle(request).await,
            Self::Remote(client) => client.ask(request).await,
        }
    }

    /// Watches a project, from after an event or from now on.
    pub(crate) async fn follow(&self, project: &str, since: Option<u64>) -> Result<Updates, Failure> {
        Ok(match self {
            Self::Local(local) => Updates::Local(local.studio.follow(project, since).await?),
            Self::Remote(client) => Updates::Remote(Box::new(client.follow(project, since).await?)),
        })
    }

    /// Stays while runs of other terminals are carried on here, and says so. A signal ends that.
    pub(crate) async fn linger(&self, signals: &mut Signals) {
        let Self::Local(local) = self else { return };
        let n = local.studio.driven().await;
        if n == 0 {
            return;
        }
        let runs = if n == 1 { "a run of another terminal is" } else { "runs of other terminals are" };
        output::talk(&format!(
            "{runs} carried on here; Ctrl-C leaves, and `atelier runs resume` goes on later"
        ));
        let settled = async {
            while local.studio.driven().await > 0 {
                tokio::time::sleep(BETWEEN).await;
            }
        };
        tokio::select! { () = settled => {}, () = signals.next() => {} }
    }

    /// Ends in order: nobody new is served, answers are finished, then the folder is given back.
    pub(crate) async fn close(self) {
        if let Self::Local(local) = self {
            local.close().await;
        }
    }
}

impl Local {
    /// Owns the folder, or says who does.
    pub(crate) async fn own(context: &Context, recovery: Recovery) -> Result<Self, Failure> {
        let config = Config::load(&context.data, &|name| context.environment.get(name))?;
        let studio = Studio::open(Open { data: context.data.clone(), config, recovery }).await?;
        let (at_work, all_ended) = channel(1);
        Ok(Self { studio, shutdown: CancellationToken::new(), at_work, all_ended })
    }

    /// As `own`, but waits for short commands to be done with the folder. One who stays there is no such.
    pub(crate) async fn own_soon(context: &Context, recovery: Recovery) -> Result<Self, Failure> {
        for _ in 1..TRIES {
            match Self::own(context, recovery).await {
                Err(failure) if is_locked(&failure) => {
                    if Client::connect(&context.data).await.is_some() {
                        return Err(failure);
                    }
                }
                ended => return ended,
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Self::own(context, recovery).await
    }

    /// Lets others in, at the socket in the folder.
    pub(crate) fn serve(&self, context: &Context) -> Result<(), Failure> {
        let server = SocketServer::bind(&context.data)?;
        self.spawn("socket", server.serve(self.studio.clone(), self.shutdown.clone()));
        Ok(())
    }

    /// Work that ends with the door.
    pub(crate) fn spawn(&self, name: &str, work: impl Future<Output = ()> + Send + 'static) {
        let at_work = self.at_work.clone();
        let work = async move {
            work.await;
            drop(at_work);
        };
        self.studio.tasks().spawn(name, None, OnCancel::Finish, work);
    }

    /// What tells that work to end.
    pub(crate) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    pub(crate) async fn close(self) {
        let Self { studio, shutdown, at_work, mut all_ended } = self;
        shutdown.cancel();
        drop(at_work);
        while all_ended.recv().await.is_some() {}
        studio.shutdown().await;
    }
}

impl Updates {
    /// The next one; none when the owner ends.
    pub(crate) async fn next(&mut self) -> Option<Update> {
        match self {
            Self::Local(updates) => updates.recv().await,
            Self::Remote(following) => following.next().await,
        }
    }
}

/// Whether a failure only says that somebody else owns the folder.
fn is_locked(failure: &Failure) -> bool {
    failure.code == codes::DATA_FOLDER_IN_USE
}

/// Whether a failure says that the owner of the folder ended.
pub(crate) fn owner_is_gone(failure: &Failure) -> bool {
    matches!(failure.code.as_str(), codes::OWNER_LEFT | codes::OWNER_GONE)
}

/// Whether a failure says that the owner ended before it did anything: asking again is safe.
pub(crate) fn is_undone(failure: &Failure) -> bool {
    failure.code == codes::OWNER_LEFT
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stay {
    Short,
    Long,
}

async fn find(context: &Context, stay: Stay) -> Result<Door, Failure> {
    let mut locked = None;
    for _ in 0..TRIES {
        match Local::own(context, Recovery::Nothing).await {
            Ok(local) => {
                if stay == Stay::Long
                    && let Err(failure) = local.serve(context)
                {
                    local.close().await;
                    return Err(failure);
                }
                return Ok(Door::Local(local));
            }
            Err(failure) if is_locked(&failure) => locked = Some(failure),
            Err(failure) => return Err(failure),
        }
        if let Some(client) = Client::connect(&context.data).await {
            return Ok(Door::Remote(client));
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(locked.unwrap_or_else(|| {
        Failure::refused(codes::DATA_FOLDER_IN_USE, "the data folder is in use by another process", "")
    }))
}
