//! Sentences, and their columns.

use super::super::columns;
use super::*;
use crate::model::history::History;
use crate::model::wire::tests::lease;

const LEASE: &str = r#"{"metadata":{"namespace":"n","name":"l","creationTimestamp":"2026-11-20T00:00:00Z",
    "annotations":{"hactl.dev/history":"[{\"id\":\"x\",\"at\":\"2026-11-21T12:00:00Z\",\"who\":\"jane\",\"why\":\"kernel patch of node-a, ticket 4711\",\"from\":\"payments-7d4b9c6f5-qq8zk\",\"to\":\"payments-7d4b9c6f5-2ml6w\",\"method\":\"hand-over\",\"leaderlessSeconds\":{\"min\":4.95,\"max\":5.01},\"result\":\"done\"},{\"id\":\"y\",\"at\":\"2026-11-21T12:05:00Z\"}]"},
    "managedFields":[{"manager":"web","operation":"Update","time":"2026-11-21T12:29:59Z","fieldsV1":{"f:spec":{"f:renewTime":{}}}},
        {"manager":"kubectl-patch","operation":"Update","time":"2026-11-21T12:20:00Z","fieldsV1":{"f:spec":{"f:holderIdentity":{}}}}]},
    "spec":{"holderIdentity":"payments-7d4b9c6f5-2ml6w","leaseDurationSeconds":15,"leaseTransitions":4,
        "acquireTime":"2026-11-21T12:10:00.5Z","renewTime":"2026-11-21T12:29:59Z"}}"#;

fn items(now: &str) -> Vec<Item> {
    let lease = lease(LEASE);
    let history = History::of(Some(&lease), &[], None, now.parse().expect("a time"));
    history.items.into_iter().map(Item::from).collect()
}

#[test]
fn each_thing_is_a_sentence() {
    let text = table(&items("2026-11-21T12:31:00Z"), true, Style::default());
    let expected = "\
TIME                  SOURCE         WHAT
2026-11-20T00:00:00Z  lease          the Lease was created
2026-11-21T12:00:00Z  annotation     payments-7d4b9c6f5-qq8zk -> payments-7d4b9c6f5-2ml6w by hand-over: done, nobody led for 4.9s to 5.0s; jane: kernel patch of node-a, ticket 4711
2026-11-21T12:05:00Z  annotation     ? -> ?: begun
2026-11-21T12:10:00Z  lease          payments-7d4b9c6f5-2ml6w holds the Lease since then, transition 4
2026-11-21T12:20:00Z  managedFields  kubectl-patch wrote holderIdentity
2026-11-21T12:30:14Z  lease          the Lease of payments-7d4b9c6f5-2ml6w ran out, last renewed 2026-11-21T12:29:59.000Z
";
    assert_eq!(text, expected);
    assert_eq!(table(&[], true, Style::default()), "TIME  SOURCE  WHAT\n");
    assert_eq!(table(&[], false, Style::default()), "");
}

#[test]
fn a_long_sentence_takes_more_lines_of_a_narrow_terminal() {
    let style = Style { width: Some(80), unicode: true, ..Style::default() };
    let text = table(&items("2026-11-21T12:30:00Z"), true, style);
    assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
    assert!(text.contains("payments-7d4b9c6f5-qq8zk →\n"), "{text}");
    let blank = " ".repeat(37);
    assert!(text.lines().all(|line| line.starts_with("2026") || line.starts_with("TIME") || line.starts_with(&blank)));
}

#[test]
fn on_a_terminal_an_identity_goes_by_its_host() {
    let mut item = items("2026-11-21T12:30:00Z").remove(3);
    item.to = Some("payments-7d4b9c6f5-2ml6w_46274f67-9e15-4f57-8f80-425725bcabbb".to_owned());
    let shown = |width| table(std::slice::from_ref(&item), false, Style { width, ..Style::default() });
    assert!(shown(Some(80)).contains("  payments-7d4b9c6f5-2ml6w holds the Lease since"), "{}", shown(Some(80)));
    assert!(shown(None).contains("-425725bcabbb holds the Lease since then"), "{}", shown(None));
    item.to = Some("x".repeat(100));
    let text = table(&[item], false, Style { width: Some(80), ..Style::default() });
    assert!(text.lines().all(|line| columns(line) <= 80) && text.contains("x~x"), "{text}");
}

#[test]
fn a_line_has_milliseconds_and_is_never_cut() {
    let narrow = Style { width: Some(20), ..Style::default() };
    let lines: Vec<_> = items("2026-11-21T12:30:00Z").iter().map(|item| line(item, narrow)).collect();
    assert_eq!(
        lines[3],
        "2026-11-21T12:10:00.500Z lease payments-7d4b9c6f5-2ml6w holds the Lease since then, transition 4\n"
    );
    assert!(lines.iter().all(|line| line.lines().count() == 1));
}

#[test]
fn a_repair_has_no_leader_before() {
    let mut item = items("2026-11-21T12:30:00Z").remove(2);
    (item.method, item.to) = (Some("repair".to_owned()), Some("web-0".to_owned()));
    (item.result, item.who, item.why) = (Some("done".to_owned()), Some("jane".to_owned()), Some("stuck".to_owned()));
    assert_eq!(sentence(&item, Style::default()), "repair: done, web-0 leads; jane: stuck");
}

#[test]
fn an_event_says_what_it_says() {
    let event = |who: Option<&str>, why: Option<&str>, to: Option<&str>, note: Option<&str>| {
        let mut item = items("2026-11-21T12:30:00Z").remove(0);
        let own = |text: Option<&str>| text.map(str::to_owned);
        (item.source, item.result) = ("event", Some("became leader".to_owned()));
        (item.who, item.why, item.to, item.note) = (own(who), own(why), own(to), own(note));
        sentence(&item, Style::default())
    };
    assert_eq!(event(Some("web"), None, Some("web-0"), None), "web-0 became leader");
    assert_eq!(event(Some("web"), None, Some("web-0"), Some("3 times")), "web-0 became leader (3 times)");
    assert_eq!(event(Some("web"), Some("Odd"), None, None), "web: Odd: became leader");
    assert_eq!(event(None, Some("Odd"), None, None), "Odd: became leader");
    assert_eq!(event(None, None, None, None), "became leader");
}
