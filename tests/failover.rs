//! `hactl failover`: the real program, on figures that are known, on words that make no sense, and on a real Election.

mod election;
mod figures;
mod formats;
mod page;
mod several;
mod words;

use serde_json::Value;

use crate::support::{Output, hactl};

/// Runs `hactl failover`, without any cluster.
fn failover(args: &str) -> Output {
    hactl().args(["failover"]).args(args.split_whitespace()).run()
}

/// Runs `hactl failover -o json` and reads the one document on stdout.
fn simulated(args: &str) -> Value {
    // Tests are compiled without optimization: fewer trials, unless a number is asked for.
    let trials = if args.contains("--trials") { "" } else { "--trials 10000" };
    let out = failover(&format!("{args} {trials} -o json"));
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{args}: {out:#?}");
    serde_json::from_str(&out.stdout).expect("one JSON document")
}

/// A number of a document, by its path.
fn number(document: &Value, path: &str) -> f64 {
    document.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {path}: {document:#}"))
}

/// Asserts that a number lies between two others.
#[track_caller]
fn assert_between(document: &Value, path: &str, low: f64, high: f64) {
    let number = number(document, path);
    assert!((low..=high).contains(&number), "{path} is {number}, not {low} to {high}");
}

/// The ids of a document's warnings.
fn warnings(document: &Value) -> Vec<&str> {
    document["warnings"].as_array().expect("warnings").iter().filter_map(|warning| warning["id"].as_str()).collect()
}
