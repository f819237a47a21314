//! `atelier log …`: always JSON Lines.

use atelier_runtime::{Exit, Failure, Request, Update};
use clap::Args;
use super::Context;
use crate::args::InProject;
use crate::door::{self, Door};
use crate::output;
use crate::signals::Signals;
use crate::text::items;

/// Events fetched at once.
const PAGE: usize = 500;

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

    /// New events are the sign to read the log on: so no filter is applied twice, and a slow reader misses nothing.
    /// Where the owner of the folder ends, or there was none, somebody else may come: the door is opened again.
    async fn follow(&self, context: &Context) -> Result<Exit, Failure> {
        let mut signals = Signals::new()?;
        let mut last = self.since;
        loop {
            let door = Door::open_lasting(context).await?;
            let told = self.follow_at(&door, &mut last, &mut signals).await;
            if told.is_ok() {
                door.linger(&mut signals).await;
            }
            door.close().await;
            match told {
                Err(failure) if door::owner_is_gone(&failure) => {}
                Err(failure) => return Err(failure),
                Ok(Stopped::Asked) => return Ok(Exit::Ok),
                Ok(Stopped::OwnerLeft) => {}
            }
        }
    }

    /// Follows at one door until it closes or a person has had enough. `last` is the last event told.
    async fn follow_at(&self, door: &Door, last: &mut u64, signals: &mut Signals) -> Result<Stopped, Failure> {
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
        Request::Log {
            project: self.project.project.clone(),
            branch: self.branch.clone(),
            since,
            correlation: self.correlation.clone(),
            limit: PAGE,
        }
    }
}
