//! Identities and Leases that are shared, in all the places in which that is said.

use serde_json::{Value as Json, json};

use super::{as_name, is_name};
use crate::check::tests::{failed, mend, objects};
use crate::check::{Outcome, Scene, Severity, catalogue, judge};

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;

fn deployment(name: &str, container: &Json) -> Json {
    let mut container = container.clone();
    container["name"] = json!("main");
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": 2,
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}}})
}

/// klag-exporter with these lines about leadership, which is on.
fn klag(lines: &str) -> Vec<Json> {
    let text = format!("[exporter]\n[exporter.leadership]\nenabled = true\n{lines}\n");
    let mount = json!([{"name": "config", "mountPath": "/app/config.toml", "subPath": "config.toml"}]);
    let mut pods = deployment("klag", &json!({"image": "klag-exporter", "volumeMounts": mount}));
    pods["spec"]["template"]["spec"]["volumes"] = json!([{"name": "config", "configMap": {"name": "klag"}}]);
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "klag"}, "data": {"config.toml": text}}),
        pods,
    ]
}

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

/// A check fails once, so badly, with these words; and not any more with what it offers.
#[track_caller]
fn fails(check: &str, mut documents: Vec<Json>, words: &str, severity: Severity) {
    let found = said(check, &documents);
    assert!(matches!(found.as_slice(), [(_, how, told)] if *how == severity && told.contains(words)), "{found:#?}");
    let objects = objects(&documents);
    let verdicts = judge(&Scene::new(&objects), catalogue::named(check));
    let verdict = failed(&verdicts)[0];
    let fix = verdict.fix.clone().expect("something to paste");
    mend(&mut documents, &verdict.spot.object, &fix);
    assert_eq!(said(check, &documents), [], "{fix}");
    assert!(outcomes(check, &documents).contains(&Outcome::Pass), "{fix}");
}

#[test]
fn an_identity_that_is_written_down_is_everybodys() {
    let one = |container: Json| vec![deployment("x", &container)];
    let flag = |args: &[&str]| one(json!({"image": "x", "args": args}));
    fails("HA0501", flag(&["--leader-elect", "--leader-elect-identity=me"]), "2 replicas take part as \"me\"", ERROR);
    fails("HA0501", flag(&["--leader-elect", "--leader-election-identity", "me"]), "all of them lead", ERROR);
    let env = |name: &str, entry: Json| {
        let mut entry = entry;
        entry["name"] = json!(name);
        one(json!({"image": "x", "args": ["--leader-elect"], "env": [entry]}))
    };
    fails("HA0501", env("LEASE_HOLDER_IDENTITY", json!({"value": "me"})), "(LEASE_HOLDER_IDENTITY)", ERROR);
    fails("HA0501", env("POD_NAME", json!({"value": "me"})), "where it takes its identity from that", WARNING);
    let own = json!({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
    for name in ["LEASE_HOLDER_IDENTITY", "POD_NAME"] {
        assert_eq!(outcomes("HA0501", &env(name, own.clone())), [Outcome::Pass], "{name}");
    }
    let mut named = env("POD_NAME", own);
    named[0]["spec"]["template"]["spec"]["containers"][0]["args"] =
        json!(["--leader-elect", "--leader-elect-identity=$(POD_NAME)-x"]);
    assert_eq!(outcomes("HA0501", &named), [Outcome::Pass]);
    let mut alone = flag(&["--leader-elect", "--leader-elect-identity=me"]);
    alone[0]["spec"]["replicas"] = json!(1);
    assert_eq!(outcomes("HA0501", &alone), [Outcome::Skipped]);
    let off = flag(&["--leader-elect=false", "--leader-elect-identity=me"]);
    assert_eq!(said("HA0501", &off), [], "it does not elect");
}

#[test]
fn klag_exporter_takes_its_host_name() {
    fails("HA0501", klag("identity = \"me\""), "exporter.leadership.identity in config.toml", ERROR);
    for lines in ["", "identity = \"${HOSTNAME}\""] {
        assert_eq!(outcomes("HA0501", &klag(lines)), [Outcome::Pass], "{lines}");
    }
    let with = |field: &str, value: Json| {
        let mut documents = klag("");
        documents[1]["spec"]["template"]["spec"][field] = value;
        documents
    };
    fails("HA0501", with("hostname", json!("lag")), "\"lag\" (their host name)", ERROR);
    let mut stateful = with("hostname", json!("lag"));
    stateful[1]["kind"] = json!("StatefulSet");
    assert_eq!(outcomes("HA0501", &stateful), [Outcome::Pass], "its Pods have host names of their own");
    let found = said("HA0501", &with("hostNetwork", json!(true)));
    assert!(matches!(found.as_slice(), [(_, WARNING, told)] if told.contains("on the same node")), "{found:#?}");
    let mut ports = with("hostNetwork", json!(true));
    ports[1]["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([{"containerPort": 8000}]);
    assert_eq!(outcomes("HA0501", &ports), [Outcome::Pass], "its port keeps the second one from the node");
    let mut variable = klag("");
    variable[1]["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "HOSTNAME", "value": "me"}]);
    fails("HA0501", variable, "the variable HOSTNAME", ERROR);
}

#[test]
fn two_programs_need_two_leases() {
    let pods = |name: &str, image: &str, id: &str| {
        let args = json!(["--leader-elect", format!("--leader-election-id={id}")]);
        deployment(name, &json!({"image": image, "args": args}))
    };
    fails("HA0502", vec![pods("a", "a:1", "x"), pods("b", "b:1", "x")], "a and b are different programs", ERROR);
    fails(
        "HA0502",
        vec![pods("a", "r/a:1", "x"), pods("b", "s/a:2", "x")],
        "only one of them works at a time",
        WARNING,
    );
    assert_eq!(said("HA0502", &[pods("a", "a", "x"), pods("b", "b", "y")]), []);
    let mut elsewhere = pods("b", "b", "x");
    elsewhere["metadata"]["namespace"] = json!("shop");
    let mut here = pods("a", "a", "x");
    here["metadata"]["namespace"] = json!("billing");
    assert_eq!(said("HA0502", &[here.clone(), elsewhere.clone()]), [], "each is in its own namespace");
    let args = json!(["--leader-elect", "--leader-election-id=x", "--leader-election-namespace=billing"]);
    elsewhere["spec"]["template"]["spec"]["containers"][0]["args"] = args;
    fails("HA0502", vec![here, elsewhere], "for lease/x in billing", ERROR);
    // Two sidecars of one Pod.
    let mut both = pods("a", "a", "x");
    let sidecar = json!({"name": "side", "image": "side", "args": ["--leader-elect", "--leader-election-id=x"]});
    both["spec"]["template"]["spec"]["containers"].as_array_mut().expect("containers").push(sidecar);
    fails("HA0502", vec![both], "its container main", ERROR);
    let mut timed = pods("b", "a", "x");
    timed["spec"]["template"]["spec"]["containers"][0]["args"] =
        json!(["--leader-elect", "--leader-election-id=x", "--leader-elect-lease-duration=30s"]);
    fails("HA0502", vec![pods("a", "a", "x"), timed], "timed differently", WARNING);
    let unnamed = deployment("a", &json!({"image": "a", "args": ["--leader-elect"]}));
    assert_eq!(outcomes("HA0502", &[unnamed]), [Outcome::Skipped]);
    // Where both say nothing, klag-exporter's is the same.
    let mut twice = klag("");
    let mut other = klag("");
    other[1]["metadata"]["name"] = json!("second");
    twice.push(other.remove(1));
    assert_eq!(said("HA0502", &twice).len(), 1);
}

#[test]
fn a_lease_that_is_installed_has_no_holder() {
    let lease = |spec: Json| json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "x"}, "spec": spec});
    let held = json!({"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z"});
    fails("HA0503", vec![lease(held.clone())], "a holds the Lease", ERROR);
    for spec in [json!(null), json!({}), json!({"holderIdentity": ""}), json!({"leaseDurationSeconds": 15})] {
        assert_eq!(outcomes("HA0503", &[lease(spec.clone())]), [Outcome::Pass], "{spec}");
    }
    let mut live = lease(held);
    live["metadata"]["uid"] = json!("1-2");
    assert_eq!(outcomes("HA0503", &[live.clone()]), [Outcome::Skipped]);
    live["metadata"]["namespace"] = json!("kube-node-lease");
    assert_eq!(outcomes("HA0503", &[live]), []);
}

#[test]
fn a_lease_has_a_name_that_objects_have() {
    let named = |id: &str| {
        let args = json!(["--leader-elect", format!("--leader-election-id={id}")]);
        vec![deployment("x", &json!({"image": "x", "args": args}))]
    };
    for id in ["Payments", "a_b", "shop/payments", "a."] {
        fails("HA0504", named(id), "which no object can be called", ERROR);
    }
    fails("HA0504", named(""), "gives the Lease no name", ERROR);
    assert_eq!(outcomes("HA0504", &named("a1b2.example.com")), [Outcome::Pass]);
    assert_eq!(outcomes("HA0504", &named("$(NAME_PORT)")), [Outcome::Skipped], "it is not known");
}

#[test]
fn names_of_objects() {
    for name in ["payments", "da1d9c86.example.com", "a", "0-1"] {
        assert!(is_name(name), "{name}");
    }
    for name in ["", "Payments", "a_b", "a/b", "-a", "a.", "a..b", " a", &"a".repeat(254)] {
        assert!(!is_name(name), "{name:?}");
    }
    assert_eq!(as_name("shop/Payments_Leader "), Some("payments-leader".to_owned()));
    assert_eq!(as_name("/"), None);
}

#[test]
fn who_goes_by_a_kubeconfig_may_contend_in_another_cluster() {
    let one = |name: &str, more: &[&str]| {
        let args = [&["--leader-elect", "--leader-elect-resource-name=shared"], more].concat();
        deployment(name, &json!({"image": name, "args": args}))
    };
    assert_eq!(said("HA0502", &[one("a", &[]), one("b", &[])]).len(), 1);
    let kubeconfig = &["--kubeconfig=/etc/kc/kubeconfig"][..];
    assert_eq!(said("HA0502", &[one("a", kubeconfig), one("b", kubeconfig)]), []);
}

#[test]
fn a_variable_may_be_the_same_in_all_pods() {
    let told = |env: Json| {
        let container = json!({"image": "x", "env": env,
            "args": ["--leader-elect", "--leader-election-id=x", "--leader-election-identity=$(ME)"]});
        said("HA0501", &[deployment("x", &container)]).first().map(|found| found.1)
    };
    let field = |path: &str| json!([{"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": path}}}]);
    assert_eq!(told(json!([])), Some(ERROR), "it stays as it is written");
    assert_eq!(told(field("spec.serviceAccountName")), Some(ERROR));
    assert_eq!(told(field("metadata.labels['app']")), Some(ERROR));
    assert_eq!(told(field("spec.nodeName")), Some(WARNING));
    assert_eq!(told(field("metadata.name")), None);
}
