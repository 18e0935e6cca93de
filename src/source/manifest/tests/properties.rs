//! What holds for every document: a tree is what was written, and nothing that can be written does harm.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Found, read};
use crate::model::node::{Mark, Node, Value};
use crate::model::object::{Object, Origin};

/// Text that YAML would take for something else, and any other.
fn text() -> impl Strategy<Value = String> {
    let words = r#"yes NO on y ~ null true 0644 1_000 1e3 .5 .inf 0x1F 2024-01-01 12:30 << # ' " \ | > *a &a !t % @ ` --- ... {{ [ } é 😀"#;
    let odd = [
        "", " ", "- a", "a: b", "a #b", "a\nb\n", "\n", "\n\n a\n", " a\n b", "a\tb", "\t", "\u{85}", "\u{2028}",
        "\r\n", "a\r",
    ];
    let odd = words.split(' ').chain(odd).collect::<Vec<_>>();
    let any_text = prop_oneof![
        proptest::sample::select(odd).prop_map(str::to_owned),
        "[a-zA-Z0-9 .:/#'\"\\n-]{0,24}",
        any::<String>()
    ];
    any_text.prop_filter("what YAML has", |text| yaml_has(text))
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            proptest::collection::btree_map(text(), inner, 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// JSON may have some characters as they are that YAML has not (`reader.c` of libyaml, and of go-yaml): a delete, say. They
/// are refused.
fn yaml_has(text: &str) -> bool {
    let odd = |c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !text.contains(odd)
}

/// An object with this in it.
fn object(spec: Json) -> Json {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "spec": spec})
}

/// The same tree without places, and with numbers as a file has them: whole if they have no fraction.
fn bare(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(entries) => Value::List(entries.iter().map(bare).collect()),
        Value::Map(fields) => {
            let mut fields = fields.clone();
            for field in &mut fields {
                (field.mark, field.node) = (Mark::default(), bare(&field.node));
            }
            fields.sort_by(|one, other| one.name.cmp(&other.name));
            Value::Map(fields)
        }
        // By its shortest digits, as it was written.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e18 => {
            number.to_string().parse().map_or_else(|_| Value::Float(*number), Value::Int)
        }
        other => other.clone(),
    };
    Node { value, mark: Mark::default() }
}

fn only_object(text: &str) -> Object {
    let mut all = Vec::new();
    read(&["-".into()], &mut text.as_bytes(), &mut |found| all.push(found));
    match <[Found; 1]>::try_from(all) {
        Ok([Found::Object(object)]) => object,
        other => panic!("{text}\n{other:#?}"),
    }
}

/// What stands at a place, as far as the end of its line.
fn at(text: &str, mark: Mark) -> &str {
    let line = text.split('\n').nth(mark.line as usize - 1).expect("the line");
    line.char_indices().nth(mark.column as usize - 1).map_or("", |(at, _)| &line[at..])
}

/// Every name in JSON stands where its mark is, and every list and map begins with its bracket.
fn marks_are_true(text: &str, node: &Node) {
    match &node.value {
        Value::Map(fields) => {
            assert!(at(text, node.mark).starts_with('{'), "{}", node.mark);
            for field in fields {
                let name = serde_json::to_string(&field.name).expect("JSON");
                assert!(at(text, field.mark).starts_with(&name), "{name} at {}", field.mark);
                marks_are_true(text, &field.node);
            }
        }
        Value::List(entries) => {
            assert!(at(text, node.mark).starts_with('['), "{}", node.mark);
            entries.iter().for_each(|entry| marks_are_true(text, entry));
        }
        Value::Text(value) => {
            let value = serde_json::to_string(value).expect("JSON");
            assert!(at(text, node.mark).starts_with(&value), "{value} at {}", node.mark);
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn json_is_read_as_it_was_written(spec in json()) {
        let json = object(spec);
        for text in [json.to_string(), serde_json::to_string_pretty(&json).expect("JSON")] {
            let object = only_object(&text);
            prop_assert_eq!(bare(&object.root), bare(&Node::from(&json)));
            marks_are_true(&text, &object.root);
        }
        let twice = format!("{json}{json}");
        let mut objects = Vec::new();
        read(&["-".into()], &mut twice.as_bytes(), &mut |found| objects.push(found));
        prop_assert_eq!(objects.len(), 2);
    }

    #[test]
    fn yaml_is_read_as_it_was_written(spec in json()) {
        let json = object(spec);
        let text = serde_saphyr::to_string(&json).expect("YAML");
        prop_assert_eq!(bare(&only_object(&text).root), bare(&Node::from(&json)), "{}", text);
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        text in "([a-c]|[ \\t\\r\\n]|\n|---\n|[-?:,{}\\[\\]#&*!|>'\"%@`~<\\\\]|: |- |&a |\\*a|<<: |\\? |!!int |\u{feff}|é|kind: Pod\n|apiVersion: v1\n|\\{\\{){0,120}",
    ) {
        for bytes in [&bytes[..], text.as_bytes()] {
            let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 2;
            let within = |mark: Mark| (1..=lines).contains(&(mark.line as usize)) && mark.column >= 1;
            read(&["-".into()], &mut &*bytes, &mut |found| match found {
                Found::Object(Object { origin: Origin::File { mark, .. }, .. }) => assert!(within(mark), "{mark}"),
                Found::Object(object) => panic!("{object:?}"),
                Found::Problem(problem) => assert!(within(problem.mark), "{problem:?}"),
            });
        }
    }
}
