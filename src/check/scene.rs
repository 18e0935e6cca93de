//! What is judged: objects, and what belongs together among them.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};

use super::count;
use super::election::Electors;
use super::live::Live;
use super::workload::Workload;
use crate::access::{Policy, Scope};
use crate::model::node::Node;
use crate::model::object::{Object, Origin};
use crate::model::review::Answers;
use crate::model::unread::Unread;
use crate::model::{Election, Micros};

/// Objects, with what belongs together.
#[derive(Debug)]
pub struct Scene<'o> {
    /// The longest outage that is wanted after a crash, if anybody has said so.
    pub rto: Option<Micros>,
    /// What could not be read, though it was asked for.
    unread: &'o [Unread],
    /// What happens now, where the objects are those of a cluster.
    live: Option<&'o Live>,
    /// What the API server says of rights, if it was asked and has told.
    pub answers: Option<&'o Answers>,
    /// The kinds that were asked for since [`Scene::begin`]: what a check needs is what it asks for.
    asked: RefCell<BTreeSet<&'static str>>,
    objects: &'o [Object],
    by_kind: HashMap<&'o str, Vec<&'o Object>>,
    workloads: Vec<Workload<'o>>,
    /// Whatever has a template of Pods.
    makers: Vec<&'o Object>,
    /// What stands beside each other, so that a rule's work grows with its namespace, and not with everything there is.
    namespaces: HashMap<&'o str, Namespace<'o>>,
    /// Where whatever names no namespace will be: the one that every workload names, if there is such a one.
    home: Option<&'o str>,
    policy: OnceCell<Policy<'o>>,
    electors: OnceCell<Electors<'o>>,
}

/// The kinds of workloads.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet"];

/// The kinds that rights hang on.
const RBAC: &[&str] = &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];

/// What is in one namespace.
#[derive(Debug, Default)]
struct Namespace<'o> {
    workloads: Vec<Workload<'o>>,
    /// Whatever has a template of Pods, of any kind: others make Pods too.
    makers: Vec<&'o Object>,
    by_kind: HashMap<&'o str, Vec<&'o Object>>,
}

impl<'o> Scene<'o> {
    /// The scene of these objects.
    #[must_use]
    pub fn new(objects: &'o [Object]) -> Self {
        let mut by_kind: HashMap<&str, Vec<&Object>> = HashMap::new();
        let mut namespaces: HashMap<&str, Namespace<'_>> = HashMap::new();
        let home = home(objects);
        for object in objects {
            by_kind.entry(&object.kind).or_default().push(object);
            let beside = namespaces.entry(object.namespace.as_deref().or(home).unwrap_or_default()).or_default();
            beside.by_kind.entry(&object.kind).or_default().push(object);
            beside.workloads.extend(Workload::of(object));
            if !labels(object).is_null() {
                beside.makers.push(object);
            }
        }
        let workloads = objects.iter().filter_map(Workload::of).collect();
        let makers = objects.iter().filter(|object| !labels(object).is_null()).collect();
        let (unread, live, answers, asked) = (&[][..], None, None, RefCell::default());
        let (policy, electors) = (OnceCell::new(), OnceCell::new());
        Self {
            rto: None,
            unread,
            live,
            answers,
            asked,
            objects,
            by_kind,
            workloads,
            makers,
            namespaces,
            home,
            policy,
            electors,
        }
    }

    /// The scene of objects of a cluster, of which this could not be read, while that happens.
    #[must_use]
    pub fn live(objects: &'o [Object], unread: &'o [Unread], live: &'o Live) -> Self {
        Self { unread, live: Some(live), ..Self::new(objects) }
    }

    /// Whether the objects are those of a cluster: what is not among them is not there.
    pub(super) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Whether what is in a namespace would be among the objects. Of files nobody knows, and they are all there is.
    pub(super) fn knows(&self, scope: Scope<'_>) -> bool {
        match scope {
            Scope::Namespace(namespace) => !self.is_live() || self.namespaces.contains_key(namespace),
            Scope::Cluster | Scope::Unnamed => true,
        }
    }

    /// All of them, in the order in which they were given.
    pub(super) fn objects(&self) -> &'o [Object] {
        self.objects
    }

    /// Whether rights would be others than those that the cluster has: manifests are looked at as if they had been applied.
    pub(super) fn changes_rbac(&self) -> bool {
        let mut all = RBAC.iter().filter_map(|kind| self.by_kind.get(kind)).flatten();
        self.is_live() && all.any(|object| object.origin != Origin::Live)
    }

    /// Forgets what was asked for.
    pub(super) fn begin(&self) {
        self.asked.borrow_mut().clear();
    }

    /// What was asked for since then and could not be read.
    pub(super) fn missed(&self) -> Option<&'o Unread> {
        let asked = self.asked.borrow();
        self.unread.iter().find(|unread| asked.contains(unread.kind))
    }

    fn ask(&self, kinds: &[&'static str]) {
        // Where all was read nobody asks what was asked for, but tests.
        if !self.unread.is_empty() || cfg!(test) {
            self.asked.borrow_mut().extend(kinds);
        }
    }

    /// What was asked for since [`Scene::begin`].
    #[cfg(test)]
    pub(super) fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.borrow().clone()
    }

    /// What happens now, as far as these kinds tell; `None` where the objects are not those of a cluster.
    pub(super) fn happening(&self, kinds: &[&'static str]) -> Option<&'o Live> {
        self.ask(kinds);
        self.live
    }

    /// The Elections that the Pods of a workload contend in now.
    pub(super) fn elections_of(&self, of: Workload<'o>) -> impl Iterator<Item = &'o Election> + use<'o> {
        let all = self.live.map(|live| live.elections.as_slice()).unwrap_or_default();
        all.iter().filter(move |election| {
            let contends = election.workload.as_ref();
            of.object.namespace.as_deref() == Some(&election.workload_namespace)
                && contends.is_some_and(|one| *one.name == *of.object.name && one.kind.as_str() == &*of.object.kind)
        })
    }

    /// Whether roles and bindings are all there.
    pub(super) fn has_rbac(&self) -> bool {
        !self.unread.iter().any(|unread| RBAC.contains(&unread.kind))
    }

    /// What was said needs no roles and bindings, though they were asked for: something better told it.
    pub(super) fn needs_no_rbac(&self) {
        self.asked.borrow_mut().retain(|kind| !RBAC.contains(kind));
    }

    /// Who may do what.
    pub(super) fn policy(&self) -> &Policy<'o> {
        self.ask(RBAC);
        self.policy.get_or_init(|| Policy::new(self.objects))
    }

    /// Who elects, or may.
    pub(super) fn electors(&self) -> &Electors<'o> {
        // Also whoever finds them worked out depends on these.
        self.ask(&["ConfigMap"]);
        self.ask(WORKLOADS);
        self.electors.get_or_init(|| Electors::of(self))
    }

    pub(super) fn workloads(&self) -> &[Workload<'o>] {
        self.ask(WORKLOADS);
        &self.workloads
    }

    /// The objects of a kind, in the order in which they were given.
    pub(super) fn of_kind(&self, kind: &'static str) -> &[&'o Object] {
        self.ask(&[kind]);
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whatever makes Pods, in the order in which they were given.
    pub(super) fn makers(&self) -> &[&'o Object] {
        self.ask(WORKLOADS);
        &self.makers
    }

    /// Whatever makes Pods in an object's namespace.
    pub(super) fn makers_beside(&self, object: &Object) -> impl Iterator<Item = &'o Object> + use<'_, 'o> {
        self.ask(WORKLOADS);
        self.beside(object).into_iter().flat_map(|beside| beside.makers.iter().copied())
    }

    /// The workloads in an object's namespace.
    pub(super) fn workloads_beside(&self, object: &Object) -> &[Workload<'o>] {
        self.ask(WORKLOADS);
        self.beside(object).map_or(&[], |beside| &beside.workloads)
    }

    /// The objects of a kind in an object's namespace.
    pub(super) fn of_kind_beside(&self, kind: &'static str, object: &Object) -> &[&'o Object] {
        self.ask(&[kind]);
        self.beside(object).and_then(|beside| beside.by_kind.get(kind)).map_or(&[], Vec::as_slice)
    }

    /// Whether an object of any kind and name is among the objects, in another one's namespace.
    pub(super) fn has_beside(&self, kind: &str, name: &str, object: &Object) -> bool {
        let all = self.beside(object).and_then(|beside| beside.by_kind.get(kind));
        all.is_some_and(|all| all.iter().any(|one| &*one.name == name))
    }

    fn beside(&self, object: &Object) -> Option<&Namespace<'o>> {
        self.namespaces.get(self.namespace(object).unwrap_or_default())
    }

    /// The namespace that an object is in. What names none is in the one that everything is installed into, and that is
    /// the one that every workload names (charts write `.Release.Namespace` into some of their templates only); else it
    /// is beside whatever names none either.
    pub(super) fn namespace<'n>(&self, object: &'n Object) -> Option<&'n str>
    where
        'o: 'n,
    {
        object.namespace.as_deref().or(self.home)
    }

    /// The ConfigMap of a name in an object's namespace.
    pub(super) fn config_map(&self, beside: &Object, name: &str) -> Option<&'o Object> {
        self.of_kind_beside("ConfigMap", beside).iter().find(|map| &*map.name == name).copied()
    }

    /// So many Pods at the least: an autoscaler may shrink it to its minimum, 1 where it says nothing.
    pub(super) fn least(&self, of: Workload<'_>) -> i64 {
        self.autoscaler(of)
            .map_or(of.replicas(), |scaler| count::replicas(scaler.root.at("spec.minReplicas")).unwrap_or(1))
    }

    /// So many Pods at the most.
    pub(super) fn most(&self, of: Workload<'_>) -> i64 {
        let scaler = self.autoscaler(of).and_then(|scaler| count::replicas(scaler.root.at("spec.maxReplicas")));
        scaler.unwrap_or_else(|| of.replicas())
    }

    /// The autoscaler of a workload.
    pub(super) fn autoscaler(&self, of: Workload<'_>) -> Option<&'o Object> {
        let targets = |scaler: &&&Object| {
            let target = scaler.root.at("spec.scaleTargetRef");
            let is = |name: &str, wanted: &str| target.get(name).text() == Some(wanted);
            is("kind", &of.object.kind) && is("name", &of.object.name)
        };
        self.of_kind_beside("HorizontalPodAutoscaler", of.object).iter().find(targets).copied()
    }
}

/// The one namespace that every workload names.
fn home(objects: &[Object]) -> Option<&str> {
    let mut named = objects.iter().filter_map(Workload::of).map(|workload| workload.object.namespace.as_deref());
    let first = named.next()??;
    named.all(|other| other == Some(first)).then_some(first)
}

/// The labels of the Pods that an object makes; of a Pod, its own.
pub(super) fn labels(maker: &Object) -> &Node {
    pods(maker).at("metadata.labels")
}

/// The template of the Pods that an object makes; a Pod is its own.
pub(super) fn pods(maker: &Object) -> &Node {
    match &*maker.kind {
        "Pod" if maker.group().is_empty() => &maker.root,
        "CronJob" => maker.root.at("spec.jobTemplate.spec.template"),
        _ => maker.root.at("spec.template"),
    }
}

/// Whether another object has made it, such as a Pod that a ReplicaSet has made.
pub(super) fn is_made(object: &Object) -> bool {
    !object.root.at("metadata.ownerReferences").list().is_empty()
}
