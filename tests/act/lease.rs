//! A Lease is changed only if it still is what the change was decided on.

use std::collections::BTreeMap;
use std::time::Duration;

use hactl::cluster::{Pen, Refused};
use hactl::model::event::{EventDraft, EventKind};
use hactl::model::write::Change;
use hactl::model::{Key, LeasePatch};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{LEASES, key, read, reader, refused, rehearsal, stored, writer};
use crate::support::fixtures::lease;
use crate::support::{Namespace, Testbed, block_on};

/// A namespace with a Lease `payments` that `someone` holds.
fn namespace() -> Namespace<'static> {
    let namespace = Testbed::shared().namespace("act");
    let held = lease("payments").holder("someone").duration_seconds(15).transitions(2).renewed(Duration::ZERO);
    held.metadata("annotations", json!({"other": "stays", "hactl.dev/old": "goes"})).create(&namespace);
    namespace
}

fn fence(namespace: &Namespace) -> LeasePatch {
    // Whole seconds and nanoseconds: both have to arrive with six decimals.
    LeasePatch {
        holder: Change::Set("hactl-transfer/x".to_owned()),
        acquired: Change::Set("2026-11-21T12:00:05Z".parse().expect("a time")),
        renewed: Change::Set("2026-11-21T12:00:05.123456789Z".parse().expect("a time")),
        transitions: Change::Set(3),
        duration: Change::Null,
        annotations: BTreeMap::from([
            ("hactl.dev/transfer".to_owned(), Some("{}".to_owned())),
            ("hactl.dev/old".to_owned(), None),
        ]),
        ..LeasePatch::of(&read(namespace, "payments"))
    }
}

#[test]
fn what_is_patched_is_stored_under_our_name_and_nothing_else_changes() {
    let namespace = namespace();
    let patch = fence(&namespace);
    let answer = block_on(writer(&namespace).patch(&key(&namespace, "payments"), &patch)).expect("it may");
    assert_eq!(answer, read(&namespace, "payments"));
    assert_ne!(answer.version, patch.version);
    let lease = stored(&namespace, LEASES, "payments").expect("a Lease");
    let expected = json!({
        "holderIdentity": "hactl-transfer/x", "leaseTransitions": 3,
        "acquireTime": "2026-11-21T12:00:05.000000Z", "renewTime": "2026-11-21T12:00:05.123456Z",
    });
    assert_eq!(lease["spec"], expected);
    let annotations = json!({"hactl.dev/transfer": "{}", "other": "stays"});
    assert_eq!(lease["metadata"]["annotations"], annotations);
    let ours = |entry: &&Value| entry["manager"] == "hactl" && entry["operation"] == "Update";
    let ours = lease["metadata"]["managedFields"].as_array().into_iter().flatten().find(ours);
    assert!(ours.is_some_and(|entry| !entry["fieldsV1"]["f:spec"]["f:holderIdentity"].is_null()), "{lease:#}");
}

#[test]
fn a_lease_that_has_changed_since_is_left_alone() {
    let namespace = namespace();
    let patch = fence(&namespace);
    // Its holder renews, between the decision and the write.
    let renewal =
        LeasePatch { renewed: Change::Set(Timestamp::UNIX_EPOCH), ..LeasePatch::of(&read(&namespace, "payments")) };
    block_on(writer(&namespace).patch(&key(&namespace, "payments"), &renewal)).expect("a renewal");
    let before = stored(&namespace, LEASES, "payments");
    for rehearsed in [false, true] {
        let answer = block_on(async {
            match rehearsed {
                true => rehearsal(&namespace).patch(&key(&namespace, "payments"), &patch).await,
                false => writer(&namespace).patch(&key(&namespace, "payments"), &patch).await,
            }
        });
        let name = format!("Lease {}/payments has changed since it was read", namespace.name());
        assert_eq!(answer.as_ref().expect_err("stale").to_string(), name);
        assert_eq!(refused(answer), Refused::Stale);
    }
    assert_eq!(stored(&namespace, LEASES, "payments"), before);
}

#[test]
fn another_lease_of_the_same_name_is_left_alone() {
    let namespace = namespace();
    let (patch, writer) = (fence(&namespace), writer(&namespace));
    let before = stored(&namespace, LEASES, "payments");
    // Made anew, it has another version too, and that is what the server looks at first.
    let other = LeasePatch { uid: "00000000-0000-0000-0000-000000000000".to_owned(), ..patch.clone() };
    assert_eq!(refused(block_on(writer.patch(&key(&namespace, "payments"), &other))), Refused::Gone);
    assert_eq!(refused(block_on(writer.patch(&key(&namespace, "other"), &patch))), Refused::Gone);
    assert_eq!(refused(block_on(writer.patch(&Key::new("no-such-namespace", "payments"), &patch))), Refused::Gone);
    let invalid = LeasePatch { duration: Change::Set(0), ..patch };
    assert_eq!(refused(block_on(writer.patch(&key(&namespace, "payments"), &invalid))), Refused::Invalid);
    assert_eq!(stored(&namespace, LEASES, "payments"), before);
}

#[test]
fn a_rehearsed_patch_is_checked_and_shown_and_not_stored() {
    let namespace = namespace();
    let (patch, rehearsal) = (fence(&namespace), rehearsal(&namespace));
    let before = stored(&namespace, LEASES, "payments");
    let shown = block_on(rehearsal.patch(&key(&namespace, "payments"), &patch)).expect("it would be done");
    assert_eq!((shown.holder.as_deref(), shown.transitions), (Some("hactl-transfer/x"), Some(3)));
    let invalid = LeasePatch { duration: Change::Set(0), ..patch };
    assert_eq!(refused(block_on(rehearsal.patch(&key(&namespace, "payments"), &invalid))), Refused::Invalid);
    assert_eq!(stored(&namespace, LEASES, "payments"), before);
}

fn events(namespace: &Namespace) -> Vec<Value> {
    let path = format!("/apis/events.k8s.io/v1/namespaces/{}/events", namespace.name());
    let request = http::Request::get(path).body(Vec::new()).expect("names fit into a URL");
    let list: Value = block_on(namespace.testbed().client().request(request)).expect("the administrator may read them");
    let events = list["items"].as_array().into_iter().flatten();
    events.filter(|event| event["reportingController"] == "hactl").cloned().collect()
}

#[test]
fn an_event_is_stored_beside_its_lease() {
    let namespace = namespace();
    let lease = read(&namespace, "payments");
    super::pod(&namespace, "web-1");
    let pod = block_on(reader(namespace.kubeconfig()).pod(&key(&namespace, "web-1"))).expect("it may be read");
    let draft = EventDraft {
        regarding: (&lease).into(),
        related: pod.as_ref().map(Into::into),
        kind: EventKind::Normal,
        reason: "LeadershipTransferred",
        action: "Transfer",
        note: "é".repeat(2_000),
    };
    block_on(rehearsal(&namespace).record(&draft)).expect("it would be stored");
    assert_eq!(events(&namespace), [Value::Null; 0]);
    block_on(writer(&namespace).record(&draft)).expect("it is stored");
    let [event] = &events(&namespace)[..] else { panic!("one Event") };
    assert_eq!((&event["regarding"]["uid"], &event["regarding"]["kind"]), (&json!(lease.uid), &json!("Lease")));
    assert_eq!((&event["related"]["name"], &event["reason"]), (&json!("web-1"), &json!("LeadershipTransferred")));
    assert_eq!((&event["type"], event["note"].as_str().map(str::len)), (&json!("Normal"), Some(1024)));
    assert_ne!(event["reportingInstance"], "");
}
