//! What each source tells, what two of them tell once, and in which order.

use super::*;
use crate::model::wire::tests::lease;

const NOW: &str = "2026-11-21T12:30:00Z";

fn at(time: &str) -> Timestamp {
    format!("2026-11-21T{time}Z").parse().expect("a time")
}

fn event_at(reporter: &str, reason: &str, note: &str, last: &str) -> EventRecord {
    EventRecord {
        key: crate::model::Key::new("n", "l.1"),
        reason: reason.to_owned(),
        note: note.to_owned(),
        reporter: reporter.to_owned(),
        first: Some(at("12:00:00")),
        last: Some(at(last)),
        count: 1,
    }
}

fn record(spec: &str, metadata: &str) -> LeaseRecord {
    lease(&format!(r#"{{"metadata":{{"namespace":"n","name":"l"{metadata}}},"spec":{{{spec}}}}}"#))
}

fn held() -> LeaseRecord {
    record(
        r#""holderIdentity":"web-0","leaseDurationSeconds":15,"leaseTransitions":4,
            "acquireTime":"2026-11-21T12:10:00.5Z","renewTime":"2026-11-21T12:29:59Z""#,
        r#","creationTimestamp":"2026-11-20T00:00:00Z""#,
    )
}

/// Source, time and the rest in one line.
fn told(history: &History) -> Vec<String> {
    let one = |item: &Happening| {
        let texts = [&item.id, &item.who, &item.why, &item.from, &item.to, &item.method, &item.result, &item.note];
        let texts: Vec<_> = texts.map(|text| text.as_deref().unwrap_or("-")).to_vec();
        format!("{} {:.1} {}", item.source.as_str(), item.at, texts.join("|"))
    };
    history.items.iter().map(one).collect()
}

fn of(lease: &LeaseRecord, events: &[EventRecord]) -> History {
    History::of(Some(lease), events, None, NOW.parse().expect("a time"))
}

#[test]
fn a_lease_alone_tells_when_it_was_made_and_taken() {
    assert_eq!(
        told(&of(&held(), &[])),
        [
            "lease 2026-11-20T00:00:00.0Z -|-|-|-|-|-|created|-",
            "lease 2026-11-21T12:10:00.5Z -|-|-|-|web-0|-|acquired|transition 4",
        ]
    );
    assert_eq!(History::of(None, &[], None, at("12:00:00")), History::default());
}

#[test]
fn how_a_lease_was_left_is_told() {
    let last = |lease: &LeaseRecord, free_since| {
        let now = NOW.parse().expect("a time");
        told(&History::of(Some(lease), &[], free_since, now)).pop().unwrap_or_default()
    };
    let expired = record(r#""holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2026-11-21T12:00:00Z""#, "");
    assert_eq!(
        last(&expired, None),
        "lease 2026-11-21T12:00:15.0Z -|-|-|a|-|-|expired|last renewed 2026-11-21T12:00:00.000Z"
    );
    let given_up = record(r#""holderIdentity":"","leaseDurationSeconds":1,"renewTime":"2026-11-21T12:00:00Z""#, "");
    assert_eq!(last(&given_up, None), "lease 2026-11-21T12:00:00.0Z -|-|-|-|-|-|released|-");
    let cleared = record(r#""leaseTransitions":3"#, "");
    assert_eq!(last(&cleared, None), "", "when is not recorded");
    assert_eq!(last(&cleared, Some(at("12:20:00"))), "lease 2026-11-21T12:20:00.0Z -|-|-|-|-|-|released|-");
    let stuck = record(r#""renewTime":"2026-11-21T12:00:00Z""#, "");
    assert!(last(&stuck, None).contains("without a holder since"));
    let annotation = serde_json::json!(r#"{"id":"x","from":"a","to":"b","startedAt":"2026-11-21T12:00:00Z"}"#);
    let fence = |renewed: &str| {
        record(
            &format!(r#""holderIdentity":"hactl-transfer/x","leaseDurationSeconds":15,"renewTime":"{renewed}""#),
            &format!(r#","annotations":{{"hactl.dev/transfer":{annotation}}}"#),
        )
    };
    assert_eq!(last(&fence(NOW), None), "lease 2026-11-21T12:00:00.0Z x|hactl|-|a|b|-|in progress|-");
    assert!(last(&fence("2026-11-21T12:00:05Z"), None).contains("left behind"));
}

#[test]
fn an_elector_says_who_came_and_who_went() {
    let events = [
        event_at("web", LEADER_ELECTION, "web-1_x stopped leading", "12:09:00"),
        EventRecord { count: 3, ..event_at("web", LEADER_ELECTION, "a b became leader", "12:09:30") },
        event_at("web", LEADER_ELECTION, "became leader", "12:09:40"),
        event_at("", "Odd", "anything", "12:09:50"),
        EventRecord { last: None, ..event_at("web", LEADER_ELECTION, "c became leader", "12:00:00") },
    ];
    assert_eq!(
        told(&History::of(None, &events, None, at("12:30:00"))),
        [
            "event 2026-11-21T12:09:00.0Z -|web|-|web-1_x|-|-|stopped leading|-",
            "event 2026-11-21T12:09:30.0Z -|web|-|-|a b|-|became leader|3 times since 2026-11-21T12:00:00Z",
            "event 2026-11-21T12:09:40.0Z -|web|LeaderElection|-|-|-|became leader|-",
            "event 2026-11-21T12:09:50.0Z -|-|Odd|-|-|-|anything|-",
        ]
    );
}

/// A Lease with one transfer in its ring.
fn transferred(managed: &str) -> LeaseRecord {
    let ring = r#"[{"id":"x-7","at":"2026-11-21T12:10:00Z","finished":"2026-11-21T12:10:05Z","who":"jane","why":"patch",
        "from":"web-1","to":"web-0","method":"hand-over","leaderlessSeconds":{"min":1,"max":2},"result":"done"},{}]"#;
    let metadata =
        format!(r#","annotations":{{"hactl.dev/history":{}}},"managedFields":[{managed}]"#, serde_json::json!(ring));
    record(r#""holderIdentity":"web-0","leaseDurationSeconds":15,"renewTime":"2026-11-21T12:29:59Z""#, &metadata)
}

#[test]
fn a_transfer_that_two_sources_tell_is_told_once() {
    let events = [
        event_at("hactl", "TransferCompleted", "transfer x-7 from web-1 to web-0: done", "12:10:05"),
        event_at("hactl", "TransferCompleted", "transfer x-77 of which the ring knows nothing", "12:11:00"),
        event_at("web", "TransferCompleted", "transfer x-7 as somebody else tells it", "12:12:00"),
    ];
    let history = of(&transferred(""), &events);
    let whys: Vec<_> = history.items.iter().map(|item| (item.source, item.id.as_deref())).collect();
    let event = (Source::Event, None);
    assert_eq!(whys, [(Source::Annotation, Some("x-7")), event, event]);
    assert_eq!(history.unreadable, 1);
    assert_eq!(history.items[0].leaderless.map(|gap| gap.to_string()).as_deref(), Some("1.0s to 2.0s"));
}

fn managed(manager: &str, time: &str, fields: &str) -> String {
    let fields: Vec<_> = fields.split(' ').map(|field| format!(r#""f:{field}":{{}}"#)).collect();
    format!(
        r#"{{"manager":"{manager}","operation":"Update","time":"2026-11-21T{time}Z","fieldsV1":{{"f:spec":{{{}}}}}}}"#,
        fields.join(",")
    )
}

#[test]
fn a_foreign_hand_in_the_lease_is_seen() {
    let foreign = |owners: &[String]| {
        let history = of(&transferred(&owners.join(",")), &[]);
        let items = history.items.into_iter().filter(|item| item.source == Source::ManagedFields);
        items
            .map(|item| format!("{} {}", item.who.unwrap_or_default(), item.note.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let web = managed("web", "12:29:59", "renewTime leaseDurationSeconds");
    let kubectl = managed("kubectl-patch", "12:20:00", "holderIdentity acquireTime");
    assert_eq!(foreign(&[web.clone(), kubectl.clone()]), ["kubectl-patch holderIdentity, acquireTime"]);
    assert_eq!(foreign(std::slice::from_ref(&web)), [""; 0]);
    // Whoever renewed last is taken for the elector, but not a person's tool.
    let renewing = managed("kubectl-edit", "12:20:00", "renewTime");
    assert_eq!(foreign(&[renewing, managed("web", "12:00:00", "holderIdentity")]), ["kubectl-edit renewTime"]);
    assert_eq!(foreign(&[web.clone(), managed("argocd", "12:20:00", "leaseTransitions")]), ["argocd leaseTransitions"]);
    // hactl's own write is the transfer's, if there was one then.
    assert_eq!(foreign(&[web.clone(), managed("hactl", "12:10:05", "holderIdentity")]), [""; 0]);
    assert_eq!(foreign(&[web.clone(), managed("hactl", "12:20:00", "holderIdentity")]), ["hactl holderIdentity"]);
    // Each process of kube-lease-manager has a name of its own.
    let managers = [
        managed("kube-lease-manager-a", "12:29:59", "renewTime"),
        managed("kube-lease-manager-b", "12:00:00", "leaseTransitions"),
    ];
    assert_eq!(foreign(&managers), [""; 0]);
    // Labels are no part of an election.
    let label = r#"{"manager":"kubectl-label","operation":"Update","time":"2026-11-21T12:20:00Z","fieldsV1":{"f:metadata":{}}}"#;
    assert_eq!(foreign(&[web, label.to_owned()]), [""; 0]);
}

#[test]
fn what_is_older_than_asked_for_is_left_out() {
    let mut history = of(&held(), &[event_at("web", "R", "n", "12:10:00")]);
    history.since(at("12:10:00"));
    let sources: Vec<_> = history.items.iter().map(|item| item.source).collect();
    assert_eq!(sources, [Source::Event, Source::Lease]);
}
