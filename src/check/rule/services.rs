//! Services: whether they select Pods, those of one workload, and a port that these have.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::scene::{Scene, labels, pods};
use super::super::verdict::Verdicts;
use super::given::{BY_CONTROLLER, OF_ALL, SAYS_WHAT};
use super::webhooks::Callers;
use super::{paste, yaml};
use crate::model::near;
use crate::model::node::{Field, Node};
use crate::model::object::Object;

pub(in crate::check) const SELECTS: Check = Check {
    id: "HA0703",
    severity: Severity::Warning,
    title: "a Service selects the Pods that it is meant for",
    page: include_str!("../pages/HA0703.md"),
    judge: selects,
};

pub(in crate::check) const ONE_WORKLOAD: Check = Check {
    id: "HA0704",
    severity: Severity::Warning,
    title: "a Service selects the Pods of one program",
    page: include_str!("../pages/HA0704.md"),
    judge: one_workload,
};

pub(in crate::check) const HAS_PORT: Check = Check {
    id: "HA0705",
    severity: Severity::Warning,
    title: "a port that a Service names is one of its Pods'",
    page: include_str!("../pages/HA0705.md"),
    judge: has_port,
};

/// How alike two values are of which one is a slip: `payment` and `payments`, and not `prometheus` and `prometheus-operator`.
pub(in crate::check) const SLIP: f64 = 0.95;

/// What kubebuilder has given the Pods of every operator, and for long nothing else
/// (`testdata/project-v2/config/manager/manager.yaml`).
const SCAFFOLDED: (&str, &str) = ("control-plane", "controller-manager");

/// What a Service selects by: nothing where it has no endpoints of its own.
fn asked(service: &Object) -> &[Field] {
    let elsewhere = service.root.at("spec.type").text() == Some("ExternalName");
    if elsewhere { &[] } else { service.root.at("spec.selector").fields() }
}

/// The first label that a Service asks for, and that Pods with these have not.
fn missed(service: &Object, has: &Node) -> Option<String> {
    let given = |field: &&Field| {
        BY_CONTROLLER.contains(&&*field.name)
            || has.get(&field.name).text().is_some_and(|own| Some(own) == field.node.text())
    };
    let missed = asked(service).iter().find(|field| !given(field))?;
    Some(format!("{}={}", missed.name, missed.node.text().unwrap_or_default()))
}

/// Whether it only gives names, to Pods that find each other by them: no port of it is anything but told.
fn is_headless(service: &Object) -> bool {
    service.root.at("spec.clusterIP").text() == Some("None")
}

/// A namespace, and a label with its value.
type Labelled<'o> = (Option<&'o str>, &'o str, Option<&'o str>);

/// Whatever makes Pods, by its namespace and each of its labels: so that not each has to be held against every Service.
pub(in crate::check) struct Makers<'s, 'o> {
    scene: &'s Scene<'o>,
    labelled: HashMap<Labelled<'o>, Vec<&'o Object>>,
}

impl<'s, 'o> Makers<'s, 'o> {
    pub(in crate::check) fn of(scene: &'s Scene<'o>) -> Self {
        let mut labelled: HashMap<_, Vec<_>> = HashMap::new();
        for &object in scene.makers() {
            for label in labels(object).fields() {
                let key = (scene.namespace(object), &*label.name, label.node.text());
                labelled.entry(key).or_default().push(object);
            }
        }
        Self { scene, labelled }
    }

    /// What makes the Pods that a Service selects.
    pub(in crate::check) fn selected(&self, service: &'o Object) -> Vec<&'o Object> {
        let near = asked(service).iter().filter(|field| !BY_CONTROLLER.contains(&&*field.name)).map(|field| {
            let key = (self.scene.namespace(service), &*field.name, field.node.text());
            self.labelled.get(&key).map_or(&[][..], Vec::as_slice)
        });
        // Whoever has all of the labels has the rarest.
        let near = near.min_by_key(|near| near.len()).unwrap_or_default();
        near.iter().filter(|maker| missed(service, labels(maker)).is_none()).copied().collect()
    }
}

/// As bad as it is for who calls it: what a webhook refuses, nobody can write.
fn severity(callers: &Callers<'_, '_>, service: &Object, otherwise: Severity) -> (Severity, String) {
    match callers.of_service(service).find(|caller| caller.must_answer) {
        Some(caller) => (Severity::Error, format!(", and {} is refused what it asks for", caller.object)),
        None => (otherwise, String::new()),
    }
}

fn selects(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (makers, callers) = (Makers::of(scene), Callers::of(scene));
    for &service in scene.of_kind("Service").iter().filter(|service| service.group().is_empty()) {
        if asked(service).is_empty() {
            verdicts.skip(service, "it has no selector");
            continue;
        }
        if !makers.selected(service).is_empty() {
            verdicts.pass(service);
            continue;
        }
        // Of a cluster neither DaemonSets nor Jobs are read, nor what others make: those of a webhook may be Pods of these, too.
        if scene.is_live() {
            verdicts.skip(
                service,
                "it selects no Pods of a Deployment or a StatefulSet: those of other kinds were not looked at",
            );
            continue;
        }
        let meant = scene.makers_beside(service).filter_map(|maker| Some((nearness(service, maker)?, maker)));
        // The first of several that are as near: the order in which they were given.
        let Some((_, meant)) = meant.min_by_key(|(near, _)| Reverse(*near)) else {
            verdicts.skip(service, "nothing of what was given makes Pods that it could be meant for");
            continue;
        };
        let missed = missed(service, labels(meant)).unwrap_or_default();
        let (severity, refused) = severity(&callers, service, Severity::Warning);
        let message = format!("it selects no Pods: {meant} makes none with {missed}. Nothing answers there{refused}");
        let mut fields = Map::new();
        for field in service.root.at("spec.selector").fields() {
            fields.insert(field.name.to_string(), Value::Null);
        }
        let own = meant.root.at("spec.selector.matchLabels");
        let own = if own.is_null() { labels(meant) } else { own };
        for field in own.fields() {
            fields.insert(field.name.to_string(), paste::value(&field.node));
        }
        let fix = yaml(&json!({"spec": {"selector": fields}}));
        verdicts.fail(service, "spec.selector", message).severity(severity).fix(fix);
    }
}

/// How likely a Service is meant for these Pods, if it can be at all. A label that they have with quite another value is
/// another component's: whatever makes its Pods was not given.
fn nearness(service: &Object, maker: &Object) -> Option<usize> {
    let has = labels(maker);
    let named = service.name == maker.name;
    let mut near = usize::from(named);
    for asked in service.root.at("spec.selector").fields() {
        let wanted = asked.node.text().unwrap_or_default();
        let own = has.get(&asked.name).text();
        if [OF_ALL, BY_CONTROLLER].iter().any(|names| names.contains(&&*asked.name)) {
            continue;
        }
        let elsewhere = || {
            let others = has.fields().iter().filter(|other| !OF_ALL.contains(&&*other.name));
            others.filter_map(|other| other.node.text()).any(|value| value == wanted)
        };
        near += match own {
            Some(own) if own == wanted => 2,
            Some(own) if alike(own, wanted) => 1,
            Some(_) if !named => return None,
            None if elsewhere() => 2,
            None if !SAYS_WHAT.contains(&&*asked.name) => return None,
            _ => 0,
        };
    }
    (near > 0).then_some(near)
}

/// Whether one value may have been meant as the other: a slip, or a name with a prefix and without.
fn alike(one: &str, other: &str) -> bool {
    let prefixed = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|prefix| prefix.ends_with('-'));
    prefixed(one, other) || prefixed(other, one) || near::likeness(one, other).is_some_and(|likeness| likeness > SLIP)
}

fn one_workload(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (makers, callers) = (Makers::of(scene), Callers::of(scene));
    for &service in scene.of_kind("Service").iter().filter(|service| service.group().is_empty()) {
        let selected = makers.selected(service);
        let lasting = |maker: &&&Object| matches!(&*maker.kind, "Deployment" | "StatefulSet" | "DaemonSet");
        let all: Vec<_> = selected.iter().filter(lasting).copied().collect();
        let called = callers.of_service(service).next().is_some();
        let labels = service.root.at("spec.selector").fields();
        let scaffolded = matches!(labels, [one] if (&*one.name, one.node.text()) == (SCAFFOLDED.0, Some(SCAFFOLDED.1)));
        let meant = all.iter().copied().find(|maker| serves(service, maker) == Some(true));
        let stranger = all.iter().copied().find(|maker| serves(service, maker) == Some(false));
        let names = || all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match *all {
            [] => verdicts.skip(service, "it selects nothing of what was given"),
            _ if is_headless(service) => verdicts.pass(service),
            // Some do serve it, and others do not; or whom it calls has one job.
            [_, _, ..] if (meant.is_some() && stranger.is_some()) || (called && !one_program(&all)) => {
                let (severity, refused) = severity(&callers, service, Severity::Warning);
                let message = format!(
                    "it selects the Pods of {}: some of its requests come to a program that is not meant{refused}",
                    names()
                );
                verdicts.fail(service, "spec.selector", message).severity(severity);
            }
            [one] if scaffolded => {
                let severity = if called { Severity::Warning } else { Severity::Info };
                let message = format!(
                    "it selects {}={}, which the Pods of every operator have that kubebuilder has scaffolded, and not only \
                     those of {one}: with another one in the namespace it gets requests of this",
                    SCAFFOLDED.0, SCAFFOLDED.1
                );
                verdicts.fail(service, "spec.selector", message).severity(severity);
            }
            _ => verdicts.pass(service),
        }
    }
}

/// Whether workloads run the same images: versions, shards or zones of one program.
fn one_program(makers: &[&Object]) -> bool {
    let images = |maker: &Object| {
        let containers = maker.root.at("spec.template.spec.containers").list();
        let name = |one: &Node| {
            let image = one.get("image").text().unwrap_or_default();
            let image = image.split('@').next().unwrap_or(image);
            image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(image, |(name, _)| name).to_owned()
        };
        containers.iter().map(name).collect::<Vec<_>>()
    };
    makers.windows(2).all(|two| images(two[0]) == images(two[1]))
}

/// The ports that the containers of a maker's Pods declare.
fn ports(maker: &Object) -> impl Iterator<Item = &Node> {
    let lists = ["containers", "initContainers"].iter().flat_map(|list| pods(maker).get("spec").get(list).list());
    lists.flat_map(|container| container.get("ports").list())
}

/// Whether Pods declare all ports that a Service sends to; `None` where they declare none, or it is not said which.
fn serves(service: &Object, maker: &Object) -> Option<bool> {
    ports(maker).next()?;
    let targets = service.root.at("spec.ports").list().iter().map(|port| {
        let target = port.get("targetPort");
        if target.is_null() { port.get("port") } else { target }
    });
    let declares = |target: &Node| {
        ports(maker).any(|port| match target.int() {
            Some(number) => port.get("containerPort").int() == Some(number),
            None => port.get("name").text() == target.text(),
        })
    };
    Some(targets.into_iter().all(declares))
}

fn has_port(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (makers, callers) = (Makers::of(scene), Callers::of(scene));
    for &service in scene.of_kind("Service").iter().filter(|service| service.group().is_empty()) {
        let selected = makers.selected(service);
        let named = service.root.at("spec.ports").list().iter().enumerate().filter_map(|(index, port)| {
            let target = port.get("targetPort").text()?;
            target.parse::<u16>().is_err().then_some((index, port, target))
        });
        let named: Vec<_> = named.collect();
        if selected.is_empty() || named.is_empty() || is_headless(service) {
            verdicts.skip(
                service,
                "it selects nothing of what was given, names no port of it, or gives names only (clusterIP: None)",
            );
            continue;
        }
        let has = |target: &str| {
            selected.iter().any(|maker| ports(maker).any(|port| port.get("name").text() == Some(target)))
        };
        let Some((index, port, target)) = named.into_iter().find(|(.., target)| !has(target)) else {
            verdicts.pass(service);
            continue;
        };
        let (severity, refused) = severity(&callers, service, Severity::Warning);
        let message = format!(
            "no container of {} has a port {target}: nothing is behind port {}{refused}",
            selected[0],
            port.get("port").int().unwrap_or_default()
        );
        let field = format!("spec.ports[{index}].targetPort");
        verdicts.fail(service, field, message).severity(severity);
    }
}
