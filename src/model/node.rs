//! A document as a tree, each part with the place where it stands: what a rule looks at is what a finding points at.
//!
//! Objects of a cluster are the same trees without places. Nothing that was written is left out, so that a rule also sees
//! a field that no server would keep.

use std::fmt;

/// A line and a column, from 1. Both 0 where nothing was written down: an object of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The line, from 1.
    pub line: u32,
    /// The column, in characters, from 1.
    pub column: u32,
}

/// A value, and where it begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub mark: Mark,
}

/// What JSON knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Null, or nothing at all.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Box<str>),
    /// A list.
    List(Vec<Node>),
    /// Fields in the order in which they were written, each name once.
    Map(Vec<Field>),
}

/// A field of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Box<str>,
    /// Where the name begins.
    pub mark: Mark,
    /// What it holds.
    pub node: Node,
}

/// What is asked for and not there.
static NOTHING: Node = Node { value: Value::Null, mark: Mark { line: 0, column: 0 } };

impl Node {
    /// What stands under this name; nothing (`null`) where there is no such field, or no fields at all.
    #[must_use]
    pub fn get(&self, name: &str) -> &Self {
        self.field(name).map_or(&NOTHING, |field| &field.node)
    }

    /// The field of this name, with the place of the name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| &*field.name == name)
    }

    /// What stands at the end of a path of names, with dots between them. No name of a field that is asked for so has one.
    #[must_use]
    pub fn at(&self, path: &str) -> &Self {
        path.split('.').fold(self, Self::get)
    }

    /// Whether nothing is there: no such field, or null, which a server takes for the same.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// A whole number.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        if let Value::Int(number) = self.value { Some(number) } else { None }
    }

    /// True or false.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        if let Value::Bool(yes) = self.value { Some(yes) } else { None }
    }

    /// The entries of a list; none where it is no list.
    #[must_use]
    pub fn list(&self) -> &[Self] {
        if let Value::List(entries) = &self.value { entries } else { &[] }
    }

    /// The fields of a map; none where it is no map.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        if let Value::Map(fields) = &self.value { fields } else { &[] }
    }

    /// What kind of value this is, for a sentence about a wrong one.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

impl From<&serde_json::Value> for Node {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(yes) => Value::Bool(*yes),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Value::Int(number),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.as_str().into()),
            Json::Array(entries) => Value::List(entries.iter().map(Self::from).collect()),
            Json::Object(fields) => {
                let field = |(name, value): (&String, &Json)| Field {
                    name: name.as_str().into(),
                    mark: Mark::default(),
                    node: Self::from(value),
                };
                Value::Map(fields.iter().map(field).collect())
            }
        };
        Self { value, mark: Mark::default() }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_null() {
        let node = Node::from(&serde_json::json!({"spec": {"replicas": 2, "paused": null, "ports": [{"port": 80}]}}));
        assert_eq!(node.at("spec.replicas").int(), Some(2));
        assert!(node.at("spec.paused").is_null() && node.at("spec.strategy.type").is_null());
        assert_eq!(node.at("spec.ports").list()[0].get("port").int(), Some(80));
        assert_eq!(node.at("spec.replicas").get("deeper").kind(), "null");
    }
}
