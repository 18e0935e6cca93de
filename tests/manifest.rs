//! Documents as hactl reads them, and as kubectl does: the decoder of k8s.io/apimachinery is asked for each.

use std::io::Write;
use std::process::{Command, Stdio};

use hactl::model::node::{Node, Value};
use hactl::source::manifest::{Found, read};
use hactl::source::problem::Kind;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use crate::support::programs;

/// What hactl makes of a document.
#[derive(Debug, PartialEq)]
enum Read {
    Object(Json),
    Refused(Vec<String>),
}

fn by_hactl(text: &str) -> Read {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    read(&["-".into()], &mut text.as_bytes(), &mut |found| match found {
        Found::Object(object) => objects.push(json_of(&object.root)),
        Found::Problem(problem) if matches!(problem.kind, Kind::DuplicateKey | Kind::MissingSeparator) => {}
        Found::Problem(problem) => problems.push(problem.to_string()),
    });
    if let [_] = *objects { Read::Object(objects.remove(0)) } else { Read::Refused(problems) }
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(yes) => json!(yes),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(entries) => entries.iter().map(json_of).collect(),
        Value::Map(fields) => fields.iter().map(|field| (field.name.to_string(), json_of(&field.node))).collect(),
    }
}

/// What Go makes of each; nothing of what it refuses.
fn by_go(texts: &[String]) -> Vec<Option<Json>> {
    let mut decode = Command::new(programs::go().join("decode"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the decoder starts");
    let mut stdin = decode.stdin.take().expect("its standard input");
    stdin.write_all(&serde_json::to_vec(texts).expect("JSON")).expect("it reads");
    drop(stdin);
    let output = decode.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let values: Vec<Vec<Json>> = serde_json::from_slice(&output.stdout).expect("its answer");
    assert_eq!(values.len(), texts.len());
    values.into_iter().map(|mut values| values.pop().map(as_hactl_has_numbers)).collect()
}

/// JSON does not tell a float64 from an int64 if it is whole; hactl has it as a whole number if it is written as one.
fn as_hactl_has_numbers(json: Json) -> Json {
    match json {
        Json::Number(number) if number.is_u64() && !number.is_i64() => json!(number.as_f64()),
        Json::Array(entries) => entries.into_iter().map(as_hactl_has_numbers).collect(),
        Json::Object(fields) => fields.into_iter().map(|(name, json)| (name, as_hactl_has_numbers(json))).collect(),
        other => other,
    }
}

/// Compares both for documents with these under `spec`; how many there were of which both made an object.
///
/// Two differences are left out of them, both of YAML 1.2, which hactl's parser keeps to: `\\/` within quotes, and a `#` with
/// no space before it, which is no comment.
fn compare(specs: &[String]) -> usize {
    let texts: Vec<String> = specs.iter().map(|spec| format!("apiVersion: v1\nkind: A\nspec:{spec}")).collect();
    let (mut same, mut wrong) = (0, Vec::new());
    for (text, go) in texts.iter().zip(by_go(&texts)) {
        match (by_hactl(text), go) {
            (Read::Object(ours), Some(go)) if ours == go => same += 1,
            (Read::Refused(_), None) => {}
            (ours, go) => wrong.push(format!("{text:?}\n  hactl: {ours:?}\n  Go: {go:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong[..wrong.len().min(12)].join("\n"));
    same
}

/// So many of what a strategy makes, always the same.
fn samples(strategy: impl Strategy<Value = String>, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a value").current()).collect()
}

#[test]
fn scalars_are_what_kubectl_takes_them_for() {
    let words = "y Y yes Yes YES yEs n N no No NO true True TRUE tRue false on On ON off Off ~ null Null NULL nil .inf -.Inf \
                 +.INF .nan .NaN << 0 -0 +0 00 08 0644 0o17 0O17 0x 0x1f -0X1F 0b101 -0b11 0b2 1_000 1__0 _1 1_ 1.0 1. .5 ._5 \
                 1e3 1E+3 1e-3 1e 1e999 -1e999 1e21 1e20 1e19 9223372036854775807 9223372036854775808 -9223372036854775808 \
                 -9223372036854775809 18446744073709551615 18446744073709551616 1:30 12:30:45 2024-01-01 2024-01-01T00:00:00Z \
                 1.2.3 1Gi 100m 15s - + . .. --1 +-1 0x-1 Infinity NaN inf = ! a:b http://x 'yes' \"0644\" !!str|1 !!int|0x10 \
                 !!float|1 !!bool|yes !!null|~ !!int|x !!bool|1 !x|1 !!str|";
    let fixed = words.split_whitespace().map(|word| format!(" {}\n", word.replace('|', " ")));
    let numbers = samples("[-+]?[0-9]{0,3}[0-9a-fxob_.eE+-]{0,5}".prop_map(|text| format!(" {text}\n")), 4000);
    let names =
        samples("([a-z]{1,3}|[0-9]{1,4}|0x1f|on|~|null|yes|\"1\"|'')".prop_map(|name| format!("\n  {name}: 1\n")), 100);
    let all: Vec<String> = fixed.chain(numbers).chain(names).collect();
    assert!(compare(&all) > all.len() / 2);
}

#[test]
fn documents_are_what_kubectl_takes_them_for() {
    let by_hand = [
        "\n  a: &x {b: 1, c: 2}\n  d: {<<: *x, b: 3}\n  e: {b: 3, <<: *x}\n  f: {<<: [*x, {b: 4, g: 5}]}\n",
        "\n  a: 1\n  b: 2\n  a: {c: 3}\n",
        "\n- |\n  x\n   y\n\n- >-\n  x\n  y\n\n  z\n- |+\n  x\n\n- |2\n    x\n",
        "\n  a: x\n    y\n\n    z\n  b: 'x\n    y'\n  c: \"x\\\n    y\\n\\t\\x41\\u00e9\\U0001F600\"\n",
        " [a, 'b', \"c\", {d: e}, {}, [], ~, ]\n",
        " {a, b: , c: [d: e]}\n",
        "\n  ? a\n  : b\n  ? c\n",
        "\n  a: &x 1\n  *x : 2\n",
        " &x [*x]\n",
        " *x\n",
        "\n  <<: 1\n",
        "\n  ? [a]\n  : b\n",
        "\n  a: b: c\n",
        "\n\ta: 1\n",
        "\n  a: {{ .Values.x }}\n",
        "\r\n  a: |\r\n    x\r\n    y\r\n",
        " # words\n  # words\n  a: b # c\n  d: e#f\n",
    ];
    let pieces = "(\n  [ab]: |\n  - |\n    [ab]: |\n    - |[ab]|1|yes|'x'|\"y\"| |, |\\[|\\]|\\{|\\}|: |&x |\\*x|<<: | \\|\n      x\n| >-\n      y\n      z\n| # w\n){1,9}";
    let all: Vec<String> = by_hand.map(str::to_owned).into_iter().chain(samples(pieces, 20_000)).collect();
    let same = compare(&all);

    assert!(same > 2000, "{same}");
}
