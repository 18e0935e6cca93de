//! Who elects a leader, with which Lease, and as whom: by the flags of a container, or by klag-exporter's file.

use crate::access::{Account, Policy, Right, Scope};
use crate::check::scene::Scene;
use crate::check::workload::Workload;
use crate::model::node::Node;
use crate::model::object::Object;

/// A workload that elects.
#[derive(Debug)]
pub(super) struct Electing<'o> {
    pub(super) workload: &'o Object,
    /// As whom it does.
    pub(super) account: Account<'o>,
    /// Where its Lease is.
    pub(super) scope: Scope<'o>,
    /// The name of its Lease, if that is known.
    pub(super) lease: Option<&'o str>,
    pub(super) library: Library,
    /// What its program is told, if not where its Lease is: that may be compiled in, or follow from any of them.
    pub(super) hints: Vec<&'o str>,
    /// By what it is known to elect, and where that stands.
    pub(super) evidence: String,
    pub(super) field: String,
}

/// What renews the Lease, and so which requests are made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    ClientGo,
    KubeLeaseManager,
}

impl Library {
    /// What it does with a Lease: client-go's lock gets, creates and updates
    /// (`k8s.io/client-go/tools/leaderelection/resourcelock/leaselock.go`); kube-lease-manager gets, creates and patches
    /// (`src/state.rs`), and never updates.
    pub(super) const fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::ClientGo => &["get", "create", "update"],
            Self::KubeLeaseManager => &["get", "create", "patch"],
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::KubeLeaseManager => "kube-lease-manager",
        }
    }
}

/// A right on Leases, or on one of them.
pub(super) const fn on_leases<'a>(verb: &'a str, scope: Scope<'a>, name: Option<&'a str>) -> Right<'a> {
    Right { verb, group: "coordination.k8s.io", resource: "leases", scope, name }
}

/// All that elect.
pub(super) fn all<'o>(scene: &Scene<'o>) -> Vec<Electing<'o>> {
    scene
        .workloads()
        .iter()
        .filter_map(|workload| by_flags(scene, *workload).or_else(|| by_file(scene, *workload)))
        .collect()
}

/// The ServiceAccount of what makes Pods.
pub(super) fn account<'o>(policy: &Policy<'o>, maker: &'o Object) -> Account<'o> {
    let pod = maker.root.at("spec.template.spec");
    let named = |field: &str| pod.get(field).text().filter(|name| !name.is_empty());
    let name = named("serviceAccountName").or_else(|| named("serviceAccount")).unwrap_or("default");
    Account { scope: policy.scope(maker.namespace.as_deref()), name }
}

/// Spellings without dashes and in lower case.
const SWITCHES: &[&str] =
    &["leaderelect", "enableleaderelection", "leaderelection", "leaderelectionenabled", "enableleaderelect"];
const NAMESPACES: &[&str] = &[
    "leaderelectionnamespace",
    "leaderelectnamespace",
    "leaderelectresourcenamespace",
    "leaderelectionresourcenamespace",
];
const NAMES: &[&str] = &["leaderelectionid", "leaderelectresourcename", "leaderelectionresourcename"];

fn by_flags<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> Option<Electing<'o>> {
    let policy = scene.policy();
    let own = policy.scope(workload.object.namespace.as_deref());
    for (index, container) in workload.pod().get("containers").list().iter().enumerate() {
        let words = ["command", "args"].into_iter().flat_map(|list| {
            let path = format!("spec.template.spec.containers[{index}].{list}");
            let entries = container.get(list).list().iter().enumerate();
            entries.filter_map(move |(at, word)| Some((format!("{path}[{at}]"), word.text()?)))
        });
        let words: Vec<_> = words.collect();
        let (mut switch, mut evidence) = (None, None);
        let (mut scope, mut lease, mut told) = (Some(own), None, false);
        for (at, (field, word)) in words.iter().enumerate() {
            let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
            let name = name.to_ascii_lowercase().replace(['-', '_'], "");
            let next = || words.get(at + 1).map(|(_, word)| *word).filter(|word| !word.starts_with('-'));
            if SWITCHES.contains(&&*name) {
                switch = Some(value.is_none_or(is_true));
                evidence = Some((field, *word));
            } else if NAMESPACES.contains(&&*name) {
                let value = value.or_else(next).unwrap_or_default();
                told = true;
                scope = expand(container, value, own);
                evidence = evidence.or(Some((field, *word)));
            } else if NAMES.contains(&&*name) {
                lease = value.or_else(next).filter(|value| !value.contains('$'));
            }
        }
        // Whoever is told where to elect does so, unless it is told not to.
        if let (Some(true) | None, Some(scope), Some((field, word))) = (switch, scope, evidence) {
            return Some(Electing {
                workload: workload.object,
                account: account(policy, workload.object),
                scope,
                lease,
                library: Library::ClientGo,
                hints: if told { Vec::new() } else { words.iter().map(|(_, word)| *word).collect() },
                evidence: word.to_owned(),
                field: field.clone(),
            });
        }
    }
    None
}

/// As Go's `strconv.ParseBool` has it.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// A namespace that may stand in a variable: `$(POD_NAMESPACE)`, `${POD_NAMESPACE}`. None where nobody knows.
fn expand<'o>(container: &'o Node, text: &'o str, own: Scope<'o>) -> Option<Scope<'o>> {
    if text.is_empty() {
        return Some(own);
    }
    let Some(rest) = text.strip_prefix('$') else { return Some(Scope::Namespace(text)) };
    let name = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let name = name.or_else(|| rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))?;
    let env = container.get("env").list().iter().find(|env| env.get("name").text() == Some(name))?;
    if env.at("valueFrom.fieldRef.fieldPath").text() == Some("metadata.namespace") {
        return Some(own);
    }
    env.get("value").text().filter(|value| !value.is_empty() && !value.contains('$')).map(Scope::Namespace)
}

fn by_file<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> Option<Electing<'o>> {
    let policy = scene.policy();
    let own = policy.scope(workload.object.namespace.as_deref());
    for volume in workload.pod().get("volumes").list() {
        let Some(name) = volume.at("configMap.name").text() else { continue };
        let maps = scene.of_kind_beside("ConfigMap", workload.object);
        let Some(map) = maps.iter().find(|map| &*map.name == name) else { continue };
        for file in map.root.get("data").fields() {
            let Some(section) = file.node.text().and_then(leadership) else { continue };
            if setting(section, "enabled") != Some("true") {
                continue;
            }
            let container = workload.pod().get("containers").list().first()?;
            // Its own default, klag-exporter 0.1.29, `src/config.rs`.
            let scope = setting(section, "lease_namespace")
                .map_or(Some(Scope::Namespace("default")), |namespace| expand(container, namespace, own))?;
            return Some(Electing {
                workload: workload.object,
                account: account(policy, workload.object),
                scope,
                lease: setting(section, "lease_name").filter(|name| !name.contains('$')).or(Some("klag-exporter")),
                library: Library::KubeLeaseManager,
                hints: Vec::new(),
                evidence: format!("enabled = true in {} of {map}", file.name),
                field: "spec.template.spec".to_owned(),
            });
        }
    }
    None
}

/// The section of klag-exporter's TOML about its election.
fn leadership(text: &str) -> Option<&str> {
    let after = text.split_once("[exporter.leadership]")?.1;
    Some(after.split_once("\n[").map_or(after, |(section, _)| section))
}

/// What a section sets a name to.
fn setting<'o>(section: &'o str, name: &str) -> Option<&'o str> {
    section.lines().find_map(|line| {
        let value = line.trim().strip_prefix(name)?.trim_start().strip_prefix('=')?;
        Some(value.split('#').next().unwrap_or_default().trim().trim_matches('"'))
    })
}
