//! What `hactl history` found, as values.

use serde::Serialize;

use super::{API_VERSION, Instant, Seconds};
use crate::model::Key;
use crate::model::audit::Between;
use crate::model::health::Now;
use crate::model::history::Happening;

/// The past of one Election, in the order of time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferHistory {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    /// The context that was asked.
    pub context: Option<String>,
    /// The Lease's namespace.
    pub namespace: String,
    /// The Lease's name; `null` where the workload has none.
    pub lease: Option<String>,
    /// What happened, the oldest first.
    pub items: Vec<Item>,
    /// Entries of hactl's ring that could not be read.
    pub unreadable: usize,
}

impl TransferHistory {
    /// The history of a Lease, told by the API server's clock.
    #[must_use]
    pub fn new(
        context: Option<String>,
        (namespace, lease): (String, Option<String>),
        now: Now,
        happenings: Vec<Happening>,
        unreadable: usize,
    ) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "TransferHistory",
            generated_at: Instant(now.at),
            context,
            namespace,
            lease,
            items: happenings.into_iter().map(Item::from).collect(),
            unreadable,
        }
    }

    /// The same, of a Lease that is known by its key.
    #[must_use]
    pub fn of(context: Option<String>, lease: &Key, now: Now, happenings: Vec<Happening>, unreadable: usize) -> Self {
        Self::new(context, (lease.namespace.clone(), Some(lease.name.clone())), now, happenings, unreadable)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// When.
    pub at: Instant,
    /// The id of the transfer that it was part of.
    pub id: Option<String>,
    /// Who did it, or says so.
    pub who: Option<String>,
    /// Why, in the words of whoever did it.
    pub why: Option<String>,
    /// The identity that led before.
    pub from: Option<String>,
    /// The identity that led afterwards.
    pub to: Option<String>,
    /// By which method.
    pub method: Option<String>,
    /// For how long nobody led.
    pub leaderless_seconds: Option<Gap>,
    /// What came of it.
    pub result: Option<String>,
    /// What else is to be known of it.
    pub note: Option<String>,
    /// `annotation`, `event`, `lease` or `managedFields`.
    pub source: &'static str,
}

/// A duration that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    min: Seconds,
    max: Seconds,
    #[serde(skip)]
    between: Between,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.between.fmt(f)
    }
}

impl From<Happening> for Item {
    fn from(happening: Happening) -> Self {
        let gap = |between: Between| Gap { min: between.min.into(), max: between.max.into(), between };
        Self {
            at: Instant(happening.at),
            id: happening.id,
            who: happening.who,
            why: happening.why,
            from: happening.from,
            to: happening.to,
            method: happening.method,
            leaderless_seconds: happening.leaderless.map(gap),
            result: happening.result,
            note: happening.note,
            source: happening.source.as_str(),
        }
    }
}

impl Item {
    /// Takes out what a terminal would obey: reasons, identities and Events are texts that anybody may have written.
    pub fn make_printable(&mut self) {
        let Self { id, who, why, from, to, method, result, note, at: _, leaderless_seconds: _, source: _ } = self;
        for text in [id, who, why, from, to, method, result, note].into_iter().flatten() {
            super::make_printable(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::obeyed;
    use super::*;
    use crate::model::history::History;

    #[test]
    fn no_field_comes_or_goes_with_the_data() {
        let lease = r#"{"metadata":{"namespace":"n","name":"l","creationTimestamp":"2026-11-21T12:00:00Z","annotations":
            {"hactl.dev/history":"[{\"id\":\"x\",\"at\":\"2026-11-21T12:00:01Z\",\"leaderlessSeconds\":{\"min\":1,\"max\":1.5}}]"}}}"#;
        let lease = crate::model::wire::tests::lease(lease);
        let at = "2026-11-21T12:30:00Z".parse().expect("a time");
        let items = History::of(Some(&lease), &[], None, at).items;
        let now = Now { at, error: SignedDuration::ZERO };
        let report = TransferHistory::of(None, &Key::new("n", "l"), now, items, 0);
        let json = serde_json::to_value(&report).expect("JSON");
        let fields = |value: &serde_json::Value| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
        assert_eq!(
            fields(&json),
            fields(
                &serde_json::json!({"apiVersion": 0, "kind": 0, "generatedAt": 0, "context": 0, "namespace": 0, "lease": 0, "items": 0, "unreadable": 0})
            )
        );
        assert_eq!(json["items"][0]["leaderlessSeconds"], serde_json::Value::Null);
        assert_eq!(json["items"][1]["leaderlessSeconds"], serde_json::json!({"min": 1, "max": 1.5}));
        assert_eq!(fields(&json["items"][0]), fields(&json["items"][1]));
    }

    #[test]
    fn what_a_terminal_would_obey_is_taken_out_of_every_text() {
        let text = || Some("a\x1b[2J\u{202e}b\n".to_owned());
        let at = Instant("2026-11-21T12:30:00Z".parse().expect("a time"));
        let mut item = Item {
            at,
            id: text(),
            who: text(),
            why: text(),
            from: text(),
            to: text(),
            method: text(),
            leaderless_seconds: None,
            result: text(),
            note: text(),
            source: "event",
        };
        item.make_printable();
        assert!(!format!("{item:?}").contains(obeyed) && !format!("{item:?}").contains("\\u{1b}"), "{item:?}");
        assert_eq!(item.why.as_deref(), Some("a\u{fffd}[2J\u{fffd}b\u{fffd}"));
    }
}
