//! How a Lease, its holder and its workload become one Election.

use super::super::health::tests::{EXPIRED, HELD, deleted, election_after, web, world};
use super::super::memory::Look;
use super::super::snapshot::Object;
use super::super::timing::Source;
use super::super::wire::tests::lease;
use super::super::workload::WorkloadSpec;
use super::super::{WorkloadKind, setting};
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
    let names: Vec<_> = election.candidates.iter().map(|candidate| candidate.name()).collect();
    assert_eq!((names, election.reasons.as_slice()), (vec!["web-7d4b9-aaaaa"], &["no standby".to_owned()][..]));
}

#[test]
fn what_is_worth_knowing_of_the_holders_pod_is_said() {
    let said = |pod: &str| election_after(&world(HELD, &[pod]), 0).reasons.remove(0);
    let pod = web("aaaaa", "n1", true, "");
    let elsewhere = pod.replace(r#""namespace":"n""#, r#""namespace":"x""#);
    assert_eq!(said(&elsewhere), "the holder's Pod is in namespace x");
    let ended = pod.replace(r#""phase":"Running""#, r#""phase":"Succeeded""#);
    assert_eq!(said(&ended), "the holder's Pod web-7d4b9-aaaaa has ended");
    let all = ["p", "q", "r", "s", "t", "u"]
        .map(|name| pod.replace(r#""namespace":"n""#, &format!(r#""namespace":"{name}""#)));
    let several = election_after(&world(HELD, &all.each_ref().map(String::as_str)), 0).reasons.remove(0);
    assert!(several.ends_with(", t/web-7d4b9-aaaaa and 1 more"), "{several}");
}

#[test]
fn a_pod_is_in_trouble_only_while_it_is_not_ready() {
    let trouble = |ready| {
        let waiting = r#""waiting":{"reason":"ImagePullBackOff"}"#;
        let pod = web("aaaaa", "n1", ready, "").replace(r#""running":{}"#, waiting);
        election_after(&world(HELD, &[&pod]), 0).candidates.remove(0).trouble().map(str::to_owned)
    };
    assert_eq!((trouble(true), trouble(false).as_deref()), (None, Some("ImagePullBackOff")));
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
    let flaps = |manager: &str, acquired: &str, transitions: i64| {
        let owners = format!(r#"[{{"manager":"{manager}","fieldsV1":{{"f:spec":{{"f:renewTime":{{}}}}}}}}]"#);
        let lease = lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","creationTimestamp":"2026-11-21T11:59:00Z","managedFields":{owners}}},"spec":{{"holderIdentity":"a",
                "leaseDurationSeconds":15,"acquireTime":"{acquired}","renewTime":"2026-11-21T12:00:00Z","leaseTransitions":{transitions}}}}}"#
        ));
        let mut snapshot = Snapshot::default();
        snapshot.insert(Object::Lease(lease));
        move |seconds| election_after(&snapshot, seconds).reasons.join("; ").contains("flapping")
    };
    let (within, elsewhere) = ("2026-11-21T11:59:30Z", "2026-11-20T12:00:00Z");
    assert!(flaps("manager", within, 3)(0));
    assert!(!flaps("manager", within, 2)(0));
    assert!(!flaps("manager", elsewhere, 2_147_483_647)(0));
    // kube-lease-manager counts the first holder, too.
    assert!(flaps("kube-lease-manager-x", within, 4)(0));
    assert!(!flaps("kube-lease-manager-x", within, 3)(0));
}

#[test]
fn an_old_lease_does_not_flap_for_what_it_has_counted() {
    let lease = lease(
        r#"{"metadata":{"namespace":"n","name":"l","creationTimestamp":"2026-11-21T11:49:00Z"},"spec":{"holderIdentity":"a",
            "leaseDurationSeconds":15,"acquireTime":"2026-11-21T11:59:00Z","renewTime":"2026-11-21T12:00:00Z","leaseTransitions":9}}"#,
    );
    let mut snapshot = Snapshot::default();
    snapshot.insert(Object::Lease(lease));
    assert!(!election_after(&snapshot, 0).reasons.join("; ").contains("flapping"));
}

#[test]
fn a_standby_that_is_ready_but_goes_does_not_count() {
    let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, &deleted(5)), web("ccccc", "n2", true, "")];
    let snapshot = world(HELD, &[&pods[0], &pods[1], &pods[2]]);
    assert_eq!(election_after(&snapshot, 0).standbys(), Some((1, 2)));
}

#[test]
fn the_candidates_of_a_fence_are_those_of_who_led_before() {
    let fenced = lease(
        r#"{"metadata":{"namespace":"n","name":"l","annotations":{"hactl.dev/transfer":"{\"id\":\"x\",\"from\":\"web-7d4b9-aaaaa\"}"}},
            "spec":{"holderIdentity":"hactl-transfer/x","leaseDurationSeconds":15,"renewTime":"2026-11-21T12:00:00Z"}}"#,
    );
    let mut snapshot = world(HELD, &[&web("aaaaa", "n1", true, "")]);
    snapshot.insert(Object::Lease(fenced));
    let election = election_after(&snapshot, 0);
    assert_eq!((election.holder.identity, election.candidates.len()), (None, 1));
}

#[test]
fn the_pods_of_two_workloads_that_name_one_lease_all_contend() {
    let naming = |name: &str| {
        web(name, "n1", true, "").replace(r#"{"name":"c"}"#, r#"{"name":"c","args":["--leader-election-id=l"]}"#)
    };
    let (web, job) = (naming("aaaaa"), naming("bbbbb").replace("web-7d4b9", "job-7d4b9"));
    let election = election_after(&world(HELD, &[&web, &job]), 0);
    assert_eq!(election.candidates.len(), 2);
    assert_eq!(election.reasons.last().expect("a reason"), "2 workloads name this Lease: deploy/web, deploy/job");
    assert_eq!(election_after(&world(HELD, &[&web]), 0).reasons, ["no standby"]);
}

#[test]
fn a_heartbeat_is_no_election_unless_it_is_asked_for() {
    let count = |metadata: &str, all_kinds| {
        let mut snapshot = Snapshot::default();
        snapshot.insert(Object::Lease(lease(&format!(r#"{{"metadata":{{"name":"l",{metadata}}}}}"#))));
        let now = Now { at: Timestamp::UNIX_EPOCH, error: SignedDuration::ZERO };
        elections(&snapshot, now, all_kinds, &Look::began(now.at)).len()
    };
    let api_server = r#""namespace":"kube-system","labels":{"apiserver.kubernetes.io/identity":"kube-apiserver"}"#;
    for heartbeat in [r#""namespace":"kube-node-lease""#, api_server] {
        assert_eq!((count(heartbeat, false), count(heartbeat, true)), (0, 1), "{heartbeat}");
    }
    assert_eq!(count(r#""namespace":"kube-system""#, false), 1);
}

#[test]
fn a_named_workload_without_a_lease_is_an_election_all_the_same() {
    let target = Target::Name("web".to_owned());
    let of = |snapshot: &Snapshot, elections: &[Election]| {
        let found = without_lease(snapshot, &target, elections);
        found.into_iter().map(|e| (e.health, e.reasons.join("; "))).collect::<Vec<_>>()
    };
    let mut snapshot = Snapshot::default();
    let mut deploy = |value: &str| {
        let settings = setting::from_args([value]);
        let (namespace, workload) = ("n".to_owned(), Workload::new(WorkloadKind::Deployment, "web"));
        snapshot.insert(Object::Workload(WorkloadSpec { namespace, workload, replicas: 1, settings }));
        snapshot.clone()
    };
    let none = "no Lease could be found that deploy/web contends for";
    assert_eq!(of(&deploy("--leader-elect=false"), &[]), [(Health::NeverHeld, none.to_owned())]);
    let asks = format!("{none}, though its containers ask for leader election");
    assert_eq!(of(&deploy("--leader-elect"), &[]), [(Health::NeverHeld, asks)]);
    let free = election_after(&world("{}", &[]), 0);
    let either = format!("{none}; it may be one that nobody holds now: l");
    assert_eq!(of(&deploy(""), std::slice::from_ref(&free)), [(Health::Unknown, either)]);
    // What is a Lease's name means the Lease.
    let mut named = free;
    let lease = lease(r#"{"metadata":{"namespace":"other","name":"web"}}"#);
    named.lease = Some(Arc::new(lease));
    assert_eq!(of(&deploy(""), &[named]), []);
}
