//! What concerns some workloads: they themselves, and what their election, their Pods and their rights hang on.

use std::collections::HashSet;

use super::catalogue::Check;
use super::judge;
use super::needs::SERVED;
use super::scene::Scene;
use super::verdict::{Name, Outcome, Verdict};
use super::workload::Workload;
use crate::access::Account;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::Selector;

/// Objects, by what identifies them.
pub type Names<'o> = HashSet<(&'o str, &'o str, &'o str)>;

fn name(object: &Object) -> (&str, &str, &str) {
    (&object.kind, object.namespace.as_deref().unwrap_or_default(), &object.name)
}

/// Judges by these checks what concerns some workloads: what is said of what belongs to them, `names`, and whatever would not
/// be said if they were not there, `without` them.
#[must_use]
pub fn concerning<'c>(
    scene: &Scene<'_>,
    without: &Scene<'_>,
    names: &Names<'_>,
    checks: impl IntoIterator<Item = &'c Check> + Clone,
) -> Vec<Verdict<'c>> {
    let said_anyway = judge(without, checks.clone());
    let said_anyway: HashSet<_> = said_anyway.iter().map(said).collect();
    let mut verdicts = judge(scene, checks);
    verdicts.retain(|verdict| {
        // What could not be looked at may have been about them.
        verdict.outcome == Outcome::Unknown || is_about(names, verdict) || !said_anyway.contains(&said(verdict))
    });
    verdicts
}

/// Whether a verdict is about one of these.
#[must_use]
pub fn is_about(names: &Names<'_>, verdict: &Verdict<'_>) -> bool {
    let Name { kind, namespace, name, .. } = &verdict.spot.object;
    names.contains(&(&**kind, namespace.as_deref().unwrap_or_default(), &**name))
}

/// What a verdict says, to find it again among others.
fn said<'v>(verdict: &'v Verdict<'_>) -> (&'v str, Outcome, &'v Name, &'v str, &'v str) {
    (verdict.check.id, verdict.outcome, &verdict.spot.object, &verdict.spot.field, &verdict.message)
}

/// What belongs to these objects: workloads, of which others are left out.
#[must_use]
pub fn related<'o>(scene: &Scene<'o>, wanted: impl IntoIterator<Item = &'o Object>) -> Names<'o> {
    let mut names = Names::new();
    for workload in wanted.into_iter().filter_map(Workload::of) {
        let object = workload.object;
        let beside = |kind: &'static str| scene.of_kind_beside(kind, object).iter().copied();
        names.insert(name(object));
        names.extend(scene.autoscaler(workload).map(name));
        let budgets = beside("PodDisruptionBudget")
            .filter(|budget| Selector::read(budget.root.at("spec.selector")).matches(workload.labels()));
        names.extend(budgets.map(name));
        let services: Vec<_> = beside("Service").filter(|service| serves(workload, service)).collect();
        names.extend(services.iter().copied().map(name));
        names.extend(webhooks(scene, &services).map(name));
        let mentioned = mentioned(workload.pod());
        let mentions = |kind: &'static str| {
            let mentioned = &mentioned;
            beside(kind).filter(move |object| mentioned.contains(&(kind, &*object.name)))
        };
        names.extend(mentions("ConfigMap").map(name));
        names.extend(mentions("PersistentVolumeClaim").map(name));
        names.extend(rights(scene, workload));
    }
    names
}

/// The ServiceAccount that a workload's Pods run as, and its bindings and roles.
fn rights<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> Vec<(&'o str, &'o str, &'o str)> {
    let object = workload.object;
    let policy = scene.policy();
    let who = Account { scope: policy.scope(object.namespace.as_deref()), name: workload.service_account() };
    let mut names: Vec<_> = scene.of_kind_beside("ServiceAccount", object).to_vec();
    names.retain(|account| &*account.name == who.name);
    for binding in policy.bindings_for(who) {
        // One that is for everybody says nothing of this one.
        if binding.accounts().any(|account| account == who) {
            names.push(binding.object);
            names.extend(policy.role_of(binding).map(|role| role.object));
        }
    }
    names.into_iter().map(name).collect()
}

/// Whether the Pods of a workload answer for a Service.
pub(super) fn serves(workload: Workload<'_>, service: &Object) -> bool {
    let selector = Selector::plain(service.root.at("spec.selector"));
    let here = workload.object.namespace == service.namespace;
    here && !selector.is_empty() && selector.matches(workload.labels())
}

/// The webhooks that are served by one of these Services.
fn webhooks<'o>(scene: &Scene<'o>, services: &[&'o Object]) -> impl Iterator<Item = &'o Object> {
    let served = |webhook: &Node| {
        let service = webhook.at("clientConfig.service");
        let is = |other: &&Object| {
            service.get("name").text() == Some(&other.name)
                && service.get("namespace").text() == other.namespace.as_deref()
        };
        services.iter().any(is)
    };
    let all = SERVED.iter().flat_map(|kind| scene.of_kind(kind)).copied();
    all.filter(move |object| object.root.get("webhooks").list().iter().any(served))
}

/// The ConfigMaps and claims that a Pod's spec names.
pub(super) fn mentioned(pod: &Node) -> HashSet<(&'static str, &str)> {
    const KINDS: &[(&str, &str, &str)] = &[
        ("configMap", "name", "ConfigMap"),
        ("configMapRef", "name", "ConfigMap"),
        ("configMapKeyRef", "name", "ConfigMap"),
        ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
    ];
    let (mut names, mut open) = (HashSet::new(), vec![pod]);
    while let Some(node) = open.pop() {
        for field in node.fields() {
            let kind = KINDS.iter().find(|(of, ..)| **of == *field.name);
            names.extend(kind.and_then(|(_, at, kind)| Some((*kind, field.node.get(at).text()?))));
            open.push(&field.node);
        }
        open.extend(node.list());
    }
    names
}
