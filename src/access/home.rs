//! The namespace that a set of objects is meant to be installed into, where they themselves tell it.
//!
//! Charts often leave `metadata.namespace` out and still have to write it into the subjects of their bindings.

use std::collections::HashSet;

use crate::model::object::Object;

/// The namespace of what names none: the one that all ServiceAccounts and all that runs name; or, where these name none
/// themselves, the one that the subjects of bindings agree on, who are such ServiceAccounts.
pub(super) fn home(objects: &[Object]) -> Option<&str> {
    let (mut named, mut unnamed) = (HashSet::new(), HashSet::new());
    for object in objects {
        let account = match &*object.kind {
            "ServiceAccount" => Some(&*object.name),
            _ => object.root.at("spec.template.spec.serviceAccountName").text(),
        };
        let Some(account) = account else { continue };
        match &object.namespace {
            Some(namespace) => named.insert((&**namespace, account)),
            None => unnamed.insert(("", account)),
        };
    }
    if unnamed.is_empty() {
        return alone(named.into_iter().map(|(namespace, _)| namespace).collect());
    }
    let bindings = objects.iter().filter(|object| matches!(&*object.kind, "RoleBinding" | "ClusterRoleBinding"));
    let subjects = bindings.flat_map(|binding| binding.root.get("subjects").list());
    let homes = subjects
        .filter(|subject| subject.get("kind").text() == Some("ServiceAccount"))
        .filter_map(|subject| Some((subject.get("namespace").text()?, subject.get("name").text()?)))
        .filter(|(namespace, name)| {
            !namespace.is_empty() && unnamed.contains(&("", *name)) && !named.contains(&(*namespace, *name))
        })
        .map(|(namespace, _)| namespace)
        .collect();
    alone(homes)
}

fn alone(mut homes: Vec<&str>) -> Option<&str> {
    homes.sort_unstable();
    homes.dedup();
    if let [one] = *homes { Some(one) } else { None }
}
