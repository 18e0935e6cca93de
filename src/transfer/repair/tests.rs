//! Each state with what it needs, and every combination of them all.

mod machines;

use super::*;
use crate::elector::kube_lease_manager::Edition;
use crate::elector::polling::Library;
use crate::model::wire::tests::lease;
use crate::model::write::Change;

pub(super) const NOW: &str = "2026-11-21T13:00:00Z";
const OLD: Name = Name::KubeLeaseManager(Edition::Before0_11_1);

fn record(spec: &str) -> LeaseRecord {
    with(spec, "")
}

fn with(spec: &str, metadata: &str) -> LeaseRecord {
    lease(&format!(
        r#"{{"metadata":{{"namespace":"n","name":"l","uid":"u","resourceVersion":"7"{metadata}}},"spec":{{{spec}}}}}"#
    ))
}

pub(super) fn case(lease: Option<&LeaseRecord>, elector: Option<Name>) -> Case<'_> {
    Case {
        lease,
        elector,
        times: Times::default(),
        leader: Leader::Unknown,
        pods: None,
        now: NOW.parse().expect("a time"),
        error: SignedDuration::ZERO,
        watched: SignedDuration::ZERO,
    }
}

fn known(identity: &str, state: Standing) -> Leader {
    Leader::Known { identity: identity.to_owned(), state }
}

/// How long it has to be waited for, in seconds.
fn wait(repair: &Repair) -> Option<i64> {
    match &repair.proof {
        Proof::Missing { wait, .. } => wait.map(|wait| wait.as_secs()),
        Proof::Proved(_) => None,
    }
}

const STUCK: &str = r#""leaseDurationSeconds":15,"leaseTransitions":3,
    "acquireTime":"2026-11-21T12:00:00Z","renewTime":"2026-11-21T12:59:30Z""#;

#[test]
fn the_deadlock_is_nulled_once_no_blind_renewal_can_come() {
    let stuck = record(STUCK);
    let found = |case: Case<'_>| diagnose(&case).expect("it is stuck");
    let early = found(case(Some(&stuck), Some(OLD)));
    assert_eq!((early.problem, wait(&early)), (Problem::Deadlock, Some(15)), "15 s and the longest backoff, less 30 s");
    assert_eq!(early.write(), None);
    let told = "it was renewed 30s ago, and only after 45s can no renewal come any more: 15.0s are missing";
    assert!(matches!(&early.proof, Proof::Missing { what, .. } if what == told), "{:?}", early.proof);
    // The dates are the leader's own; the server's clock, and hactl's watching, tell more.
    let uncertain = found(Case { error: SignedDuration::from_secs(5), ..case(Some(&stuck), Some(OLD)) });
    assert_eq!(wait(&uncertain), Some(20));
    let kept = r#","managedFields":[{"manager":"kube-lease-manager-a","operation":"Update","time":"2026-11-21T12:59:50Z",
        "fieldsV1":{"f:spec":{"f:renewTime":{}}}}]"#;
    assert_eq!(wait(&found(case(Some(&with(STUCK, kept)), Some(OLD)))), Some(36), "its clock was behind");
    for proved in [
        Case { now: "2026-11-21T13:00:15Z".parse().expect("a time"), ..case(Some(&stuck), Some(OLD)) },
        Case { watched: SignedDuration::from_secs(45), ..case(Some(&stuck), Some(OLD)) },
        Case { leader: known("web-0", Standing::Ended), ..case(Some(&stuck), Some(OLD)) },
    ] {
        let repair = found(proved);
        let patch = repair.write().expect("it is proved");
        let nulls = [patch.holder == Change::Null, patch.duration == Change::Null, patch.acquired == Change::Null];
        assert_eq!((nulls, &patch.renewed, &patch.transitions), ([true; 3], &Change::Null, &Change::Keep));
        assert_eq!((patch.version.as_str(), patch.uid.as_str()), ("7", "u"));
    }
    // That its Pod is gone proves nothing: its node may only be out of reach.
    assert!(found(Case { leader: known("web-0", Standing::Gone), ..case(Some(&stuck), Some(OLD)) }).write().is_none());
    let released = record(r#""leaseTransitions":3"#);
    assert_eq!(diagnose(&case(Some(&released), Some(OLD))), None);
}

#[test]
fn a_fence_is_freed_when_it_has_run_out() {
    let fence = |seconds: i64| {
        let renewed: Timestamp = NOW.parse().expect("a time");
        let renewed = renewed - SignedDuration::from_secs(seconds);
        record(&format!(
            r#""holderIdentity":"hactl-transfer/x7","leaseDurationSeconds":15,"leaseTransitions":3,"renewTime":"{renewed:.6}""#
        ))
    };
    let found = |seconds: i64, elector| {
        let fence = fence(seconds);
        diagnose(&case(Some(&fence), elector)).expect("a fence")
    };
    let fresh = found(5, Some(Name::ClientGo));
    assert_eq!((fresh.problem, wait(&fresh)), (Problem::Fence, Some(10)));
    assert!(matches!(&fresh.proof, Proof::Missing { what, .. } if what == "a transfer is running: x7"));
    assert_eq!(found(5, None).proof, fresh.proof, "whoever the elector is");
    // 15 s, and where the retry period is not known as much again.
    assert_eq!(wait(&found(20, Some(Name::ClientGo))), Some(25));
    let holder = |elector| found(3600, Some(elector)).write().map(|patch| patch.holder.clone());
    assert_eq!(holder(Name::ClientGo), Some(Change::Set(String::new())));
    assert_eq!(holder(Name::Polling(Library::Java)), Some(Change::Null));
    assert_eq!(holder(OLD), Some(Change::Null));
    assert_eq!(holder(Name::KubeLeaderElection), None);
    let patch = found(3600, Some(Name::ClientGo)).patch.expect("a write");
    assert_eq!(patch.annotations.get("hactl.dev/transfer"), Some(&None));
    let unknown = found(3600, None);
    assert!(matches!(&unknown.proof, Proof::Missing { what, wait: None } if what.contains("--elector")));
}

#[test]
fn what_is_null_is_filled_in_for_whoever_cannot_read_it() {
    let filled = |elector, spec: &str| {
        let lease = record(spec);
        let case = Case { leader: known("a", Standing::Ended), ..case(Some(&lease), Some(elector)) };
        diagnose(&case).map(|repair| {
            let patch = repair.write().expect("it is proved").clone();
            (patch.holder, patch.duration, patch.renewed, patch.transitions)
        })
    };
    let long_ago = || Change::Set("2026-11-21T12:00:00Z".parse().expect("a time"));
    let today = || Change::Set(NOW.parse().expect("a time"));
    let empty = || Change::Set(String::new());
    let (dotnet, java) = (Name::Polling(Library::DotNet), Name::Polling(Library::Java));
    let kle = Name::KubeLeaderElection;
    assert_eq!(filled(dotnet, ""), Some((empty(), Change::Set(15), long_ago(), Change::Set(0))));
    assert_eq!(filled(kle, ""), Some((empty(), Change::Set(1), long_ago(), Change::Set(0))));
    assert_eq!(filled(Name::Fabric8, ""), Some((empty(), Change::Set(15), long_ago(), Change::Set(0))));
    assert_eq!(filled(java, ""), Some((empty(), Change::Set(10), long_ago(), Change::Set(0))));
    // A holder stays, and its dates become new.
    let held = r#""holderIdentity":"a","acquireTime":"2026-11-21T12:00:00Z","renewTime":"2026-11-21T12:00:00Z","leaseTransitions":3"#;
    assert_eq!(filled(kle, held), Some((Change::Keep, Change::Set(15), today(), Change::Keep)));
    assert_eq!(filled(java, held), Some((Change::Keep, Change::Set(10), today(), Change::Keep)));
    assert_eq!(filled(dotnet, held), None, "it takes any duration");
    for elector in [Name::ClientGo, Name::Kubert, Name::Polling(Library::Python)] {
        assert_eq!(filled(elector, held), None, "{elector}");
    }
}

#[test]
fn fabric8_is_restarted_before_and_after() {
    let lease =
        record(r#""holderIdentity":"a","acquireTime":"2026-11-21T12:00:00Z","renewTime":"2026-11-21T12:00:00Z""#);
    let found =
        |leader, pods| diagnose(&Case { leader, pods, ..case(Some(&lease), Some(Name::Fabric8)) }).expect("stuck");
    let running = found(known("a", Standing::Runs), None);
    assert!(
        matches!(&running.proof, Proof::Missing { what, wait: None } if what.contains("end it first")),
        "{running:?}"
    );
    assert!(found(known("a", Standing::Gone), None).proof.holds(), "an hour of silence, and no Pod");
    assert!(found(known("a", Standing::Ended), None).proof.holds());
    assert!(found(Leader::Unknown, Some(Vec::new())).proof.holds());
    assert!(!found(Leader::Unknown, Some(vec!["web-1".to_owned()])).proof.holds());
    assert!(running.advice[0].contains("restart its Pods"));
}

#[test]
fn a_yield_that_nobody_answers_is_taken_back() {
    let coordinated = |renewed: &str| {
        record(&format!(
            r#""holderIdentity":"b","leaseDurationSeconds":5,"strategy":"OldestEmulationVersion","preferredHolder":"a",
                "renewTime":"2026-11-21T{renewed}Z""#
        ))
    };
    let found = |renewed: &str, elector| {
        let lease = coordinated(renewed);
        diagnose(&case(Some(&lease), elector))
    };
    for elector in [Some(Name::Coordinated), None] {
        let repair = found("12:00:00", elector).expect("stuck");
        assert_eq!(repair.problem, Problem::UnansweredYield);
        let patch = repair.write().expect("nobody has renewed for an hour");
        assert_eq!((&patch.preferred, &patch.holder), (&Change::Null, &Change::Keep));
        assert_eq!(found("12:59:58", elector), None, "it is being answered");
        assert_eq!(wait(&found("12:59:50", elector).expect("run out")), Some(25));
    }
}

#[test]
fn what_no_write_helps_is_advice() {
    let gone =
        |elector| diagnose(&case(None, elector)).map(|repair| (repair.problem, repair.patch, repair.advice.len()));
    assert_eq!(gone(Some(OLD)), Some((Problem::LeaseDeleted, None, 1)));
    assert_eq!(gone(Some(Name::Kubert)), Some((Problem::LeaseDeleted, None, 1)));
    assert_eq!((gone(Some(Name::ClientGo)), gone(None)), (None, None));
    let owned = |duration: i64, manager: &str| {
        let managed = format!(
            r#","managedFields":[{{"manager":"{manager}","operation":"Update","time":"{NOW}",
                "fieldsV1":{{"f:spec":{{"f:leaseDurationSeconds":{{}}}}}}}}]"#
        );
        with(&format!(r#""holderIdentity":"web-0_x","leaseDurationSeconds":{duration},"renewTime":"{NOW}""#), &managed)
    };
    let blind = |lease: &LeaseRecord, elector| {
        let pods = Some(["web-0", "web-1", "web-2"].map(str::to_owned).to_vec());
        diagnose(&Case { pods, leader: known("web-0_x", Standing::Runs), ..case(Some(lease), Some(elector)) })
    };
    let long = blind(&owned(3600, "kubectl-patch"), OLD).expect("blind");
    assert_eq!(
        (long.problem, long.advice.as_slice()),
        (Problem::BlindStandbys, ["restart web-1, web-2".to_owned()].as_slice())
    );
    assert_eq!(blind(&owned(3600, "web"), OLD), None, "so its elector wants it");
    assert_eq!(blind(&owned(40, "kubectl-patch"), OLD), None);
    assert_eq!(blind(&owned(3600, "kubectl-patch"), Name::ClientGo), None, "it goes by what it has seen");
    let future = record(r#""holderIdentity":"web-0","leaseDurationSeconds":15,"renewTime":"2026-11-21T14:00:00Z""#);
    assert_eq!(blind(&future, Name::Kubert).expect("blind").problem, Problem::BlindStandbys);
}

#[test]
fn an_elector_that_is_not_known_is_asked_for() {
    let stuck = record(STUCK);
    let repair = diagnose(&case(Some(&stuck), None)).expect("it looks stuck");
    assert_eq!((repair.problem, repair.write()), (Problem::UnknownElector, None));
    let Proof::Missing { what, wait: None } = repair.proof else { panic!("{:?}", repair.proof) };
    assert!(
        what.contains("--elector") && what.contains("kube-lease-manager@0.8, kube-leader-election, dotnet"),
        "{what}"
    );
    for sound in [
        "",
        r#""leaseTransitions":3"#,
        r#""holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2026-11-21T12:00:00Z""#,
    ] {
        assert_eq!(diagnose(&case(Some(&record(sound)), None)), None, "{sound}");
    }
}

/// The record after the write.
pub(super) fn written(lease: &LeaseRecord, patch: &LeasePatch) -> LeaseRecord {
    fn set<T: Clone>(before: &Option<T>, change: &Change<T>) -> Option<T> {
        match change {
            Change::Keep => before.clone(),
            Change::Null => None,
            Change::Set(value) => Some(value.clone()),
        }
    }
    LeaseRecord {
        holder: set(&lease.holder, &patch.holder),
        duration: set(&lease.duration.map(|d| i32::try_from(d.as_secs()).expect("seconds")), &patch.duration)
            .map(|seconds| SignedDuration::from_secs(seconds.into())),
        acquired: set(&lease.acquired, &patch.acquired),
        renewed: set(&lease.renewed, &patch.renewed),
        transitions: set(&lease.transitions.map(|n| i32::try_from(n).expect("few")), &patch.transitions).map(i64::from),
        preferred_holder: set(&lease.preferred_holder, &patch.preferred),
        ..lease.clone()
    }
}

/// Every shape, elector, leader and proof: what is never written, and what is cured by what is written.
#[test]
fn nothing_is_written_that_could_make_two_leaders() {
    let fields = [
        [
            r#""holderIdentity":null"#,
            r#""holderIdentity":"""#,
            r#""holderIdentity":"a""#,
            r#""holderIdentity":"hactl-transfer/x""#,
        ]
        .as_slice(),
        &[r#""leaseDurationSeconds":null"#, r#""leaseDurationSeconds":15"#],
        &[r#""acquireTime":null"#, r#""acquireTime":"2026-11-21T12:00:00Z""#],
        &[
            r#""renewTime":null"#,
            r#""renewTime":"2026-11-21T11:00:00Z""#,
            r#""renewTime":"2026-11-21T12:59:57Z""#,
            r#""renewTime":"2026-11-21T15:00:00Z""#,
        ],
        &[r#""leaseTransitions":null"#, r#""leaseTransitions":3"#],
        &[
            r#""strategy":null"#,
            r#""strategy":"OldestEmulationVersion""#,
            r#""strategy":"OldestEmulationVersion","preferredHolder":"b""#,
        ],
    ];
    let shapes = fields.iter().fold(vec![String::new()], |shapes, values| {
        let longer = |shape: &String| {
            values
                .iter()
                .map(|value| [shape.as_str(), value].join(if shape.is_empty() { "" } else { "," }))
                .collect::<Vec<_>>()
        };
        shapes.iter().flat_map(longer).collect()
    });
    assert_eq!(shapes.len(), 384);
    let electors: Vec<_> = Name::ALL.iter().copied().map(Some).chain([None]).collect();
    let leaders =
        [Leader::Unknown, known("a", Standing::Runs), known("a", Standing::Ended), known("a", Standing::Gone)];
    let (mut found, mut writes) = (0, 0);
    for shape in &shapes {
        let lease = record(shape);
        for (elector, leader) in
            electors.iter().flat_map(|elector| leaders.iter().map(move |leader| (*elector, leader)))
        {
            for (pods, watched) in [(None, 0), (Some(Vec::new()), 0), (Some(vec!["a".to_owned()]), 0), (None, 3600)] {
                let watched = SignedDuration::from_secs(watched);
                let case = Case { leader: leader.clone(), pods, watched, ..case(Some(&lease), elector) };
                let Some(repair) = diagnose(&case) else { continue };
                found += 1;
                assert!(repair.patch.is_some() || !repair.advice.is_empty() || !repair.proof.holds(), "{case:?}");
                let Some(patch) = repair.write() else { continue };
                writes += 1;
                assert_eq!((patch.version.as_str(), patch.uid.as_str()), ("7", "u"));
                let fresh = lease.renewed.is_some_and(|at| case.now.duration_since(at) < SignedDuration::from_secs(10));
                let seen = watched > SignedDuration::ZERO;
                let ended = matches!(leader, Leader::Known { state: Standing::Ended, .. });
                if lease.strategy.is_some() {
                    assert_eq!(patch.holder, Change::Keep, "{case:?}");
                }
                // Who has just renewed, or may be about to, is written over by nobody.
                if fresh && !ended && !seen {
                    assert_eq!(patch.holder, Change::Keep, "{case:?}");
                    assert!(repair.problem == Problem::NullField && lease.holder.as_deref() == Some("a"), "{case:?}");
                }
                assert!(elector.is_some() || lease.strategy.is_some(), "{case:?}");
                assert!(
                    !(elector == Some(Name::Fabric8)
                        && *leader == known("a", Standing::Runs)
                        && repair.problem == Problem::NullField),
                    "{case:?}"
                );
                // It is cured: the same elector is not stuck any more.
                let after = written(&lease, patch);
                let again = diagnose(&Case { lease: Some(&after), ..case.clone() }).map(|repair| repair.problem);
                assert!(matches!(again, None | Some(Problem::BlindStandbys)), "{again:?} after {case:?}");
            }
        }
    }
    assert!(found > 2000 && writes > 1000, "{found} found, {writes} written");
}
