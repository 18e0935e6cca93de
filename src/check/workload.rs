//! What runs Pods: how many, from which template, and how they are replaced.

use super::count::{self, Count};
use super::selector::Selector;
use crate::model::node::Node;
use crate::model::object::Object;

/// A Deployment or a StatefulSet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload<'o> {
    pub(super) object: &'o Object,
}

/// How a Deployment replaces its Pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    /// All at once.
    Recreate,
    /// One after the other: so many more, and so many fewer, than wanted.
    Rolling { surge: i64, unavailable: i64 },
    /// When somebody deletes them.
    OnDelete,
}

impl<'o> Workload<'o> {
    /// If it is one.
    pub(super) fn of(object: &'o Object) -> Option<Self> {
        let known = matches!(object.group(), "apps" | "extensions");
        (known && matches!(&*object.kind, "Deployment" | "StatefulSet")).then_some(Self { object })
    }

    pub(super) fn is_deployment(self) -> bool {
        &*self.object.kind == "Deployment"
    }

    /// How many Pods are wanted: one where nothing is said.
    pub(super) fn replicas(self) -> i64 {
        count::replicas(self.object.root.at("spec.replicas")).unwrap_or(1)
    }

    /// The Pods' spec.
    pub(super) fn pod(self) -> &'o Node {
        self.object.root.at("spec.template.spec")
    }

    /// The Pods' labels.
    pub(super) fn labels(self) -> &'o Node {
        self.object.root.at("spec.template.metadata.labels")
    }

    /// The name of the ServiceAccount that its Pods run as.
    pub(super) fn service_account(self) -> &'o str {
        let named = |field: &str| self.pod().get(field).text().filter(|name| !name.is_empty());
        named("serviceAccountName").or_else(|| named("serviceAccount")).unwrap_or("default")
    }

    pub(super) fn selector(self) -> Selector<'o> {
        Selector::read(self.object.root.at("spec.selector"))
    }

    /// How it replaces so many Pods, by the API's defaults (`k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go`) and the
    /// controller's arithmetic: a surge rounds up, a shortage down, and both 0 mean that one may be missing
    /// (`pkg/controller/deployment/util`, `ResolveFenceposts`).
    pub(super) fn replaced(self, replicas: i64) -> Replaced {
        if !self.is_deployment() {
            let strategy = self.object.root.at("spec.updateStrategy");
            if strategy.get("type").text() == Some("OnDelete") {
                return Replaced::OnDelete;
            }
            return Replaced::Rolling { surge: 0, unavailable: 1 };
        }
        let strategy = self.object.root.at("spec.strategy");
        if strategy.get("type").text() == Some("Recreate") {
            return Replaced::Recreate;
        }
        let count = |path: &str| Count::read(strategy.at(path)).unwrap_or(Count::Percent(25));
        let surge = count("rollingUpdate.maxSurge").up(replicas);
        let unavailable = count("rollingUpdate.maxUnavailable").down(replicas);
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Replaced::Rolling { surge, unavailable }
    }
}
