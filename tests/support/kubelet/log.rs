//! What the processes of a Pod print, and what electors mean by it.

use std::sync::Mutex;

use jiff::Timestamp;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// A line that a container has printed.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// When it arrived.
    pub(crate) at: Timestamp,
    pub(crate) container: String,
    pub(crate) stream: Stream,
    pub(crate) text: String,
}

/// What happened to an elector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    /// It begins to ask for the Lease.
    Up,
    /// It begins to act as leader.
    Start,
    /// It no longer acts as leader.
    Stop,
    Error,
}

/// A line of an elector's journal.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ElectorEvent {
    /// By the elector's own clock, which is this machine's.
    pub(crate) at: Timestamp,
    /// Namespace and name.
    pub(crate) lease: String,
    pub(crate) identity: String,
    pub(crate) event: Change,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

/// All lines of one Pod, in the order in which they arrived.
#[derive(Default)]
pub(super) struct Log(Mutex<Vec<Line>>);

impl Log {
    /// Reads a stream to its end.
    pub(super) async fn fill(&self, container: &str, stream: Stream, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(text)) = lines.next_line().await {
            let line = Line { at: Timestamp::now(), container: container.to_owned(), stream, text };
            self.0.lock().expect("no panic while it is held").push(line);
        }
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        self.0.lock().expect("no panic while it is held").clone()
    }

    /// What an elector's stdout says; other lines are left out.
    pub(super) fn events(&self) -> Vec<ElectorEvent> {
        let lines = self.lines();
        let stdout = lines.iter().filter(|line| line.stream == Stream::Stdout);
        stdout.filter_map(|line| serde_json::from_str(&line.text).ok()).collect()
    }
}
