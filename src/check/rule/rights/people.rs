//! The ServiceAccounts that are there, and what runs as them.

use std::collections::HashMap;

use crate::access::{Account, Scope};
use crate::check::election::elector::account;
use crate::check::scene::Scene;
use crate::model::object::Object;

/// All of them, found by who they are.
pub(super) struct People<'o> {
    made: HashMap<Account<'o>, &'o Object>,
    running: HashMap<Scope<'o>, Vec<(Account<'o>, &'o Object)>>,
}

impl<'o> People<'o> {
    pub(super) fn of(scene: &Scene<'o>) -> Self {
        let policy = scene.policy();
        let made = scene.of_kind("ServiceAccount").iter().map(|object| {
            let scope = policy.scope(object.namespace.as_deref());
            (Account { scope, name: &object.name }, *object)
        });
        let mut running: HashMap<_, Vec<_>> = HashMap::new();
        for object in scene.objects().iter().filter(|object| runs(object)) {
            let who = account(policy, object);
            running.entry(who.scope).or_default().push((who, object));
        }
        Self { made: made.collect(), running }
    }

    /// The ServiceAccount itself, if it is among the objects.
    pub(super) fn made(&self, who: Account<'_>) -> Option<&'o Object> {
        self.made.get(&who).copied()
    }

    /// What runs in a namespace, and as whom.
    pub(super) fn running<'a>(&'a self, scope: Scope<'a>) -> &'a [(Account<'o>, &'o Object)] {
        self.running.get(&scope).map_or(&[], Vec::as_slice)
    }

    /// Whether it is among the objects, or something runs as it.
    pub(super) fn has(&self, who: Account<'_>) -> bool {
        self.made.contains_key(&who) || self.running(who.scope).iter().any(|(account, _)| *account == who)
    }
}

/// Whether an object makes Pods.
pub(super) fn runs(object: &Object) -> bool {
    !object.root.at("spec.template.spec").is_null()
}
