//! Roles: rights in the form in which they are given.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Right;

/// A `rbac.authorization.k8s.io/v1` Role, ready to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    /// What it allows.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Metadata {
    name: &'static str,
    namespace: String,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The API groups.
    pub api_groups: Vec<&'static str>,
    /// The resources, with their parts.
    pub resources: Vec<String>,
    /// The objects by name; all where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// The verbs.
    pub verbs: Vec<&'static str>,
}

impl Role {
    /// One Role for each namespace, with as few rules as there can be.
    #[must_use]
    pub fn of(rights: &[Right]) -> Vec<Self> {
        let mut roles: BTreeMap<&str, Vec<Rule>> = BTreeMap::new();
        for right in rights {
            let rules = roles.entry(&right.namespace).or_default();
            let part = right.subresource.map_or_else(String::new, |part| format!("/{part}"));
            let (resource, names) =
                (format!("{}{part}", right.resource), right.name.iter().cloned().collect::<Vec<_>>());
            let same = |rule: &&mut Rule| {
                rule.api_groups == [right.group]
                    && rule.resources == [resource.as_str()]
                    && rule.resource_names == names
            };
            match rules.iter_mut().find(same) {
                Some(rule) if rule.verbs.contains(&right.verb) => {}
                Some(rule) => rule.verbs.push(right.verb),
                None => rules.push(Rule {
                    api_groups: vec![right.group],
                    resources: vec![resource],
                    resource_names: names,
                    verbs: vec![right.verb],
                }),
            }
        }
        let role = |(namespace, rules): (&str, Vec<Rule>)| Self {
            api_version: "rbac.authorization.k8s.io/v1",
            kind: "Role",
            metadata: Metadata { name: "hactl-transfer", namespace: namespace.to_owned() },
            rules,
        };
        roles.into_iter().map(role).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_of_one_kind_are_one_rule() {
        let right = |verb, resource, name: Option<&str>| Right {
            verb,
            group: if resource == "leases" { "coordination.k8s.io" } else { "" },
            resource,
            subresource: (verb == "create").then_some("eviction"),
            namespace: "n".to_owned(),
            name: name.map(str::to_owned),
        };
        let rights = [
            right("list", "leases", None),
            right("watch", "leases", None),
            right("list", "leases", None),
            right("patch", "leases", Some("l")),
            right("create", "pods", None),
        ];
        let roles = serde_json::to_value(Role::of(&rights)).expect("json");
        let rules = serde_json::json!([
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["list", "watch"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["l"], "verbs": ["patch"]},
            {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
        ]);
        assert_eq!(roles[0]["rules"], rules);
        assert_eq!(roles[0]["metadata"], serde_json::json!({"name": "hactl-transfer", "namespace": "n"}));
    }
}
