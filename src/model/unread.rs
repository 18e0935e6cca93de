//! What could not be read of a cluster, and what reading it takes.

use super::Right;

/// Objects of one kind that could not be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Their kind: `Role`.
    pub kind: &'static str,
    /// What listing them takes.
    pub right: Right,
    /// Why they could not be: `forbidden`, `timed out`.
    pub why: String,
    /// Whether the right is what is missing.
    pub forbidden: bool,
}

impl std::fmt::Display for Unread {
    /// `the right to list roles.rbac.authorization.k8s.io in namespace billing is missing`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { right, why, .. } = self;
        match self.forbidden {
            true => write!(f, "the right to {right} is missing"),
            false => write!(f, "{right}: {why}"),
        }
    }
}
