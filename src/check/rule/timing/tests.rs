//! Timing in all the places in which it is said, and what is offered instead.

use serde_json::{Value as Json, json};

use crate::check::tests::{failed, mend, objects};
use crate::check::{Outcome, Scene, Severity, catalogue, judge};
use crate::model::Micros;

/// A Deployment of three replicas with this container, beside a ConfigMap of this data mounted at `/etc/x`.
fn with(container: &Json, data: &Json) -> Vec<Json> {
    let mut container = container.clone();
    container["name"] = json!("main");
    container["volumeMounts"] = json!([{"name": "config", "mountPath": "/etc/x"}]);
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": 3,
            "template": {"metadata": {"labels": {}}, "spec": {
                "containers": [container], "volumes": [{"name": "config", "configMap": {"name": "m"}}]}}}}),
    ]
}

fn args(args: &[&str]) -> Vec<Json> {
    let mut all = vec!["--leader-elect"];
    all.extend(args);
    with(&json!({"image": "x", "args": all}), &json!({}))
}

fn file(name: &str, text: &str) -> Vec<Json> {
    with(&json!({"image": "x", "args": ["--config", format!("/etc/x/{name}")]}), &json!({name: text}))
}

/// What a check says: the object, how bad it is, and in which words; nothing where it passes.
fn said(check: &str, documents: &[Json]) -> Vec<(String, Severity, String)> {
    let objects = objects(documents);
    let verdicts = judge(&Scene::new(&objects), catalogue::named(check));
    let told = failed(&verdicts).into_iter();
    told.map(|verdict| (verdict.spot.object.kind.to_string(), verdict.severity, verdict.message.to_string())).collect()
}

fn outcomes(check: &str, documents: &[Json]) -> Vec<Outcome> {
    let objects = objects(documents);
    judge(&Scene::new(&objects), catalogue::named(check)).iter().map(|verdict| verdict.outcome).collect()
}

/// A check fails on an object of this kind, with these words; and with what it offers, all of timing is well.
#[track_caller]
fn fails(check: &str, mut documents: Vec<Json>, on: &str, words: &str, severity: Severity) {
    let found = said(check, &documents);
    assert!(
        matches!(found.as_slice(), [(kind, how, told)] if kind == on && *how == severity && told.contains(words)),
        "{found:#?}"
    );
    let objects = objects(&documents);
    let verdicts = judge(&Scene::new(&objects), catalogue::named(check));
    let verdict = failed(&verdicts)[0];
    let fix = verdict.fix.clone().expect("something to paste");
    mend(&mut documents, &verdict.spot.object, &fix);
    assert_eq!(said("HA04", &documents), [], "{fix}");
    assert_eq!(outcomes(check, &documents), [Outcome::Pass], "{fix}");
}

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;

#[test]
fn flags_are_read_in_all_their_spellings() {
    fails(
        "HA0401",
        args(&[
            "--leader-elect-lease-duration=15s",
            "--leader-elect-renew-deadline",
            "15s",
            "--leader-elect-retry-period=2s",
        ]),
        "Deployment",
        "must be greater than the renew deadline (15 s)",
        ERROR,
    );
    fails(
        "HA0401",
        args(&[
            "-leader-election-renew-deadline=12s",
            "-leader-election-lease-duration=15s",
            "-leader-election-retry-period=10s",
        ]),
        "Deployment",
        "1.2 x the retry period (10 s)",
        ERROR,
    );
    // The others are what they mostly are, and may be something else.
    fails("HA0401", args(&["--leader-elect-renew-deadline=20s"]), "Deployment", "client-go's default", WARNING);
    fails("HA0401", args(&["--leader-elect-retry-period=0s"]), "Deployment", "must be greater than zero", ERROR);
    fails("HA0401", args(&["--leader-elect-lease-duration=500ms"]), "Deployment", "lease duration", WARNING);
    let known = json!({"image": "kube-scheduler", "args": ["--leader-elect-renew-deadline=20s"]});
    fails("HA0401", with(&known, &json!({})), "Deployment", "ends at its start", ERROR);
    let known = json!({"image": "cert-manager-controller", "args": ["--leader-election-renew-deadline=50s"]});
    assert_eq!(said("HA0401", &with(&known, &json!({}))), [], "its lease duration is 60 s by default");
    let off = json!({"image": "x", "args": ["--leader-elect=false", "--leader-elect-renew-deadline=20s"]});
    assert_eq!(said("HA0401", &with(&off, &json!({}))), [], "it does not elect");
    let may = json!({"image": "x", "args": ["--leader-elect-lease-duration=15s", "--leader-elect-renew-deadline=15s"]});
    fails("HA0401", with(&may, &json!({})), "Deployment", "must be greater", WARNING);
}

#[test]
fn what_is_no_length_of_time_is_told() {
    let flag = |value: &str| args(&[&format!("--leader-elect-lease-duration={value}")]);
    for value in ["15", "15 s", "15sec", "soon", ""] {
        fails("HA0401", flag(value), "Deployment", "which is no length of time", ERROR);
    }
    assert_eq!(said("HA0401", &args(&["--leader-election-lease-duration=15"])), [], "it may count seconds");
    fails("HA0401", args(&["--leader-election-lease-duration=soon"]), "Deployment", "no length of time", ERROR);
    let empty = args(&["--leader-election-lease-duration="]);
    fails("HA0401", empty, "Deployment", "is \"\", which is no length of time", ERROR);
    let variable = |name: &str, value: &str| {
        let env = json!([{"name": "LEADER_ELECT", "value": "true"}, {"name": name, "value": value}]);
        with(&json!({"image": "x", "env": env}), &json!({}))
    };
    fails("HA0401", variable("LEADER_ELECTION_LEASE_DURATION", "soon"), "Deployment", "goes by its default", WARNING);
    fails("HA0401", variable("LEADER_LEASE_DURATION_SECONDS", "15s"), "Deployment", "no number", WARNING);
    for (name, value) in [
        ("LEADER_LEASE_DURATION_SECONDS", "15"),
        ("LEADER_LEASE_DURATION", "15"),
        ("LEADER_LEASE_DURATION", ""),
        ("LEADER_LEASE_DURATION", "PT15S"),
        ("LEADER_LEASE_DURATION_MILLIS", "15000"),
    ] {
        assert_eq!(said("HA04", &variable(name, value)), [], "{name}={value}");
    }
    fails(
        "HA0401",
        variable("LEADER_LEASE_DURATION_SECONDS", "9"),
        "Deployment",
        "(LEADER_LEASE_DURATION_SECONDS)",
        WARNING,
    );
    fails("HA0401", variable("LEADER_LEASE_DURATION_MILLIS", "9000"), "Deployment", "(9 s)", WARNING);
}

#[test]
fn files_are_read_where_the_program_is_told_of_them() {
    let bad = "a: 1\nleaderElection:\n  enabled: true\n  leaseDuration: \"15s\"\n  renewDeadline: 5s # x\n  retryPeriod: 10s\n";
    fails("HA0401", file("c.yaml", bad), "ConfigMap", "leaderElection.renewDeadline in c.yaml", ERROR);
    let flow = "controller: {leader_election: {enabled: true, lease_duration: 15s, renew_deadline: 15s}}";
    fails("HA0401", file("c.yaml", flow), "ConfigMap", "must be greater than the renew deadline", ERROR);
    let elsewhere = with(&json!({"image": "x", "args": ["--leader-elect"]}), &json!({"c.yaml": bad}));
    assert_eq!(said("HA04", &elsewhere), [], "nobody tells the program of it");
    let head = "apiVersion: controller-runtime.sigs.k8s.io/v1alpha1\nkind: ControllerManagerConfig\n";
    let typed =
        |value: &str| file("c.yaml", &format!("{head}leaderElection: {{leaderElect: true, leaseDuration: {value}}}\n"));
    fails("HA0401", typed("30"), "ConfigMap", "no length of time", ERROR);
    assert_eq!(said("HA04", &typed("30s")), []);
    assert_eq!(said("HA04", &typed("0s")), [], "that stands for the default");
    let loose = file("c.yaml", "leaderElection: {enabled: true, leaseDuration: 30}");
    assert_eq!(outcomes("HA0401", &loose), [Outcome::Skipped], "seconds or nanoseconds: who knows");
    // What may be a secret is never told.
    let secret = format!("{bad}password: x\n");
    let objects = objects(&file("c.yaml", &secret));
    let verdicts = judge(&Scene::new(&objects), catalogue::named("HA0401"));
    assert_eq!(failed(&verdicts)[0].fix, None);
}

#[test]
fn variables_stand_for_their_values() {
    let container = json!({"image": "x",
        "args": ["--leader-elect", "--leader-election-lease-duration", "$(LEASE)", "--leader-election-renew-deadline=$(RENEW)"],
        "env": [{"name": "LEASE", "value": "10s"}, {"name": "RENEW", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "renew"}}}]});
    fails("HA0401", with(&container, &json!({"renew": "10s"})), "Deployment", "(10 s)", ERROR);
    assert_eq!(said("HA04", &with(&container, &json!({"renew": "7s"}))), []);
    let unknown = with(&container, &json!({}));
    assert_eq!(outcomes("HA0401", &unknown), [Outcome::Skipped]);
    // Alone it may be about anything; beside another it is not.
    assert_eq!(said("HA04", &args(&["--retry-period=5m"])), []);
    fails("HA0401", args(&["--retry-period=10s", "--renew-deadline=11s"]), "Deployment", "1.2 x", ERROR);
}

#[test]
fn times_that_a_library_takes_may_still_be_wrong() {
    let three = |lease: &str, deadline: &str, retry: &str| {
        args(&[
            &format!("--leader-elect-lease-duration={lease}"),
            &format!("--leader-elect-renew-deadline={deadline}"),
            &format!("--leader-elect-retry-period={retry}"),
        ])
    };
    fails("HA0402", three("15s", "14s", "2s"), "Deployment", "for up to 1 s there are two", WARNING);
    fails("HA0402", three("15500ms", "12s", "3100ms"), "Deployment", "there are two", WARNING);
    assert_eq!(said("HA0402", &three("15s", "10s", "5s")), [], "nothing is left, and nothing is too much");
    fails("HA0403", three("5s", "3s", "1s"), "Deployment", "away for 2 s or less", WARNING);
    assert_eq!(said("HA04", &three("8s", "5s", "1s")), []);
    fails("HA0404", three("10m", "5m", "30s"), "Deployment", "lease duration of 600 s", WARNING);
    assert_eq!(said("HA04", &three("137s", "107s", "26s")), [], "OpenShift's");
    assert_eq!(said("HA04", &three("60s", "40s", "15s")), [], "cert-manager's");
    assert_eq!(said("HA04", &args(&[])), []);
    assert_eq!(outcomes("HA0403", &args(&[])), [Outcome::Pass]);
}

#[test]
fn an_objective_is_the_annotations_or_everybodys() {
    let three =
        ["--leader-elect-lease-duration=30s", "--leader-elect-renew-deadline=20s", "--leader-elect-retry-period=4s"];
    let annotated = |rto: Option<&str>, args: Vec<Json>| {
        let mut documents = args;
        if let Some(rto) = rto {
            documents[1]["metadata"]["annotations"] = json!({"hactl.dev/rto": rto});
        }
        documents
    };
    // 30 s, and up to 2.2 retry periods twice: no crash costs more than 30 + 17.6 s.
    assert_eq!(said("HA0405", &annotated(Some("48s"), args(&three))), []);
    fails("HA0405", annotated(Some("25s"), args(&three)), "Deployment", "no more than 25 s is wanted", ERROR);
    fails("HA0405", annotated(Some("10s"), args(&three)), "Deployment", "no more than 10 s is wanted", ERROR);
    assert_eq!(said("HA0405", &annotated(Some("3s"), args(&three))).len(), 1);
    let wrong = said("HA0405", &annotated(Some("soon"), args(&three)));
    assert!(matches!(wrong.as_slice(), [(_, WARNING, told)] if told.contains("\"soon\"")), "{wrong:#?}");
    assert_eq!(outcomes("HA0405", &args(&three)), [Outcome::Skipped]);
    let objects_of = |documents: &[Json]| objects(documents);
    let all = |rto: i64, documents: &[Json]| {
        let objects = objects_of(documents);
        let mut scene = Scene::new(&objects);
        scene.rto = Some(Micros::from_secs(rto));
        judge(&scene, catalogue::named("HA0405")).iter().map(|verdict| verdict.outcome).collect::<Vec<_>>()
    };
    assert_eq!(all(20, &args(&three)), [Outcome::Fail]);
    assert_eq!(all(20, &annotated(Some("1m"), args(&three))), [Outcome::Pass], "the annotation wins");
    // 15 s, 10 s and 2 s, as nothing else is said.
    assert_eq!((all(15, &args(&[])), all(24, &args(&[]))), (vec![Outcome::Fail], vec![Outcome::Pass]));
    let mut alone = args(&three);
    alone[1]["spec"]["replicas"] = json!(1);
    assert_eq!(all(20, &alone), [Outcome::Skipped], "nobody could take over");
}

/// An annotation must not make a check run for ever.
#[test]
fn an_objective_is_judged_in_time_whatever_the_timing() {
    let wanted = |times: [&str; 3], rto: &str| {
        let [lease, deadline, period] = times;
        let mut all = args(&[
            &format!("--leader-elect-lease-duration={lease}"),
            &format!("--leader-elect-renew-deadline={deadline}"),
            &format!("--leader-elect-retry-period={period}"),
        ]);
        all[1]["metadata"]["annotations"] = json!({"hactl.dev/rto": rto});
        outcomes("HA0405", &all)
    };
    assert_eq!(wanted(["8760h", "10s", "2s"], "30s"), [Outcome::Skipped]);
    assert_eq!(wanted(["60s", "40s", "1ms"], "60s"), [Outcome::Skipped]);
    assert_eq!(wanted(["1h", "10s", "2s"], "30s"), [Outcome::Fail]);
    assert_eq!(wanted(["15s", "10s", "2s"], "30s"), [Outcome::Pass]);
}
