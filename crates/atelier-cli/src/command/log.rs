//! `atelier log …`: always JSON Lines.

use std::time::Duration;

use super::Context;
use crate::args::InProject;
use crate::door::{self, Door};
use crate::output;
use crate::signals::Signals;
use crate::text::items;
use atelier_runtime::{Exit, Failure, LogRequest, Request, Update};
use clap::Args;

/// Events fetched at once.
const PAGE: usize = 500;

/// How often a watcher looks where nobody is at work.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    #[command(flatten)]
    project: InProject,
    /// Only this branch's line
    #[arg(long, value_name = "B")]
    branch: Option<String>,
    /// Only events after this one
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    since: u64,
    /// Only events of this run
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
    /// Go on with new events until stopped
    #[arg(long, short)]
    follow: bool,
}

/// Why following ended.
enum Stopped {
    Asked,
    OwnerLeft,
}

impl LogArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        if self.follow {
            return self.follow(context).await;
        }
        let door = Door::open(context).await?;
        let told = self.tell(&door, self.since).await;
        door.close().await;
        told.map(|_| Exit::Ok)
    }

    /// All that is there after an event; gives the last one told.
    async fn tell(&self, door: &Door, mut since: u64) -> Result<u64, Failure> {
        loop {
            let page = door.ask(self.request(since)).await?;
            let events = items(&page);
            let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
            output::data(&lines)?;
            since = events.last().and_then(|event| event["seq"].as_u64()).unwrap_or(since);
            if events.len() < PAGE {
                return Ok(since);
            }
        }
    }

    /// Goes on with what happens. A watcher never owns the folder: where nobody is at work, it looks now and then.
    async fn follow(&self, context: &Context) -> Result<Exit, Failure> {
        let mut signals = Signals::new()?;
        let mut last = self.since;
        loop {
            let door = Door::open(context).await?;
            let stopped = match &door {
                Door::Remote(_) => self.watch(&door, &mut last, &mut signals).await,
                Door::Local(_) => self.tell(&door, last).await.map(|seen| {
                    last = seen;
                    Stopped::OwnerLeft
                }),
            };
            door.close().await;
            match stopped {
                Err(failure) if !door::owner_is_gone(&failure) => return Err(failure),
                Ok(Stopped::Asked) => return Ok(Exit::Ok),
                Err(_) | Ok(Stopped::OwnerLeft) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = signals.next() => return Ok(Exit::Ok),
            }
        }
    }

    /// Watches while somebody owns the folder. New events are the sign to read the log on: so no filter is applied
    /// twice, and a slow reader misses nothing. `last` is the last event told.
    async fn watch(&self, door: &Door, last: &mut u64, signals: &mut Signals) -> Result<Stopped, Failure> {
        let mut updates = door.follow(&self.project.project, None).await?;
        *last = self.tell(door, *last).await?;
        loop {
            let update = tokio::select! {
                update = updates.next() => update,
                () = signals.next() => return Ok(Stopped::Asked),
            };
            match update {
                Some(Update::Notice(_)) => {}
                Some(_) => *last = self.tell(door, *last).await?,
                None => return Ok(Stopped::OwnerLeft),
            }
        }
    }

    fn request(&self, since: u64) -> Request {
        Request::Log(LogRequest {
            project: self.project.project.clone(),
            branch: self.branch.clone(),
            since,
            correlation: self.correlation.clone(),
            limit: PAGE,
            ..LogRequest::default()
        })
    }
}
