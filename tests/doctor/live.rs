//! What happens now, with real electors: what is said of their rights is what they then do, and a leader that is gone is missed.

use std::time::Duration;

use super::{doctor, document, findings, results};
use crate::support::Testbed;
use crate::support::fixtures::elector_deployment;

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
