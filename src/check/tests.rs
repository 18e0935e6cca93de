//! Every check by its own page: the example that fails does so for that check, the fix that is offered makes it pass, and
//! the example that passes passes.

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::live::Live;
use super::verdict::Name;
use super::{Check, Outcome, Scene, Verdict, catalogue, judge, needs};
use crate::model::Snapshot;
use crate::model::election::elections;
use crate::model::health::Now;
use crate::model::memory::Look;
use crate::model::node::Node;
use crate::model::object::{Object, Origin};
use crate::model::snapshot;
use crate::model::wire::{Shape, WireDeployment, WireLease, WireNode, WirePod, WireStatefulSet};

/// When the examples of what is so now are looked at.
const NOW: &str = "2026-11-21T12:00:00Z";

/// The documents of the example under a heading of a page.
fn example(page: &str, heading: &str) -> Vec<Json> {
    let after = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading}")).1;
    let yaml = after.split_once("```yaml\n").expect("an example").1.split_once("```").expect("its end").0;
    yaml.split("---\n").map(|document| serde_saphyr::from_str(document).expect("YAML")).collect()
}

pub(super) fn objects(documents: &[Json]) -> Vec<Object> {
    documents.iter().map(|document| Object::new(Node::from(document), Origin::Live).expect("an object")).collect()
}

/// A cluster that has these objects, and the ones of which checks see the whole.
pub(super) fn cluster(documents: &[Json]) -> (Live, Vec<Object>) {
    let (mut snapshot, mut whole) = (Snapshot::default(), Vec::new());
    for document in documents {
        let shape = match document["kind"].as_str().expect("a kind") {
            "Lease" => Shape::of::<WireLease>(),
            "Pod" => Shape::of::<WirePod>(),
            "Node" => Shape::of::<WireNode>(),
            "Deployment" => Shape::of::<WireDeployment>(),
            "StatefulSet" => Shape::of::<WireStatefulSet>(),
            _ => {
                whole.push(document.clone());
                continue;
            }
        };
        let (fact, _) = (shape.object)(&document.to_string()).unwrap_or_else(|error| panic!("{error}: {document:#}"));
        if matches!(fact, snapshot::Object::Workload(_)) {
            whole.push(document.clone());
        }
        snapshot.insert(fact);
    }
    let now = Now { at: NOW.parse().expect("a time"), error: SignedDuration::ZERO };
    let elections = elections(&snapshot, now, false, &Look::began(now.at));
    (Live { now, elections, snapshot }, objects(&whole))
}

/// As `kubectl patch --type merge`, but that containers and the like go by their names, as with `kubectl apply`.
fn merge(into: &mut Json, patch: &Json) {
    let (Json::Object(fields), Json::Object(patch)) = (&mut *into, patch) else {
        *into = patch.clone();
        return;
    };
    for (name, value) in patch {
        match (fields.get_mut(name), value) {
            (_, Json::Null) => drop(fields.remove(name)),
            (Some(old @ Json::Object(_)), Json::Object(_)) => merge(old, value),
            (Some(Json::Array(old)), Json::Array(new)) if new.iter().all(|entry| entry["name"].is_string()) => {
                for entry in new {
                    match old.iter_mut().find(|other| other["name"] == entry["name"]) {
                        Some(other) => merge(other, entry),
                        None => old.push(entry.clone()),
                    }
                }
            }
            _ => drop(fields.insert(name.clone(), value.clone())),
        }
    }
}

/// Applies what is offered for an object: fields to merge into it, other objects to add, or both.
pub(super) fn mend(documents: &mut Vec<Json>, object: &Name, fix: &str) {
    for part in fix.split("---\n") {
        let patch: Json = serde_saphyr::from_str(part).unwrap_or_else(|error| panic!("{error}\n{fix}"));
        let is =
            |document: &&mut Json| document["kind"] == *object.kind && document["metadata"]["name"] == *object.name;
        match documents.iter_mut().find(is) {
            Some(document) if !patch["kind"].is_string() => merge(document, &patch),
            _ => documents.push(patch),
        }
    }
}

pub(super) fn failed<'v>(verdicts: &'v [Verdict<'_>]) -> Vec<&'v Verdict<'v>> {
    verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Fail).collect()
}

/// What a check says, if it has asked for nothing that is not read of a cluster.
fn judged(scene: &Scene<'_>, check: &'static Check) -> Vec<Verdict<'static>> {
    let verdicts = judge(scene, [check]);
    for kind in scene.asked() {
        assert!(needs::is_known(kind), "{} asks for {kind}: add it to what is read of a cluster", check.id);
    }
    verdicts
}

#[test]
fn every_check_is_explained_by_examples_that_are_true() {
    // Documents are judged before there are objects, by whoever reads them: the program itself does in `tests/preflight.rs`.
    for check in catalogue::all().filter(|check| !check.id.starts_with("HA00")) {
        let by = |documents: &[Json]| {
            let verdicts = if check.id.starts_with("HA09") {
                let (live, objects) = cluster(documents);
                judged(&Scene::live(&objects, &[], &live), check)
            } else {
                let objects = objects(documents);
                judged(&Scene::new(&objects), check)
            };
            let told: Vec<_> = failed(&verdicts)
                .into_iter()
                .map(|verdict| (verdict.spot.object.clone(), verdict.message.clone(), verdict.fix.clone()))
                .collect();
            let passes = verdicts.iter().any(|verdict| verdict.outcome == Outcome::Pass);
            (told, passes)
        };
        let mut documents = example(check.page, "Fails");
        let (told, _) = by(&documents);
        assert!(!told.is_empty(), "{} does not fail", check.id);
        let mut fixes = Vec::new();
        for (object, message, fix) in told {
            assert!(!message.is_empty() && !message.ends_with('.'), "{}: {message:?}", check.id);
            let Some(fix) = fix else { continue };
            mend(&mut documents, &object, &fix);
            fixes.push(fix);
        }
        if !fixes.is_empty() {
            let (left, passes) = by(&documents);
            assert!(left.is_empty() && passes, "{} is not mended by\n{}{left:?}", check.id, fixes.join("---\n"));
        }
        let (told, passes) = by(&example(check.page, "Passes"));
        assert!(told.is_empty() && passes, "{}: {told:?}", check.id);
        assert!(check.page.contains("\n## Sources\n"), "{} has no sources", check.id);
    }
}

#[test]
fn ids_are_in_order_and_in_their_families() {
    let ids: Vec<_> = catalogue::all().map(|check| check.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    for family in catalogue::FAMILIES {
        assert!(family.checks.iter().all(|check| check.id.starts_with(family.prefix) && check.id.len() == 6));
    }
    assert_eq!(catalogue::named("ha0201").len(), 1);
    for family in catalogue::FAMILIES {
        assert_eq!(catalogue::named(family.prefix).len(), family.checks.len());
    }
    assert_eq!(catalogue::named("HA0").len() + catalogue::named("HA9999").len(), 0);
}
