//! What comes close to a right that somebody has not.

use super::policy::Referred;
use super::{Account, Binding, Policy, Right, Role, Rule, Scope};

/// What comes close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Miss<'o> {
    /// It is bound to a rule that would do, if it were not limited to objects by their names.
    Name(Binding<'o>, Rule<'o>),
    /// It is bound to a rule about this very resource that lacks the verb.
    Verb(Binding<'o>, Rule<'o>),
    /// It is bound to a rule for a resource of this name in another group.
    Group(Binding<'o>, Rule<'o>),
    /// What it is bound to is not there.
    Dangling(Binding<'o>),
    /// A role would do, and is bound to others only.
    Others(Binding<'o>, Role<'o>),
    /// A role would do, and is bound to it, but in another namespace.
    Elsewhere(Binding<'o>, Role<'o>),
    /// A role of the same namespace, or of the cluster, would do, and nothing refers to it.
    Unbound(Role<'o>),
}

/// What comes close, the closest first.
pub(super) fn misses<'o>(policy: &Policy<'o>, who: Account<'_>, right: &Right<'_>) -> Vec<Miss<'o>> {
    let mut misses = Vec::new();
    let would_do = |role: Role<'o>| policy.rules(role).iter().any(|rule| rule.may_allow(right));
    let here = policy.bindings_in(right.scope).chain(policy.bindings_in(Scope::Cluster));
    let others = here.filter(|binding| !binding.is_for(who)).map(|binding| (binding, false));
    for (binding, mine) in policy.bindings_for(who).map(|binding| (binding, true)).chain(others) {
        let role = match policy.referred(binding) {
            Referred::Here(role) => role,
            Referred::Provided(_) => continue,
            Referred::Nothing => {
                if mine && binding.reaches(right.scope) {
                    misses.push(Miss::Dangling(binding));
                }
                continue;
            }
        };
        match (mine, binding.reaches(right.scope)) {
            (true, true) => {
                misses.extend(policy.rules(role).into_iter().filter_map(|rule| nearly(binding, rule, right)))
            }
            (true, false) if would_do(role) => misses.push(Miss::Elsewhere(binding, role)),
            (false, true) if would_do(role) => misses.push(Miss::Others(binding, role)),
            _ => {}
        }
    }
    let here = policy.roles_in(right.scope).chain(policy.roles_in(Scope::Cluster));
    let unbound = here.filter(|role| would_do(*role) && policy.bindings_of(*role).next().is_none());
    misses.extend(unbound.map(Miss::Unbound));
    misses.sort_by_key(Miss::rank);
    misses
}

fn nearly<'o>(binding: Binding<'o>, rule: Rule<'o>, right: &Right<'_>) -> Option<Miss<'o>> {
    if !rule.has_resource(right.resource) {
        return None;
    }
    match (rule.has_group(right.group), rule.has_verb(right.verb), rule.has_name(right.name)) {
        (true, true, false) => Some(Miss::Name(binding, rule)),
        (true, false, _) => Some(Miss::Verb(binding, rule)),
        (false, ..) if rule.names_resource(right.resource) => Some(Miss::Group(binding, rule)),
        _ => None,
    }
}

impl Miss<'_> {
    /// How far off it is: less is closer.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Name(..) => 0,
            Self::Verb(..) => 1,
            Self::Group(..) => 2,
            Self::Dangling(_) => 3,
            Self::Elsewhere(..) => 4,
            Self::Unbound(_) => 5,
            Self::Others(..) => 6,
        }
    }
}
