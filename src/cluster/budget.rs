//! The disruption budgets that count a Pod.

use std::collections::BTreeMap;

use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::Resource;
use kube::api::ListParams;
use kube::core::{Expression, Selector, SelectorExt};
use serde::Deserialize;
use tokio::time::Instant;

use super::Reader;
use super::list::fetch;
use super::object::get;
use crate::error::{Error, Result};
use crate::model::budget::Budget;
use crate::model::wire::Page;
use crate::model::{Key, Kind};

/// The labels of any object, all of them: of a Pod's own, the model keeps only some.
#[derive(Deserialize)]
struct Labelled {
    metadata: Labels,
}

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct WireBudget {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Deserialize)]
struct Meta {
    name: String,
    #[serde(default)]
    generation: i64,
}

#[derive(Debug, Default, Deserialize)]
struct Spec {
    #[serde(default)]
    selector: Option<LabelSelector>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LabelSelector {
    match_labels: BTreeMap<String, String>,
    match_expressions: Vec<Requirement>,
}

#[derive(Clone, Debug, Deserialize)]
struct Requirement {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    disruptions_allowed: i64,
    current_healthy: i64,
    desired_healthy: i64,
    expected_pods: i64,
    observed_generation: i64,
}

/// The budgets that count a Pod; none where there is no such Pod.
///
/// # Errors
///
/// Where the Pod or the budgets of its namespace cannot be read.
pub async fn budgets(reader: &Reader, pod: &Key) -> Result<Vec<Budget>> {
    let (pod_read, budgets) = tokio::try_join!(get::<Labelled>(reader, Kind::Pods, pod), all(reader, &pod.namespace))?;
    let Some(Labelled { metadata }) = pod_read else { return Ok(Vec::new()) };
    let labels = metadata.labels.unwrap_or_default();
    let mut found = Vec::new();
    for budget in budgets {
        if budget.counts(&labels)? {
            found.push(budget.into());
        }
    }
    Ok(found)
}

/// The budgets of a namespace. There are few: they are not read page by page.
async fn all(reader: &Reader, namespace: &str) -> Result<Vec<WireBudget>> {
    let request = kube::core::Request::new(PodDisruptionBudget::url_path(&(), Some(namespace)));
    let until = Instant::now() + reader.timeout;
    let page = fetch::<Page<WireBudget>>(reader, until, &|| request.list(&ListParams::default())).await;
    Ok(page.map_err(|failure| failure.error)?.items)
}

impl WireBudget {
    /// Whether it counts a Pod with these labels. In `policy/v1` an empty selector selects every Pod, and none at all
    /// selects none.
    fn counts(&self, labels: &BTreeMap<String, String>) -> Result<bool> {
        let Some(selector) = &self.spec.selector else { return Ok(false) };
        let name = &self.metadata.name;
        let unread = || Error::unknown(format!("the selector of PodDisruptionBudget {name} cannot be read"));
        Ok(selector.parse().ok_or_else(unread)?.matches(labels))
    }
}

impl LabelSelector {
    /// `None` where it says something that this version of the API does not know.
    fn parse(&self) -> Option<Selector> {
        let equal = self.match_labels.iter().map(|(key, value)| Expression::Equal(key.clone(), value.clone()));
        let expressions = self.match_expressions.iter().map(Requirement::parse).collect::<Option<Vec<_>>>()?;
        Some(equal.chain(expressions).collect())
    }
}

impl Requirement {
    fn parse(&self) -> Option<Expression> {
        let (key, values) = (self.key.clone(), || self.values.iter().cloned().collect());
        Some(match self.operator.as_str() {
            "In" => Expression::In(key, values()),
            "NotIn" => Expression::NotIn(key, values()),
            "Exists" => Expression::Exists(key),
            "DoesNotExist" => Expression::DoesNotExist(key),
            _ => return None,
        })
    }
}

impl From<WireBudget> for Budget {
    fn from(WireBudget { metadata, status, .. }: WireBudget) -> Self {
        Self {
            name: metadata.name,
            disruptions_allowed: status.disruptions_allowed,
            current_healthy: status.current_healthy,
            desired_healthy: status.desired_healthy,
            expected_pods: status.expected_pods,
            judged: status.observed_generation >= metadata.generation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(rest: &str) -> WireBudget {
        serde_json::from_str(&format!(r#"{{"metadata":{{"name":"b","generation":2}}{rest}}}"#)).expect("a budget")
    }

    #[test]
    fn a_selector_counts_as_the_api_defines_it() {
        let counts = |selector: &str| {
            let labels = [("app", "web"), ("tier", "front")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            let budget = budget(&format!(r#","spec":{{"minAvailable":1,"selector":{selector}}}"#));
            budget.counts(&BTreeMap::from(labels)).expect("a selector")
        };
        for selector in [
            "{}",
            r#"{"matchLabels":{"app":"web"}}"#,
            r#"{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["front","back"]}]}"#,
            r#"{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]},{"key":"app","operator":"Exists"}]}"#,
        ] {
            assert!(counts(selector), "{selector}");
        }
        for selector in [
            "null",
            r#"{"matchLabels":{"app":"web","zone":"a"}}"#,
            r#"{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"NotIn","values":["front"]}]}"#,
            r#"{"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]}"#,
        ] {
            assert!(!counts(selector), "{selector}");
        }
    }

    #[test]
    fn a_selector_that_is_not_understood_is_no_answer() {
        let newer = r#"{"matchExpressions":[{"key":"app","operator":"Gt","values":["1"]}]}"#;
        let budget = budget(&format!(r#","spec":{{"selector":{newer}}}"#));
        assert!(budget.counts(&BTreeMap::new()).is_err());
    }

    #[test]
    fn a_budget_that_was_changed_since_is_not_judged() {
        let judged =
            |observed: &str| Budget::from(budget(&format!(r#","status":{{{observed}"disruptionsAllowed":1}}"#)));
        assert!(judged(r#""observedGeneration":2,"#).room());
        assert!(!judged(r#""observedGeneration":1,"#).room());
        assert!(!judged("").judged);
    }
}
