//! One line of a watch, and what it tells.
//!
//! kube's own `WatchEvent` holds each object as a tree before it becomes what is wanted, and has everything that can be
//! decoded built a second time for that: a few hundred kilobytes of program.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::snapshot::Object;
use crate::model::wire::{PageMeta, Shape};

/// What a line tells; with the version to go on from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// An object was added or changed.
    Put(Object, String),
    /// An object is gone; this is what it was.
    Gone(Object, String),
    /// Nothing has happened.
    Bookmark(String),
    /// The server has something against the version that was asked for, or says what is not understood: the list is to be
    /// read anew.
    Expired,
    /// The watch has ended here: it is to go on where it stopped.
    End,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// All of a bookmark that says anything.
#[derive(Deserialize)]
struct Bookmark {
    metadata: PageMeta,
}

/// Reads one line.
pub(super) fn read(shape: Shape, line: &str) -> Told {
    match serde_json::from_str::<Event<'_>>(line) {
        Ok(Event { kind, object }) => told(shape, &kind, object.get()).unwrap_or(Told::Expired),
        // Cut in the middle.
        Err(error) if error.is_eof() => Told::End,
        Err(_) => Told::Expired,
    }
}

fn told(shape: Shape, kind: &str, object: &str) -> serde_json::Result<Told> {
    Ok(match kind {
        "ADDED" | "MODIFIED" => {
            let (object, version) = (shape.object)(object)?;
            Told::Put(object, version)
        }
        "DELETED" => {
            let (object, version) = (shape.object)(object)?;
            Told::Gone(object, version)
        }
        "BOOKMARK" => Told::Bookmark(serde_json::from_str::<Bookmark>(object)?.metadata.resource_version),
        _ => Told::Expired,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::wire::WirePod;

    #[test]
    fn a_line_that_is_no_event_starts_anew_and_one_that_is_cut_goes_on() {
        let read = |line: &str| read(Shape::of::<WirePod>(), line);
        let put =
            r#"{"type":"ADDED","object":{"metadata":{"name":"p","resourceVersion":"7"},"status":{"phase":"Running"}}}"#;
        assert!(matches!(read(put), Told::Put(Object::Pod(pod), version) if pod.running && version == "7"));
        assert!(matches!(read(&put.replace("ADDED", "DELETED")), Told::Gone(..)));
        let bookmark =
            r#"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9","annotations":{}}}}"#;
        assert_eq!(read(bookmark), Told::Bookmark("9".to_owned()));
        for end in [&put[..60], ""] {
            assert_eq!(read(end), Told::End, "{end}");
        }
        let expired = r#"{"type":"ERROR","object":{"kind":"Status","metadata":{},"status":"Failure","code":410}}"#;
        let status = r#"{"kind":"Status","metadata":{},"status":"Failure","code":500}"#;
        for anew in [expired, status, "<html>", &put.replace("ADDED", "ROTATED"), &put.replace("\"Running\"", "7")] {
            assert_eq!(read(anew), Told::Expired, "{anew}");
        }
    }
}
