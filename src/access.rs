//! RIGHTS: who may do what, by the objects of RBAC that are known. Objects in, answers out.
//!
//! A [`Policy`] is read from Roles, ClusterRoles and their bindings, and answers as Kubernetes' authorizer would, whose
//! source is `k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac` with `pkg/registry/rbac/validation` and
//! `pkg/apis/rbac/v1/evaluation_helpers.go`. Who is asked about is the ServiceAccount of a workload. Where the answer is
//! no, the [misses](Miss) say how close somebody came to granting it: what a person has to see to mend it.
//!
//! What objects in files leave open, the namespace that they will be installed into, and roles that each cluster has
//! (`provided`), is made explicit: a [`Scope`], and [`Answer::Unknown`].

mod home;
mod miss;
mod policy;
mod provided;
mod rule;
#[cfg(test)]
mod tests;

pub use miss::Miss;
pub use policy::{Binding, Grant, Policy, Role};
pub use rule::Rule;

/// Where something is, or happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// Everywhere.
    Cluster,
    /// In this namespace.
    Namespace(&'a str),
    /// In the namespace that whatever names none is installed into, and nobody knows which.
    Unnamed,
}

/// A ServiceAccount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account<'a> {
    /// Its namespace: not [`Scope::Cluster`].
    pub scope: Scope<'a>,
    /// Its name.
    pub name: &'a str,
}

/// Something that may or may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right<'a> {
    /// `get`, `create` and so on.
    pub verb: &'a str,
    /// The API group; empty for the core.
    pub group: &'a str,
    /// The resource, with a subresource behind a slash: `leases`, `pods/eviction`.
    pub resource: &'a str,
    /// Where.
    pub scope: Scope<'a>,
    /// The name of the object; none where there is none in such a request (create, list), or where it is not known.
    pub name: Option<&'a str>,
}

/// Whether something may be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'o> {
    /// By this.
    Allowed(Grant<'o>),
    /// By nothing; and what comes close.
    Denied(Vec<Miss<'o>>),
    /// It hangs on roles that are not among the objects: what is bound to them.
    Unknown(Vec<Binding<'o>>),
}

impl<'a> Scope<'a> {
    /// The scope of what names this namespace, or none.
    #[must_use]
    pub fn of(namespace: Option<&'a str>) -> Self {
        namespace.map_or(Self::Unnamed, Self::Namespace)
    }
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster"),
            Self::Namespace(name) => f.write_str(name),
            Self::Unnamed => f.write_str("its own namespace"),
        }
    }
}

impl Answer<'_> {
    /// Whether it is a yes.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}
