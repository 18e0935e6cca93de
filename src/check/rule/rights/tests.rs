//! What comes closest is told on the object that has to be changed, and what is offered there is enough.

use serde_json::{Value as Json, json};

use crate::check::tests::{cluster, failed, mend, objects};
use crate::check::{Outcome, Scene, Severity, Verdict, catalogue, judge, questions};
use crate::model;
use crate::model::node::Mark;
use crate::model::object::{Object, Origin};
use crate::model::unread::Unread;

const SHOP: Option<&str> = Some("shop");

fn deployment(namespace: Option<&str>, account: &str, args: &[&str]) -> Json {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "payments", "namespace": namespace},
        "spec": {"replicas": 2, "template": {"spec": {
            "serviceAccountName": account, "containers": [{"name": "main", "image": "payments", "args": args}],
        }}},
    })
}

fn account(namespace: Option<&str>) -> Json {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "payments", "namespace": namespace}})
}

fn role(namespace: Option<&str>, name: &str, rules: Json) -> Json {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": namespace},
        "rules": rules,
    })
}

fn leases(verbs: &[&str]) -> Json {
    json!({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs})
}

fn limited(verbs: &[&str], names: &[&str]) -> Json {
    let mut rule = leases(verbs);
    rule["resourceNames"] = json!(names);
    rule
}

fn all() -> Json {
    leases(&["get", "create", "update"])
}

fn binding(namespace: Option<&str>, role: &str, who: &str) -> Json {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": format!("{role}-binding"), "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": who, "namespace": "shop"}],
    })
}

/// What a check says of these documents.
fn said<T>(check: &str, documents: &[Json], read: impl Fn(&[Verdict<'_>]) -> T) -> T {
    let objects = objects(documents);
    read(&judge(&Scene::new(&objects), catalogue::named(check)))
}

/// The outcome of a check that says one thing.
fn outcome(check: &str, documents: &[Json]) -> Outcome {
    said(check, documents, |verdicts| {
        let [verdict] = verdicts else { panic!("{verdicts:#?}") };
        verdict.outcome
    })
}

/// Whether HA0301 has nothing to say of these documents.
fn silent(documents: &[Json]) -> bool {
    said("HA0301", documents, |verdicts| verdicts.is_empty())
}

/// HA0301 fails on this object, with these words and this severity, and what it offers mends it.
#[track_caller]
fn lacks(mut documents: Vec<Json>, on: &str, words: &str, severity: Severity) {
    let (object, fix) = said("HA0301", &documents, |verdicts| {
        let [verdict] = *failed(verdicts) else { panic!("{verdicts:#?}") };
        let found = format!("{}/{}", verdict.spot.object.kind, verdict.spot.object.name);
        assert_eq!((&*found, verdict.severity), (on, severity), "{}", verdict.message);
        assert!(verdict.message.contains(words), "{}", verdict.message);
        (verdict.spot.object.clone(), verdict.fix.clone().expect("something to paste"))
    });
    mend(&mut documents, &object, &fix);
    assert_eq!(outcome("HA0301", &documents), Outcome::Pass, "{fix}");
}

#[test]
fn what_comes_closest_is_told_where_it_has_to_be_changed() {
    let elects = || deployment(SHOP, "payments", &["--leader-elect"]);
    let bound = |rules: Json| vec![elects(), role(SHOP, "lead", rules), binding(SHOP, "lead", "payments")];
    let error = Severity::Error;
    lacks(bound(json!([leases(&["get", "list", "create"])])), "Role/lead", "has get, list, create", error);
    lacks(bound(json!([leases(&["get", "create", "patch"])])), "Role/lead", "may not update", Severity::Warning);
    lacks(
        bound(json!([limited(&["get", "create", "update"], &["payments"])])),
        "Role/lead",
        "limited to payments",
        error,
    );
    let core = json!({"apiGroups": [""], "resources": ["leases"], "verbs": ["get", "create", "update"]});
    lacks(bound(json!([core])), "Role/lead", "another group", error);
    let mixed =
        json!({"apiGroups": ["", "coordination.k8s.io"], "resources": ["configmaps", "leases"], "verbs": ["get"]});
    lacks(bound(json!([mixed])), "Role/lead", "may not create, update", error);
    let old = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "update"]});
    let meant =
        vec![elects(), role(SHOP, "leader-election", json!([old])), binding(SHOP, "leader-election", "payments")];
    lacks(meant, "Role/leader-election", "configmaps", error);
    lacks(bound(json!([old])), "Deployment/payments", "nothing that is bound to it", error);
    let unbound = vec![elects(), account(SHOP), role(SHOP, "lead", json!([all()]))];
    lacks(unbound, "Role/lead", "nothing binds it", error);
    let custom = vec![elects(), account(SHOP), role(SHOP, "lead", json!([all()])), binding(SHOP, "lead", "nobody")];
    lacks(custom, "RoleBinding/lead-binding", "whom nothing here runs as", error);
    let dangling = vec![elects(), binding(SHOP, "leader-election", "payments")];
    lacks(dangling, "Deployment/payments", "which is not there", error);
    lacks(vec![elects(), account(SHOP)], "ServiceAccount/payments", "made here", Severity::Warning);
    let default = vec![deployment(SHOP, "default", &["--leader-elect"]), role(SHOP, "other", json!([]))];
    lacks(default, "Deployment/payments", "serviceaccount/default", Severity::Warning);
}

#[test]
fn the_namespace_is_that_of_the_lease() {
    let there = |args: &[&str], namespace: &str| {
        let place = Some(namespace);
        vec![
            deployment(SHOP, "payments", args),
            role(place, "lead", json!([all()])),
            binding(place, "lead", "payments"),
        ]
    };
    for args in [
        &["--leader-election-namespace=kube-system"][..],
        &["-leader-elect", "-leader-election-namespace", "kube-system"],
        &["--leader-elect", "--leader-elect-resource-namespace=kube-system"],
    ] {
        assert_eq!(outcome("HA0301", &there(args, "kube-system")), Outcome::Pass, "{args:?}");
        lacks(there(args, "shop"), "Role/lead", "the Lease is in kube-system", Severity::Error);
    }
    lacks(there(&["--leader-elect"], "kube-system"), "Role/lead", "the Lease is in shop", Severity::Error);
    // It may take the first of those that it watches.
    let watches = there(&["--leader-elect", "--watch-namespaces=one,two"], "two");
    assert_eq!(outcome("HA0301", &watches), Outcome::Skipped);
    // Where everything that runs is, is where a chart is installed (HA0307 says it); of two nobody knows which.
    let unnamed = [
        deployment(SHOP, "payments", &["--leader-elect"]),
        role(None, "lead", json!([all()])),
        binding(None, "lead", "payments"),
        deployment(Some("other"), "reports", &[]),
    ];
    assert_eq!(outcome("HA0301", &unnamed[..3]), Outcome::Pass);
    assert_eq!(outcome("HA0301", &unnamed), Outcome::Skipped);
    // The binding's subject tells where the Deployment will be.
    let told = [
        deployment(None, "payments", &["--leader-elect"]),
        role(SHOP, "lead", json!([all()])),
        binding(SHOP, "lead", "payments"),
    ];
    assert_eq!(outcome("HA0301", &told), Outcome::Pass);
    let mut variable = there(&["--leader-election-namespace=$(POD_NAMESPACE)"], "shop");
    variable[0]["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}]);
    assert_eq!(outcome("HA0301", &variable), Outcome::Pass);
}

#[test]
fn names_may_limit_all_but_creating() {
    let with = |args: &[&str], names: &[&str]| {
        let rules = json!([leases(&["create"]), limited(&["get", "update"], names)]);
        vec![deployment(SHOP, "payments", args), role(SHOP, "lead", rules), binding(SHOP, "lead", "payments")]
    };
    let unknown = with(&["--leader-elect"], &["some.example.com"]);
    assert_eq!(outcome("HA0301", &unknown), Outcome::Pass);
    assert_eq!(outcome("HA0302", &unknown), Outcome::Pass);
    let named = ["--leader-elect", "--leader-election-id=payments"];
    assert_eq!(outcome("HA0301", &with(&named, &["cart", "payments"])), Outcome::Pass);
    lacks(with(&named, &["cart"]), "Role/lead", "limited to cart", Severity::Error);
}

/// As when a transformer has moved a chart's roles out of the namespace that a flag still names.
#[test]
fn rules_that_are_limited_to_names_come_close_too() {
    let rules = json!([leases(&["create"]), limited(&["get", "update"], &["payments"])]);
    let moved = vec![
        deployment(SHOP, "payments", &["--leader-election-namespace=kube-system"]),
        role(SHOP, "lead", rules),
        binding(SHOP, "lead", "payments"),
    ];
    lacks(moved, "Role/lead", "holds in shop, and the Lease is in kube-system", Severity::Error);
}

#[test]
fn roles_are_judged_by_all_that_those_have_whom_they_are_bound_to() {
    let old = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "update"]});
    let mut wide = role(None, "manager", json!([all()]));
    wide["kind"] = json!("ClusterRole");
    let mut bound = binding(None, "manager", "payments");
    bound["kind"] = json!("ClusterRoleBinding");
    bound["roleRef"]["kind"] = json!("ClusterRole");
    let set = |args: &[&str]| {
        let lead = role(SHOP, "leader-election", json!([old]));
        vec![deployment(SHOP, "payments", args), lead, binding(SHOP, "leader-election", "payments")]
    };
    assert_eq!(outcome("HA0306", &set(&[])), Outcome::Fail);
    assert_eq!(outcome("HA0306", &set(&["--leader-elect"])), Outcome::Skipped, "HA0301 says it");
    let both = [set(&[]), vec![wide.clone(), bound.clone()]].concat();
    assert_eq!(outcome("HA0306", &both), Outcome::Pass);
    let lock = |name: &str| {
        let old = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "update"], "resourceNames": [name]});
        [role(SHOP, "payments", json!([old])), binding(SHOP, "payments", "payments")]
    };
    assert_eq!(outcome("HA0306", &lock("ingress-controller-leader")), Outcome::Fail, "by the name of the lock");
    assert!(said("HA0306", &lock("leaderboard"), |verdicts| failed(verdicts).is_empty()));
    let mut named = set(&[]);
    named[1]["rules"] = json!([limited(&["get", "create", "update"], &["payments"])]);
    assert_eq!(outcome("HA0302", &named), Outcome::Fail);
    let both = [named, vec![wide, bound]].concat();
    assert!(said("HA0302", &both, |verdicts| failed(verdicts).is_empty()), "create is allowed by the other");
}

#[test]
fn bindings_for_an_election_are_for_somebody_and_refer_to_something() {
    let set = |who: &str, to: &str| {
        vec![deployment(SHOP, "payments", &[]), role(SHOP, "leader-election", json!([all()])), {
            let mut it = binding(SHOP, "leader-election", who);
            it["roleRef"]["name"] = json!(to);
            it
        }]
    };
    assert_eq!(outcome("HA0308", &set("payments", "leader-election")), Outcome::Pass);
    assert_eq!(outcome("HA0308", &set("payment", "leader-election")), Outcome::Fail);
    assert_eq!(outcome("HA0308", &set("payment", "leader-election")[1..]), Outcome::Skipped, "it may be elsewhere");
    assert_eq!(outcome("HA0305", &set("payments", "leader-election")), Outcome::Pass);
    let wrong = set("payments", "leader-elect");
    assert_eq!(outcome("HA0305", &wrong), Outcome::Fail);
    assert_eq!(outcome("HA0305", &[wrong[0].clone(), wrong[2].clone()]), Outcome::Skipped, "roles may be elsewhere");
    let mut provided = set("payments", "edit");
    provided[2]["roleRef"]["kind"] = json!("ClusterRole");
    assert_eq!(outcome("HA0305", &provided), Outcome::Pass);
}

#[test]
fn a_namespace_is_missed_only_where_everything_else_has_one() {
    let set = |namespace: Option<&str>, roles: Option<&str>| {
        vec![deployment(namespace, "payments", &[]), account(SHOP), role(roles, "lead", json!([all()]))]
    };
    assert_eq!(outcome("HA0307", &set(SHOP, None)), Outcome::Fail);
    assert_eq!(outcome("HA0307", &set(SHOP, Some("elsewhere"))), Outcome::Pass);
    assert_eq!(outcome("HA0307", &set(None, None)), Outcome::Pass, "all of it lands in the same one");
}

#[test]
fn who_does_not_elect_needs_nothing() {
    for args in [&["--leader-elect=false"][..], &["--leader-elect=false", "--leader-election-namespace=x"], &["run"]] {
        let documents = [deployment(SHOP, "payments", args), role(SHOP, "lead", json!([])), account(SHOP)];
        assert!(silent(&documents), "{args:?}");
    }
    let nothing = [deployment(SHOP, "payments", &["--leader-elect"])];
    assert_eq!(outcome("HA0301", &nothing), Outcome::Skipped, "its rights may stand in other files");
    let others = [nothing[0].clone(), role(SHOP, "other", json!([leases(&["get"])]))];
    assert_eq!(outcome("HA0301", &others), Outcome::Skipped, "so may those of a ServiceAccount that is not here");
}

/// The Role that klag-exporter's guide to high availability shows has get, create and update, and its library patches.
#[test]
fn klag_exporter_needs_patch() {
    let config = |text: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "klag", "namespace": "shop"}, "data": {"config.toml": text}});
    let set = |text: &str, verbs: &[&str]| {
        let mut it = deployment(SHOP, "payments", &["--config", "/etc/klag/config.toml"]);
        let pod = &mut it["spec"]["template"]["spec"];
        pod["volumes"] = json!([{"name": "config", "configMap": {"name": "klag"}}]);
        pod["containers"][0]["volumeMounts"] = json!([{"name": "config", "mountPath": "/etc/klag"}]);
        vec![it, config(text), role(SHOP, "klag", json!([leases(verbs)])), binding(SHOP, "klag", "payments")]
    };
    let on =
        "[exporter]\n[exporter.leadership]\nenabled = true # two replicas\nlease_namespace = \"shop\"\n[[clusters]]\n";
    lacks(
        set(on, &["get", "create", "update"]),
        "Role/klag",
        "may not patch leases in shop, as kube-lease-manager",
        Severity::Error,
    );
    assert_eq!(outcome("HA0301", &set(on, &["get", "create", "patch"])), Outcome::Pass);
    let elsewhere = on.replace("lease_namespace = \"shop\"\n", "");
    lacks(set(&elsewhere, &["get", "create", "patch"]), "Role/klag", "the Lease is in default", Severity::Error);
    let off = on.replace("true", "false");
    assert!(silent(&set(&off, &[])));
}

/// Programs without flags, and several elections in one Pod.
#[test]
fn all_elections_of_a_pod_are_asked_for_once() {
    let bound = |deployment: Json| {
        vec![deployment, role(SHOP, "lead", json!([leases(&["get", "create"])])), binding(SHOP, "lead", "payments")]
    };
    let with = |containers: Json| {
        let mut it = deployment(SHOP, "payments", &[]);
        it["spec"]["template"]["spec"]["containers"] = containers;
        bound(it)
    };
    let sidecar = |name: &str| json!({"name": name, "image": name, "args": ["--leader-election"]});
    lacks(
        with(json!([sidecar("csi-attacher"), sidecar("csi-resizer")])),
        "Role/lead",
        "may not update",
        Severity::Error,
    );
    let variable = json!([{"name": "a", "image": "a", "env": [{"name": "LEADER_ELECT", "value": "true"}]}]);
    lacks(with(variable), "Role/lead", "(LEADER_ELECT=true)", Severity::Error);
    let known = json!([{"name": "a", "image": "aws-load-balancer-controller:v2"}]);
    lacks(with(known), "Role/lead", "unless it is told not to", Severity::Error);
    // Each of two Leases that lie in different namespaces has its own answer.
    let elsewhere = json!({"name": "b", "image": "b", "args": ["--leader-elect", "--leader-election-namespace=other"]});
    let two = with(json!([sidecar("csi-attacher"), elsewhere]));
    assert_eq!(said("HA0301", &two, |verdicts| failed(verdicts).len()), 2);
    let old =
        json!([{"name": "a", "image": "a", "args": ["--leader-elect", "--leader-elect-resource-lock=configmaps"]}]);
    assert!(silent(&with(old)), "its lock is no Lease");
}

/// It knows only what is applied: of roles that would be, it is not asked.
#[test]
fn the_api_server_is_not_asked_about_roles_that_are_not_applied() {
    let documents = [
        deployment(SHOP, "payments", &["--leader-elect"]),
        account(SHOP),
        role(SHOP, "lead", json!([all()])),
        binding(SHOP, "lead", "payments"),
    ];
    let (live, mut objects) = cluster(&documents);
    let asked = |objects: &[Object]| questions(&Scene::live(objects, &[], &live), objects).len();
    assert_eq!(asked(&objects), 3);
    let file = || Origin::File { path: "x.yaml".into(), source: None, mark: Mark::default() };
    objects[0].origin = file();
    assert_eq!(asked(&objects), 3, "rights are as they were");
    objects[2].origin = file();
    assert_eq!(asked(&objects), 0);
    let scene = Scene::live(&objects, &[], &live);
    let verdicts = judge(&scene, catalogue::named("HA0301"));
    let [verdict] = verdicts.as_slice() else { panic!("{verdicts:#?}") };
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", verdict.message);
}

/// The API server's word counts: with what is reckoned, without it, and against it.
#[test]
fn what_the_api_server_says_counts() {
    let documents = |verbs: &[&str]| {
        let elects = deployment(SHOP, "payments", &["--leader-elect"]);
        vec![elects, account(SHOP), role(SHOP, "lead", json!([leases(verbs)])), binding(SHOP, "lead", "payments")]
    };
    let judged = |verbs: &[&str], answer: bool, unread: &[Unread]| {
        let (live, objects) = cluster(&documents(verbs));
        let mut scene = Scene::live(&objects, unread, &live);
        let questions = questions(&scene, &objects);
        let asked: Vec<_> = questions.iter().map(|question| question.right.to_string()).collect();
        let rights =
            ["create", "get", "update"].map(|verb| format!("{verb} leases.coordination.k8s.io in namespace shop"));
        assert_eq!(asked, rights);
        let answers = questions.into_iter().map(|question| (question, answer)).collect();
        scene.answers = Some(&answers);
        let verdicts = judge(&scene, catalogue::named("HA0301"));
        let [verdict] = verdicts.as_slice() else { panic!("{verdicts:#?}") };
        (verdict.outcome, format!("{}: {}", verdict.spot.object.kind, verdict.message))
    };
    let enough = &["get", "create", "update"];
    assert_eq!(judged(enough, true, &[]).0, Outcome::Pass);
    // Another authorizer says yes, or a webhook no.
    assert_eq!(judged(&["get"], true, &[]).0, Outcome::Pass);
    let (outcome, message) = judged(enough, false, &[]);
    assert_eq!(outcome, Outcome::Fail);
    assert!(message.contains("another authorizer decides, too"), "{message}");
    // Both say no: what comes close is told.
    let (outcome, message) = judged(&[], false, &[]);
    assert!(outcome == Outcome::Fail && !message.contains("the API server says"), "{message}");
    let right = model::Right {
        verb: "list",
        group: "",
        resource: "roles",
        subresource: None,
        namespace: String::new(),
        name: None,
    };
    let unread = [Unread { kind: "Role", right, why: "forbidden".to_owned(), forbidden: true }];
    assert_eq!(judged(enough, true, &unread).0, Outcome::Pass);
    let (outcome, message) = judged(enough, false, &unread);
    assert_eq!(outcome, Outcome::Fail);
    assert!(message.starts_with("Deployment: ") && message.contains("its roles may not be read"), "{message}");
}

#[test]
fn who_goes_by_a_kubeconfig_is_not_judged_by_the_service_account() {
    let outcomes = |args: &[&str]| {
        let all = [
            deployment(SHOP, "payments", args),
            account(SHOP),
            role(SHOP, "other", leases(&["get"])),
            binding(SHOP, "other", "payments"),
        ];
        said("HA0301", &all, |verdicts| verdicts.iter().map(|verdict| verdict.outcome).collect::<Vec<_>>())
    };
    assert_eq!(outcomes(&["--leader-elect"]), [Outcome::Fail]);
    assert_eq!(outcomes(&["--leader-elect", "--kubeconfig="]), [Outcome::Fail], "an empty name is none");
    assert_eq!(outcomes(&["--leader-elect", "--kubeconfig=/etc/kc/kubeconfig"]), [Outcome::Skipped]);
    // And the API server is asked nothing about it.
    let asked = |args: &[&str]| {
        let objects = objects(&[deployment(SHOP, "payments", args), account(SHOP)]);
        questions(&Scene::new(&objects), &objects).len()
    };
    assert_eq!((asked(&["--leader-elect"]), asked(&["--leader-elect", "--kubeconfig=/etc/kc"])), (3, 0));
}

#[test]
fn the_api_server_is_not_asked_without_end() {
    let each = |number: usize| deployment(SHOP, &format!("account-{number}"), &["--leader-elect"]);
    let objects = objects(&(0..50).map(each).collect::<Vec<_>>());
    assert_eq!(questions(&Scene::new(&objects), &objects).len(), 60);
}
