//! What machines read: every field always there, every format the same facts, and the exit codes.

use serde_json::{Value, json};

use super::{create, held_by, in_seconds, items, status};
use crate::support::{Testbed, hactl};

/// The paths of all fields of a value, lists looked at by their first item.
fn fields(value: &Value, path: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = format!("{path}.{name}");
                into.push(path.clone());
                fields(value, &path, into);
            }
        }
        Value::Array(items) => items.iter().take(1).for_each(|item| fields(item, &format!("{path}[]"), into)),
        _ => {}
    }
}

#[test]
fn no_field_comes_or_goes_with_the_data() {
    let namespace = Testbed::shared().namespace("fields");
    create(&namespace, "full", &held_by("somebody"));
    create(&namespace, "nothing", &json!({}));
    let expected = [
        "candidates",
        "context",
        "elector",
        "expiresInSeconds",
        "health",
        "holder",
        "lease",
        "namespace",
        "reasons",
        "renewedSecondsAgo",
        "system",
        "transfer",
        "transitions",
        "workload",
    ];
    for item in items(&namespace, &[]) {
        let mut names: Vec<_> = item.as_object().expect("an object").keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
        let mut timing = Vec::new();
        fields(&item["elector"], "elector", &mut timing);
        for value in ["leaseDurationSeconds", "renewDeadlineSeconds", "retryPeriodSeconds", "gracePeriodSeconds"] {
            assert!(timing.contains(&format!("elector.timing.{value}.source")), "{timing:?}");
        }
        let holder: Vec<_> = item["holder"].as_object().expect("an object").keys().collect();
        assert_eq!(holder, ["identity", "node", "pod", "zone"]);
    }
}

#[test]
fn every_document_says_what_it_is() {
    let namespace = Testbed::shared().namespace("document");
    create(&namespace, "one", &held_by("somebody"));
    let out = status(&namespace, &["-o", "json"]);
    let document: Value = serde_json::from_str(&out.stdout).expect("JSON");
    assert_eq!((&document["apiVersion"], &document["kind"]), (&json!("hactl.dev/v1"), &json!("ElectionList")));
    assert_eq!(document["context"], "testbed");
    let generated = document["generatedAt"].as_str().expect("a time");
    assert!(generated.len() == 24 && generated.ends_with('Z'), "{generated}");
    let yaml = status(&namespace, &["-o", "yaml"]);
    let read: Value = serde_saphyr::from_str(&yaml.stdout).expect("YAML");
    let stable = |document: &Value| {
        (document["kind"].clone(), document["items"][0]["holder"].clone(), document["items"][0]["elector"].clone())
    };
    assert_eq!(stable(&read), stable(&document));
}

#[test]
fn an_empty_list_is_still_a_document() {
    let namespace = Testbed::shared().namespace("nothing");
    assert_eq!(items(&namespace, &[]), Vec::<Value>::new());
}

#[test]
fn the_exit_code_tells_the_health_only_where_it_is_asked_for() {
    let namespace = Testbed::shared().namespace("exit");
    create(&namespace, "good", &held_by("somebody"));
    assert_eq!(status(&namespace, &["--exit-code"]).code, Some(0));
    create(
        &namespace,
        "bad",
        &json!({"holderIdentity": "gone", "leaseDurationSeconds": 1, "renewTime": in_seconds(-60)}),
    );
    assert_eq!(status(&namespace, &[]).code, Some(0));
    assert_eq!(status(&namespace, &["--exit-code"]).code, Some(1));
    assert_eq!(status(&namespace, &["lease/good", "--exit-code"]).code, Some(0));
}

#[test]
fn a_name_that_two_elections_answer_to_is_ambiguous() {
    let one = Testbed::shared().namespace("twin");
    let two = Testbed::shared().namespace("twin");
    create(&one, "same", &held_by("a"));
    create(&two, "same", &held_by("b"));
    let out = status(&one, &["-A", "lease/same"]);
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""));
    for namespace in [&one, &two] {
        assert!(out.stderr.contains(&format!("-n {} lease/same", namespace.name())), "{}", out.stderr);
    }
}

#[test]
fn several_contexts_stand_side_by_side() {
    let testbed = Testbed::shared();
    let (one, two) = (testbed.namespace("context"), testbed.namespace("context"));
    create(&one, "first", &held_by("a"));
    create(&two, "second", &held_by("b"));
    let read = |namespace: &crate::support::Namespace<'_>| -> Value {
        serde_json::from_str(&std::fs::read_to_string(namespace.kubeconfig()).expect("written")).expect("JSON")
    };
    let (mut both, other) = (read(&one), read(&two));
    let mut context = other["contexts"][0].clone();
    context["name"] = json!("other");
    both["contexts"].as_array_mut().expect("contexts").push(context);
    let path = one.kubeconfig();
    std::fs::write(&path, both.to_string()).expect("written");
    let run = |args: &[&str]| hactl().args(["status"]).args(args).kubeconfig(&path).run();
    let out = run(&["--context", "testbed", "--context", "other", "-o", "json"]);
    let document: Value = serde_json::from_str(&out.stdout).expect("JSON");
    assert_eq!(document["context"], Value::Null);
    let found: Vec<_> =
        document["items"].as_array().expect("items").iter().map(|item| (&item["context"], &item["lease"])).collect();
    assert_eq!(found, [(&json!("testbed"), &json!("first")), (&json!("other"), &json!("second"))]);
    let table = run(&["--context", "testbed", "--context", "other"]);
    assert!(table.stdout.starts_with("CONTEXT"), "{}", table.stdout);
    let out = run(&["--context", "testbed", "--context", "nope"]);
    assert_eq!(out.code, Some(2), "{}", out.stderr);
}

#[test]
fn as_a_kubectl_plugin_its_help_says_so() {
    let folder = std::env::temp_dir().join(format!("hactl-plugin-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let plugin = folder.join("kubectl-leader");
    // No copy: a process that another test starts at that moment would hold it open for writing, and then it cannot run.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hactl"), &plugin).expect("linked");
    let out = std::process::Command::new(&plugin).args(["status", "--help"]).output().expect("started");
    let help = String::from_utf8(out.stdout).expect("UTF-8");
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(help.contains("Usage: kubectl leader status [OPTIONS] [NAME]"), "{help}");
}
