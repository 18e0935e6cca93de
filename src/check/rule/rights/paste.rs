//! What to paste: a rule into a role, or a Role with its binding.

use serde_json::{Value, json};

use super::electing::{Electing, verbs};
use crate::access::Scope;
use crate::check::rule::yaml;
use crate::model::node::{self, Node};
use crate::model::object::Object;

const API: &str = "rbac.authorization.k8s.io/v1";

/// A rule about Leases.
pub(super) fn lease_rule(verbs: &[&str], names: &[&str]) -> Value {
    let mut rule = json!({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs});
    if !names.is_empty() {
        rule["resourceNames"] = json!(names);
    }
    rule
}

/// The rules of a role, and these.
pub(super) fn with_rules(role: &Object, more: impl IntoIterator<Item = Value>) -> String {
    let mut rules: Vec<_> = role.root.get("rules").list().iter().map(json_of).collect();
    rules.extend(more);
    yaml(&json!({"rules": rules}))
}

/// The rules of a role, one of them with more verbs.
pub(super) fn with_verbs(role: &Object, index: usize, verbs: &[&str]) -> String {
    let mut rules: Vec<_> = role.root.get("rules").list().iter().map(json_of).collect();
    if let Some(Value::Array(own)) = rules.get_mut(index).and_then(|rule| rule.get_mut("verbs")) {
        own.extend(verbs.iter().map(|verb| json!(verb)));
    }
    yaml(&json!({"rules": rules}))
}

/// A binding of a role of this kind and name for whoever elects.
pub(super) fn binding(electing: &Electing<'_, '_>, kind: &str, role: &str) -> String {
    yaml(&json!({
        "apiVersion": API, "kind": "RoleBinding", "metadata": metadata(electing, role),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [subject(electing)],
    }))
}

/// A Role with all that is needed, and its binding.
pub(super) fn role_and_binding(electing: &Electing<'_, '_>) -> String {
    let name = format!("{}-leader-election", electing.workload.name);
    let role = yaml(&json!({
        "apiVersion": API, "kind": "Role", "metadata": metadata(electing, &name),
        "rules": [lease_rule(verbs(electing.library), &[])],
    }));
    format!("{role}---\n{}", binding(electing, "Role", &name))
}

/// The subjects of a binding, and whoever elects.
pub(super) fn with_subject(bound: &Object, electing: &Electing<'_, '_>) -> String {
    let mut subjects: Vec<_> = bound.root.get("subjects").list().iter().map(json_of).collect();
    // Lists of named entries are merged by their names where fixes are applied: all of them stay.
    subjects.push(subject(electing));
    yaml(&json!({"subjects": subjects}))
}

fn subject(electing: &Electing<'_, '_>) -> Value {
    let mut subject = json!({"kind": "ServiceAccount", "name": electing.account.name});
    if let Scope::Namespace(namespace) = electing.account.scope {
        subject["namespace"] = json!(namespace);
    }
    subject
}

fn metadata(electing: &Electing<'_, '_>, name: &str) -> Value {
    match electing.scope {
        Scope::Namespace(namespace) => json!({"name": name, "namespace": namespace}),
        Scope::Unnamed | Scope::Cluster => json!({"name": name}),
    }
}

fn json_of(node: &Node) -> Value {
    match &node.value {
        node::Value::Null => Value::Null,
        node::Value::Bool(yes) => json!(yes),
        node::Value::Int(number) => json!(number),
        node::Value::Float(number) => json!(number),
        node::Value::Text(text) => json!(text),
        node::Value::List(entries) => entries.iter().map(json_of).collect(),
        node::Value::Map(fields) => fields.iter().map(|field| (field.name.to_string(), json_of(&field.node))).collect(),
    }
}
