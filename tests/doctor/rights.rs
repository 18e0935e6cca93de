//! What may not be read, and servers that do not answer.

use serde_json::json;

use super::{apply, document, findings, results, troubled};
use crate::support::gate::{Act, Gate};
use crate::support::{Testbed, hactl};

#[test]
fn a_check_that_may_not_look_is_unknown_and_names_the_right() {
    let namespace = Testbed::shared().namespace("looks");
    apply(&namespace, troubled("payments"));
    let forbid = |path: &'static [&'static str]| {
        move |asked: &crate::support::gate::Asked| {
            let plural = asked.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            if path.contains(&plural) {
                Act::Answer(403, "roles is forbidden: User \"x\" cannot list resource")
            } else {
                Act::Pass
            }
        }
    };
    let gate = Gate::before(namespace.testbed().access(), forbid(&["roles", "subjectaccessreviews"]));
    let run = |args: &[&str]| hactl().args(["doctor"]).args(args).kubeconfig(gate.kubeconfig(&namespace)).run();
    let out = run(&["deploy/payments", "-o", "json", "--select", "HA03"]);
    assert_eq!(out.code, Some(3), "unknown without findings: {out:#?}");
    let told = document(&out);
    let unknown: Vec<_> = results(&told).iter().filter(|result| result["outcome"] == "unknown").collect();
    let wanted = format!(
        "not known: the right to list roles.rbac.authorization.k8s.io in namespace {} is missing",
        namespace.name()
    );
    assert!(unknown.iter().any(|result| result["id"] == "HA0301"), "{told:#}");
    assert!(unknown.iter().all(|result| result["message"] == json!(wanted)), "{told:#}");
    assert!(results(&told).iter().all(|result| result["outcome"] != "pass"), "{told:#}");
    // What needs no roles is judged all the same, and findings win.
    let whole = run(&["deploy/payments", "-o", "json"]);
    assert_eq!(whole.code, Some(1), "{whole:#?}");
    assert!(findings(&document(&whole)).contains(&"HA0201 PodDisruptionBudget/payments".to_owned()), "{whole:#?}");
    // The API server knows without roles.
    let gate = Gate::before(namespace.testbed().access(), forbid(&["roles"]));
    let told = hactl().args(["doctor", "deploy/payments", "--select", "HA0301", "-o", "json"]);
    let told = document(&told.kubeconfig(gate.kubeconfig(&namespace)).run());
    assert_eq!(findings(&told), ["HA0301 Deployment/payments"]);
    let told = &results(&told)[0]["message"];
    assert!(told.as_str().is_some_and(|why| why.contains("so the API server says")), "{told}");
    // And the roles tell without it.
    let gate = Gate::before(namespace.testbed().access(), forbid(&["subjectaccessreviews"]));
    let reckoned = hactl().args(["doctor", "-o", "json"]).kubeconfig(gate.kubeconfig(&namespace)).run();
    let asked = hactl().args(["doctor", "-o", "json"]).kubeconfig(namespace.kubeconfig()).run();
    assert_eq!(findings(&document(&reckoned)), findings(&document(&asked)));
    let table = run(&["deploy/payments", "--select", "HA0301"]);
    let words = table.stdout.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{2014}', "-");
    let told = format!("{} - HA0301 1 unknown", wanted.replacen(':', "", 1));
    assert!(words.starts_with(&told), "{table:#?}");
}

#[test]
fn nothing_that_could_be_read_is_a_failure_with_its_reason() {
    let namespace = Testbed::shared().namespace("looks");
    let forbidden = "pods is forbidden: User \"x\" cannot list resource \"pods\"";
    for (act, words) in [
        (Act::Answer(403, forbidden), "forbidden by the API server"),
        (Act::Answer(401, "Unauthorized"), "does not accept these credentials"),
        (Act::HangBefore, "did not answer within"),
        (Act::ResetBefore, "cannot reach the API server"),
    ] {
        let gate = Gate::before(namespace.testbed().access(), move |_| act.clone());
        let args = ["doctor", "--request-timeout", "2s"];
        let out = hactl().args(args).kubeconfig(gate.kubeconfig(&namespace)).run();
        assert_eq!((out.code, out.stdout.as_str()), (Some(3), ""), "{out:#?}");
        assert!(out.stderr.starts_with("error: ") && out.stderr.contains(words), "{out:#?}");
    }
}
