//! The roles that each cluster brings along (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy`): manifests
//! refer to them and do not contain them.

use super::{Right, Scope};

/// What labels make a ClusterRole part of a provided one with.
const LABEL: &str = "rbac.authorization.k8s.io/aggregate-to-";

const READ: &[&str] = &["get", "list", "watch"];
const LEASES: (&str, &str) = ("coordination.k8s.io", "leases");
const EVENTS: [(&str, &str); 2] = [("", "events"), ("events.k8s.io", "events")];

/// A role that the cluster brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Provided<'a> {
    name: &'a str,
}

impl<'a> Provided<'a> {
    /// Whether a reference leads to one.
    pub(super) fn of(kind: &str, name: &'a str, scope: Scope<'_>) -> Option<Self> {
        let known = match kind {
            "ClusterRole" => matches!(name, "cluster-admin" | "admin" | "edit" | "view") || name.starts_with("system:"),
            // `kube-public` has one too.
            "Role" => {
                matches!(scope, Scope::Namespace("kube-system" | "kube-public"))
                    && (name == "extension-apiserver-authentication-reader" || name.starts_with("system:"))
            }
            _ => false,
        };
        known.then_some(Self { name })
    }

    /// Whether it allows this; `None` where that differs between versions, or is not told here.
    pub(super) fn allows(self, right: &Right<'_>) -> Option<bool> {
        let what = (right.group, right.resource);
        match self.name {
            "cluster-admin" => Some(true),
            "extension-apiserver-authentication-reader" => {
                if what == ("", "configmaps") {
                    None
                } else {
                    Some(false)
                }
            }
            "system:auth-delegator" => {
                if what.0.starts_with("auth") {
                    None
                } else {
                    Some(false)
                }
            }
            // `viewRules` says nothing of leases.
            "view" if what == LEASES => Some(false),
            "view" if EVENTS.contains(&what) => Some(READ.contains(&right.verb)),
            // `editRules` has leases in 1.36, but has not always had them.
            _ => None,
        }
    }

    /// The labels that make a ClusterRole part of it: `view` is part of `edit`, and that of `admin`.
    pub(super) fn labels(self) -> impl Iterator<Item = String> {
        let parts: &[&str] = match self.name {
            "admin" => &["admin", "edit", "view"],
            "edit" => &["edit", "view"],
            "view" => &["view"],
            _ => &[],
        };
        parts.iter().map(|part| format!("{LABEL}{part}"))
    }
}
