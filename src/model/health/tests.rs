//! Which shapes of a Lease and its Pods are judged how.

use proptest::prelude::*;

use super::super::election::{Election, elections};
use super::super::memory::Look;
use super::super::snapshot::{Node, Object};
use super::super::wire::tests::{lease, pod};
use super::super::workload::WorkloadSpec;
use super::super::{Kind, Snapshot, Workload, WorkloadKind};
use super::*;

const NOW: &str = "2026-11-21T12:00:00Z";

pub(crate) fn at(seconds_ago: i64) -> String {
    let now: Timestamp = NOW.parse().expect("a time");
    format!("{:.6}", now - SignedDuration::from_secs(seconds_ago))
}

/// A cluster with one Lease of this spec (`{ago:N}` stands for the time N seconds ago) and these Pods.
pub(crate) fn world(spec: &str, pods: &[&str]) -> Snapshot {
    let mut spec = spec.to_owned();
    while let Some((before, rest)) = spec.split_once("{ago:") {
        let (ago, after) = rest.split_once('}').expect("closed");
        spec = format!("{before}\"{}\"{after}", at(ago.parse().expect("seconds")));
    }
    let mut snapshot = Snapshot::default();
    let owner = r#"[{"manager":"manager","operation":"Update","time":"2026-11-21T11:59:00Z","fieldsV1":{"f:spec":{"f:renewTime":{}}}}]"#;
    snapshot.insert(Object::Lease(lease(&format!(
        r#"{{"metadata":{{"namespace":"n","name":"l","managedFields":{owner}}},"spec":{spec}}}"#
    ))));
    for json in pods {
        snapshot.insert(Object::Pod(pod(json)));
    }
    for name in ["n1", "n2"] {
        snapshot.insert(Object::Node(Node { name: name.into(), zone: None, hostname: None }));
    }
    snapshot
}

pub(crate) fn web(name: &str, node: &str, ready: bool, metadata: &str) -> String {
    format!(
        r#"{{"metadata":{{"namespace":"n","name":"web-7d4b9-{name}","labels":{{"pod-template-hash":"7d4b9"}}{metadata},
            "ownerReferences":[{{"kind":"ReplicaSet","name":"web-7d4b9","controller":true}}]}},"spec":{{"nodeName":"{node}","containers":[{{"name":"c"}}]}},
            "status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"{}"}}],"containerStatuses":[{{"name":"c","state":{{"running":{{}}}}}}]}}}}"#,
        if ready { "True" } else { "False" }
    )
}

/// The one Election of a cluster, `seconds` after [`NOW`].
pub(crate) fn election_after(snapshot: &Snapshot, seconds: i64) -> Election {
    let now = Now { at: at(-seconds).parse().expect("a time"), error: SignedDuration::from_millis(500) };
    elections(snapshot, now, false, &Look::began(now.at)).remove(0)
}

fn judged_after(snapshot: &Snapshot, seconds: i64) -> (Health, String) {
    let election = election_after(snapshot, seconds);
    (election.health, election.reasons.join("; "))
}

fn judged(snapshot: &Snapshot) -> (Health, String) {
    judged_after(snapshot, 0)
}

pub(crate) const HELD: &str = r#"{"holderIdentity":"web-7d4b9-aaaaa","leaseDurationSeconds":15,"renewTime":{ago:2}}"#;
pub(crate) const EXPIRED: &str =
    r#"{"holderIdentity":"web-7d4b9-aaaaa","leaseDurationSeconds":15,"renewTime":{ago:41}}"#;

/// Metadata of a Pod whose 30 s to go ended so many seconds ago.
pub(crate) fn deleted(seconds_ago: i64) -> String {
    format!(r#","deletionTimestamp":{:?},"deletionGracePeriodSeconds":30"#, at(seconds_ago))
}

#[test]
fn a_renewed_lease_is_healthy_or_in_a_known_danger() {
    let (leader, standby) = (web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, ""));
    assert_eq!(judged(&world(HELD, &[&leader, &standby])), (Health::Healthy, String::new()));
    let cases: &[(&str, &[&str], &str)] = &[
        (HELD, &[&leader], "no standby"),
        (HELD, &[&leader, &web("bbbbb", "n2", false, "")], "no standby is Ready"),
        (HELD, &[&leader, &web("bbbbb", "n1", true, "")], "all candidates are on node n1"),
        (HELD, &[&web("aaaaa", "n1", false, ""), &standby], "the leader's Pod web-7d4b9-aaaaa is not Ready"),
        (&HELD.replace("{ago:2}", "{ago:-3}"), &[&leader, &standby], "renewTime lies 3.0s in the future"),
    ];
    for (spec, pods, why) in cases {
        let (health, reasons) = judged(&world(spec, pods));
        assert_eq!(health, Health::AtRisk, "{why}: {reasons}");
        assert!(reasons.starts_with(why), "{why}: {reasons}");
    }
}

#[test]
fn a_standby_of_klag_exporter_need_not_be_ready() {
    let klag = |name, ready| {
        web(name, if ready { "n1" } else { "n2" }, ready, "").replace(r#""name":"c""#, r#""name":"klag-exporter""#)
    };
    let (leader, standby) = (klag("aaaaa", true), klag("bbbbb", false));
    assert_eq!(judged(&world(HELD, &[&leader, &standby])), (Health::Healthy, String::new()));
    let waiting = standby.replace(r#""running":{}"#, r#""waiting":{"reason":"CrashLoopBackOff"}"#);
    let (health, reasons) = judged(&world(HELD, &[&leader, &waiting]));
    assert_eq!(
        (health, reasons.as_str()),
        (Health::AtRisk, "no standby is running (web-7d4b9-bbbbb: CrashLoopBackOff)")
    );
}

#[test]
fn a_standby_on_its_way_out_is_none() {
    let going = web("bbbbb", "n2", true, &deleted(5));
    assert_eq!(
        judged(&world(HELD, &[&web("aaaaa", "n1", true, ""), &going])),
        (Health::AtRisk, "no standby".to_owned())
    );
}

#[test]
fn a_renewal_is_in_the_future_only_beyond_the_clocks_error() {
    let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, "")];
    let renewed = |millis| HELD.replace("{ago:2}", &format!(r#""2026-11-21T12:00:00.{millis}Z""#));
    let judged = |millis| judged(&world(&renewed(millis), &[&pods[0], &pods[1]])).0;
    assert_eq!([judged(300), judged(590), judged(700)], [Health::Healthy, Health::Healthy, Health::AtRisk]);
}

#[test]
fn a_leader_that_was_asked_to_yield_is_said_to_be() {
    let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, "")];
    let judged = |preferred: &str| {
        let spec = HELD.replacen('{', &format!(r#"{{"preferredHolder":"{preferred}","#), 1);
        judged(&world(&spec, &[&pods[0], &pods[1]]))
    };
    let asked = "the leader was asked to yield (preferredHolder is set)";
    assert_eq!(judged("web-7d4b9-bbbbb"), (Health::Healthy, asked.to_owned()));
    assert_eq!(judged(""), (Health::Healthy, String::new()));
}

#[test]
fn a_leader_on_its_way_out_is_draining() {
    let pods = [web("aaaaa", "n1", true, &deleted(22)), web("bbbbb", "n2", true, "")];
    let (health, reasons) = judged(&world(HELD, &[&pods[0], &pods[1]]));
    assert_eq!(health, Health::Draining);
    assert_eq!(reasons, "the leader's Pod web-7d4b9-aaaaa is Terminating for 52s (grace 30s)");
}

#[test]
fn an_expired_lease_has_no_leader_or_nobody_at_all() {
    let standby = web("bbbbb", "n2", true, "");
    let (health, reasons) = judged(&world(EXPIRED, &[&standby]));
    assert_eq!(health, Health::NoLeader, "{reasons}");
    assert!(reasons.starts_with("web-7d4b9-aaaaa has not renewed: expired 26s ago; there is 1 candidate"), "{reasons}");
    let (health, reasons) = judged(&world(EXPIRED, &[]));
    assert_eq!(health, Health::Orphaned, "{reasons}");
}

#[test]
fn what_is_scaled_to_0_has_nobody_who_could_take_over() {
    let scaled = |pods: &[&str]| {
        let mut snapshot = world(EXPIRED, pods);
        let (namespace, workload) = ("n".to_owned(), Workload::new(WorkloadKind::Deployment, "web"));
        snapshot.insert(Object::Workload(WorkloadSpec { namespace, workload, replicas: 0, settings: Vec::new() }));
        snapshot
    };
    let last = scaled(&[&web("aaaaa", "n1", true, &deleted(5))]);
    let mut unread = scaled(&[]);
    unread.unread.insert(Kind::Pods, "forbidden".to_owned());
    for snapshot in [last, unread] {
        let (health, reasons) = judged(&snapshot);
        assert_eq!(health, Health::Orphaned, "{reasons}");
        assert!(reasons.contains("its workload is scaled to 0"), "{reasons}");
    }
}

#[test]
fn a_released_lease_is_left_alone_for_half_a_minute() {
    let candidate = web_naming_the_lease(&web("bbbbb", "n2", true, ""));
    let dated = r#"{"holderIdentity":"","leaseDurationSeconds":1,"renewTime":{ago:60},"acquireTime":{ago:60}}"#;
    let dated = world(dated, &[&candidate]);
    let judged_at = |seconds_ago: i64| judged_after(&dated, -seconds_ago).0;
    assert_eq!([judged_at(40), judged_at(30), judged_at(29)], [Health::Released, Health::Released, Health::NoLeader]);
    // Released with nulls, nothing tells since when: managedFields keep the time of an earlier write.
    let undated = world(r#"{"leaseTransitions":3}"#, &[&candidate]);
    let (health, reasons) = judged_after(&undated, 3600);
    assert_eq!(health, Health::Released);
    assert!(reasons.starts_with("given up by its last holder; when is not recorded"), "{reasons}");
}

#[test]
fn a_fence_is_a_transfer_in_progress_until_it_runs_out() {
    let fence = r#"{"holderIdentity":"hactl-transfer/x","leaseDurationSeconds":15,"renewTime":{ago:2}}"#;
    let why = |seconds| judged_after(&world(fence, &[]), seconds).1;
    assert!(why(13).starts_with("transfer in progress: nobody leads until it ends"), "{}", why(13));
    assert!(why(14).starts_with("a transfer was left behind: its fence has run out"), "{}", why(14));
}

#[test]
fn what_electors_leave_behind_is_read_right() {
    let standby = web("bbbbb", "n2", true, "");
    let cases: &[(&str, Health)] = &[
        ("{}", Health::NeverHeld),
        ("null", Health::NeverHeld),
        (r#"{"leaseTransitions":0}"#, Health::NeverHeld),
        (r#"{"holderIdentity":""}"#, Health::NeverHeld),
        (r#"{"holderIdentity":null,"leaseTransitions":3}"#, Health::Released),
        (
            r#"{"holderIdentity":"","leaseDurationSeconds":1,"renewTime":{ago:60},"acquireTime":{ago:60}}"#,
            Health::NoLeader,
        ),
        (r#"{"holderIdentity":null,"leaseDurationSeconds":15,"renewTime":{ago:2}}"#, Health::NoLeader), // stuck
        (r#"{"holderIdentity":"hactl-transfer/x","leaseDurationSeconds":15,"renewTime":{ago:2}}"#, Health::NoLeader),
        (r#"{"holderIdentity":"a","renewTime":{ago:2}}"#, Health::Unknown),
        (r#"{"holderIdentity":"a","leaseDurationSeconds":15}"#, Health::Unknown),
    ];
    for (spec, expected) in cases {
        let (health, reasons) = judged(&world(spec, &[&web_naming_the_lease(&standby)]));
        assert_eq!(health, *expected, "{spec}: {reasons}");
        assert!(!reasons.is_empty(), "{spec}");
    }
    let released = r#"{"holderIdentity":null,"leaseTransitions":3}"#;
    assert_eq!(judged(&world(released, &[])).0, Health::Released, "nobody is there to take it");
}

fn web_naming_the_lease(pod: &str) -> String {
    pod.replace(r#""name":"c"}]},"#, r#""name":"c","args":["--leader-election-id=l"]}]},"#)
}

#[test]
fn pods_that_may_not_be_read_leave_the_lease_to_be_judged_alone() {
    let mut snapshot = world(HELD, &[]);
    snapshot.unread.insert(Kind::Pods, "forbidden".to_owned());
    let (health, reasons) = judged(&snapshot);
    assert_eq!(
        (health, reasons.as_str()),
        (Health::Healthy, "Pods could not be read (forbidden): the Lease is judged alone")
    );
    let mut snapshot = world(EXPIRED, &[]);
    snapshot.unread.insert(Kind::Pods, "forbidden".to_owned());
    assert_eq!(judged(&snapshot).0, Health::NoLeader);
}

#[test]
fn durations_are_told_as_a_person_would() {
    let told = |seconds: f64| words(SignedDuration::from_secs_f64(seconds));
    let all = [0.0, 0.44, 13.8, 52.3, 200.0, 3_600.0, 90_000.0, 184_000.0].map(told);
    assert_eq!(all, ["0.0s", "0.4s", "13.8s", "52s", "3m 20s", "1h 0m", "25h 0m", "2d 3h"]);
}

proptest! {
    /// Whatever stands in a Lease, it is judged, it is Healthy only if it counts, and nothing panics.
    #[test]
    fn any_record_is_judged(
        holder in proptest::option::of(".{0,80}"),
        duration in proptest::option::of(1i64..100_000),
        renewed in proptest::option::of(-100_000i64..100_000),
        transitions in proptest::option::of(0i64..70_000),
    ) {
        let spec = serde_json::json!({
            "holderIdentity": holder,
            "leaseDurationSeconds": duration,
            "renewTime": renewed.map(at),
            "leaseTransitions": transitions,
        });
        let (health, reasons) = judged(&world(&spec.to_string(), &[&web("aaaaa", "n1", true, "")]));
        let counts = matches!((duration, renewed), (Some(duration), Some(ago)) if duration >= ago);
        if matches!(health, Health::Healthy | Health::AtRisk | Health::Draining) {
            prop_assert!(counts && holder.as_ref().is_some_and(|holder| !holder.is_empty()), "{:?}", reasons);
        } else {
            prop_assert!(!reasons.is_empty());
        }
    }
}

#[test]
fn where_there_is_one_node_all_candidates_may_be_on_it() {
    let mut snapshot = world(HELD, &[&web("aaaaa", "n1", true, ""), &web("bbbbb", "n1", true, "")]);
    snapshot.nodes.remove("n2");
    assert_eq!(judged(&snapshot), (Health::Healthy, String::new()));
}

#[test]
fn who_is_on_its_way_out_is_no_candidate_to_take_over() {
    let pods = [web("aaaaa", "n1", true, &deleted(5)), web("bbbbb", "n2", true, "")];
    let (_, reasons) = judged(&world(EXPIRED, &[&pods[0], &pods[1]]));
    assert!(reasons.ends_with("its Pod web-7d4b9-aaaaa is Terminating; there is 1 candidate: none has taken over yet"));
}

#[test]
fn a_lease_of_one_of_several_pods_is_not_orphaned() {
    let elsewhere = |namespace: &str| {
        web("aaaaa", "n1", true, "").replace(r#""namespace":"n""#, &format!(r#""namespace":"{namespace}""#))
    };
    let (health, reasons) = judged(&world(EXPIRED, &[&elsewhere("x"), &elsewhere("y")]));
    assert_eq!(health, Health::NoLeader, "{reasons}");
    assert!(reasons.contains("could be any of the Pods x/web-7d4b9-aaaaa, y/web-7d4b9-aaaaa"), "{reasons}");
}

#[test]
fn without_managed_fields_a_release_is_as_old_as_its_renewal() {
    let released = lease(&format!(
        r#"{{"metadata":{{"namespace":"n","name":"l"}},"spec":{{"holderIdentity":"","renewTime":{:?}}}}}"#,
        at(20)
    ));
    let mut snapshot = Snapshot::default();
    snapshot.insert(Object::Lease(released));
    assert_eq!(judged(&snapshot), (Health::Released, "given up 20s ago".to_owned()));
}
