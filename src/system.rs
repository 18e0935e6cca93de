//! What is special about the systems that hactl knows by name: how to recognise them, and what a failover means to them.
//!
//! [`System::failover`] gives a [`Profile`]: who takes over, and the steps between that and a system that serves, each
//! with its source.

mod federated_etl;
pub mod guide;
pub mod klag_exporter;
mod kubecost;
mod operator;
pub mod pod;
pub mod profile;
pub mod step;

pub use klag_exporter::Endpoint;
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
        if image(klag_exporter::NAME) || container(klag_exporter::NAME) {
            return Some(Self::KlagExporter);
        }
        let scaffolded = pod.labels.get("control-plane").is_some_and(|value| value.ends_with("controller-manager"));
        let elects = sets("leader-elect") || sets("enable-leader-election");
        (library == Library::ClientGo && (scaffolded || elects)).then_some(Self::Operator)
    }

    /// Where a Pod of it says whether it leads, if it does.
    #[must_use]
    pub fn endpoint(self, pod: &Pod) -> Option<Endpoint> {
        match self {
            Self::KlagExporter => klag_exporter::endpoint(pod),
            Self::Kubecost | Self::FederatedEtl | Self::Operator => None,
        }
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

    #[test]
    fn klag_exporter_is_asked_where_it_is_probed() {
        let port = |containers: &str| {
            let pod = pod(&format!(
                r#"{{"metadata":{{"namespace":"n","name":"p"}},"spec":{{"containers":[{containers}]}}}}"#
            ));
            System::KlagExporter.endpoint(&pod).map(|endpoint| endpoint.port)
        };
        let klag = |rest: &str| {
            format!(r#"{{"name":"proxy","ports":[{{"containerPort":1}}]}},{{"name":"klag-exporter"{rest}}}"#)
        };
        let ports = r#","ports":[{"name":"admin","containerPort":7000},{"name":"http","containerPort":9000}]"#;
        let probe = |port: &str| format!(r#"{ports},"livenessProbe":{{"httpGet":{{"path":"/health","port":{port}}}}}"#);
        assert_eq!(port(&klag(&probe(r#""http""#))), Some(9000));
        assert_eq!(port(&klag(&probe("7000"))), Some(7000));
        assert_eq!(port(&klag(r#","ports":[{"containerPort":8001}]"#)), Some(8001));
        // Nothing tells.
        for odd in ["", ports, &probe(r#""gone""#), &probe("70000"), &probe("null")] {
            assert_eq!(port(&klag(odd)), Some(8000), "{odd}");
        }
        assert_eq!(port(r#"{"name":"app"}"#), None);
    }
}
