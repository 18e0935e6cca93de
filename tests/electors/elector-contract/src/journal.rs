//! Who acts as leader: each change is one JSON line on stdout. Measurements take
//! these lines for the truth.

use std::{
    io::{Write, stdout},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

#[derive(Default)]
pub(crate) struct Journal {
    entries: Mutex<Vec<State>>,
}

/// The part of one elector.
pub(crate) struct Entry {
    journal: Arc<Journal>,
    index: usize,
}

struct State {
    lease: String,
    identity: String,
    acting: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    lease: &'a str,
    identity: &'a str,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl Journal {
    /// Notes a new elector.
    pub(crate) fn up(journal: &Arc<Self>, namespace: &str, lease: &str, identity: &str) -> Entry {
        let at = Timestamp::now();
        let state = State { lease: format!("{namespace}/{lease}"), identity: identity.into(), acting: false };
        state.write(at, "up", None);
        let mut entries = journal.entries();
        entries.push(state);
        Entry { journal: Arc::clone(journal), index: entries.len() - 1 }
    }

    /// Does this process act as leader for any Lease?
    pub(crate) fn acting(&self) -> bool {
        self.entries().iter().any(|state| state.acting)
    }

    /// Ends all acting.
    pub(crate) fn stop_all(&self) {
        for state in self.entries().iter_mut() {
            state.set_acting(false);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<State>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    pub(crate) fn set_acting(&self, acting: bool) {
        self.journal.entries()[self.index].set_acting(acting);
    }

    pub(crate) fn error(&self, message: &str) {
        self.journal.entries()[self.index].write(Timestamp::now(), "error", Some(message));
    }
}

impl State {
    fn set_acting(&mut self, acting: bool) {
        let at = Timestamp::now();
        if self.acting != acting {
            self.acting = acting;
            self.write(at, if acting { "start" } else { "stop" }, None);
        }
    }

    fn write(&self, at: Timestamp, event: &str, message: Option<&str>) {
        let line = Line {
            at: at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            lease: &self.lease,
            identity: &self.identity,
            event,
            message,
        };
        let mut out = stdout().lock();
        // Nobody may read any more; the election goes on all the same.
        let _ = serde_json::to_writer(&mut out, &line);
        let _ = out.write_all(b"\n");
        let _ = out.flush();
    }
}
