//! How a Lease, its holder and its workload become one Election.

use super::super::health::tests::{EXPIRED, HELD, deleted, election_after, web, world};
use super::super::timing::Source;
use super::super::wire::tests::lease;
use super::*;

/// The Pod of a leader with containers of these arguments.
fn leader_with(containers: &[&str]) -> String {
    let containers: Vec<_> =
        containers.iter().enumerate().map(|(i, args)| format!(r#"{{"name":"c{i}","args":[{args}]}}"#)).collect();
    web("aaaaa", "n1", true, "").replace(r#"{"name":"c"}"#, &containers.join(","))
}

#[test]
fn a_pod_that_has_ended_takes_no_part() {
    let failed = web("bbbbb", "n2", true, "").replace(r#""phase":"Running""#, r#""phase":"Failed""#);
    let election = election_after(&world(HELD, &[&web("aaaaa", "n1", true, ""), &failed]), 0);
    let names: Vec<_> = election.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!((names, election.reasons.as_slice()), (vec!["web-7d4b9-aaaaa"], &["no standby".to_owned()][..]));
}

#[test]
fn an_expired_lease_is_doubtful_while_its_holder_runs() {
    let doubtful = |leader: &str| election_after(&world(EXPIRED, &[leader]), 0).doubtful;
    assert!(doubtful(&web("aaaaa", "n1", true, "")));
    assert!(!doubtful(&web("aaaaa", "n1", true, &deleted(5))));
    assert!(!doubtful(&web("aaaaa", "n1", true, "").replace("Running", "Pending")));
    assert!(!election_after(&world(HELD, &[&web("aaaaa", "n1", true, "")]), 0).doubtful);
}

#[test]
fn a_random_identity_does_not_tell_which_of_the_pods_leads() {
    let naming = leader_with(&[r#""--leader-election-id=l""#]);
    let election = election_after(&world(&HELD.replace("web-7d4b9-aaaaa", "x7Gh2kQ9"), &[&naming]), 0);
    assert_eq!((election.candidates.len(), election.workload.map(|w| w.to_string())), (0, Some("deploy/web".into())));
    let reasons = election.reasons.join("; ");
    assert!(reasons.contains("which of the Pods of deploy/web leads cannot be told"), "{reasons}");
}

#[test]
fn of_several_electors_in_a_pod_only_the_one_that_names_the_lease_counts() {
    let retry = |containers: &[&str]| {
        let election = election_after(&world(HELD, &[&leader_with(containers)]), 0);
        let retry = election.elector.timing.retry_period;
        (retry.source == Source::Args).then(|| retry.value.map_or(0, |value| value.as_secs()))
    };
    let (three, four) = (r#""--leader-elect-retry-period=3s""#, r#""--leader-elect-retry-period=4s""#);
    let naming = r#""--leader-election-id=l","--leader-elect-retry-period=4s""#;
    assert_eq!(retry(&[three, ""]), Some(3));
    assert_eq!(retry(&[three, four]), None);
    assert_eq!(retry(&[three, naming]), Some(4));
    assert_eq!(retry(&[three, r#""--leader-election-id=l""#]), None);
}

#[test]
fn a_young_lease_flaps_unless_it_was_restored_from_elsewhere() {
    let flaps = |acquired: &str, transitions: i64| {
        let lease = lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","creationTimestamp":"2026-11-21T11:59:00Z"}},"spec":{{"holderIdentity":"a",
                "leaseDurationSeconds":15,"acquireTime":"{acquired}","renewTime":"2026-11-21T12:00:00Z","leaseTransitions":{transitions}}}}}"#
        ));
        let mut snapshot = Snapshot::default();
        snapshot.insert(super::super::snapshot::Object::Lease(lease));
        election_after(&snapshot, 0).reasons.join("; ").contains("flapping")
    };
    assert!(flaps("2026-11-21T11:59:30Z", 3));
    assert!(!flaps("2026-11-21T11:59:30Z", 2));
    assert!(!flaps("2026-11-20T12:00:00Z", 2_147_483_647));
}
