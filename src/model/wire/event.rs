//! Events as `v1` spells them: those of `events.k8s.io/v1` are the same objects, and are in the same list.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Meta, Wire, any_time, null_is_default};
use crate::model::Kind;
use crate::model::event::record::EventRecord;
use crate::model::snapshot::Object;

/// An Event on the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireEvent {
    metadata: Meta,
    #[serde(default, deserialize_with = "null_is_default")]
    reason: String,
    #[serde(default, deserialize_with = "null_is_default")]
    message: String,
    #[serde(default, deserialize_with = "null_is_default")]
    source: EventSource,
    #[serde(default, deserialize_with = "any_time")]
    first_timestamp: Option<Timestamp>,
    #[serde(default, deserialize_with = "any_time")]
    last_timestamp: Option<Timestamp>,
    #[serde(default, deserialize_with = "any_time")]
    event_time: Option<Timestamp>,
    #[serde(default)]
    count: Option<i64>,
    #[serde(default)]
    series: Option<Series>,
    #[serde(default, deserialize_with = "null_is_default")]
    reporting_component: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EventSource {
    component: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Series {
    count: i64,
    #[serde(deserialize_with = "any_time")]
    last_observed_time: Option<Timestamp>,
}

impl From<WireEvent> for EventRecord {
    fn from(event: WireEvent) -> Self {
        let series = event.series.unwrap_or_default();
        // The old form dates the first and the last time, the new one the first time and its series.
        let first = event.first_timestamp.or(event.event_time).or(event.metadata.creation_timestamp);
        let reporter = [event.reporting_component, event.source.component];
        Self {
            key: event.metadata.key(),
            reason: event.reason,
            note: event.message,
            reporter: reporter.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            first,
            last: series.last_observed_time.or(event.last_timestamp).or(first),
            count: event.count.unwrap_or(1).max(series.count).max(1),
        }
    }
}

impl Wire for WireEvent {
    const KIND: Kind = Kind::Events;
    fn resource_version(&self) -> &str {
        &self.metadata.resource_version
    }
    fn into_object(self) -> Object {
        Object::Event(self.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> EventRecord {
        serde_json::from_str::<WireEvent>(json).expect("an Event").into()
    }

    #[test]
    fn both_forms_of_an_event_are_read() {
        let old = read(
            r#"{"metadata":{"namespace":"n","name":"web.17"},"reason":"LeaderElection","message":"web-0 became leader",
                "source":{"component":"web"},"firstTimestamp":"2026-11-21T12:00:00Z","lastTimestamp":"2026-11-21T12:05:00Z",
                "count":3,"eventTime":null,"reportingComponent":"","type":"Normal"}"#,
        );
        assert_eq!((old.reporter.as_str(), old.count, old.note.as_str()), ("web", 3, "web-0 became leader"));
        assert_eq!(old.last, "2026-11-21T12:05:00Z".parse().ok());
        let new = read(
            r#"{"metadata":{"namespace":"n","name":"web.18","creationTimestamp":"2026-11-21T12:00:01Z"},"reason":"R",
                "message":"m","source":{},"firstTimestamp":null,"lastTimestamp":null,"count":null,
                "eventTime":"2026-11-21T12:00:00.5Z","reportingComponent":"hactl",
                "series":{"count":4,"lastObservedTime":"2026-11-21T12:09:00.000000Z"}}"#,
        );
        assert_eq!((new.reporter.as_str(), new.count), ("hactl", 4));
        assert_eq!(new.first, "2026-11-21T12:00:00.5Z".parse().ok());
        assert_eq!(new.last, "2026-11-21T12:09:00Z".parse().ok());
    }

    #[test]
    fn an_event_that_says_nothing_has_the_time_at_which_it_was_made() {
        let event = read(r#"{"metadata":{"namespace":"n","name":"e","creationTimestamp":"2026-11-21T12:00:01Z"}}"#);
        assert_eq!((event.last, event.count), ("2026-11-21T12:00:01Z".parse().ok(), 1));
    }
}
