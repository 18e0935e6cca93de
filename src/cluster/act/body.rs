//! Writes as the API spells them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::model::event::{EventDraft, Subject};
use crate::model::write::Change;
use crate::model::{Key, LeasePatch};

/// The longest note that the API server takes, in bytes (`k8s.io/kubernetes/pkg/apis/core/validation/events.go`).
const LONGEST_NOTE: usize = 1024;

/// A merge patch that says what is to change, and nothing else.
pub(super) fn patch(patch: &LeasePatch) -> Value {
    let mut spec = Map::new();
    say(&mut spec, "holderIdentity", &patch.holder, |holder| json!(holder));
    say(&mut spec, "leaseDurationSeconds", &patch.duration, |seconds| json!(seconds));
    say(&mut spec, "acquireTime", &patch.acquired, |at| json!(micro_time(*at)));
    say(&mut spec, "renewTime", &patch.renewed, |at| json!(micro_time(*at)));
    say(&mut spec, "leaseTransitions", &patch.transitions, |number| json!(number));
    say(&mut spec, "preferredHolder", &patch.preferred, |holder| json!(holder));
    let mut body = json!({"metadata": {"resourceVersion": patch.version, "uid": patch.uid}});
    if !patch.annotations.is_empty() {
        body["metadata"]["annotations"] = json!(patch.annotations);
    }
    if !spec.is_empty() {
        body["spec"] = Value::Object(spec);
    }
    body
}

fn say<T>(spec: &mut Map<String, Value>, field: &str, change: &Change<T>, value: impl Fn(&T) -> Value) {
    match change {
        Change::Keep => {}
        Change::Null => drop(spec.insert(field.to_owned(), Value::Null)),
        Change::Set(set) => drop(spec.insert(field.to_owned(), value(set))),
    }
}

/// A `MicroTime`: the API server reads exactly six decimals, and answers 400 to 0, 3 or 9.
fn micro_time(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// An eviction of the Pod with this uid.
///
/// Not by kube's `Request::evict`: kube-core 5.0.0 spells the field `delete_options`, and the API server would drop it
/// without a word, and with it the uid and the dry run.
pub(super) fn eviction(pod: &Key, uid: &str, rehearsed: bool) -> Value {
    let mut options = json!({"preconditions": {"uid": uid}});
    if rehearsed {
        options["dryRun"] = json!(["All"]);
    }
    json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"namespace": pod.namespace, "name": pod.name},
        "deleteOptions": options,
    })
}

/// An Event of this instant, from the instance of hactl on this host.
pub(super) fn event(draft: &EventDraft, at: Timestamp, host: &str) -> Value {
    let Subject { key, .. } = &draft.regarding;
    let mut event = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event",
        "metadata": {"namespace": key.namespace, "generateName": format!("{}-", key.name)},
        "eventTime": micro_time(at),
        "regarding": reference(&draft.regarding),
        "type": draft.kind.as_str(),
        "reason": draft.reason,
        "action": draft.action,
        "note": cut(&draft.note, LONGEST_NOTE),
        "reportingController": "hactl",
        "reportingInstance": host,
    });
    if let Some(related) = &draft.related {
        event["related"] = reference(related);
    }
    event
}

fn reference(subject: &Subject) -> Value {
    let Subject { api_version, kind, key, uid } = subject;
    json!({"apiVersion": api_version, "kind": kind, "namespace": key.namespace, "name": key.name, "uid": uid})
}

/// The beginning of a text, in so many bytes.
fn cut(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::super::super::model::wire::WireLease;
    use super::*;
    use crate::model::LeaseRecord;
    use crate::model::event::EventKind;

    fn lease() -> LeaseRecord {
        let json = r#"{"metadata":{"namespace":"n","name":"l","uid":"u","resourceVersion":"7"}}"#;
        serde_json::from_str::<WireLease>(json).expect("a Lease").into()
    }

    #[test]
    fn only_what_is_said_is_sent() {
        let metadata = json!({"resourceVersion": "7", "uid": "u"});
        assert_eq!(patch(&LeasePatch::of(&lease())), json!({ "metadata": metadata }));
        let renewed = "2026-11-21T12:00:05Z".parse().expect("a time");
        let said = LeasePatch {
            holder: Change::Set(String::new()),
            duration: Change::Null,
            renewed: Change::Set(renewed),
            transitions: Change::Set(3),
            annotations: BTreeMap::from([
                ("hactl.dev/a".to_owned(), Some("x".to_owned())),
                ("hactl.dev/b".to_owned(), None),
            ]),
            ..LeasePatch::of(&lease())
        };
        let expected = json!({
            "metadata": {
                "resourceVersion": "7", "uid": "u", "annotations": {"hactl.dev/a": "x", "hactl.dev/b": null},
            },
            "spec": {
                "holderIdentity": "", "leaseDurationSeconds": null, "renewTime": "2026-11-21T12:00:05.000000Z",
                "leaseTransitions": 3,
            },
        });
        assert_eq!(patch(&said), expected);
    }

    #[test]
    fn a_time_has_six_decimals_whatever_it_was_read_as() {
        for (read, written) in [
            ("2026-11-21T12:00:05.5+01:00", "2026-11-21T11:00:05.500000Z"),
            ("2026-11-21T12:00:05.123456789Z", "2026-11-21T12:00:05.123456Z"),
        ] {
            assert_eq!(micro_time(read.parse().expect("a time")), written);
        }
    }

    #[test]
    fn a_rehearsed_eviction_says_so_where_the_server_reads_it() {
        let (pod, preconditions) = (Key::new("n", "p"), json!({"uid": "u"}));
        assert_eq!(eviction(&pod, "u", false)["deleteOptions"], json!({ "preconditions": preconditions }));
        let rehearsed = json!({"preconditions": preconditions, "dryRun": ["All"]});
        assert_eq!(eviction(&pod, "u", true)["deleteOptions"], rehearsed);
    }

    #[test]
    fn a_note_is_cut_between_two_characters() {
        let draft = EventDraft {
            regarding: (&lease()).into(),
            related: None,
            kind: EventKind::Normal,
            reason: "R",
            action: "A",
            note: format!("{}→", "a".repeat(LONGEST_NOTE - 1)),
        };
        let event = event(&draft, Timestamp::UNIX_EPOCH, "h");
        assert_eq!(event["note"].as_str().map(str::len), Some(LONGEST_NOTE - 1));
        assert!(event.get("related").is_none());
    }
}
