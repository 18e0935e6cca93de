//! Label selectors, as the API server reads them.

use super::node::Node;

/// What selects objects by their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'o> {
    labels: Vec<(&'o str, &'o str)>,
    expressions: Vec<Expression<'o>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Expression<'o> {
    key: &'o str,
    operator: &'o str,
    values: Vec<&'o str>,
}

impl<'o> Selector<'o> {
    /// `matchLabels` and `matchExpressions`; unknown fields are left out, as the server drops them.
    #[must_use]
    pub fn read(node: &'o Node) -> Self {
        let expression = |node: &'o Node| Expression {
            key: node.get("key").text().unwrap_or_default(),
            operator: node.get("operator").text().unwrap_or_default(),
            values: node.get("values").list().iter().filter_map(Node::text).collect(),
        };
        Self {
            labels: labels(node.get("matchLabels")),
            expressions: node.get("matchExpressions").list().iter().map(expression).collect(),
        }
    }

    /// A plain map of labels, as Services have it.
    #[must_use]
    pub fn plain(node: &'o Node) -> Self {
        Self { labels: labels(node), expressions: Vec::new() }
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.expressions.is_empty()
    }

    /// Whether it selects what has these labels.
    #[must_use]
    pub fn matches(&self, labels: &Node) -> bool {
        self.missed(labels).is_none()
    }

    /// The first thing that it asks for and these labels do not have, as it would be typed.
    #[must_use]
    pub fn missed(&self, labels: &Node) -> Option<String> {
        let has = |key: &str| labels.field(key).and_then(|field| field.node.text());
        for (key, value) in &self.labels {
            if has(key) != Some(*value) {
                return Some(format!("{key}={value}"));
            }
        }
        for Expression { key, operator, values } in &self.expressions {
            let value = has(key);
            let listed = value.is_some_and(|value| values.contains(&value));
            let holds = match *operator {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => labels.field(key).is_some(),
                "DoesNotExist" => labels.field(key).is_none(),
                _ => false,
            };
            if !holds {
                let values = values.join(",");
                return Some(format!("{key} {operator} ({values})"));
            }
        }
        None
    }
}

fn labels(node: &Node) -> Vec<(&str, &str)> {
    node.fields().iter().filter_map(|field| Some((&*field.name, field.node.text()?))).collect()
}
