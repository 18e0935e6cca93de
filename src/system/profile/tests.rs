//! Every profile keeps to what a table, a flag and a reader need.

use super::*;
use crate::system::step::Basis;

const ALL: [System; 4] = [System::Kubecost, System::KlagExporter, System::FederatedEtl, System::Operator];

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(|c: char| c.is_uppercase() || c == '/')
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn every_step_says_what_it_is_and_who_says_so() {
    for system in ALL {
        let profile = system.failover();
        assert_eq!(profile.system, system);
        assert!(!profile.after.is_empty() && !profile.serves.is_empty());
        for step in profile.steps() {
            assert!(is_id(step.id) && is_sentence(step.what) && !step.source.is_empty(), "{step:?}");
            assert!(!step.name.is_empty() && step.name.len() <= 16, "too wide for a table: {step:?}");
            assert!(Micros::ZERO <= step.low && step.low <= step.high && step.high <= step.limit, "{step:?}");
            // What nobody can set does not depend on the user's cluster.
            assert!(step.is_setting() || step.basis == Basis::Known, "{step:?}");
        }
        for note in &profile.notes {
            assert!(is_id(note.id) && is_sentence(note.message) && !note.source.is_empty(), "{note:?}");
        }
        let Some(guide) = profile.guide else { continue };
        assert!(!guide.source.is_empty() && guide.timeline.is_sorted_by_key(|moment| moment.at));
        assert!(guide.claims.iter().all(|claim| claim.low < claim.high && claim.grace_period < claim.lease_duration));
    }
}

#[test]
fn a_setting_is_found_by_its_id_and_nothing_else_is() {
    for system in ALL {
        let profile = system.failover();
        let ids: Vec<&str> = profile.settings().iter().map(|step| step.id).collect();
        for id in &ids {
            let mut changed = profile.clone();
            assert!(changed.set(id, Micros::from_secs(7)));
            assert_ne!(changed, profile, "{id}");
            let others = |p: &Profile| p.steps().filter(|step| step.id != *id).copied().collect::<Vec<_>>();
            assert_eq!(others(&changed), others(&profile));
            assert!(
                changed.steps().filter(|step| step.id == *id).all(|step| step.high == Micros::from_secs(7)),
                "{id}"
            );
        }
        let mut same = profile.clone();
        assert!(!same.set("no-such-step", Micros::SECOND) && !same.set("first-run", Micros::SECOND));
        assert_eq!(same, profile);
    }
}

#[test]
fn the_settings_are_the_flags() {
    let ids = |system: System| system.failover().settings().iter().map(|step| step.id).collect::<Vec<_>>();
    assert_eq!(ids(System::KlagExporter), ["collection", "poll-interval", "readiness-period", "scrape-interval"]);
    assert_eq!(ids(System::Kubecost), ["bucket-poll", "promotion"]);
    assert_eq!(ids(System::Operator), ["shutdown", "cache-sync"]);
    let node = ["node-monitor-grace-period", "node-monitor-period", "toleration-seconds", "pod-start"];
    assert_eq!(ids(System::FederatedEtl), [&["restart-delay", "container-start"][..], &node].concat());
}

#[test]
fn who_elects_has_a_timing_and_who_does_not_has_none() {
    for system in ALL {
        match system.failover().succession {
            Succession::Election(elects) => {
                assert!(elects.timing.lease_duration.value.is_some() && !elects.source.is_empty());
                let grace = elects.timing.grace_period.value.is_some();
                assert_eq!(grace, elects.library.renews_before_expiry());
                assert_eq!(elects.timing.retry_period.value.is_some(), !grace);
            }
            Succession::Replacement(_) => assert_eq!(system, System::FederatedEtl),
        }
    }
}
