//! Manifests over the objects of a cluster: what would be there if they were applied.

use std::collections::HashMap;

use crate::model::object::Object;

/// Kinds of Kubernetes itself whose objects are in no namespace, of the groups that checks know.
const OF_THE_CLUSTER: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Puts into `namespace` whatever would be there and does not say so.
pub(super) fn place(manifests: &mut [Object], namespace: &str) {
    for object in manifests.iter_mut().filter(|object| object.namespace.is_none()) {
        if !OF_THE_CLUSTER.contains(&&*object.kind) {
            object.namespace = Some(namespace.into());
        }
    }
}

/// Objects of manifests in the place of those of a cluster that they would replace, and beside the others.
pub(super) fn overlay(mut live: Vec<Object>, manifests: Vec<Object>) -> Vec<Object> {
    let name = |object: &Object| {
        let Object { kind, namespace, name, .. } = object;
        (object.group().to_owned(), kind.clone(), namespace.clone(), name.clone())
    };
    let at: HashMap<_, _> = live.iter().enumerate().map(|(at, object)| (name(object), at)).collect();
    for object in manifests {
        match at.get(&name(&object)) {
            Some(at) => live[*at] = object,
            None => live.push(object),
        }
    }
    live
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::node::Node;
    use crate::model::object::Origin;

    fn object(kind: &str, namespace: Option<&str>, name: &str, says: &str) -> Object {
        let json = json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "says": says,
        });
        Object::new(Node::from(&json), Origin::Live).expect("an object")
    }

    #[test]
    fn what_is_applied_replaces_what_has_its_name_and_stands_beside_the_rest() {
        let live = vec![object("Deployment", Some("shop"), "x", "old"), object("Deployment", Some("shop"), "y", "old")];
        let mut manifests = vec![
            object("Deployment", None, "x", "new"),
            object("Deployment", Some("bank"), "y", "new"),
            object("ClusterRole", None, "x", "new"),
        ];
        place(&mut manifests, "shop");
        let all = overlay(live, manifests);
        let said: Vec<_> = all
            .iter()
            .map(|object| format!("{:?} {object} {:?}", object.namespace.as_deref(), object.root.get("says").text()))
            .collect();
        assert_eq!(
            said,
            [
                r#"Some("shop") deployment/x Some("new")"#,
                r#"Some("shop") deployment/y Some("old")"#,
                r#"Some("bank") deployment/y Some("new")"#,
                r#"None clusterrole/x Some("new")"#,
            ]
        );
    }
}
