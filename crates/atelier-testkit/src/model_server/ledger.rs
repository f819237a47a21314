//! The book of everything the server was asked: who waits for it is woken at each change.
//!
//! Owns: the order and number of requests, the script's use, the holds. Does not own: sockets and protocols.
//! Invariants: a request is counted before its first byte of answer; its number, its reply and its hold are decided
//! in one step, so that rules with a number of times are exact under parallel requests.

use super::script::{Matcher, Reply, Script};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// One request as it came in, and how far its answer got.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Order of arrival among all requests, from 0.
    pub index: usize,
    pub call: Call,
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    /// Null where it was empty or no JSON.
    pub body: Value,
    pub model: String,
    /// The text of all messages, or of all inputs, one after the other.
    pub text: String,
    /// The answer was given to its end.
    pub finished: bool,
    /// The client went away before that.
    pub abandoned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// With its number among the chat calls, from 1.
    Chat(usize),
    Embed,
    Other,
}

pub(crate) struct Ledger {
    book: Mutex<Book>,
    changed: Condvar,
}

#[derive(Default)]
struct Book {
    script: Script,
    entries: Vec<Arc<Entry>>,
    n_chats: usize,
    holds: Vec<Arc<Hold>>,
}

struct Entry {
    seen: Seen,
    finished: AtomicBool,
    abandoned: AtomicBool,
}

/// Requests that fit wait here until it is opened.
pub(crate) struct Hold {
    matcher: Matcher,
    pub(crate) after: Option<usize>,
    open: watch::Sender<bool>,
    n_held: AtomicUsize,
}

/// A request that was written down, with all that was decided about it.
pub(crate) struct Admitted {
    pub(crate) seen: Seen,
    pub(crate) reply: Reply,
    pub(crate) hold: Option<Arc<Hold>>,
    pub(crate) track: Track,
}

/// Follows one answer; dropped before its end, it says that the client went away.
pub(crate) struct Track {
    ledger: Arc<Ledger>,
    entry: Arc<Entry>,
    open: bool,
}

impl Ledger {
    pub(crate) fn new(script: Script) -> Arc<Self> {
        Arc::new(Self { book: Mutex::new(Book { script, ..Book::default() }), changed: Condvar::new() })
    }

    pub(crate) fn admit(self: &Arc<Self>, mut seen: Seen) -> Admitted {
        let mut book = self.lock();
        seen.index = book.entries.len();
        if matches!(seen.call, Call::Chat(_)) {
            book.n_chats += 1;
            seen.call = Call::Chat(book.n_chats);
        }
        let reply = book.script.take(&seen).unwrap_or_else(Reply::auto);
        let hold = book.holds.iter().find(|hold| hold.matcher.fits(&seen)).cloned();
        let entry = Arc::new(Entry {
            seen: seen.clone(),
            finished: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
        });
        book.entries.push(Arc::clone(&entry));
        drop(book);
        self.changed.notify_all();
        Admitted { seen, reply, hold, track: Track { ledger: Arc::clone(self), entry, open: true } }
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.lock().entries.iter().map(|entry| entry.now()).collect()
    }

    pub(crate) fn n_chats(&self) -> usize {
        self.lock().n_chats
    }

    /// Waits until `met` holds of the requests seen; false when the deadline has passed.
    pub(crate) fn wait(&self, deadline: Duration, met: impl Fn(&[Seen]) -> bool) -> bool {
        let pending = |book: &mut Book| {
            let seen: Vec<Seen> = book.entries.iter().map(|entry| entry.now()).collect();
            !met(&seen)
        };
        let (_book, timeout) = self
            .changed
            .wait_timeout_while(self.lock(), deadline, pending)
            .unwrap_or_else(PoisonError::into_inner);
        !timeout.timed_out()
    }

    pub(crate) fn wait_held(&self, hold: &Hold, n: usize, deadline: Duration) -> bool {
        let (_book, timeout) = self
            .changed
            .wait_timeout_while(self.lock(), deadline, |_| hold.n_held() < n)
            .unwrap_or_else(PoisonError::into_inner);
        !timeout.timed_out()
    }

    pub(crate) fn reset(&self) {
        let mut book = self.lock();
        book.entries.clear();
        book.n_chats = 0;
    }

    pub(crate) fn edit_script<T>(&self, edit: impl FnOnce(&mut Script) -> T) -> T {
        edit(&mut self.lock().script)
    }

    pub(crate) fn hold(&self, matcher: Matcher, after: Option<usize>) -> Arc<Hold> {
        let hold =
            Arc::new(Hold { matcher, after, open: watch::Sender::new(false), n_held: AtomicUsize::new(0) });
        self.lock().holds.push(Arc::clone(&hold));
        hold
    }

    pub(crate) fn release(&self, hold: &Arc<Hold>) {
        self.lock().holds.retain(|other| !Arc::ptr_eq(other, hold));
        hold.open.send_replace(true);
    }

    /// Waits at the hold, counted among the held for as long as the client waits too.
    pub(crate) async fn pass(&self, hold: &Hold) {
        struct Held<'a>(&'a Ledger, &'a Hold);
        impl Drop for Held<'_> {
            fn drop(&mut self) {
                self.1.n_held.fetch_sub(1, SeqCst);
                self.0.wake();
            }
        }
        let mut open = hold.open.subscribe();
        hold.n_held.fetch_add(1, SeqCst);
        let _held = Held(self, hold);
        self.wake();
        // The sender lives in the hold, so that an error cannot come.
        let _ = open.wait_for(|open| *open).await;
    }

    /// The lock is taken first, so that nobody who is about to wait can miss it.
    fn wake(&self) {
        drop(self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    pub(crate) fn n_held(&self) -> usize {
        self.n_held.load(SeqCst)
    }
}

impl Entry {
    fn now(&self) -> Seen {
        let (finished, abandoned) = (self.finished.load(SeqCst), self.abandoned.load(SeqCst));
        Seen { finished, abandoned, ..self.seen.clone() }
    }
}

impl Track {
    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    pub(crate) fn finish(&mut self) {
        self.entry.finished.store(true, SeqCst);
        self.close();
    }

    /// The server itself broke it off.
    pub(crate) fn close(&mut self) {
        self.open = false;
        self.ledger.wake();
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        if self.open {
            self.entry.abandoned.store(true, SeqCst);
            self.ledger.wake();
        }
    }
}

impl Seen {
    /// The value at a JSON pointer of the body, for instance `/messages/0/content`.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or_else(|| panic!("the request has no {pointer}: {}", self.body))
    }

    /// The schema that the answer has to keep to, in either protocol.
    pub fn schema(&self) -> Option<&Value> {
        let openai = self.body.pointer("/response_format/json_schema/schema");
        openai.or_else(|| self.body.get("format").filter(|format| format.is_object()))
    }

    /// Roles and texts of the messages.
    pub fn messages(&self) -> Vec<(String, String)> {
        let messages = self.body.get("messages").and_then(Value::as_array);
        let role =
            |message: &Value| message.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
        messages
            .into_iter()
            .flatten()
            .map(|m| (role(m), text_of(m.get("content").unwrap_or(&Value::Null))))
            .collect()
    }
}

/// The text in a message's content: plain, or in parts.
pub(crate) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<String> =
                parts.iter().map(|part| text_of(part.get("text").unwrap_or(part))).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}
