//! What is read, where it stands, and what is refused.

use serde_json::json;

use super::*;
use crate::model::node::Value;

const START: Mark = Mark { line: 1, column: 1 };

fn tree(text: &str) -> Node {
    read(text, START).unwrap_or_else(|broken| panic!("{text:?}: {broken:?}")).root
}

fn json_of(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => json!(null),
        Value::Bool(yes) => json!(yes),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(entries) => entries.iter().map(json_of).collect(),
        Value::Map(fields) => fields.iter().map(|field| (field.name.to_string(), json_of(&field.node))).collect(),
    }
}

#[track_caller]
fn reads(text: &str, json: serde_json::Value) {
    assert_eq!(json_of(&tree(text)), json, "{text}");
}

#[track_caller]
fn refuses(text: &str, kind: Kind, place: &str, words: &str) {
    let broken = read(text, START).expect_err(text);
    assert_eq!((broken.kind, broken.mark.to_string().as_str()), (kind, place), "{text:?}: {}", broken.message);
    assert!(broken.message.contains(words), "{text:?}: {}", broken.message);
}

#[test]
fn everything_has_its_place() {
    let root = tree(
        "---\n# words\na: 1\nb:\n  - x: ä\n    w: {z: [1, 'é', \"q\"]}\n  - |\n    text\n\"c\": &n\n  d: !!str 1\n",
    );
    let place = |node: &Node| node.mark.to_string();
    assert_eq!(place(&root), "3:1");
    assert_eq!(place(root.get("a")), "3:4");
    let field = root.field("b").expect("b");
    assert_eq!((field.mark.to_string(), place(&field.node)), ("4:1".into(), "5:3".into()));
    let first = &root.get("b").list()[0];
    assert_eq!((place(first), place(first.get("x"))), ("5:5".into(), "5:8".into()));
    let list = first.at("w.z");
    assert_eq!(place(list), "6:12");
    assert_eq!(list.list().iter().map(place).collect::<Vec<_>>(), ["6:13", "6:16", "6:21"]);
    // A block of text begins with its first line.
    assert_eq!(place(&root.get("b").list()[1]), "8:5");
    assert_eq!(root.field("c").map(|field| field.mark.to_string()).as_deref(), Some("9:1"));
    assert_eq!(place(root.at("c")), "10:3");
    // In the middle of a line of a file.
    let inner = read("{\"a\":\n1}", Mark { line: 7, column: 10 }).expect("JSON").root;
    assert_eq!((place(&inner), place(inner.get("a"))), ("7:10".into(), "8:1".into()));
    assert_eq!(inner.field("a").map(|field| field.mark.to_string()).as_deref(), Some("7:11"));
}

#[test]
fn scalars_and_names_are_as_kubernetes_reads_them() {
    reads(
        "[yes, 'yes', 0644, \"0644\", ~, , 1.0]".replace(", ,", ", '',").as_str(),
        json!([true, "yes", 420, "0644", null, "", 1]),
    );
    reads("on: 1\n80: 2\n1.5: 3\n'~': 4\n", json!({"true": 1, "80": 2, "1.5": 3, "~": 4}));
    reads("a: |\n  x\n  y\nb: >-\n  x\n  y\nc: x\n  y\n", json!({"a": "x\ny\n", "b": "x y", "c": "x y"}));
    reads("a:\r\n- b\r\n- |\r\n  c\r\n", json!({"a": ["b", "c\n"]}));
    reads("a: !Custom 1\nb: !!str 1\nc: ! 1\n", json!({"a": "1", "b": "1", "c": "1"}));
    reads("", json!(null));
    reads("# words\n", json!(null));
    reads("{\n\t\"a\":\t[1,\t2],\n\t\"\\u00e9\\/\\ud83d\\ude00\":1E2}", json!({"a": [1, 2], "é/😀": 100}));
}

#[test]
fn anchors_and_merges() {
    reads("a: &x {b: 1, c: [2]}\nd: *x\n", json!({"a": {"b": 1, "c": [2]}, "d": {"b": 1, "c": [2]}}));
    reads("a: &x 1\n*x : 2\n", json!({"a": 1, "1": 2}));
    reads("a: &x {b: 1}\nd: {<<: *x, c: 2}\n", json!({"a": {"b": 1}, "d": {"b": 1, "c": 2}}));
    // The order decides, as go-yaml has it.
    reads("a: &x {b: 1}\nd: {<<: *x, b: 2}\ne: {b: 2, <<: *x}\n", json!({"a": {"b": 1}, "d": {"b": 2}, "e": {"b": 1}}));
    reads("x: {<<: [{a: 1}, {a: 2, b: 3}]}\n", json!({"x": {"a": 1, "b": 3}}));
    assert_eq!(read("a: &x {b: 1}\nd: {b: 2, <<: *x}\n", START).expect("YAML").twice, []);
    reads("'<<': {a: 1}\n", json!({"<<": {"a": 1}}));
    // What an alias stands for is where it was written.
    let root = tree("a: &x\n  b: 1\nc: *x\n");
    assert_eq!(root.at("c.b").mark, Mark { line: 2, column: 6 });
    assert_eq!(root.field("c").map(|field| field.mark.line), Some(3));
}

#[test]
fn of_fields_of_one_name_the_last_wins_and_each_is_told_of() {
    let document = read("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\na: 4\n", START).expect("YAML");
    assert_eq!(json_of(&document.root), json!({"a": 4, "b": {"c": 3, "d": 2}}));
    let told: Vec<String> = document
        .twice
        .iter()
        .map(|twice| format!("{} {} {} {}", twice.name, twice.first, twice.second, twice.top))
        .collect();
    assert_eq!(told, ["c 2:5 2:17 false", "a 1:1 3:1 true", "a 3:1 4:1 true"]);
    let merges = format!("a: &x {{b: 1}}\nc:\n{}  b: 2\n  d: 3\n  d: 4\n", "  <<: *x\n".repeat(20_000));
    let document = read(&merges, START).expect("YAML");
    assert_eq!(json_of(document.root.get("c")), json!({"b": 2, "d": 4}));
    assert_eq!(document.twice.iter().map(|twice| &*twice.name).collect::<Vec<_>>(), ["d"]);
    let many: String = (0..1000).map(|at| format!("f{}: {at}\n", at % 500)).collect();
    let document = read(&many, START).expect("YAML");
    assert_eq!((document.root.fields().len(), document.root.get("f7").int()), (500, Some(507)));
}

#[test]
fn what_is_broken_is_told_with_its_place() {
    refuses("a:\n\tb: 1\n", Kind::NotYaml, "2:2", "a tab");
    refuses("a: b: c\n", Kind::NotYaml, "1:5", "`:`");
    refuses("a: [1, 2\nb: 3\n", Kind::NotYaml, "2:2", "`:`");
    refuses("a: \"x\n", Kind::NotYaml, "2:1", "quote");
    refuses("a: 1\n b: 2\n", Kind::NotYaml, "2:3", "");
    refuses("a: *x\n", Kind::NotYaml, "1:4", "alias");
    refuses("a: @x\n", Kind::NotYaml, "1:4", "character");
    refuses("a: .inf\n", Kind::NotYaml, "1:4", "infinity");
    refuses("a: !!int x\n", Kind::NotYaml, "1:10", "tag");
    refuses("? [a]\n: 1\n", Kind::NotYaml, "1:3", "name");
    refuses("~: 1\n", Kind::NotYaml, "1:1", "name");
    refuses("<<: 1\n", Kind::NotYaml, "1:5", "`<<`");
    refuses("a: &x [*x]\n", Kind::NotYaml, "1:8", "part of");
    refuses("a: }\n", Kind::NotYaml, "1:4", "bracket");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut lines = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for at in 1..12 {
        let nine = vec![format!("*a{}", at - 1); 9].join(",");
        lines.push_str(&format!("a{at}: &a{at} [{nine}]\n"));
    }
    let broken = read(&lines, START).expect_err("a bomb");
    assert_eq!((broken.kind, broken.mark.line), (Kind::TooLarge, 6));
    // Of text, too: one long value again and again.
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), ["*a"; 1000].join(","));
    assert_eq!(read(&long, START).expect_err("a bomb").kind, Kind::TooLarge);
    // And within each other.
    let mut deep = String::from("a0: &a0 [x]\n");
    for at in 1..300 {
        deep.push_str(&format!("a{at}: &a{at} [*a{}]\n", at - 1));
    }
    assert_eq!(read(&deep, START).map(|_| ()).expect_err("deep").kind, Kind::TooLarge);
}

#[test]
fn ten_thousand_levels_are_refused_and_two_hundred_are_not() {
    let block = |levels: usize| (0..levels).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>();
    let mixed = |levels: usize| format!("{}{}{}", "- ".repeat(levels), "[".repeat(levels), "]".repeat(levels));
    for text in ["[".repeat(10_000), "{\"a\":".repeat(10_000), "- ".repeat(10_000), block(10_000), mixed(200)] {
        let broken = read(&text, START).expect_err("deep");
        assert_eq!(broken.kind, Kind::TooLarge, "{broken:?}");
    }
    for text in [format!("{}{}", "[".repeat(200), "]".repeat(200)), "- ".repeat(200), block(200), mixed(100)] {
        assert!(read(&text, START).is_ok());
    }
}
