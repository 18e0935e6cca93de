//! Whole objects as trees: what checks look at. Decoded straight into what is kept, so that a page costs no second copy.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::node::{Field, Mark, Node, Value};

/// What no check asks about and can be the larger part of an object: who owns which field, and a second copy of all of it.
const DROPPED: &[&str] = &["managedFields", "kubectl.kubernetes.io/last-applied-configuration"];

/// Values of which only that they are there is kept.
const EMPTIED: &[&str] = &["binaryData"];

/// A tree without places.
#[derive(Clone, Debug)]
pub struct WireTree(pub Node);

impl<'de> Deserialize<'de> for WireTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree).map(|value| Self(Node { value, mark: Mark::default() }))
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "as of a tree that comes from a file")]
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(WireTree(entry)) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            if DROPPED.contains(&name.as_str()) {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let WireTree(mut node) = entries.next_value()?;
            if let Value::Map(values) = &mut node.value
                && EMPTIED.contains(&name.as_str())
            {
                values.iter_mut().for_each(|field| field.node.value = Value::Text(Box::default()));
            }
            fields.push(Field { name: name.into(), mark: Mark::default(), node });
        }
        Ok(Value::Map(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_what_a_second_reader_makes_of_it() {
        let text = r#"{"metadata":{"name":"x","labels":{"a":"b"}},"spec":{"n":-3,"u":18446744073709551615,"f":0.5,
            "yes":true,"no":null,"list":[1,"two",[],{}]}}"#;
        let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let WireTree(tree) = serde_json::from_str(text).expect("JSON");
        assert_eq!(tree.at("spec.list").list(), Node::from(&json).at("spec.list").list());
        assert_eq!(tree.at("spec.n").int(), Some(-3));
        let names = |node: &Node| node.fields().iter().map(|field| field.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&tree), ["metadata", "spec"]);
        assert_eq!(names(tree.get("spec")), ["n", "u", "f", "yes", "no", "list"]);
    }

    #[test]
    fn what_no_check_asks_about_is_not_kept() {
        let text = r#"{"metadata":{"managedFields":[{"manager":"x"}],"annotations":{"a":"b",
            "kubectl.kubernetes.io/last-applied-configuration":"{}"}},"binaryData":{"file":"AAAA"}}"#;
        let WireTree(tree) = serde_json::from_str(text).expect("JSON");
        assert_eq!(tree.get("metadata").fields().len(), 1);
        assert_eq!(tree.at("metadata.annotations").fields().len(), 1);
        assert_eq!(tree.at("binaryData.file").text(), Some(""));
    }
}
