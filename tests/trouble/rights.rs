//! The real API server refuses: a part of what is asked, or all of it.

use std::path::PathBuf;
use std::time::Duration;

use hactl::error::Exit;
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Api;
use kube::api::PostParams;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{AT_ONCE, failed, status};
use crate::support::ill::{config, file};
use crate::support::{Namespace, Output, Testbed, block_on, wait_until};

/// How long a right may take until the API server knows of it.
const KNOWN_SOON: Duration = Duration::from_secs(10);

/// A namespace with one Lease, `payments`, that `someone` holds.
fn namespace() -> Namespace<'static> {
    let namespace = Testbed::shared().namespace("rights");
    create::<Lease>(
        &namespace,
        json!({
            "metadata": {"name": "payments"},
            "spec": {
                "holderIdentity": "someone", "leaseDurationSeconds": 3600, "leaseTransitions": 2,
                "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": now(),
            },
        }),
    );
    namespace
}

#[expect(clippy::disallowed_methods, reason = "tests live in real time")]
fn now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}

fn create<K>(namespace: &Namespace, object: Value)
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned,
    K: serde::Serialize + std::fmt::Debug,
    K::DynamicType: Default,
{
    let object = serde_json::from_value::<K>(object).expect("an object of this kind");
    block_on(namespace.api::<K>().create(&PostParams::default(), &object)).expect("the administrator may create it");
}

/// The kubeconfig of an account that may do with Leases what `verbs` say, with some of them if `only` names them.
fn account(namespace: &Namespace, name: &str, verbs: &[&str], only: &[&str]) -> PathBuf {
    let metadata = json!({ "name": name });
    create::<ServiceAccount>(namespace, json!({ "metadata": metadata }));
    if !verbs.is_empty() {
        let rule = json!({
            "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs, "resourceNames": only,
        });
        create::<Role>(namespace, json!({"metadata": metadata, "rules": [rule]}));
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
        let subject = json!({"kind": "ServiceAccount", "name": name, "namespace": namespace.name()});
        create::<RoleBinding>(namespace, json!({"metadata": metadata, "roleRef": role, "subjects": [subject]}));
        let review = json!({"spec": {
            "user": user(namespace, name),
            "resourceAttributes": {
                "namespace": namespace.name(), "group": "coordination.k8s.io", "resource": "leases",
                "verb": verbs[0], "name": only.first(),
            },
        }});
        let review: SubjectAccessReview = serde_json::from_value(review).expect("a review");
        let reviews = Api::all(namespace.testbed().client());
        wait_until(KNOWN_SOON, "the account's rights", || async {
            let answer = reviews.create(&PostParams::default(), &review).await.ok()?;
            answer.status?.allowed.then_some(())
        });
    }
    namespace.kubeconfig_as(name)
}

fn user(namespace: &Namespace, name: &str) -> String {
    format!("system:serviceaccount:{}:{name}", namespace.name())
}

/// The one Election of a document, and what must be said of it whoever asks.
#[track_caller]
fn payments(output: &Output, namespace: &Namespace) -> Value {
    let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:#?}"));
    let items = document["items"].as_array().expect("a list");
    let [item] = items.as_slice() else { panic!("one Election, not {items:#?}") };
    let seen = [&item["namespace"], &item["lease"], &item["holder"]["identity"], &item["transitions"]];
    assert_eq!(seen, [&json!(namespace.name()), &json!("payments"), &json!("someone"), &json!(2)]);
    item.clone()
}

#[test]
fn a_namespace_that_may_not_be_read() {
    let namespace = namespace();
    let kubeconfig = account(&namespace, "nobody", &[], &[]);
    let sentence = format!(
        "forbidden by the API server {} (context testbed): leases.coordination.k8s.io is forbidden: \
         User \"{}\" cannot list resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"{}\"",
        namespace.testbed().access().server,
        user(&namespace, "nobody"),
        namespace.name(),
    );
    for args in [&[][..], &["--exit-code"], &["-o", "json"]] {
        failed(&status("5s").args(args).kubeconfig(&kubeconfig).run(), Exit::Unknown, &sentence, AT_ONCE);
    }
    // Who follows may hear of other kinds first.
    let followed = status("5s").args(["-w"]).kubeconfig(&kubeconfig).run();
    assert_eq!((followed.code, followed.stdout.as_str()), (Some(3), ""), "{followed:#?}");
    assert!(followed.stderr.contains(&format!("error: {sentence}\n hint: ")), "{followed:#?}");
    let everywhere = status("5s").args(["-A"]).kubeconfig(&kubeconfig).run();
    let sentence = sentence.split(" in the namespace").next().expect("a first part");
    failed(&everywhere, Exit::Unknown, &format!("{sentence} at the cluster scope"), AT_ONCE);
}

#[test]
fn leases_alone_may_be_read() {
    let namespace = namespace();
    let kubeconfig = account(&namespace, "reader", &["list", "get"], &[]);
    let run = |more: &[&str]| status("5s").args(["-o", "json"]).args(more).kubeconfig(&kubeconfig).run();
    let output = run(&[]);
    let item = payments(&output, &namespace);
    assert_eq!((output.code, &item["health"], &item["candidates"]), (Some(0), &json!("Healthy"), &json!([])));
    let reasons: Vec<_> = item["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(reasons.iter().any(|reason| reason.contains("pods") || reason.contains("Pods")), "{reasons:?}");
    // One warning for each kind, with the right that is missing.
    let mut warned: Vec<_> =
        output.stderr.lines().map(|line| line.split(" could not").next().unwrap_or(line)).collect();
    warned.sort_unstable();
    let kinds = ["deployments.apps", "nodes", "pods", "statefulsets.apps"];
    assert_eq!(warned, kinds.map(|kind| format!("warning: {kind}")), "{output:#?}");
    let who = format!("could not be read: forbidden: User \"{}\" cannot list resource", user(&namespace, "reader"));
    assert!(output.stderr.lines().all(|line| line.contains(&who)), "{output:#?}");
    assert!(output.elapsed < AT_ONCE, "{output:#?}");
    // Who asks for the code learns that a part was not seen.
    let output = run(&["--exit-code"]);
    payments(&output, &namespace);
    assert_eq!(output.code, Some(3), "{output:#?}");
}

#[test]
fn one_lease_may_be_read_by_its_name() {
    let namespace = namespace();
    let kubeconfig = account(&namespace, "one", &["get"], &["payments"]);
    for target in ["lease/payments", "payments"] {
        let output = status("5s").args([target, "-o", "json"]).kubeconfig(&kubeconfig).run();
        let item = payments(&output, &namespace);
        assert_eq!((output.code, &item["health"]), (Some(0), &json!("Healthy")), "{output:#?}");
        assert!(output.elapsed < AT_ONCE, "{output:#?}");
    }
    let output = status("5s").args(["lease/other"]).kubeconfig(&kubeconfig).run();
    let sentence = format!(
        "forbidden by the API server {} (context testbed): leases.coordination.k8s.io \"other\" is forbidden: \
         User \"{}\" cannot get resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"{}\"",
        namespace.testbed().access().server,
        user(&namespace, "one"),
        namespace.name(),
    );
    failed(&output, Exit::Unknown, &sentence, AT_ONCE);
}

#[test]
fn acting_as_someone_else_without_the_right_to() {
    let namespace = namespace();
    let kubeconfig = account(&namespace, "actor", &["list", "get"], &[]);
    let output = status("5s").args(["--as", "boss"]).kubeconfig(&kubeconfig).run();
    let first = output.stderr.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let server = &namespace.testbed().access().server;
    // The server's own words for the right that is missing are newer than some servers.
    assert!(first.starts_with(&format!("forbidden by the API server {server} (context testbed): ")), "{output:#?}");
    let who = format!("User \"{}\" cannot impersonate", user(&namespace, "actor"));
    assert!(first.contains(&who), "{output:#?}");
    failed(&output, Exit::Unknown, &first, AT_ONCE);
    // Whoever has said --as is not told to try it.
    assert!(output.stderr.contains(" hint: ") && !output.stderr.contains("someone else with --as"), "{output:#?}");
    // The administrator may, and then sees what the other sees.
    let output = status("5s").args(["--as", "boss", "--as-group", "g"]).kubeconfig(namespace.kubeconfig()).run();
    let who = "leases.coordination.k8s.io is forbidden: User \"boss\" cannot list resource";
    assert!(output.stderr.contains(who), "{output:#?}");
    assert_eq!((output.code, output.stdout.as_str()), (Some(3), ""), "{output:#?}");
}

#[test]
fn credentials_that_are_wrong_and_credentials_that_are_none() {
    let namespace = namespace();
    let access = namespace.testbed().access();
    let run = |user: Value| {
        let mut config = config(&access.server);
        config["clusters"][0]["cluster"]["certificate-authority"] = json!(access.ca_file);
        config["users"][0]["user"] = user;
        status("5s").kubeconfig(file(&config)).run()
    };
    let sentence = format!("the API server {} (context ill) does not accept these credentials", access.server);
    failed(&run(json!({"token": "not-the-servers"})), Exit::Unknown, &sentence, AT_ONCE);
    // A login plugin may end well and have nothing to give.
    let version = "client.authentication.k8s.io/v1";
    let nothing = format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","status":{{}}}}"#);
    let plugin = json!({"apiVersion": version, "interactiveMode": "Never", "command": "echo", "args": [nothing]});
    let sentence = format!(
        "the API server {} (context ill) was asked without credentials and refuses: leases.coordination.k8s.io is \
         forbidden: User \"system:anonymous\" cannot list resource \"leases\" in API group \"coordination.k8s.io\" \
         in the namespace \"default\"",
        access.server,
    );
    for user in [json!({}), json!({ "exec": plugin })] {
        failed(&run(user), Exit::Unknown, &sentence, AT_ONCE);
    }
}
