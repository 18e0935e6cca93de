//! `hactl explain`, and that its examples are true: each is given to the program that prints it.

use hactl::check::catalogue;
use serde_json::Value;

use super::{document, outcomes};
use crate::support::{Output, hactl};

fn explain(args: &[&str]) -> Output {
    hactl().args(["explain"]).args(args).run()
}

/// The example under a heading of a page.
fn example<'p>(page: &'p str, heading: &str) -> &'p str {
    let after = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading}: {page}")).1;
    after.split_once("```yaml\n").expect("an example").1.split_once("```").expect("its end").0
}

#[test]
fn every_example_is_judged_as_its_page_says() {
    for check in catalogue::all() {
        let page = explain(&[check.id, "-o", "markdown"]);
        assert_eq!((page.code, page.stderr.as_str()), (Some(0), ""), "{page:#?}");
        // What is so in a cluster is nothing that manifests tell.
        if check.id.starts_with("HA09") {
            let told = document(example(&page.stdout, "Fails"), &["--select", check.id]);
            let [only] = told["results"].as_array().expect("results").as_slice() else { panic!("{told:#}") };
            assert_eq!((&only["id"], &only["outcome"]), (&check.id.into(), &"skipped".into()), "{told:#}");
            assert!(only["message"].as_str().is_some_and(|why| why.contains("hactl doctor")), "{told:#}");
            continue;
        }
        let wrong = match check.id {
            "HA0001" => "unknown",
            "HA0004" => "skipped",
            _ => "fail",
        };
        let bad = document(example(&page.stdout, "Fails"), &[]);
        assert!(outcomes(&bad, check.id).contains(&wrong), "{}: {bad:#}", check.id);
        let told =
            bad["results"].as_array().expect("results").iter().find(|r| r["id"] == check.id && r["outcome"] == wrong);
        assert!(told.expect("it")["where"]["line"].is_u64(), "{}: it has a place: {bad:#}", check.id);
        let good = document(example(&page.stdout, "Passes"), &[]);
        let left: Vec<_> = outcomes(&good, check.id).into_iter().filter(|outcome| *outcome != "pass").collect();
        assert!(left.iter().all(|outcome| *outcome == "skipped" && check.id != "HA0004"), "{}: {good:#}", check.id);
    }
}

#[test]
fn a_page_is_read_at_a_terminal() {
    let page = explain(&["ha0201"]);
    assert_eq!((page.code, page.stderr.as_str()), (Some(0), ""), "{page:#?}");
    assert!(
        page.stdout.starts_with("HA0201  a disruption budget leaves room for an eviction\nerror, of HA02: "),
        "{page:#?}"
    );
    for part in
        ["\nFAILS\n\n  apiVersion: apps/v1\n", "\nPASSES\n", "\nSOURCES\n\n- <https://", "hactl.dev/ignore: \"HA0201: "]
    {
        assert!(page.stdout.contains(part), "{part}: {}", page.stdout);
    }
    assert!(!page.stdout.contains("```") && !page.stdout.contains('\x1b'), "{}", page.stdout);
    let text = page.stdout.lines().filter(|line| !line.starts_with("  "));
    assert!(text.clone().all(|line| line.chars().count() <= 80), "{}", page.stdout);
}

#[test]
fn a_table_of_a_page_is_one_at_a_terminal() {
    let page = explain(&["HA0301"]).stdout;
    for row in [
        "library                            verbs on `leases`",
        "client-go, controller-runtime      get, create, update",
    ] {
        assert!(page.contains(&format!("\n  {row}\n")), "{page}");
    }
    for check in catalogue::all() {
        let page = explain(&[check.id]).stdout;
        assert!(!page.contains("\n|") && !page.contains("|---"), "{page}");
    }
}

#[test]
fn several_are_explained_one_after_the_other() {
    let several = explain(&["HA0202", "ha0201", "HA0202"]);
    let pages = format!("{}\n{}", explain(&["HA0201"]).stdout, explain(&["HA0202"]).stdout);
    assert_eq!((several.code, several.stdout.as_str()), (Some(0), pages.as_str()), "{several:#?}");
    let read = |args: &[&str]| -> Value { serde_json::from_str(&explain(args).stdout).expect("JSON") };
    let list = read(&["HA0201", "HA0202", "-o", "json"]);
    let ids: Vec<_> = list["items"].as_array().expect("a list").iter().map(|item| &item["id"]).collect();
    assert_eq!((&list["kind"], ids), (&"CheckExplanationList".into(), vec![&"HA0201".into(), &"HA0202".into()]));
    let unknown = explain(&["HA0201", "HA0221"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""), "{unknown:#?}");
}

#[test]
fn the_catalogue_is_listed_whole_or_by_family() {
    let ids = |args: &[&str]| {
        let out = explain(args);
        assert_eq!(out.code, Some(0), "{out:#?}");
        out.stdout.lines().skip(1).filter_map(|line| line.split(' ').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let all: Vec<_> = catalogue::all().map(|check| check.id).collect();
    assert_eq!(ids(&[]), all);
    let family: Vec<_> = all.iter().filter(|id| id.starts_with("HA02")).collect();
    assert!(ids(&["HA02"]).iter().eq(family), "{:?}", ids(&["HA02"]));
}

#[test]
fn machines_read_it_too() {
    let read = |args: &[&str]| -> Value { serde_json::from_str(&explain(args).stdout).expect("JSON") };
    let one = read(&["HA0201", "-o", "json"]);
    assert_eq!(
        (&one["kind"], &one["id"], &one["severity"]),
        (&"CheckExplanation".into(), &"HA0201".into(), &"error".into())
    );
    assert!(one["page"].as_str().is_some_and(|page| page.contains("## Sources")), "{one:#}");
    let all = read(&["-o", "json"]);
    assert_eq!(all["kind"], "CheckExplanationList");
    assert_eq!(all["items"].as_array().map(Vec::len), Some(catalogue::all().count()));
    let mut yaml: Value = serde_saphyr::from_str(&explain(&["HA0201", "-o", "yaml"]).stdout).expect("YAML");
    yaml["generatedAt"] = one["generatedAt"].clone();
    assert_eq!(yaml, one);
}

#[test]
fn an_unknown_id_is_told_with_what_is_close() {
    let out = explain(&["HA0221"]);
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
    assert!(out.stderr.starts_with("error: there is no check \"HA0221\"\n hint: did you mean HA02"), "{out:#?}");
}
