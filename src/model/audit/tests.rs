//! The ring: what it keeps, what it drops, and what it makes of texts that nobody expects.

use super::*;

fn entry(id: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        at: "2026-11-21T12:00:00.123456Z".parse().expect("a time"),
        finished: None,
        who: Some("jane".to_owned()),
        why: None,
        from: Some("a".to_owned()),
        to: Some("b".to_owned()),
        method: Some("hand-over".to_owned()),
        leaderless: Some(Between { min: Micros::from_millis(4_950), max: Micros::from_millis(5_012) }),
        result: Some("done".to_owned()),
    }
}

fn filled(ids: impl Iterator<Item = String>) -> Ring {
    ids.fold(Ring::default(), |ring, id| Ring::parse(&ring.with(entry(&id))))
}

#[test]
fn what_is_written_is_read() {
    let text = Ring::default().with(entry("x"));
    assert!(text.contains(r#""leaderlessSeconds":{"max":5.012,"min":4.95}"#), "{text}");
    let ring = Ring::parse(&text);
    assert_eq!((ring.entries(), ring.unreadable()), (vec![entry("x")], 0));
}

#[test]
fn twenty_are_kept_and_the_oldest_go_first() {
    let ring = filled((0..25).map(|i| format!("id-{i}")));
    let ids: Vec<_> = ring.entries().into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), MOST_ENTRIES);
    assert_eq!((ids[0].as_str(), ids[19].as_str()), ("id-5", "id-24"));
}

#[test]
fn an_outcome_takes_the_place_of_the_beginning() {
    let begun = Entry { result: None, ..entry("x") };
    let ring = Ring::parse(&Ring::parse(&Ring::default().with(entry("w"))).with(begun));
    let entries = Ring::parse(&ring.with(entry("x"))).entries();
    assert_eq!(entries, [entry("w"), entry("x")]);
}

#[test]
fn what_cannot_be_read_is_counted_and_written_back() {
    for (annotation, unreadable) in [
        ("", 0),
        ("  ", 0),
        ("[]", 0),
        ("{", 1),
        ("null", 1),
        ("7", 1),
        (r#"{"id":"x"}"#, 1),
        (r#"[{"id":"x"},7,null,[[]],"a"]"#, 5),
        (r#"[{"id":"x","at":"yesterday"}]"#, 1),
        (r#"[{"id":"x","at":"2026-11-21T12:00:00Z","leaderlessSeconds":{"min":-1,"max":0}}]"#, 1),
    ] {
        let ring = Ring::parse(annotation);
        assert_eq!((ring.entries().len(), ring.unreadable()), (0, unreadable), "{annotation}");
        let after = Ring::parse(&ring.with(entry("new")));
        assert_eq!((after.entries(), after.unreadable()), (vec![entry("new")], unreadable), "{annotation}");
    }
}

#[test]
fn fields_of_a_later_hactl_are_not_lost() {
    let ring = Ring::parse(r#"[{"id":"x","at":"2026-11-21T12:00:00Z","colour":"red"}]"#);
    assert_eq!((ring.entries().len(), ring.unreadable()), (1, 0));
    assert!(ring.with(entry("y")).contains(r#""colour":"red""#));
}

#[test]
fn whatever_a_person_writes_fits() {
    for text in ["x", "\u{0}", "\"", "\\", "→", "\n", "😀"] {
        let long = text.repeat(100_000);
        let texts = || Some(long.clone());
        let huge = |id: &str| Entry {
            who: texts(),
            why: texts(),
            from: texts(),
            to: texts(),
            method: texts(),
            result: texts(),
            ..entry(id)
        };
        let ring = filled((0..30).map(|i| format!("id-{i}")));
        let text = Ring::parse(&ring.with(huge("first"))).with(huge(&long));
        assert!(text.len() <= MOST_BYTES, "{}", text.len());
        let read = Ring::parse(&text);
        let last = read.entries().pop().expect("the new one");
        assert!(last.why.expect("a reason").ends_with('…'));
        assert_eq!(read.unreadable(), 0);
        assert!(read.entries().len() >= 3, "{}", read.entries().len());
    }
}

#[test]
fn a_foreign_text_too_large_to_keep_goes() {
    let ring = Ring::parse(&"x".repeat(MOST_BYTES));
    assert_eq!(ring.unreadable(), 1);
    assert_eq!(Ring::parse(&ring.with(entry("x"))).unreadable(), 0);
}

#[test]
fn a_gap_is_told_to_what_is_known_of_it() {
    let gap = |min, max| Between { min: Micros::from_millis(min), max: Micros::from_millis(max) }.to_string();
    assert_eq!([gap(4_950, 5_012), gap(1_000, 1_000)], ["4.9s to 5.0s", "1.0s"]);
    let endless = Entry { leaderless: Some(Between { min: Micros::ZERO, max: Micros::NEVER }), ..entry("x") };
    assert_eq!(Ring::parse(&Ring::default().with(endless)).unreadable(), 0);
}
