//! Whom the controller would name, and what is refused.

use super::*;
use crate::error::Exit;
use crate::model::health::tests::{at, election_after, web, world};
use crate::model::lease_candidate::Version;

const LEADER: &str = "web-7d4b9-aaaaa_0b3c5d7e-1f2a-4b3c-8d5e-6f7a8b9c0d1e";

/// As a controller of the API server has it.
fn lease(holder: &str, more: &str) -> String {
    format!(
        r#"{{"holderIdentity":"{holder}","leaseDurationSeconds":15,"renewTime":{{ago:2}},"strategy":"OldestEmulationVersion"{more}}}"#
    )
}

fn election(spec: &str) -> Election {
    let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, ""), web("ccccc", "n2", true, "")];
    election_after(&world(spec, &[&pods[0], &pods[1], &pods[2]]), 0)
}

fn instant() -> Timestamp {
    at(0).parse().expect("a time")
}

/// An identity of a Pod's process; each number is another process.
fn identity(pod: &str, process: u8) -> String {
    format!("web-7d4b9-{pod}_{process:08x}-1f2a-4b3c-8d5e-6f7a8b9c0d1e")
}

/// Who was created so many seconds ago, and renewed a minute ago.
fn one(name: &str, version: &str, created: i64) -> LeaseCandidate {
    let version = Version::parse(version);
    LeaseCandidate {
        name: name.to_owned(),
        lease: "l".to_owned(),
        created: at(created).parse().ok(),
        renewed: at(60).parse().ok(),
        pinged: at(60).parse().ok(),
        versions: version.clone().zip(version),
        strategy: OLDEST_EMULATION_VERSION.to_owned(),
    }
}

fn three() -> Vec<LeaseCandidate> {
    vec![
        one(LEADER, "1.36.0", 900),
        one(&identity("bbbbb", 1), "1.36.0", 700),
        one(&identity("ccccc", 1), "1.36.0", 800),
    ]
}

fn to(text: &str) -> Wanted {
    Wanted { to: Some(text.to_owned()), ..Wanted::default() }
}

fn of(spec: &str, stand: &[LeaseCandidate], wanted: &Wanted) -> Result<Nominee> {
    let election = election(spec);
    let lease = election.lease.clone().expect("a Lease");
    nominee(&election, &lease, Some(stand), wanted, instant())
}

fn named(stand: &[LeaseCandidate], wanted: &Wanted) -> String {
    let nominee = of(&lease(LEADER, ""), stand, wanted).expect("somebody");
    nominee.party.pod.expect("a Pod").key.name.clone()
}

#[track_caller]
fn refused(spec: &str, stand: &[LeaseCandidate], wanted: &Wanted, why: &str) {
    let error = of(spec, stand, wanted).expect_err("refused");
    assert_eq!(error.exit, Exit::Refused, "{error:?}");
    assert!(error.message.contains(why), "{why}: {error:?}");
}

#[test]
fn the_oldest_of_the_lowest_version_is_next() {
    let held = lease(LEADER, "");
    assert_eq!(named(&three(), &Wanted::default()), "web-7d4b9-ccccc");
    for asked in ["web-7d4b9-ccccc", "pod/web-7d4b9-ccccc", &identity("ccccc", 1)] {
        assert_eq!(named(&three(), &to(asked)), "web-7d4b9-ccccc");
    }
    for wanted in [to("web-7d4b9-bbbbb"), Wanted { best_effort: true, ..to("web-7d4b9-bbbbb") }] {
        refused(&held, &three(), &wanted, "web-7d4b9-bbbbb cannot be made the next leader");
    }
    let elsewhere = Wanted { not_nodes: vec!["n2".to_owned()], ..Wanted::default() };
    refused(&held, &three(), &elsewhere, "would name web-7d4b9-ccccc, which is excluded");
    let mut newer = three();
    newer[2] = one(&identity("ccccc", 1), "1.37.0", 800);
    assert_eq!(named(&newer, &Wanted::default()), "web-7d4b9-bbbbb");
}

#[test]
fn who_will_not_answer_is_not_counted() {
    // An earlier process of another Pod, older than all, and one whose Pod is gone.
    let mut stand = three();
    stand.extend([one(&identity("bbbbb", 0), "1.36.0", 850), one(&identity("ddddd", 0), "1.35.0", 860)]);
    assert_eq!(named(&stand, &Wanted::default()), "web-7d4b9-ccccc");
    // Nor one that was asked and is silent.
    stand[2].renewed = at(400).parse().ok();
    assert_eq!(named(&stand, &Wanted::default()), "web-7d4b9-bbbbb");
    refused(&lease(LEADER, ""), &three()[..1], &Wanted::default(), "no other candidate stands");
    let mut unreadable = three();
    unreadable.iter_mut().for_each(|one| one.versions = None);
    refused(&lease(LEADER, ""), &unreadable, &Wanted::default(), "no other candidate stands");
}

#[test]
fn where_it_would_come_to_nothing_it_is_refused() {
    let held = lease(LEADER, "");
    let anyone = Wanted::default();
    let mut older = three();
    older[0] = one(LEADER, "1.35.0", 900);
    refused(&held, &older, &anyone, "would name the leader's Pod again");
    assert!(of(&held, &older, &Wanted { best_effort: true, ..anyone.clone() }).is_ok());
    let mut younger = three();
    younger[0] = one(LEADER, "1.36.0", 100);
    refused(&held, &younger, &anyone, "the controller itself is about to ask");
    refused(&held, &three()[1..], &anyone, "the controller itself is about to ask");
    let stable = [one("web-7d4b9-aaaaa", "1.36.0", 900), three().remove(1)];
    refused(&lease("web-7d4b9-aaaaa", ""), &stable, &anyone, "nobody would lead");
    refused(&lease(LEADER, r#","preferredHolder":"x""#), &three(), &anyone, "asked to yield already");
    refused(&held.replace("OldestEmulationVersion", "a.dev/mine"), &three(), &anyone, "strategy is a.dev/mine");
    let mut other = three();
    other[1].strategy = "a.dev/mine".to_owned();
    refused(&held, &other, &anyone, "wants another strategy");
}

#[test]
fn of_one_second_the_controller_takes_either() {
    let mut stand = three();
    stand[1].created = stand[2].created;
    let next = of(&lease(LEADER, ""), &stand, &Wanted::default()).expect("somebody");
    assert_eq!(next.rival.as_deref(), Some("web-7d4b9-ccccc"));
    refused(&lease(LEADER, ""), &stand, &to("web-7d4b9-bbbbb"), "cannot be promised");
    assert!(of(&lease(LEADER, ""), &stand, &Wanted { best_effort: true, ..to("web-7d4b9-bbbbb") }).is_ok());
}

#[test]
fn what_was_not_read_is_not_guessed() {
    let election = election(&lease(LEADER, ""));
    let record = election.lease.clone().expect("a Lease");
    let error = nominee(&election, &record, None, &Wanted::default(), instant()).expect_err("refused");
    assert!(error.message.contains("its candidates were not read"), "{error:?}");
}
