//! Whether klag-exporter's image can elect: by where it is from, and in a cluster by what its Pods do.

use jiff::SignedDuration;

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::leading;
use super::Klag;
use crate::access::Scope;
use crate::check::live::Live;
use crate::model::health::Health;
use crate::model::{Election, WorkloadKind};
use crate::system::klag_exporter::feature::{Feature, Seen, judge};

/// What its Pods are seen by.
const SEEN_BY: &[&str] = &["Pod", "Lease", "Deployment", "StatefulSet"];

/// Whoever is Ready for so long has asked for its Lease, if it asks: it does so at its start (klag-exporter 0.1.29, `main`).
const ASKS: SignedDuration = SignedDuration::from_mins(1);

pub(super) const ELECTS: Check = Check {
    id: "HA0808",
    severity: Severity::Warning,
    title: "klag-exporter's image is one that can elect",
    page: include_str!("../../pages/HA0808.md"),
    judge: elects,
};

fn elects(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((_, config)) = klag.read(verdicts) else { continue };
        let object = klag.workload.object;
        if config.leadership.enabled.value != Some(true) {
            verdicts.skip(object, "its leader election is off");
            continue;
        }
        let image = klag.program.container.get("image").text().unwrap_or_default();
        let field = format!("{}.image", klag.program.path);
        let seen = scene.happening(SEEN_BY).map(|live| seen(scene, live, &klag));
        let broken = match seen.map(|seen| (judge(seen), seen.ready)) {
            Some((Feature::There, _)) => {
                verdicts.pass(object);
                continue;
            }
            Some((Feature::SeveralLead, ready)) => Some(format!(
                "{ready} of its Pods are Ready, where only the leader is: {image} is built without leader election, and each \
                 of them works as if it led"
            )),
            Some((Feature::NoLease, _)) => Some(format!(
                "a Pod is Ready, where only the leader is, and no Lease is renewed: {image} is built without leader election, \
                 and each replica works as if it led"
            )),
            Some((Feature::Unknown, _)) | None => None,
        };
        if let Some(message) = broken {
            verdicts.fail(object, field, message).severity(Severity::Error);
            continue;
        }
        if !klag.is_published() {
            verdicts.pass(object);
            continue;
        }
        let message = format!(
            "leader election is on, and the image is {image}: klag-exporter's own releases (seen up to 0.1.29) are built \
             without it, and then each replica works as if it led. Its log says \"feature is not compiled in\", and several \
             Pods are Ready at a time"
        );
        verdicts.fail(object, field, message);
    }
}

/// What its Pods do now.
fn seen<'o>(scene: &Scene<'o>, live: &Live, klag: &Klag<'o>) -> Seen {
    let of = klag.workload.object;
    let pods = live.snapshot.pods.values().filter(|pod| {
        let owner = pod.workload();
        Some(&*pod.key.namespace) == of.namespace.as_deref()
            && owner.kind == WorkloadKind::parse(&of.kind)
            && *owner.name == *of.name
    });
    let ready: Vec<_> = pods.filter(|pod| pod.ready && pod.deleted.is_none()).collect();
    let since = |started| live.now.at.duration_since(started) > ASKS;
    let settled = ready.iter().any(|pod| pod.containers.iter().any(|container| container.started.is_some_and(since)));
    let elector = scene.electors().in_pods_of(klag.workload).iter().find(|one| one.program.path == klag.program.path);
    let lease = elector.and_then(|elector| {
        let (name, scope) = (elector.lease.as_deref()?, elector.scope(scene.policy())?);
        let Scope::Namespace(namespace) = scope else { return None };
        let is = |election: &Election| {
            let renewed = matches!(election.health, Health::Healthy | Health::AtRisk | Health::Draining);
            election.namespace == namespace && election.lease_name() == Some(name) && renewed
        };
        scene.knows(scope).then(|| live.elections.iter().any(is))
    });
    Seen { ready: ready.len(), gated: leading::readiness_gated(scene, klag.workload), lease, settled }
}
