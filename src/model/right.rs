//! Rights: what one has to be allowed to do.

use std::fmt;

/// One right in one namespace, or in the whole cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right {
    /// `get`, `list`, `watch`, `create`, `patch`, `delete` …
    pub verb: &'static str,
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
    /// The part of it, such as `eviction`.
    pub subresource: Option<&'static str>,
    /// The namespace; empty for the whole cluster.
    pub namespace: String,
    /// The one object; all of them if `None`.
    pub name: Option<String>,
}

impl fmt::Display for Right {
    /// `patch leases.coordination.k8s.io "payments" in namespace billing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, group, resource, subresource, namespace, name } = self;
        write!(f, "{verb} {resource}")?;
        if !group.is_empty() {
            write!(f, ".{group}")?;
        }
        if let Some(subresource) = subresource {
            write!(f, "/{subresource}")?;
        }
        if let Some(name) = name {
            write!(f, " {name:?}")?;
        }
        if namespace.is_empty() { Ok(()) } else { write!(f, " in namespace {namespace}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_told_as_kubectl_and_rbac_would() {
        let patch = Right {
            verb: "patch",
            group: "coordination.k8s.io",
            resource: "leases",
            subresource: None,
            namespace: "billing".to_owned(),
            name: Some("payments".to_owned()),
        };
        assert_eq!(patch.to_string(), "patch leases.coordination.k8s.io \"payments\" in namespace billing");
        let evict =
            Right { verb: "create", group: "", resource: "pods", subresource: Some("eviction"), ..patch.clone() };
        assert_eq!(evict.to_string(), "create pods/eviction \"payments\" in namespace billing");
        let nodes = Right { group: "", resource: "nodes", verb: "list", namespace: String::new(), name: None, ..patch };
        assert_eq!(nodes.to_string(), "list nodes");
    }
}
