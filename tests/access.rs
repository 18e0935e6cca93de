//! Rights as hactl reckons them, and as Kubernetes does: its authorizer is asked the same of many policies, and a real API
//! server of one.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use hactl::access::{Account, Policy, Right, Scope};
use hactl::model::node::Node;
use hactl::model::object::{Object, Origin};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, PostParams};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use crate::support::{Testbed, block_on, programs, wait_until};

const GROUP: &str = "rbac.authorization.k8s.io";
const POLICIES: usize = 1500;
const QUESTIONS: usize = 12;

fn objects(documents: &[Json]) -> Vec<Object> {
    documents.iter().map(|document| Object::new(Node::from(document), Origin::Live).expect("an object")).collect()
}

/// What is asked of both.
#[derive(Clone, Debug)]
struct Question {
    account: (&'static str, &'static str),
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    /// Empty for the whole cluster.
    namespace: &'static str,
    name: &'static str,
}

impl Question {
    fn by_hactl(&self, policy: &Policy<'_>) -> bool {
        let who = Account { scope: Scope::Namespace(self.account.0), name: self.account.1 };
        let scope = if self.namespace.is_empty() { Scope::Cluster } else { Scope::Namespace(self.namespace) };
        let Self { verb, group, resource, name, .. } = *self;
        policy
            .allows(who, &Right { verb, group, resource, scope, name: Some(name).filter(|name| !name.is_empty()) })
            .is_allowed()
    }

    fn json(&self) -> Json {
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        json!({
            "accountNamespace": self.account.0, "account": self.account.1, "verb": self.verb, "group": self.group,
            "resource": resource, "subresource": subresource, "namespace": self.namespace, "name": self.name,
        })
    }
}

const NAMESPACES: &[&str] = &["shop", "kube-system"];
const ACCOUNTS: &[&str] = &["payments", "cart"];
const ROLES: &[&str] = &["one", "two"];

/// Some of these words, in their order.
fn some(words: &'static [&'static str], least: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(words, least..=words.len())
}

fn rule() -> impl Strategy<Value = Json> {
    let names = prop_oneof![3 => Just(Vec::new()), 1 => some(&["payments", "cart", ""], 1)];
    let verbs = prop_oneof![2 => some(&["get", "create", "update", "patch"], 1), 1 => Just(vec!["*"])];
    let groups = prop_oneof![2 => some(&["coordination.k8s.io", ""], 1), 1 => Just(vec!["*"])];
    let resources = some(&["leases", "leases/status", "*/status", "configmaps", "/status", "*/"], 1);
    let resources = prop_oneof![4 => resources, 1 => Just(vec!["*"]), 1 => Just(vec!["*/status"])];
    (verbs, groups, resources, names).prop_map(|(verbs, groups, resources, names)| {
        let mut rule = json!({"verbs": verbs, "apiGroups": groups, "resources": resources});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rule
    })
}

fn subject() -> impl Strategy<Value = Json> {
    let account = (select(ACCOUNTS), prop_oneof![select(NAMESPACES).prop_map(Some), Just(None), Just(Some(""))]);
    let group = select(vec![
        "system:serviceaccounts",
        "system:serviceaccounts:shop",
        "system:serviceaccounts:",
        "system:authenticated",
        "system:masters",
        "system:serviceaccountsx",
        "payments",
    ]);
    let user = select(vec![
        "system:serviceaccount:shop:payments",
        "system:serviceaccount:kube-system:cart",
        "system:serviceaccount:shop",
        "payments",
        "system:serviceaccount:shop:payments:x",
    ]);
    prop_oneof![
        4 => account.prop_map(|(name, namespace)| match namespace {
            Some(namespace) => json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}),
            None => json!({"kind": "ServiceAccount", "name": name}),
        }),
        1 => group.prop_map(|name| json!({"kind": "Group", "apiGroup": GROUP, "name": name})),
        1 => user.prop_map(|name| json!({"kind": "User", "apiGroup": GROUP, "name": name})),
        1 => Just(json!({"kind": "serviceaccount", "name": "payments", "namespace": "shop"})),
    ]
}

fn object(kind: &'static str) -> impl Strategy<Value = Json> {
    let content = if kind.ends_with("Binding") {
        let role = (select(vec!["Role", "ClusterRole", "Role", "ClusterRole", "role"]), select(ROLES));
        let subjects = proptest::collection::vec(subject(), 0..4);
        (role, subjects)
            .prop_map(|((kind, name), subjects)| {
                json!({"roleRef": {"apiGroup": GROUP, "kind": kind, "name": name}, "subjects": subjects})
            })
            .boxed()
    } else {
        proptest::collection::vec(rule(), 0..4).prop_map(|rules| json!({"rules": rules})).boxed()
    };
    (content, select(ROLES), select(NAMESPACES)).prop_map(move |(mut content, name, namespace)| {
        content["apiVersion"] = json!(format!("{GROUP}/v1"));
        content["kind"] = json!(kind);
        content["metadata"] = json!({"name": name});
        if !kind.starts_with("Cluster") {
            content["metadata"]["namespace"] = json!(namespace);
        }
        content
    })
}

fn question() -> impl Strategy<Value = Question> {
    let right = (
        select(vec!["get", "create", "update", "patch", "list"]),
        select(vec!["coordination.k8s.io", "", "apps"]),
        select(vec!["leases", "leases", "leases/status", "configmaps", "configmaps/status"]),
    );
    let place = (select(vec!["shop", "shop", "kube-system", ""]), select(vec!["payments", "cart", ""]));
    (select(NAMESPACES), select(ACCOUNTS), right, place).prop_map(
        |(own, account, (verb, group, resource), (namespace, name))| Question {
            account: (own, account),
            verb,
            group,
            resource,
            namespace,
            name,
        },
    )
}

const KINDS: [(&str, &str); 4] = [
    ("Role", "roles"),
    ("RoleBinding", "roleBindings"),
    ("ClusterRole", "clusterRoles"),
    ("ClusterRoleBinding", "clusterRoleBindings"),
];

/// What the authorizer of the API server says.
fn by_kubernetes(policies: &[Json]) -> Vec<Vec<bool>> {
    let mut authorize = Command::new(programs::go().join("authorize"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the authorizer starts");
    let mut stdin = authorize.stdin.take().expect("its standard input");
    stdin.write_all(&serde_json::to_vec(policies).expect("JSON")).expect("it reads");
    drop(stdin);
    let output = authorize.wait_with_output().expect("it ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("its answers")
}

#[test]
fn rights_are_those_that_the_authorizer_of_kubernetes_finds() {
    let mut runner = TestRunner::deterministic();
    let one_of =
        prop_oneof![object("Role"), object("RoleBinding"), object("ClusterRole"), object("ClusterRoleBinding")];
    let policy = (proptest::collection::vec(one_of, 6..24), proptest::collection::vec(question(), QUESTIONS));
    let (mut asked, mut ours, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..POLICIES {
        let (mut documents, questions) = policy.new_tree(&mut runner).expect("a policy").current();
        // Objects of one kind, namespace and name are one object.
        let mut seen = std::collections::HashSet::new();
        documents.retain(|object| seen.insert((object["kind"].clone(), object["metadata"].clone())));
        let mut json = json!({"questions": questions.iter().map(Question::json).collect::<Vec<_>>()});
        for (kind, plural) in KINDS {
            json[plural] = documents.iter().filter(|object| object["kind"] == kind).cloned().collect();
        }
        let all = objects(&documents);
        let policy = Policy::new(&all);
        ours.push(questions.iter().map(|question| question.by_hactl(&policy)).collect::<Vec<_>>());
        asked.push(json);
        told.push(questions);
    }
    let theirs = by_kubernetes(&asked);
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        for (question, (ours, theirs)) in told[at].iter().zip(ours.iter().zip(theirs)) {
            assert_eq!(ours, theirs, "{question:?}\n{:#}", asked[at]);
        }
    }
    let (all, allowed) = (POLICIES * QUESTIONS, theirs.iter().flatten().filter(|yes| **yes).count());
    assert!(allowed > all / 50 && allowed < all / 2, "{allowed} of {all} are allowed: neither answer may be rare");
}

/// What a namespace of the real server is filled with: `NAMESPACE` stands for its name, which is also part of the names of
/// whatever stands in no namespace.
fn real(namespace: &str) -> Vec<Json> {
    let rule = |verbs: &[&str], resource: &str| json!({"apiGroups": ["coordination.k8s.io"], "resources": [resource], "verbs": verbs});
    let role = |kind: &str, name: &str, rules: Json| json!({"apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": {"name": name}, "rules": rules});
    let binding = |kind: &str, name: &str, role: (&str, &str), subject: Json| {
        json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": {"name": name},
            "roleRef": {"apiGroup": GROUP, "kind": role.0, "name": role.1}, "subjects": [subject],
        })
    };
    let account = |name: &str| json!({"kind": "ServiceAccount", "namespace": namespace, "name": name});
    let group = |name: String| json!({"kind": "Group", "apiGroup": GROUP, "name": name});
    let named = |name: &str| format!("{namespace}-{name}");
    let mut by_name = rule(&["get", "create", "update"], "leases");
    by_name["resourceNames"] = json!(["payments"]);
    let mut leaf = role("ClusterRole", &named("leaf"), json!([rule(&["patch"], "leases")]));
    leaf["metadata"]["labels"] = json!({"part-of": namespace});
    let mut top = role("ClusterRole", &named("top"), json!([]));
    top["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"part-of": namespace}}]});
    vec![
        role("Role", "by-name", json!([by_name])),
        binding("RoleBinding", "by-name", ("Role", "by-name"), account("payments")),
        role("Role", "status", json!([rule(&["update"], "*/status")])),
        binding("RoleBinding", "status", ("Role", "status"), group(format!("system:serviceaccounts:{namespace}"))),
        leaf,
        top,
        binding("RoleBinding", "top", ("ClusterRole", &named("top")), account("cart")),
        role("ClusterRole", &named("list"), json!([rule(&["list"], "leases")])),
        binding("ClusterRoleBinding", &named("list"), ("ClusterRole", &named("list")), account("payments")),
        binding("RoleBinding", "dangling", ("Role", "nothing"), account("cart")),
        binding("RoleBinding", "all", ("ClusterRole", "cluster-admin"), account("root")),
        binding("RoleBinding", "view", ("ClusterRole", "view"), account("viewer")),
    ]
}

#[test]
fn rights_are_those_that_a_real_api_server_reviews() {
    let namespace = Testbed::shared().namespace("access");
    let client = namespace.testbed().client();
    let mut documents = real(namespace.name());
    for document in &mut documents {
        let kind = document["kind"].as_str().expect("a kind").to_owned();
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(GROUP, "v1", &kind));
        let api: Api<DynamicObject> = if kind.starts_with("Cluster") {
            Api::all_with(client.clone(), &resource)
        } else {
            document["metadata"]["namespace"] = json!(namespace.name());
            Api::namespaced_with(client.clone(), namespace.name(), &resource)
        };
        let object: DynamicObject = serde_json::from_value(document.clone()).expect("an object");
        block_on(api.create(&PostParams::default(), &object)).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    let review = async |account: &str, right: &Right<'_>, place: &str| {
        let (resource, subresource) = right.resource.split_once('/').unwrap_or((right.resource, ""));
        let review: SubjectAccessReview = serde_json::from_value(json!({"spec": {
            "user": format!("system:serviceaccount:{}:{account}", namespace.name()),
            "groups": ["system:serviceaccounts", format!("system:serviceaccounts:{}", namespace.name()), "system:authenticated"],
            "resourceAttributes": {
                "verb": right.verb, "group": right.group, "resource": resource, "subresource": subresource,
                "namespace": place, "name": right.name.unwrap_or_default(),
            },
        }}))
        .expect("a review");
        let answer = Api::all(client.clone()).create(&PostParams::default(), &review).await.expect("an answer");
        answer.status.expect("a status").allowed
    };
    let own = Scope::Namespace(namespace.name());
    let patch =
        Right { verb: "patch", group: "coordination.k8s.io", resource: "leases", scope: own, name: Some("payments") };
    wait_until(Duration::from_secs(20), "the controller has filled the aggregating role", async || {
        review("cart", &patch, namespace.name()).await.then_some(())
    });
    let all = objects(&documents);
    let policy = Policy::new(&all);
    let (mut yes, mut no) = (0, 0);
    for account in ["payments", "cart", "viewer", "root", "nobody"] {
        for verb in ["get", "create", "update", "patch", "list"] {
            for resource in ["leases", "leases/status"] {
                for place in [namespace.name(), "default", ""] {
                    for name in [None, Some("payments"), Some("cart")] {
                        let scope = if place.is_empty() { Scope::Cluster } else { Scope::Namespace(place) };
                        let right = Right { verb, resource, scope, name, ..patch };
                        let ours = policy.allows(Account { scope: own, name: account }, &right);
                        let theirs = block_on(review(account, &right, place));
                        // `view` says something of the status of other resources, in other versions perhaps of this one.
                        if account != "viewer" || resource == "leases" {
                            assert_eq!(ours.is_allowed(), theirs, "{account} {right:?}: {ours:?}");
                        }
                        if theirs { yes += 1 } else { no += 1 }
                    }
                }
            }
        }
    }
    assert!(yes > 20 && no > 100, "{yes} yes, {no} no");
}
