//! Webhooks and aggregated APIs: whether the Service that the API server calls is there, whether one Pod less is none, and
//! whether they stand in the way of what they need themselves.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::scene::{Scene, labels};
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::services::{Makers, SLIP};
use super::{leading, paste, yaml};
use crate::access::Scope;
use crate::model::near;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::Selector;

pub(in crate::check) const IS_THERE: Check = Check {
    id: "HA0706",
    severity: Severity::Error,
    title: "the Service that the API server calls is there, with that port",
    page: include_str!("../pages/HA0706.md"),
    judge: is_there,
};

pub(in crate::check) const STANDS_BY: Check = Check {
    id: "HA0707",
    severity: Severity::Warning,
    title: "what the API server has to be answered by has a second Pod that answers",
    page: include_str!("../pages/HA0707.md"),
    judge: stands_by,
};

pub(in crate::check) const LETS_ITSELF: Check = Check {
    id: "HA0708",
    severity: Severity::Warning,
    title: "a webhook is not asked whether its own Pods may be made",
    page: include_str!("../pages/HA0708.md"),
    judge: lets_itself,
};

pub(in crate::check) const LETS_LEASES: Check = Check {
    id: "HA0709",
    severity: Severity::Error,
    title: "a webhook is not asked whether a Lease may be renewed",
    page: include_str!("../pages/HA0709.md"),
    judge: lets_leases,
};

/// What the API server calls a Service for.
pub(in crate::check) struct Caller<'o> {
    /// Whose webhook it is.
    pub(in crate::check) object: &'o Object,
    /// The webhook, if it is one that is asked whether something may be written.
    webhook: Option<&'o Node>,
    /// Where the Service is named.
    field: String,
    service: &'o Node,
    /// Whether what is asked for is refused where nothing answers.
    pub(in crate::check) must_answer: bool,
}

const ADMISSION: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Where others than these name a Service.
const OTHERS: &[(&str, &str)] = &[
    ("CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service"),
    ("CustomResourceDefinition", "spec.conversion.webhookClientConfig.service"),
    ("APIService", "spec.service"),
];

/// All that the API server calls a Service for, and the Services, by their names.
pub(in crate::check) struct Callers<'s, 'o> {
    scene: &'s Scene<'o>,
    all: Vec<Caller<'o>>,
    by_name: HashMap<&'o str, Vec<usize>>,
    services: HashMap<&'o str, Vec<&'o Object>>,
}

impl<'s, 'o> Callers<'s, 'o> {
    pub(in crate::check) fn of(scene: &'s Scene<'o>) -> Self {
        let (mut all, mut by_name, mut services) =
            (Vec::new(), HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for &object in ADMISSION.iter().flat_map(|kind| scene.of_kind(kind)) {
            for (index, webhook) in object.root.get("webhooks").list().iter().enumerate() {
                all.push(Caller {
                    object,
                    webhook: Some(webhook),
                    field: format!("webhooks[{index}].clientConfig.service"),
                    service: webhook.at("clientConfig.service"),
                    must_answer: must_answer(object, webhook),
                });
            }
        }
        for (kind, field) in OTHERS {
            for &object in scene.of_kind(kind) {
                let (service, field) = (object.root.at(field), (*field).to_owned());
                all.push(Caller { object, webhook: None, field, service, must_answer: true });
            }
        }
        all.retain(|caller| caller.service.get("name").text().is_some());
        for (index, caller) in all.iter().enumerate() {
            by_name.entry(caller.name()).or_default().push(index);
        }
        for &service in scene.of_kind("Service").iter().filter(|service| service.group().is_empty()) {
            services.entry(&*service.name).or_default().push(service);
        }
        Self { scene, all, by_name, services }
    }

    /// Those that call a Service.
    pub(in crate::check) fn of_service(&self, service: &Object) -> impl Iterator<Item = &Caller<'o>> {
        let named = self.by_name.get(&*service.name).into_iter().flatten().map(|&index| &self.all[index]);
        let namespace = self.scene.namespace(service).map(str::to_owned);
        // One that names no namespace may be in any.
        named.filter(move |caller| namespace.as_deref().is_none_or(|own| own == caller.namespace()))
    }

    /// The Services that are called what one calls, in whichever namespace.
    fn named(&self, caller: &Caller<'o>) -> &[&'o Object] {
        self.services.get(caller.name()).map_or(&[], Vec::as_slice)
    }

    /// The Service that one calls.
    fn called(&self, caller: &Caller<'o>) -> Option<&'o Object> {
        let there = |service: &&&Object| self.scene.namespace(service).is_none_or(|own| own == caller.namespace());
        self.named(caller).iter().find(there).copied()
    }
}

/// Whether what a webhook is asked about is refused where it does not answer. The default has changed with v1
/// (`k8s.io/kubernetes/pkg/apis/admissionregistration`).
fn must_answer(object: &Object, webhook: &Node) -> bool {
    match webhook.get("failurePolicy").text() {
        Some(policy) => policy == "Fail",
        None => object.api_version.ends_with("/v1"),
    }
}

impl<'o> Caller<'o> {
    fn name(&self) -> &'o str {
        self.service.get("name").text().unwrap_or_default()
    }

    fn namespace(&self) -> &'o str {
        self.service.get("namespace").text().unwrap_or_default()
    }

    /// What to paste for it to call what these fields say.
    fn calling(&self, service: Value) -> Option<String> {
        let Some(webhook) = self.webhook else {
            return Some(yaml(&self.field.split('.').rev().fold(service, |inner, step| json!({step: inner}))));
        };
        let name = webhook.get("name").text()?;
        Some(yaml(&json!({"webhooks": [{"name": name, "clientConfig": {"service": service}}]})))
    }
}

fn is_there(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let callers = Callers::of(scene);
    for caller in &callers.all {
        let severity = if caller.must_answer { Severity::Error } else { Severity::Warning };
        let follows = if caller.must_answer { "what it asks for is refused" } else { "it is never asked" };
        let (name, namespace) = (caller.name(), caller.namespace());
        if let Some(service) = callers.called(caller) {
            // 443 where it says nothing (`k8s.io/api/admissionregistration/v1`, `ServiceReference`).
            let wanted = caller.service.get("port").int().unwrap_or(443);
            let ports = service.root.at("spec.ports").list();
            if ports.is_empty() || ports.iter().any(|port| port.get("port").int() == Some(wanted)) {
                verdicts.pass(caller.object);
                continue;
            }
            let message =
                format!("the API server calls port {wanted} of {service}, which has none of that number: {follows}");
            let failed = verdicts.fail(caller.object, format!("{}.port", caller.field), message).severity(severity);
            if let [only] = ports
                && let Some(fix) = caller.calling(json!({"port": only.get("port").int()}))
            {
                failed.fix(fix);
            }
            continue;
        }
        // What is elsewhere was not read.
        let moved = callers.named(caller).first().filter(|_| scene.knows(Scope::Namespace(namespace)));
        let beside = scene.of_kind("Service").iter().filter(|service| scene.namespace(service) == Some(namespace));
        let near = near::nearest(name, beside.map(|service| &*service.name).filter(|near| is_slip(name, near)));
        let (hint, meant) = match (moved, near) {
            (Some(moved), _) => {
                let there = scene.namespace(moved).unwrap_or_default();
                (format!("it is in {there}"), json!({"namespace": there}))
            }
            (None, Some(near)) => (format!("{near} is"), json!({"name": near})),
            (None, None) => {
                let why = format!("service/{name} of {namespace} is not in what was given: give it too (-f)");
                verdicts.skip(caller.object, why);
                continue;
            }
        };
        let message =
            format!("the API server calls service/{name} in {namespace}, which is not there, though {hint}: {follows}");
        let failed = verdicts.fail(caller.object, format!("{}.name", caller.field), message).severity(severity);
        if let Some(fix) = caller.calling(meant) {
            failed.fix(fix);
        }
    }
}

/// Whether one name may be a slip for another: each of its words. `payments-metrics` is none for `payments-webhook`.
fn is_slip(wanted: &str, name: &str) -> bool {
    let (wanted, name): (Vec<_>, Vec<_>) = (wanted.split('-').collect(), name.split('-').collect());
    let like = |(one, other): (&&str, &&str)| near::likeness(one, other).is_some_and(|likeness| likeness > SLIP);
    wanted.len() == name.len() && wanted.iter().zip(&name).all(like)
}

fn stands_by(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (makers, callers) = (Makers::of(scene), Callers::of(scene));
    // A chart has many webhooks, and one workload that answers them.
    let mut called: Vec<(Workload<'_>, Vec<&Caller<'_>>)> = Vec::new();
    let mut places: HashMap<*const Object, usize> = HashMap::new();
    for &service in scene.of_kind("Service") {
        let callers: Vec<_> = callers.of_service(service).filter(|caller| caller.must_answer).collect();
        if callers.is_empty() {
            continue;
        }
        for workload in makers.selected(service).into_iter().filter_map(Workload::of) {
            let place = *places.entry(std::ptr::from_ref(workload.object)).or_insert_with(|| {
                called.push((workload, Vec::new()));
                called.len() - 1
            });
            called[place].1.extend(&callers);
        }
    }
    for (workload, callers) in &called {
        let mut objects: Vec<_> = callers.iter().map(|caller| caller.object).collect();
        objects.dedup_by(|one, other| std::ptr::eq(*one, *other));
        let others = match objects.len() - 1 {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let first = objects[0];
        if leading::readiness_gated(scene, *workload) {
            let message = format!(
                "it answers the API server for {first}{others}, and only its leader is Ready: from the loss of one leader to \
                 the next, what they are asked for is refused"
            );
            verdicts.fail(workload.object, "spec.template.spec.containers", message);
        } else if scene.autoscaler(*workload).is_some() {
            verdicts.skip(workload.object, "an autoscaler says how many there are: HA0104");
        } else if workload.replicas() == 1 {
            let message = format!(
                "it answers the API server for {first}{others}, and has one replica: while that is drained, or starts again, \
                 what they are asked for is refused"
            );
            verdicts.fail(workload.object, "spec.replicas", message).fix(yaml(&json!({"spec": {"replicas": 2}})));
        } else {
            verdicts.pass(workload.object);
        }
    }
}

/// Whether one of a webhook's rules is about this.
fn is_about(webhook: &Node, group: &str, resource: &str, operation: &str) -> bool {
    let has = |rule: &Node, list: &str, wanted: &str| {
        let any = |word: &Node| {
            word.text().is_some_and(|word| word == wanted || word == "*" || (list == "resources" && word == "*/*"))
        };
        rule.get(list).list().iter().any(any)
    };
    webhook.get("rules").list().iter().any(|rule| {
        has(rule, "apiGroups", group)
            && has(rule, "resources", resource)
            && has(rule, "operations", operation)
            && rule.get("scope").text() != Some("Cluster")
    })
}

/// Whether a webhook is asked about what has these labels in this namespace; why that is not known where an expression decides,
/// or a label of a namespace that was not given.
fn is_asked(scene: &Scene<'_>, webhook: &Node, namespace: &str, own: &Node) -> Result<bool, String> {
    if !Selector::read(webhook.get("objectSelector")).matches(own) {
        return Ok(false);
    }
    let node = webhook.get("namespaceSelector");
    let given = scene.of_kind("Namespace").iter().find(|object| *object.name == *namespace);
    let mut has = json!({});
    for label in given.iter().flat_map(|object| object.root.at("metadata.labels").fields()) {
        has[&*label.name] = json!(label.node.text());
    }
    has[BY_NAME] = json!(namespace);
    let expressions = node.get("matchExpressions").list().iter().filter_map(|one| one.get("key").text());
    let mut keys = node.get("matchLabels").fields().iter().map(|field| &*field.name).chain(expressions);
    let has = Node::from(&has);
    let known = given.is_some() || keys.all(|key| key == BY_NAME);
    let named = Node::from(&by_name(node));
    if !Selector::read(if known { node } else { &named }).matches(&has) {
        return Ok(false);
    }
    if !known {
        return Err(format!("its namespaceSelector asks for labels of namespace {namespace}, which was not looked at"));
    }
    match webhook.get("matchConditions").list() {
        [] => Ok(true),
        _ => Err("its matchConditions decide what it is asked about: hactl does not evaluate them".to_owned()),
    }
}

/// The API server gives it to each namespace (`pkg/registry/core/namespace/strategy.go`).
const BY_NAME: &str = "kubernetes.io/metadata.name";

/// What a selector asks of the names of namespaces.
fn by_name(selector: &Node) -> Value {
    let labels = selector.get("matchLabels").fields().iter().filter(|field| &*field.name == BY_NAME);
    let labels: serde_json::Map<_, _> =
        labels.map(|field| (field.name.to_string(), paste::value(&field.node))).collect();
    let expressions = selector.get("matchExpressions").list().iter();
    let expressions: Vec<_> =
        expressions.filter(|one| one.get("key").text() == Some(BY_NAME)).map(paste::value).collect();
    json!({"matchLabels": labels, "matchExpressions": expressions})
}

fn lets_itself(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (makers, callers) = (Makers::of(scene), Callers::of(scene));
    for caller in &callers.all {
        let Some(webhook) = caller.webhook.filter(|webhook| is_about(webhook, "", "pods", "CREATE")) else { continue };
        let answering = callers.called(caller).map_or_else(Vec::new, |service| makers.selected(service));
        let (mut own, mut open) = (None, None);
        for workload in answering.into_iter().filter_map(Workload::of).filter(|_| caller.must_answer) {
            match is_asked(scene, webhook, caller.namespace(), labels(workload.object)) {
                Ok(true) => own = own.or(Some(workload)),
                Ok(false) => {}
                Err(why) => open = Some(why),
            }
        }
        let Some(own) = own else {
            match open {
                Some(why) => verdicts.skip(caller.object, why),
                None => verdicts.pass(caller.object),
            }
            continue;
        };
        let alone = scene.least(own) < 2;
        let severity = if alone { Severity::Error } else { Severity::Warning };
        let when = if alone { "when its only Pod is gone" } else { "when all of its Pods are gone" };
        let message = format!(
            "it is asked whether the Pods of {} may be made, which answer it: {when}, the API server refuses the next, as \
             nothing answers, and so for ever",
            own.object
        );
        let field = caller.field.replace("clientConfig.service", "namespaceSelector");
        let failed = verdicts.fail(caller.object, field, message).severity(severity);
        if let Some(fix) = excluding(webhook, caller.namespace()) {
            failed.fix(fix);
        }
    }
}

/// The webhook, and not asked about what is in a namespace.
fn excluding(webhook: &Node, namespace: &str) -> Option<String> {
    let name = webhook.get("name").text()?;
    let mut expressions: Vec<_> =
        webhook.at("namespaceSelector.matchExpressions").list().iter().map(paste::value).collect();
    expressions.push(json!({"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [namespace]}));
    let selector = json!({"matchExpressions": expressions});
    Some(yaml(&json!({"webhooks": [{"name": name, "namespaceSelector": selector}]})))
}

fn lets_leases(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let none = json!({});
    let none = Node::from(&none);
    for &object in ADMISSION.iter().flat_map(|kind| scene.of_kind(kind)) {
        let all = object.root.get("webhooks").list().iter().enumerate();
        let about = |webhook: &Node| is_about(webhook, "coordination.k8s.io", "leases", "UPDATE");
        let (mut found, mut open) = (None, None);
        for (index, webhook) in all.filter(|(_, webhook)| about(webhook) && must_answer(object, webhook)) {
            match is_asked(scene, webhook, "kube-system", &none) {
                Ok(true) => found = found.or(Some((index, webhook))),
                Ok(false) => {}
                Err(why) => open = Some(why),
            }
        }
        let Some((index, webhook)) = found else {
            match open {
                Some(why) => verdicts.skip(object, why),
                None => verdicts.pass(object),
            }
            continue;
        };
        let message = "it is asked whether a Lease may be renewed, in kube-system too: while nothing answers, no leader of the \
                       cluster can stay one, those that would start its Pods again among them";
        let failed = verdicts.fail(object, format!("webhooks[{index}].rules"), message);
        if let Some(fix) = excluding(webhook, "kube-system") {
            failed.fix(fix);
        }
    }
}
