//! The SARIF that hactl writes, by the standard's own schema.
//!
//! The schema is the one of OASIS (2.1.0, errata 01) as a published Go module carries it; Go checks what it downloads
//! against its database of checksums.

use std::fs;
use std::path::Path;
use std::process::Command;

use boon::{Compiler, Draft, Schemas};
use serde_json::{Value, json};

use super::{WEB, folder, preflight, tight};

const MODULE: &str = "github.com/owenrumney/go-sarif/v3@v3.3.1";

/// The schema.
fn schema() -> Value {
    let out = Command::new("go").args(["mod", "download", "-json", MODULE]).current_dir("/").output().expect("Go");
    let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert!(out.status.success(), "{told:#}");
    let module = Path::new(told["Dir"].as_str().expect("a folder"));
    let source = fs::read_to_string(module.join("pkg/report/v210/sarif/schema.go")).expect("it is there");
    let (begin, end) = (source.find('`').expect("its text"), source.rfind('`').expect("its end"));
    serde_json::from_str(&source[begin + 1..end]).expect("JSON")
}

#[test]
fn it_keeps_to_the_schema() {
    let schema = schema();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V4);
    compiler.enable_format_assertions();
    compiler.add_resource("https://hactl.dev/sarif.json", schema).expect("a schema");
    let index =
        compiler.compile("https://hactl.dev/sarif.json", &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));

    let tight = tight("  annotations: {hactl.dev/ignore: \"HA0202: x\"}\n");
    let both =
        WEB.to_owned() + &tight + "---\na:\n\tb: c\n---\n# Source: a b/c.yaml\n" + tight.trim_start_matches("---\n");
    let folder = folder(&[("ä b/all.yaml", &both), ("known.json", "{\"kind\": \"CheckBaseline\", \"items\": []}")]);
    let mut seen = 0;
    for (args, stdin) in [
        (vec!["ä b"], ""),
        (vec!["-"], both.as_str()),
        (vec!["ä b", "--write-baseline", "known.json"], ""),
        (vec!["-"], WEB),
        (vec!["gone.yaml"], ""),
        (vec!["-"], ""),
        (vec!["-", "--downgrade", "HA0201=info"], both.as_str()),
    ] {
        let out = preflight(&folder, &[args.as_slice(), &["-o", "sarif"]].concat(), stdin);
        let mut document: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:#?}"));
        if let Err(wrong) = schemas.validate(&document, index) {
            panic!("{args:?}: {wrong:#}\n{document:#}");
        }
        seen += document["runs"][0]["results"].as_array().expect("results").len();
        // The schema tells what is wrong: a validator that takes everything would prove nothing.
        document["runs"][0]["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] = json!("critical");
        assert!(schemas.validate(&document, index).is_err());
    }
    assert!(seen >= 9, "{seen}");
}
