//! Words, variables and flags at their edges.

use serde_json::{Value as Json, json};

use super::flags::{Flags, Kind};
use super::{Argument, Program};
use crate::check::scene::Scene;
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

fn object(json: &Json) -> Object {
    Object::new(Node::from(json), Origin::Live).expect("an object")
}

/// The words of the one container, each with whether something in it is not known; beside a ConfigMap `settings`.
fn words(container: &Json) -> Vec<(String, bool)> {
    program(container, |program| {
        program.arguments.iter().map(|argument| (argument.text.clone(), argument.open)).collect()
    })
}

fn program<T>(container: &Json, ask: impl Fn(&Program<'_>) -> T) -> T {
    let objects = [
        object(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
            "data": {"ELECT": "true", "LEVEL": "1"}})),
        object(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"},
            "spec": {"template": {"metadata": {"labels": {}}, "spec": {"containers": [container]}}}})),
    ];
    let scene = Scene::new(&objects);
    ask(&Program::all(&scene, scene.workloads()[0])[0])
}

#[test]
fn variables_are_put_in_as_the_kubelet_does() {
    let args = json!([
        "--a=$(ELECT)",
        "--b=$(MINE)",
        "--c=$(TWICE)",
        "--d=$$(ELECT)",
        "--e=$(NOBODY)",
        "--f=$(HIDDEN)",
        "--g=$(DNS_SERVICE_HOST)",
        "--h=$(open",
        "--i=$(P_LEVEL)"
    ]);
    let container = json!({"args": args,
    "envFrom": [{"configMapRef": {"name": "settings"}}, {"prefix": "P_", "configMapRef": {"name": "settings"}}],
    "env": [
        {"name": "MINE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "LEVEL"}}},
        {"name": "TWICE", "value": "$(MINE)$(MINE)"},
        {"name": "LEVEL", "value": "2"},
        {"name": "HIDDEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]});
    let known = |text: &str| (text.to_owned(), false);
    let open = |text: &str| (text.to_owned(), true);
    assert_eq!(
        words(&container),
        [
            known("--a=true"),
            known("--b=1"),
            known("--c=11"),
            known("--d=$(ELECT)"),
            known("--e=$(NOBODY)"),
            open("--f=$(HIDDEN)"),
            open("--g=$(DNS_SERVICE_HOST)"),
            known("--h=$(open"),
            known("--i=1"),
        ]
    );
    // What a Secret may bring nobody knows.
    let container = json!({"args": ["--a=$(NOBODY)"], "envFrom": [{"secretRef": {"name": "s"}}]});
    assert_eq!(words(&container), [open("--a=$(NOBODY)")]);
    let level =
        program(&json!({"env": [{"name": "LEVEL", "value": "1"}, {"name": "LEVEL", "value": "2"}]}), |program| {
            let all = program.environment.all().count();
            (all, program.environment.get("LEVEL").and_then(|variable| variable.value.clone()))
        });
    assert_eq!(level, (1, Some("2".to_owned())), "the later counts");
}

#[test]
fn a_program_is_what_is_started_in_the_end() {
    let read = |container: Json| {
        program(&container, |program| {
            let words: Vec<_> = program.arguments.iter().map(|argument| argument.field.clone()).collect();
            (program.image.to_owned(), program.executable.clone(), words.join(" "))
        })
    };
    let at = "spec.template.spec.containers[0]";
    assert_eq!(
        read(json!({"image": "r:5000/g/manager:v1@sha256:0", "command": ["/bin/manager", "--a"], "args": ["--b"]})),
        ("manager".into(), Some("manager".into()), format!("{at}.command[1] {at}.args[0]"))
    );
    assert_eq!(
        read(json!({"image": "x", "command": ["/sbin/tini", "-g", "--", "/manager"], "args": ["--b"]})),
        ("x".into(), Some("manager".into()), format!("{at}.args[0]"))
    );
    let shell = json!({"image": "x", "command": ["/bin/sh", "-c"], "args": ["exec /manager --leader-elect"]});
    assert_eq!(read(shell), ("x".into(), Some("sh".into()), String::new()));
    assert_eq!(read(json!({"args": ["--b"]})), (String::new(), None, format!("{at}.args[0]")));
}

fn arguments(words: &[&str]) -> Vec<Argument> {
    let word = |(index, text): (usize, &&str)| Argument {
        text: (*text).to_owned(),
        open: text.contains("$("),
        field: format!("spec.template.spec.containers[0].args[{index}]"),
    };
    words.iter().enumerate().map(word).collect()
}

#[test]
fn flags_are_what_go_takes_for_them() {
    let words =
        arguments(&["serve", "-a", "--b=x=y", "--c", "1", "-", "-1", "--d=f", "--e=no", "--f=$(X)", "--", "--g"]);
    let flags = Flags::read(&words);
    let told: Vec<_> = flags.all.iter().map(|flag| (flag.name, flag.set, flag.value(), flag.on())).collect();
    assert_eq!(
        told,
        [
            ("a", None, None, Some(true)),
            ("b", Some("x=y"), Some("x=y"), None),
            ("c", None, Some("1"), Some(true)),
            ("d", Some("f"), Some("f"), Some(false)),
            ("e", Some("no"), Some("no"), None),
            ("f", Some("$(X)"), Some("$(X)"), None),
        ]
    );
    assert!(flags.strays.is_empty(), "{:?}", flags.strays);
}

#[test]
fn a_word_too_many_is_told_from_a_value() {
    let strays = |words: &[&str]| -> Vec<(usize, Kind)> {
        let words = arguments(words);
        Flags::read(&words).strays.iter().map(|stray| (stray.index, stray.kind)).collect()
    };
    assert_eq!(strays(&["--leader-elect", "false", "--v=5"]), [(1, Kind::Switched)]);
    assert_eq!(strays(&["--v=5", "leader-election=true"]), [(1, Kind::Undashed)]);
    assert_eq!(strays(&["--leader-elect", "leader-election-id=x"]), [(1, Kind::Undashed)]);
    assert_eq!(strays(&["--v=5", "", "--leader-elect"]), [(1, Kind::Empty)]);
    for sound in [
        &["--set", "image-tag=1"][..],
        &["--port", "1"],
        &["serve", "--v", "5"],
        &["leader-election=true"],
        &["--name", ""],
        &["--v=5", "FOO=bar"],
        &["--v=5", "file.yaml"],
        &["--a=1", "--", "leader-election=true"],
    ] {
        assert_eq!(strays(sound), [], "{sound:?}");
    }
}
