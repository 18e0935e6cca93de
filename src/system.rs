//! What is special about the systems that hactl knows by name: how to recognise them, and what a failover means to them.
//!
//! [`System::failover`] gives a [`Profile`]: who takes over, and the steps between that and a system that serves, each
//! with its source.

mod federated_etl;
pub mod guide;
mod klag_exporter;
mod kubecost;
mod operator;
pub mod pod;
pub mod profile;
pub mod step;

pub use profile::Profile;
pub use step::Step;

use crate::model::Pod;
use crate::model::elector::Library;

/// A system that hactl knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Kubecost leader/follower (cost-analyzer 1.96 to 1.108).
    Kubecost,
    /// klag-exporter.
    KlagExporter,
    /// Kubecost's Federated ETL: a federator or an aggregator.
    FederatedEtl,
    /// A controller-runtime operator.
    Operator,
}

impl System {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Kubecost, Self::KlagExporter, Self::FederatedEtl, Self::Operator];

    /// The name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kubecost => "kubecost",
            Self::KlagExporter => "klag-exporter",
            Self::FederatedEtl => "federated-etl",
            Self::Operator => "operator",
        }
    }

    /// Recognises the system that a Pod belongs to, by its containers rather than by names that a chart can change.
    #[must_use]
    pub fn of(pod: &Pod, library: Library) -> Option<Self> {
        let image = |name: &str| pod.containers.iter().any(|c| image_name(&c.image) == name);
        let container = |name: &str| pod.containers.iter().any(|c| c.name == name);
        let sets = |name: &str| pod.settings().any(|s| s.name == name && !matches!(s.value.as_str(), "false" | "0"));
        if container("federator") || (container("aggregator") && sets("federated-primary-cluster")) {
            return Some(Self::FederatedEtl);
        }
        if container("cost-model") || image("cost-model") {
            let federated = sets("federated-cluster") && !sets("leader-follower-enabled");
            return Some(if federated { Self::FederatedEtl } else { Self::Kubecost });
        }
        if image("klag-exporter") || container("klag-exporter") {
            return Some(Self::KlagExporter);
        }
        let scaffolded = pod.labels.get("control-plane").is_some_and(|value| value.ends_with("controller-manager"));
        let elects = sets("leader-elect") || sets("enable-leader-election");
        (library == Library::ClientGo && (scaffolded || elects)).then_some(Self::Operator)
    }

    /// Whether a standby is never Ready by design: `/ready` of klag-exporter answers 503 unless the Pod leads
    /// (klag-exporter `src/http/server.rs`).
    #[must_use]
    pub fn standbys_are_never_ready(self) -> bool {
        self == Self::KlagExporter
    }
}

/// The last path segment of an image, without tag and digest.
fn image_name(image: &str) -> &str {
    let path = image.split('@').next().unwrap_or(image);
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::wire::tests::pod;

    fn of(containers: &str, labels: &str) -> Option<&'static str> {
        let pod = pod(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"p","labels":{labels}}},"spec":{{"containers":[{containers}]}}}}"#
        ));
        System::of(&pod, Library::ClientGo).map(System::as_str)
    }

    #[test]
    fn systems_are_known_by_their_containers() {
        let leader_follower = r#"{"name":"cost-model","image":"gcr.io/kubecost1/cost-model:prod-1.108.1",
            "env":[{"name":"LEADER_FOLLOWER_ENABLED","value":"true"},{"name":"FEDERATED_CLUSTER","value":"true"}]}"#;
        assert_eq!(of(leader_follower, "{}"), Some("kubecost"));
        let federated = r#"{"name":"cost-model","env":[{"name":"FEDERATED_CLUSTER","value":"true"}]}"#;
        assert_eq!(of(federated, "{}"), Some("federated-etl"));
        assert_eq!(of(r#"{"name":"federator"}"#, "{}"), Some("federated-etl"));
        assert_eq!(of(r#"{"name":"x","image":"r:5000/o/klag-exporter@sha256:0"}"#, "{}"), Some("klag-exporter"));
        assert_eq!(of(r#"{"name":"manager","args":["--leader-elect"]}"#, "{}"), Some("operator"));
        assert_eq!(of(r#"{"name":"manager","args":["--leader-elect=false"]}"#, "{}"), None);
        assert_eq!(of(r#"{"name":"m"}"#, r#"{"control-plane":"controller-manager"}"#), Some("operator"));
        assert_eq!(of(r#"{"name":"m"}"#, r#"{"control-plane":"x"}"#), None);
        assert_eq!(of(r#"{"name":"nginx"}"#, "{}"), None);
    }
}
