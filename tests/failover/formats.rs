//! What machines read, and that a seed means the same everywhere.

use serde_json::{Value, json};

use super::{failover, simulated};
use crate::support::hactl;

/// All formats that are text for machines or people.
const FORMATS: &[&str] = &["table", "json", "yaml"];

#[test]
fn a_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let run = |args: &str, format: &str, threads: &str| {
        let out = hactl()
            .args(["failover", "--trials", "2001", "--seed", "7", "-o", format, "--threads", threads])
            .args(args.split_whitespace())
            .env("SOURCE_DATE_EPOCH", "1795000000")
            .run();
        assert_eq!(out.code, Some(0), "{out:#?}");
        out.stdout
    };
    for args in
        ["", "--fault outage=11s --api-latency 1ms..20ms", "--compare 15/10/2,30/5", "--system operator --fault stop"]
    {
        for format in FORMATS {
            let once = run(args, format, "1");
            assert_eq!(once, run(args, format, "2"), "{args} -o {format}");
            assert_eq!(once, run(args, format, "7"), "{args} -o {format}");
        }
    }
    let other = failover("--trials 2001 --seed 8");
    assert_ne!(run("", "table", "1"), other.stdout);
}

/// The names of an object's fields.
fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn no_field_comes_or_goes_with_the_data() {
    let crash = simulated("--trials 500");
    let spread = ["censoredShare", "confidence95", "max", "mean", "min", "p50", "p95", "p99", "share"];
    for args in [
        "--standbys 0",
        "--fault crash-restart",
        "--fault freeze=25s",
        "--system federated-etl",
        "--what-if write=delete",
    ] {
        let other = simulated(&format!("--trials 500 {args}"));
        assert_eq!(fields(&crash), fields(&other), "{args}");
        for part in ["parameters", "tolerates", "cost"] {
            assert_eq!(fields(&crash[part]), fields(&other[part]), "{args}");
        }
        for part in ["takeoverSeconds", "leaderlessSeconds", "overlapSeconds", "outageSeconds"] {
            assert_eq!(fields(&other[part]), spread, "{args}");
        }
        let phases: Vec<_> = other["phases"].as_array().expect("phases").iter().map(|phase| &phase["name"]).collect();
        assert_eq!(phases, ["detection", "election", "warm-up", "system"]);
    }
    for name in [
        "elector",
        "model",
        "leaseDurationSeconds",
        "renewDeadlineSeconds",
        "retryPeriodSeconds",
        "gracePeriodSeconds",
        "standbys",
        "fault",
        "warmupSeconds",
        "trials",
        "seed",
        "horizonSeconds",
    ] {
        assert!(fields(&crash["parameters"]).contains(&name), "{name}");
    }
    for line in
        crash["timeline"].as_array().expect("a timeline").iter().chain(crash["worst"].as_array().expect("another"))
    {
        assert_eq!(fields(line), ["actor", "atSeconds", "event"]);
    }
}

#[test]
fn every_document_says_what_it_is() {
    for (args, kind) in [
        ("", "FailoverSimulation"),
        ("--compare 15/10/2,30/5", "FailoverComparison"),
        ("--sweep standbys=1..2", "FailoverComparison"),
        ("--rto 8s", "FailoverTuning"),
    ] {
        let document = simulated(&format!("--trials 200 {args}"));
        assert_eq!((&document["apiVersion"], &document["kind"]), (&json!("hactl.dev/v1"), &json!(kind)));
        assert_eq!(document["context"], Value::Null);
        assert!(document["generatedAt"].as_str().is_some_and(|at| at.len() == 24 && at.ends_with('Z')));
        let yaml = failover(&format!("--trials 200 {args} -o yaml"));
        let mut read: Value = serde_saphyr::from_str(&yaml.stdout).expect("YAML");
        read["generatedAt"] = document["generatedAt"].clone();
        assert_eq!(read, document, "{args}");
    }
}

#[test]
fn what_the_parameters_were_is_told() {
    let document =
        simulated("--trials 100 --seed 3 --fault outage=11s:reset --warmup 2s --standbys 3 --api-latency 5ms..50ms");
    let parameters = &document["parameters"];
    for (name, value) in [
        ("elector", json!("client-go")),
        ("model", json!("measured")),
        ("leaseDurationSeconds", json!(15)),
        ("gracePeriodSeconds", Value::Null),
        ("standbys", json!(3)),
        ("fault", json!("outage=11s:reset")),
        ("warmupSeconds", json!(2)),
        ("apiLatencySeconds", json!([0.005, 0.05])),
        ("trials", json!(100)),
        ("seed", json!(3)),
        ("horizonSeconds", json!(600)),
    ] {
        assert_eq!(parameters[name], value, "{name}");
    }
}

#[test]
fn text_is_plain_and_narrow_where_it_is_piped() {
    let out = failover("--trials 2000 --fault freeze=25s --standbys 2");
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""));
    assert!(out.stdout.is_ascii(), "without a locale there is nothing but ASCII: {}", out.stdout);
    for part in [
        "client-go 15s/10s/2s, 2 standbys: ",
        "two leaders",
        "a typical trial",
        "stands still",
        "tolerates: API outage up to 8s",
    ] {
        assert!(out.stdout.contains(part), "{part}: {}", out.stdout);
    }
}
