//! What is judged: objects, and what belongs together among them.

use std::collections::HashMap;

use super::workload::Workload;
use crate::model::Micros;
use crate::model::node::Node;
use crate::model::object::Object;

/// Objects, with what belongs together.
#[derive(Debug)]
pub struct Scene<'o> {
    /// The longest outage that is wanted after a crash, if anybody has said so.
    pub rto: Option<Micros>,
    objects: &'o [Object],
    by_kind: HashMap<&'o str, Vec<&'o Object>>,
    workloads: Vec<Workload<'o>>,
    /// Whatever has a template of Pods, of any kind: others make Pods too.
    makers: Vec<&'o Object>,
}

impl<'o> Scene<'o> {
    /// The scene of these objects.
    #[must_use]
    pub fn new(objects: &'o [Object]) -> Self {
        let mut by_kind: HashMap<&str, Vec<&Object>> = HashMap::new();
        for object in objects {
            by_kind.entry(&object.kind).or_default().push(object);
        }
        let makers = objects.iter().filter(|object| !labels(object).is_null()).collect();
        let workloads = objects.iter().filter_map(Workload::of).collect();
        Self { rto: None, objects, by_kind, workloads, makers }
    }

    /// All of them, in the order in which they were given.
    pub(super) fn objects(&self) -> &'o [Object] {
        self.objects
    }

    pub(super) fn workloads(&self) -> &[Workload<'o>] {
        &self.workloads
    }

    /// The objects of a kind, in the order in which they were given.
    pub(super) fn of_kind(&self, kind: &str) -> &[&'o Object] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whatever makes Pods in an object's namespace.
    pub(super) fn makers_beside<'s>(&'s self, object: &'s Object) -> impl Iterator<Item = &'o Object> + 's {
        self.makers.iter().copied().filter(|maker| same_namespace(maker, object))
    }

    /// The autoscaler of a workload.
    pub(super) fn autoscaler(&self, of: Workload<'_>) -> Option<&'o Object> {
        let targets = |scaler: &&&Object| {
            let target = scaler.root.at("spec.scaleTargetRef");
            let is = |name: &str, wanted: &str| target.get(name).text() == Some(wanted);
            same_namespace(scaler, of.object) && is("kind", &of.object.kind) && is("name", &of.object.name)
        };
        self.of_kind("HorizontalPodAutoscaler").iter().find(targets).copied()
    }
}

/// What names no namespace is in the one that it is installed into, and so beside everything else that names none.
pub(super) fn same_namespace(one: &Object, other: &Object) -> bool {
    one.namespace == other.namespace
}

/// The labels of the Pods that an object makes.
pub(super) fn labels(maker: &Object) -> &Node {
    maker.root.at("spec.template.metadata.labels")
}
