//! What happens now, with real electors: what is said of their rights is what they then do, and a leader that is gone is missed.

use std::time::Duration;

use k8s_openapi::api::rbac::v1::Role;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::{doctor, document, findings, results};
use crate::support::fixtures::elector_deployment;
use crate::support::{Testbed, block_on};

const SOON: Duration = Duration::from_secs(60);

#[test]
fn rights_are_judged_as_the_electors_then_fare() {
    let namespace = Testbed::shared().namespace("fares");
    let electors = [("manager", true), ("kube-lease-manager-0.13", true), ("client-go", false)];
    for (image, may) in electors {
        let name = image.split('-').next().expect("a word");
        let deployment = elector_deployment(name, image, 2).args(["--leader-elect"]);
        if may { deployment } else { deployment.without_rights() }.apply(&namespace);
    }
    for name in ["manager", "kube"] {
        namespace.wait_ready(name, 2, SOON);
        namespace.wait_leader(name, SOON);
        let one = document(&doctor(&namespace, &[&format!("deploy/{name}"), "-o", "json"]));
        let errors: Vec<_> = results(&one)
            .iter()
            .filter(|result| result["outcome"] == "fail" && result["severity"] == "error")
            .collect();
        assert!(errors.is_empty(), "{name} leads: {errors:#?}");
        // By the Lease it is known which library has written it, whatever the flags look like.
        assert!(!findings(&one).iter().any(|finding| finding.starts_with("HA0301")), "{one:#}");
        let led = results(&one).iter().find(|result| result["id"] == "HA0901");
        assert!(led.is_some_and(|result| result["outcome"] == "pass"), "{one:#}");
    }
    namespace.wait_for(SOON, "its Pods run", || (namespace.pods("client").len() == 2).then_some(()));
    assert!(namespace.lease("client").is_none(), "who may not elect has made no Lease");
    let refused = document(&doctor(&namespace, &["deploy/client", "-o", "json"]));
    assert!(findings(&refused).iter().any(|finding| finding.starts_with("HA0301 ")), "{refused:#}");
}

/// Nothing in its manifest says that it elects: its Lease does.
#[test]
fn whoever_holds_a_lease_is_judged_though_nothing_says_that_it_elects() {
    let namespace = Testbed::shared().namespace("silent");
    elector_deployment("silent", "kube-lease-manager-0.13", 1).apply(&namespace);
    namespace.wait_leader("silent", SOON);
    let judged = |args: &[&str]| document(&doctor(&namespace, &[&["deploy/silent", "-o", "json"], args].concat()));
    let before = findings(&judged(&[]));
    assert!(before.contains(&"HA0103 Deployment/silent".to_owned()), "{before:?}");
    assert!(!before.iter().any(|finding| finding.starts_with("HA0301")), "{before:?}");
    let rules = json!([{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create"]}]);
    let less = Patch::Merge(json!({"rules": rules}));
    block_on(namespace.api::<Role>().patch("silent", &PatchParams::default(), &less)).expect("patched");
    // The API server's own authorizer sees the change a moment later.
    let refused = namespace.wait_for(SOON, "the rights are missed", || {
        let all = judged(&[]);
        let lacks = |result: &&serde_json::Value| result["id"] == "HA0301" && result["outcome"] == "fail";
        results(&all).iter().find(lacks).cloned()
    });
    assert_eq!(refused["severity"], "error", "{refused:#}");
    assert!(refused["message"].as_str().is_some_and(|it| it.contains("holds lease/silent")), "{refused:#}");
}
