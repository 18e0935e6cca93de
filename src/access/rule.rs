//! A rule of a role, and what it allows (`k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go`).

use super::Right;
use crate::model::node::Node;
use crate::model::object::Object;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'o> {
    /// The object that it stands in: a role, or one that a role aggregates.
    pub of: &'o Object,
    /// Its index there.
    pub index: usize,
    node: &'o Node,
}

/// The same rule is the same place in the same object.
impl PartialEq for Rule<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.of, other.of) && self.index == other.index
    }
}

impl<'o> Rule<'o> {
    /// The rules of an object, in their order.
    pub(super) fn all(of: &'o Object) -> impl Iterator<Item = Self> {
        of.root.get("rules").list().iter().enumerate().map(move |(index, node)| Self { of, index, node })
    }

    /// Whether it allows this.
    #[must_use]
    pub fn allows(self, right: &Right<'_>) -> bool {
        self.has_verb(right.verb)
            && self.has_group(right.group)
            && self.has_resource(right.resource)
            && self.has_name(right.name)
    }

    /// Whether it allows this for some object, where it is not known which.
    #[must_use]
    pub fn may_allow(self, right: &Right<'_>) -> bool {
        let named = right.name.is_none() && ["get", "update", "patch", "delete"].contains(&right.verb);
        let name = if named { self.texts("resourceNames").next() } else { right.name };
        self.allows(&Right { name, ..*right })
    }

    /// Whether it is about this verb.
    #[must_use]
    pub fn has_verb(self, verb: &str) -> bool {
        self.texts("verbs").any(|own| own == "*" || own == verb)
    }

    /// Whether it is about this group.
    #[must_use]
    pub fn has_group(self, group: &str) -> bool {
        self.texts("apiGroups").any(|own| own == "*" || own == group)
    }

    /// Whether it is about this resource, or subresource.
    #[must_use]
    pub fn has_resource(self, resource: &str) -> bool {
        let sub = resource.split_once('/').map(|(_, sub)| sub);
        self.texts("resources").any(|own| {
            own == "*"
                || own == resource
                || (sub.is_some() && own.strip_prefix("*/").is_some_and(|own| Some(own) == sub))
        })
    }

    /// Whether it is not limited to certain objects, or to this one among others.
    #[must_use]
    pub fn has_name(self, name: Option<&str>) -> bool {
        !self.is_limited() || self.texts("resourceNames").any(|own| own == name.unwrap_or_default())
    }

    /// Whether it is limited to objects by their names.
    #[must_use]
    pub fn is_limited(self) -> bool {
        self.texts("resourceNames").next().is_some()
    }

    /// Whether it names this resource itself, and does not only cover it by `*`.
    #[must_use]
    pub fn names_resource(self, resource: &str) -> bool {
        self.texts("resources").any(|own| own == resource)
    }

    /// What one of its fields lists.
    pub fn texts(self, field: &str) -> impl Iterator<Item = &'o str> {
        self.node.get(field).list().iter().filter_map(Node::text)
    }
}
