//! The Role that a plan prints: enough, and with any part of it missing not enough, before anything is written.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

use super::{App, PATIENCE, SOON, document, facts};
use crate::support::fixtures::{create, elector_deployment};
use crate::support::{Namespace, block_on, hactl, wait_until};

/// How long a right may take until the API server knows of it.
const KNOWN_SOON: Duration = Duration::from_secs(10);

/// Gives an account exactly these rules, and waits until the server knows.
pub(super) fn account(namespace: &Namespace<'_>, name: &str, rules: &[Value]) -> PathBuf {
    let group = "rbac.authorization.k8s.io/v1";
    let metadata = json!({ "name": name });
    create(namespace, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
    create(namespace, json!({"apiVersion": group, "kind": "Role", "metadata": metadata, "rules": rules}));
    let subject = json!({"kind": "ServiceAccount", "name": name, "namespace": namespace.name()});
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    create(
        namespace,
        json!({"apiVersion": group, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": [subject]}),
    );
    let first = &rules[0];
    let review = json!({"spec": {
        "user": format!("system:serviceaccount:{}:{name}", namespace.name()),
        "resourceAttributes": {"namespace": namespace.name(), "group": first["apiGroups"][0], "resource": first["resources"][0],
                               "verb": first["verbs"][0], "name": first["resourceNames"][0]},
    }});
    let review: SubjectAccessReview = serde_json::from_value(review).expect("a review");
    let reviews = Api::all(namespace.testbed().client());
    wait_until(KNOWN_SOON, "the account's rights", || async {
        let answer = reviews.create(&PostParams::default(), &review).await.ok()?;
        answer.status?.allowed.then_some(())
    });
    namespace.kubeconfig_as(name)
}

fn forget(namespace: &Namespace<'_>, name: &str) {
    let params = DeleteParams::default();
    let _ = block_on(namespace.api::<RoleBinding>().delete(name, &params));
    let _ = block_on(namespace.api::<Role>().delete(name, &params));
    let _ = block_on(namespace.api::<ServiceAccount>().delete(name, &params));
}

/// The same rules without one verb of one of them: what is missing, and what is left.
fn each_without_one(rules: &[Value]) -> Vec<(String, String, Vec<Value>)> {
    let mut all = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let verbs = rule["verbs"].as_array().expect("verbs");
        for verb in verbs {
            let mut left = rules.to_vec();
            let others: Vec<_> = verbs.iter().filter(|other| *other != verb).cloned().collect();
            if others.is_empty() {
                left.remove(number);
            } else {
                left[number]["verbs"] = json!(others);
            }
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            all.push((text(verb), text(&rule["resources"][0]), left));
        }
    }
    all
}

/// Each method with exactly its Role, and with every part of it missing in turn.
fn with_exactly_its_role(method: &str) {
    let app = App::of(
        elector_deployment("app", "client-go", 3)
            .env("LEASE_DURATION", "6")
            .env("RENEW_DEADLINE", "4")
            .env("RETRY_PERIOD", "1"),
        3,
    );
    let ns = &app.namespace;
    let plan = document(&app.hactl(&["--method", method, "--dry-run=client", "-o", "json"]).run());
    let [role] = plan["roles"].as_array().expect("Roles").as_slice() else { panic!("one Role: {plan:#}") };
    let printed = app.hactl(&["--method", method, "--dry-run=client", "-o", "yaml"]).run().stdout;
    assert!(printed.contains("kind: Role\n") && printed.contains("rbac.authorization.k8s.io/v1"), "{printed}");
    let rules = role["rules"].as_array().expect("rules");

    let run = |kubeconfig: PathBuf| {
        let args = ["transfer", "lease/app", "--yes", "-o", "json", "--elector", "client-go:6/4/1", "--method", method];
        hactl().args(args).kubeconfig(kubeconfig).timeout(PATIENCE).run()
    };
    let before = facts(ns, "app");
    for (verb, resource, left) in each_without_one(rules) {
        let out = run(account(ns, "less", &left));
        let missing = format!("{verb} {resource}");
        assert_eq!(out.code, Some(10), "without {missing}: {out:#?}");
        assert!(out.stderr.contains(&verb) && out.stderr.contains(&resource), "without {missing}: {out:#?}");
        assert_eq!(document(&out)["outcome"], "refused", "without {missing}: {out:#?}");
        assert_eq!(facts(ns, "app"), before, "without {missing}");
        forget(ns, "less");
    }
    let out = run(account(ns, "enough", rules));
    assert_eq!(out.code, Some(0), "{rules:#?}: {out:#?}");
    let answer = document(&out);
    assert_eq!(answer["outcome"], "done", "{out:#?}");
    let leads = ns.wait_leader("app", SOON);
    assert_eq!(answer["leader"]["identity"], leads.as_str(), "{out:#?}");
    assert_ne!(leads, app.leader);
}

#[test]
fn evict_with_exactly_its_role() {
    with_exactly_its_role("evict");
}

#[test]
fn hand_over_with_exactly_its_role() {
    with_exactly_its_role("hand-over");
}
