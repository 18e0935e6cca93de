//! Who elects, in all the ways in which it can be said.

use serde_json::{Value as Json, json};

use super::elector::Namespace;
use super::{Elects, of, words};
use crate::check::program::Program;
use crate::check::scene::Scene;
use crate::model::elector::Library;
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

/// What a container's program does, and where that is said, beside a ConfigMap of this data mounted at `/etc/x`.
fn told(container: &Json, data: &Json) -> Option<(Elects, String)> {
    let mut container = container.clone();
    container["volumeMounts"] = json!([{"name": "config", "mountPath": "/etc/x"}]);
    let objects = [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"template": {
            "metadata": {"labels": {}},
            "spec": {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": "m"}}]}}}}),
    ];
    let objects = objects.map(|json| Object::new(Node::from(&json), Origin::Live).expect("an object"));
    let scene = Scene::new(&objects);
    let workload = scene.workloads()[0];
    let program = &Program::all(&scene, workload)[0];
    of(&scene, workload, program)
        .map(|election| (election.elects, election.field.replace("spec.template.spec.containers[0]", "")))
}

fn with(args: &[&str]) -> Option<(Elects, String)> {
    told(&json!({"image": "x", "args": args}), &json!({}))
}

#[test]
fn by_flags() {
    let at = |index: usize| format!(".args[{index}]");
    for (args, elects, index) in [
        (&["--leader-elect"][..], Elects::Yes, 0),
        (&["-enable-leader-election=true"], Elects::Yes, 0),
        (&["--leader-elect=0"], Elects::No, 0),
        (&["--disable-leader-election"], Elects::No, 0),
        (&["--disable-leader-election=false"], Elects::Yes, 0),
        // In Go the next word is none of its own.
        (&["--leader-elect", "false"], Elects::Yes, 0),
        // The last counts.
        (&["--leader-elect", "--leader-elect=false"], Elects::No, 1),
        // Read by pflag, and not by flag.
        (&["--crds", "true", "--leader-elect"], Elects::Unknown, 2),
        (&["--leader-elect=$(NOBODY_PORT)"], Elects::Unknown, 0),
        (&["--v=5", "leader-election=true"], Elects::Unknown, 1),
        (&["--leader-election-namespace=x"], Elects::Unknown, 0),
    ] {
        assert_eq!(with(args), Some((elects, at(index))), "{args:?}");
    }
    assert_eq!(with(&["--listen=:80", "--elections=3", "--release=x"]), None);
}

#[test]
fn by_variables() {
    let variable = |name: &str, value: &str| {
        told(&json!({"image": "x", "env": [{"name": name, "value": value}]}), &json!({})).map(|(elects, _)| elects)
    };
    assert_eq!(variable("ENABLE_LEADER_ELECTION", "True"), Some(Elects::Yes));
    assert_eq!(variable("APP_LEADER_ELECT", "no"), Some(Elects::No));
    assert_eq!(variable("LEADER_ELECTION_DISABLE", "true"), Some(Elects::No));
    assert_eq!(variable("LEADER_ELECTION", "leases"), Some(Elects::Unknown));
    assert_eq!(variable("LEADER_ELECTION_ID", "x"), None);
    let secret = json!({"env": [{"name": "LEADER_ELECT", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]});
    assert_eq!(told(&secret, &json!({})), Some((Elects::Unknown, ".env[0]".to_owned())));
    let from = json!({"envFrom": [{"configMapRef": {"name": "m"}}]});
    assert_eq!(told(&from, &json!({"LEADER_ELECT": "true"})), Some((Elects::Yes, ".envFrom[0]".to_owned())));
    // A flag is stronger.
    let both = json!({"args": ["--leader-elect"], "env": [{"name": "LEADER_ELECT", "value": "false"}]});
    assert_eq!(told(&both, &json!({})).map(|(elects, _)| elects), Some(Elects::Yes));
}

#[test]
fn by_files_that_are_passed() {
    let read = |path: &str, file: &str, text: &str| {
        told(&json!({"image": "x", "args": ["--config", path]}), &json!({file: text})).map(|(elects, _)| elects)
    };
    let managed = "apiVersion: controller-runtime.sigs.k8s.io/v1alpha1\nleaderElection: {leaderElect: true}\n";
    assert_eq!(read("/etc/x/c.yaml", "c.yaml", managed), Some(Elects::Yes));
    assert_eq!(read("/etc/y/c.yaml", "c.yaml", managed), None, "not this file");
    assert_eq!(read("/etc/x", "c", "a: {leader_election: {enabled: false, id: x}}"), Some(Elects::No));
    assert_eq!(read("/etc/x", "c", "leaderElection: {id: x}"), None, "it does not say whether");
    assert_eq!(read("/etc/x", "c", "leaderElection: ["), None, "no YAML");
}

#[test]
fn by_the_file_of_klag_exporter() {
    let read = |text: &str| {
        let env = json!([{"name": "HA", "value": "true"}, {"name": "HIDDEN", "valueFrom": {"fieldRef": {}}}]);
        told(&json!({"image": "g/klag-exporter:1", "env": env}), &json!({"config.toml": text}))
            .map(|(elects, _)| elects)
    };
    let leadership = |enabled: &str| format!("[exporter]\nport = 1\n[exporter.leadership]\nenabled = {enabled}\n");
    assert_eq!(read(&leadership("true")), Some(Elects::Yes));
    assert_eq!(read(&leadership("false")), Some(Elects::No));
    assert_eq!(read(&leadership("${HA}")), Some(Elects::Yes));
    assert_eq!(read(&leadership("${NOBODY:-false}")), Some(Elects::No));
    assert_eq!(read(&leadership("${?HA}")), Some(Elects::Yes));
    assert_eq!(read(&leadership("${HIDDEN}")), None, "nobody knows");
    assert_eq!(read(&leadership("${NOBODY}")), None, "it does not start");
    assert_eq!(read("[exporter]\nport = 1\n"), Some(Elects::No), "off where nothing is said");
    assert_eq!(read("[other]\n"), None);
}

#[test]
fn by_what_is_known_of_a_program() {
    let image = |image: &str| told(&json!({"image": image}), &json!({})).map(|(elects, _)| elects);
    assert_eq!(image("r/aws-load-balancer-controller:v2"), Some(Elects::Yes));
    assert_eq!(image("r/hcloud-cloud-controller-manager:v1"), Some(Elects::Yes));
    assert_eq!(image("r/csi-attacher"), Some(Elects::No));
    assert_eq!(image("r/web"), None);
}

#[test]
fn names() {
    assert_eq!(words::switch("controller.leaderElection.enabled"), Some(words::Switch::On));
    assert_eq!(words::switch("no-leader-elect"), Some(words::Switch::Off));
    assert_eq!(words::switch("leader-elect-lease-duration"), None);
    assert!(words::about("leader-elect-lease-duration") && !words::about("release-elect"));
}

/// The Lease of a container's election: its name, and its namespace as far as it is not the Pod's own.
fn lease(container: &Json) -> (Option<String>, Namespace, Library) {
    let objects = [json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {
        "template": {"metadata": {"labels": {}}, "spec": {"containers": [container]}}}})];
    let objects = objects.map(|json| Object::new(Node::from(&json), Origin::Live).expect("an object"));
    let scene = Scene::new(&objects);
    let [elector] = scene.electors().all() else { panic!("{:#?}", scene.electors()) };
    (elector.lease.clone(), elector.namespace.clone(), elector.library)
}

#[test]
fn leases_are_named_by_flags_variables_and_what_is_known() {
    let told = |args: &[&str], env: Json| lease(&json!({"image": "x", "args": args, "env": env}));
    let named = |name: &str| Namespace::Named(name.to_owned());
    let id = |name: &str| Some(name.to_owned());
    let field = json!([{"name": "NS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}]);
    for (args, env, name, namespace) in [
        (&["--leader-elect"][..], json!([]), None, Namespace::Own),
        (&["--leader-elect", "--leader-election-id", "a"], json!([]), id("a"), Namespace::Own),
        (&["--leader-elect", "--leader-elect-resource-name=a"], json!([]), id("a"), Namespace::Own),
        (&["--leader-elect", "--leader-elect-resource-namespace=b"], json!([]), None, named("b")),
        (&["--leader-elect", "--leader-election-namespace="], json!([]), None, Namespace::Own),
        (&["--leader-elect", "--leader-election-namespace=$(NS)"], field.clone(), None, Namespace::Own),
        (&["--leader-elect", "--leader-election-namespace=${NS}"], field, None, Namespace::Own),
        (&["--leader-elect", "--leader-election-namespace=$(GONE_PORT)"], json!([]), None, Namespace::Unknown),
        (
            &["--leader-elect"],
            json!([{"name": "LEASE_LOCK_NAME", "value": "a"}, {"name": "LEASE_LOCK_NAMESPACE", "value": "b"}]),
            id("a"),
            named("b"),
        ),
    ] {
        assert_eq!(told(args, env), (name, namespace, Library::ClientGo), "{args:?}");
    }
    let known = |image: &str| lease(&json!({"image": image}));
    assert_eq!(known("kube-scheduler"), (id("kube-scheduler"), named("kube-system"), Library::ClientGo));
    assert_eq!(known("hcloud-cloud-controller-manager"), (None, named("kube-system"), Library::ClientGo));
    assert_eq!(known("aws-load-balancer-controller").1, Namespace::Own);
}

#[test]
fn settings_are_told_by_what_they_are_called() {
    use words::{Fit, Unit};
    let fit = |unit, topical| Some(Fit { unit, topical });
    let duration = |name| words::LEASE_DURATION.fits(name);
    assert_eq!(duration("leader-elect-lease-duration"), fit(Unit::Unsaid, true));
    assert_eq!(duration("KRO_LEADER_ELECTION_LEASE_DURATION"), fit(Unit::Unsaid, true));
    assert_eq!(duration("controller.leaderElection.leaseDuration"), fit(Unit::Unsaid, true));
    assert_eq!(duration("exporter.leadership.lease_duration_secs"), fit(Unit::Seconds, true));
    assert_eq!(duration("LEASE_DURATION_IN_SECONDS"), fit(Unit::Seconds, false));
    assert_eq!(duration("lease-duration-milliseconds"), fit(Unit::Milliseconds, false));
    assert_eq!(duration("vault-lease-duration"), None);
    assert_eq!(words::LEASE.fits("leader-election-namespace"), None);
    assert_eq!(words::IDENTITY.fits("cluster-identity"), None);
    assert_eq!(words::LOCK.fits("leader-election-type"), fit(Unit::Unsaid, true));
}

#[test]
fn what_is_skipped_is_not_turned_on() {
    use super::words::{Switch, switch};
    for name in ["skip-leader-election", "SKIP_LEADER_ELECTION", "without-leader-elect", "manager-skip-leader-election"]
    {
        assert_eq!(switch(name), Some(Switch::Off), "{name}");
    }
    assert_eq!(switch("no-leader-election"), Some(Switch::Off));
    for name in ["leader-elect", "enable-leader-election", "kyverno-leader-election", "MANAGER_LEADER_ELECT"] {
        assert_eq!(switch(name), Some(Switch::On), "{name}");
    }
    assert_eq!(switch("wait-for-leader-election"), None);
}

#[test]
fn only_what_a_program_is_told_of_is_read() {
    let both = json!({"a.yaml": "leaderElect: true", "b.yaml": "leaderElect: false"});
    let elects = |args: &[&str], data: &Json| told(&json!({"image": "x", "args": args}), data).map(|told| told.0);
    // What is named wins over what lies beside it, and what begins like the folder is not in it.
    assert_eq!(elects(&["--config=/etc/x/b.yaml"], &both), Some(Elects::No));
    assert_eq!(elects(&["--config", "/etc/x/a.yaml"], &both), Some(Elects::Yes));
    assert_eq!(elects(&["--config=/etc/x/c.yaml"], &both), None);
    assert_eq!(elects(&["--tls=/etc/xtra/c.pem"], &both), None);
    assert_eq!(elects(&["--tls=/etc/x/a.yaml.bak"], &both), None);
    for folder in ["--config-dir=/etc/x", "--config-dir=/etc/x/", "/etc/x"] {
        assert_eq!(elects(&[folder], &both), Some(Elects::Yes), "{folder}");
    }
    // klag-exporter's is the one that it is told of, and else the one that it was meant to be.
    let on = "[exporter]\n[exporter.leadership]\nenabled = true\n";
    let files = json!({"a.toml": on, "b.toml": "[exporter]\n"});
    let klag = |args: &[&str]| told(&json!({"image": "klag-exporter", "args": args}), &files).map(|told| told.0);
    assert_eq!(klag(&["--config=/etc/x/b.toml"]), Some(Elects::No));
    assert_eq!(klag(&["--config=/etc/x/a.toml"]), Some(Elects::Yes));
    assert_eq!(klag(&["--config=/etc/x/none.toml"]), Some(Elects::Yes));
}

#[test]
fn a_file_that_multiplies_is_not_read() {
    let elects = |text: &str| {
        told(&json!({"image": "x", "args": ["--config=/etc/x/a.yaml"]}), &json!({"a.yaml": text})).map(|told| told.0)
    };
    let level = |name: char, of: char| format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", "));
    let levels: String = ('b'..='i').zip('a'..).map(|(name, of)| level(name, of)).collect();
    assert_eq!(elects(&format!("leaderElect: true\na: &a [x]\n{levels}")), None);
    assert_eq!(elects("leaderElect: true\na: &a [x]\nb: *a\n"), Some(Elects::Yes));
    assert_eq!(elects(&format!("leaderElect: true\n# {}", "x".repeat(1 << 20))), None);
}
