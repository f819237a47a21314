//! Being there while a crew works: what it does is shown, what is typed is told to it, gates are asked, Ctrl-C pauses.
//!
//! Owns: the loop around a run, from its start to its end or to a point where it waits. Does not own: how things look
//! (`plain`, `screen`), what keys mean (`keys`).

mod crew;
mod gate;
mod keys;
mod plain;
mod screen;
mod stdin;
mod teller;
mod terminal;

use std::time::Duration;

use atelier_domain::event::message::Priority;
use atelier_domain::{Event, event::GateEvent};
use atelier_runtime::{Exit, Failure, Request, Update};
use serde_json::Value;
use tokio::time::Instant;

use crate::codes;
use crate::command::Context;
use crate::door::{self, Door, Updates};
use crate::output;
use crate::signals::Signals;
use crate::text::field;
use crate::{answer, text};

use plain::Plain;
use screen::Screen;
use stdin::{Heard, Stdin};
use teller::Teller;

/// How often the screen is drawn anew.
const FRAME: Duration = Duration::from_millis(100);

/// How long a pause waits for answers that are on their way: what is cut is paid for twice.
const GRACE: Duration = Duration::from_secs(5);

/// How long the last events of a run may take to come in from its owner.
const LAST_EVENTS: Duration = Duration::from_millis(100);

/// The run that is accompanied.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) project: String,
    pub(crate) run: String,
}

/// Who is listened to meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Whatever comes in on stdin, typed or piped.
    Stdin,
    /// Only a person at a terminal.
    Terminal,
    Nobody,
}

/// Stays with a run until it needs nothing more from this process, and tells how it stands.
pub(crate) async fn accompany(
    context: &Context,
    door: Door,
    updates: Updates,
    signals: Signals,
    run: Run,
    hears: Hears,
) -> Result<Exit, Failure> {
    let mut company = match Company::new(context, &door, updates, signals, run, hears).await {
        Ok(company) => company,
        Err(failure) => {
            door.close().await;
            return Err(failure);
        }
    };
    let ended = company.stay().await;
    let Company { run, mut signals, view, .. } = company;
    drop(view);
    if matches!(ended, Ok(End::AtOnce)) {
        output::talk(&go_on(&run.run));
        return Ok(Exit::Waiting);
    }
    let ended = match ended {
        Err(failure) if door::owner_is_gone(&failure) => left_alone(context, &run).await.map(End::Settled),
        ended => ended,
    };
    let told = match ended {
        Ok(End::Settled(value)) => tell(context, &door, &run, &value).await,
        Ok(End::AtOnce) => Ok(Exit::Waiting),
        Err(failure) => Err(failure),
    };
    door.linger(&mut signals).await;
    door.close().await;
    told
}

async fn tell(context: &Context, door: &Door, run: &Run, value: &Value) -> Result<Exit, Failure> {
    let exit = answer::exit(value);
    context.output.answer(value, answer::run)?;
    if matches!(field(value, "status"), "paused" | "failed") {
        output::talk(&go_on(&run.run));
    }
    if field(value, "workflow") == "story-bible" && exit == Exit::Ok {
        // The answer is given; where this fails, only a line of talk is missing.
        let path = Request::ProjectPath { project: run.project.clone() };
        let bible = match door.ask(path.clone()).await {
            Err(failure) if door::owner_is_gone(&failure) => context.ask(path).await,
            answer => answer,
        };
        let bible = bible.map(|answer| std::path::Path::new(field(&answer, "path")).join("outputs/bible"));
        if let Ok(bible) = bible
            && bible.is_dir()
        {
            output::talk(&format!("the bible lies in {}", bible.display()));
        }
    }
    Ok(exit)
}

/// The owner of the folder ended. The run may have settled before that.
async fn left_alone(context: &Context, run: &Run) -> Result<Value, Failure> {
    let value = context.ask(Request::RunShow { run: run.run.clone() }).await?;
    if field(&value, "status") != "running" {
        return Ok(value);
    }
    let message = "the process that carried the run on ended before the run did";
    Err(Failure::refused(codes::OWNER_GONE, message, go_on(&run.run)))
}

/// How a run goes on that nobody is at work on.
pub(crate) fn go_on(run: &str) -> String {
    format!("go on with: atelier runs resume {run}")
}

/// How staying ended.
enum End {
    /// The run needs nothing more from this process.
    Settled(Value),
    /// A person wants to leave, now.
    AtOnce,
}

/// What a person looks at.
enum View {
    Plain(Plain),
    Screen(Box<Screen>),
}

struct Company<'a> {
    door: &'a Door,
    updates: Updates,
    watching: bool,
    run: Run,
    teller: Teller,
    view: View,
    stdin: Stdin,
    signals: Signals,
    pausing: Pausing,
    /// The gate the person is asked about.
    asking: Option<Value>,
}

/// How far a pause has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pausing {
    No,
    /// Answers on their way may come, until then.
    Finishing(Instant),
    /// They are cut.
    Cut,
}

/// What happened next.
enum Next {
    Settled(Result<Value, Failure>),
    Update(Option<Update>),
    Heard(Heard),
    Signal,
    /// The answers did not come in time.
    Late,
    Frame,
}

impl<'a> Company<'a> {
    async fn new(
        context: &Context,
        door: &'a Door,
        updates: Updates,
        signals: Signals,
        run: Run,
        hears: Hears,
    ) -> Result<Self, Failure> {
        let crew = crew::of(door, &run.project).await;
        let teller = Teller::new(&run.run, crew);
        let stdin = Stdin::listen(hears)?;
        let view = if output::talks_to_terminal() {
            View::Screen(Box::new(Screen::new(context.output.plain, stdin.is_typed())))
        } else {
            View::Plain(Plain)
        };
        Ok(Self {
            door,
            updates,
            watching: true,
            run,
            teller,
            view,
            stdin,
            signals,
            pausing: Pausing::No,
            asking: None,
        })
    }

    /// Until the run has settled and nobody is to be asked.
    async fn stay(&mut self) -> Result<End, Failure> {
        self.view.told(&self.teller.begin());
        loop {
            let value = match self.work().await? {
                End::Settled(value) => value,
                End::AtOnce => return Ok(End::AtOnce),
            };
            let gate = answer::open_gates(&value).next().cloned();
            match gate {
                Some(gate)
                    if field(&value, "status") == "waiting"
                        && self.stdin.is_typed()
                        && self.pausing == Pausing::No =>
                {
                    if !self.ask(gate).await? {
                        return Ok(End::Settled(value));
                    }
                }
                _ => return Ok(End::Settled(value)),
            }
        }
    }

    /// While the crew works.
    async fn work(&mut self) -> Result<End, Failure> {
        let door = self.door;
        let mut settled = std::pin::pin!(door.ask(Request::RunWait { run: self.run.run.clone() }));
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let next = tokio::select! {
                biased;
                () = self.signals.next() => Next::Signal,
                update = self.updates.next(), if self.watching => Next::Update(update),
                heard = self.stdin.next() => Next::Heard(heard),
                value = &mut settled => Next::Settled(value),
                () = late(self.pausing) => Next::Late,
                _ = frames.tick(), if self.view.is_screen() => Next::Frame,
            };
            match next {
                Next::Settled(value) => {
                    self.last_events().await;
                    return value.map(End::Settled);
                }
                Next::Signal => match self.pausing {
                    Pausing::No => self.pause().await,
                    Pausing::Finishing(_) => self.cut().await,
                    Pausing::Cut => return Ok(End::AtOnce),
                },
                Next::Late => self.cut().await,
                Next::Update(update) => self.see(update),
                Next::Heard(heard) => self.hear(heard).await,
                Next::Frame => self.view.draw(&self.teller, self.stdin.line()),
            }
        }
    }

    /// Asks about a gate until it is decided, here or elsewhere. False where the person would rather leave.
    async fn ask(&mut self, gate: Value) -> Result<bool, Failure> {
        self.view.told(&gate::question(&gate));
        self.asking = Some(gate.clone());
        let decided = self.answered(&gate).await;
        self.asking = None;
        decided
    }

    async fn answered(&mut self, gate: &Value) -> Result<bool, Failure> {
        let mut frames = tokio::time::interval(FRAME);
        loop {
            let next = tokio::select! {
                () = self.signals.next() => Next::Signal,
                update = self.updates.next(), if self.watching => Next::Update(update),
                heard = self.stdin.next() => Next::Heard(heard),
                _ = frames.tick(), if self.view.is_screen() => Next::Frame,
            };
            match next {
                Next::Signal => return Ok(false),
                Next::Heard(Heard::End) => return Ok(false),
                Next::Heard(Heard::Line(line)) => match gate::decision(gate, &line) {
                    Ok(decision) => match self.door.ask(Request::Gate(decision)).await {
                        Ok(_) => return Ok(true),
                        Err(failure) => self.view.told(&teller::complaint(&failure)),
                    },
                    Err(failure) => self.view.told(&teller::complaint(&failure)),
                },
                Next::Heard(Heard::Typing) | Next::Frame => self.view.draw(&self.teller, self.stdin.line()),
                Next::Update(update) => {
                    let elsewhere = matches!(&update, Some(Update::Event(event))
                        if matches!(&event.event, Event::Gate(GateEvent::Decided(_)) | Event::Run(_)));
                    self.see(update);
                    if elsewhere {
                        return Ok(true);
                    }
                }
                Next::Settled(_) | Next::Late => {}
            }
        }
    }

    fn see(&mut self, update: Option<Update>) {
        match update {
            Some(update) => {
                let words = self.teller.see(&update);
                self.view.told(&words);
            }
            // The owner ends; waiting for the run tells how that went.
            None => self.watching = false,
        }
    }

    async fn hear(&mut self, heard: Heard) {
        let line = match heard {
            Heard::Line(line) => line,
            Heard::Typing => return self.view.draw(&self.teller, self.stdin.line()),
            Heard::End => return,
        };
        let (to, said) = addressed(&line);
        if said.is_empty() {
            return;
        }
        let request = Request::Say {
            project: self.run.project.clone(),
            to: to.map(str::to_owned),
            run: Some(self.run.run.clone()),
            step: None,
            priority: Priority::Normal,
            text: said.to_owned(),
        };
        let words = match self.door.ask(request).await {
            Ok(value) => self.teller.said(field(&value, "id"), to, said),
            Err(failure) => teller::complaint(&failure),
        };
        self.view.told(&words);
    }

    /// The first Ctrl-C: no further call is made, and answers on their way may come for a while.
    async fn pause(&mut self) {
        self.pausing = Pausing::Finishing(Instant::now() + GRACE);
        let told = match self.teller.is_called() {
            true => "pausing: finishing the answer that is on its way; Ctrl-C again cuts it",
            false => "pausing; Ctrl-C again cuts what is on its way",
        };
        self.view.told(&teller::note(told));
        self.ask_to_pause(false).await;
    }

    /// The second Ctrl-C, or the end of patience.
    async fn cut(&mut self) {
        self.pausing = Pausing::Cut;
        self.view.told(&teller::note("cutting the answer; it is asked for again when the run goes on"));
        self.ask_to_pause(true).await;
    }

    async fn ask_to_pause(&mut self, cut: bool) {
        let request = Request::RunPause { run: self.run.run.clone(), cut, reason: "interrupted".to_owned() };
        if let Err(failure) = self.door.ask(request).await {
            // It may have just ended by itself; then waiting for it tells so.
            tracing::info!(%failure, "could not pause");
        }
    }

    /// What the run did last is told before its end is.
    async fn last_events(&mut self) {
        while self.watching {
            match tokio::time::timeout(LAST_EVENTS, self.updates.next()).await {
                Ok(update) => self.see(update),
                Err(_) => return,
            }
            if self.teller.has_ended() {
                return;
            }
        }
    }
}

impl View {
    fn is_screen(&self) -> bool {
        matches!(self, Self::Screen(_))
    }

    fn told(&mut self, words: &[teller::Word]) {
        match self {
            Self::Plain(plain) => plain.told(words),
            Self::Screen(screen) => screen.told(words),
        }
    }

    fn draw(&mut self, teller: &Teller, typed: &str) {
        if let Self::Screen(screen) = self {
            screen.draw(teller, typed);
        }
    }
}

/// When answers on their way are no longer waited for.
async fn late(pausing: Pausing) {
    match pausing {
        Pausing::Finishing(until) => tokio::time::sleep_until(until).await,
        Pausing::No | Pausing::Cut => std::future::pending().await,
    }
}

/// `@agent words` is for that agent.
fn addressed(line: &str) -> (Option<&str>, &str) {
    let line = line.trim();
    match line.strip_prefix('@').and_then(|rest| rest.split_once(char::is_whitespace)) {
        Some((agent, words)) if !agent.is_empty() => (Some(agent), words.trim()),
        _ => (None, line),
    }
}

/// A short form of what somebody said.
fn quoted(said: &str) -> String {
    format!("“{}”", text::one_line(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_be_for_one_agent() {
        assert_eq!(addressed(" more fog "), (None, "more fog"));
        assert_eq!(
            addressed("@character  nobody is called Elara"),
            (Some("character"), "nobody is called Elara")
        );
        assert_eq!(addressed("@"), (None, "@"));
        assert_eq!(addressed("@home"), (None, "@home"));
    }
}
