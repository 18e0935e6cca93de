//! The kinds that a survey reads, as the API serves them.

use http::Request;
use kube::core::request::Error as RequestError;

use crate::cluster::list::first_or_next;
use crate::model::Right;

/// A kind of objects.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its kind.
    pub kind: &'static str,
    /// The group of its API; empty for the core.
    pub group: &'static str,
    version: &'static str,
    plural: &'static str,
    /// Whether it is in no namespace.
    pub of_the_cluster: bool,
}

const fn of_a_namespace(
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
) -> Resource {
    Resource { kind, group, version, plural, of_the_cluster: false }
}

const fn of_the_cluster(
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
) -> Resource {
    Resource { kind, group, version, plural, of_the_cluster: true }
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// All that a survey can read. Never Secrets.
static RESOURCES: &[Resource] = &[
    of_a_namespace("Lease", "coordination.k8s.io", "v1", "leases"),
    of_a_namespace("Pod", "", "v1", "pods"),
    of_the_cluster("Node", "", "v1", "nodes"),
    of_a_namespace("Deployment", "apps", "v1", "deployments"),
    of_a_namespace("StatefulSet", "apps", "v1", "statefulsets"),
    of_a_namespace("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets"),
    of_a_namespace("HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers"),
    of_a_namespace("Role", RBAC, "v1", "roles"),
    of_a_namespace("RoleBinding", RBAC, "v1", "rolebindings"),
    of_a_namespace("ServiceAccount", "", "v1", "serviceaccounts"),
    of_a_namespace("Service", "", "v1", "services"),
    of_a_namespace("ConfigMap", "", "v1", "configmaps"),
    of_a_namespace("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims"),
    of_a_namespace("LimitRange", "", "v1", "limitranges"),
    of_the_cluster("StorageClass", "storage.k8s.io", "v1", "storageclasses"),
    of_the_cluster("ClusterRole", RBAC, "v1", "clusterroles"),
    of_the_cluster("ClusterRoleBinding", RBAC, "v1", "clusterrolebindings"),
    of_the_cluster("MutatingWebhookConfiguration", ADMISSION, "v1", "mutatingwebhookconfigurations"),
    of_the_cluster("ValidatingWebhookConfiguration", ADMISSION, "v1", "validatingwebhookconfigurations"),
];

impl Resource {
    /// The one of this kind, if a survey can read it.
    #[must_use]
    pub fn of(kind: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.kind == kind)
    }

    /// `group/version`, or the version alone.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether there is no cluster without it: what does not serve it is something else, or a proxy that goes astray.
    pub(super) fn is_everywhere(&self) -> bool {
        self.group.is_empty() || self.kind == "Lease"
    }

    /// What listing it takes.
    pub(super) fn right(&self, namespace: Option<&str>) -> Right {
        Right {
            verb: "list",
            group: self.group,
            resource: self.plural,
            subresource: None,
            namespace: namespace.unwrap_or_default().to_owned(),
            name: None,
        }
    }

    /// The request for a page of the list of them.
    pub(super) fn page(&self, namespace: Option<&str>, next: &str) -> Result<Request<Vec<u8>>, RequestError> {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let namespace = namespace.map_or_else(String::new, |namespace| format!("/namespaces/{namespace}"));
        let path = format!("{root}/{}{namespace}/{}", self.api_version(), self.plural);
        kube::core::Request::new(path).list(&first_or_next(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_the_path_of_its_group_and_namespace() {
        let path = |kind: &str, namespace| {
            let page = Resource::of(kind).expect("known").page(namespace, "").expect("a request");
            page.uri().to_string()
        };
        assert!(path("Service", Some("shop")).starts_with("/api/v1/namespaces/shop/services?"));
        assert!(path("Role", None).starts_with("/apis/rbac.authorization.k8s.io/v1/roles?"));
        assert!(Resource::of("Secret").is_none());
        let everywhere = |kind: &str| Resource::of(kind).expect("known").is_everywhere();
        assert!(everywhere("Pod") && everywhere("Lease") && !everywhere("PodDisruptionBudget"));
    }
}
