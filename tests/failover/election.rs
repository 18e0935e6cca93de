//! With the values of a real Election: what is known of it, what is inferred, and what the flags say instead.

use std::future::ready;
use std::time::Duration;

use serde_json::{Value, json};

use super::warnings;
use crate::support::fixtures::elector_deployment;
use crate::support::ill::{Server, healthy};
use crate::support::{Testbed, hactl, wait_until};

#[test]
fn the_values_of_an_election_stand_where_no_flag_does() {
    let namespace = Testbed::shared().namespace("failover");
    elector_deployment("payments", "client-go", 3).quick().apply(&namespace);
    let run = |args: &[&str]| {
        let out = hactl()
            .args(["failover", "--trials", "500", "-o", "json"])
            .args(args)
            .kubeconfig(namespace.kubeconfig())
            .run();
        (out.code == Some(0)).then(|| serde_json::from_str::<Value>(&out.stdout).expect("JSON"))
    };
    let settled = || run(&["lease/payments"]).filter(|document| document["parameters"]["standbys"] == 2);
    let document = wait_until(Duration::from_secs(60), "three replicas have elected", || ready(settled()));
    assert_eq!(document["election"], json!({"namespace": namespace.name(), "lease": "payments"}));
    assert_eq!((&document["context"], &document["parameters"]["elector"]), (&json!("testbed"), &json!("client-go")));
    let parameters = &document["parameters"];
    assert_eq!(
        (&parameters["leaseDurationSeconds"], &parameters["sources"]["leaseDurationSeconds"]),
        (&json!(4), &json!("lease"))
    );
    assert_eq!(
        (&parameters["retryPeriodSeconds"], &parameters["sources"]["retryPeriodSeconds"]),
        (&json!(1), &json!("env"))
    );
    let flags = run(&["deploy/payments", "--lease-duration", "6s", "--standbys", "1"]).expect("a simulation");
    let parameters = &flags["parameters"];
    assert_eq!(
        (&parameters["leaseDurationSeconds"], &parameters["sources"]["leaseDurationSeconds"]),
        (&json!(6), &json!("flag"))
    );
    assert_eq!(parameters["standbys"], 1);
    let compared = run(&["payments", "--compare", "15/10/2"]).expect("a comparison");
    let leases: Vec<_> = compared["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["parameters"]["leaseDurationSeconds"])
        .collect();
    assert_eq!(leases, [&json!(4), &json!(15)], "what there is now comes first");
    assert!(!warnings(&document).contains(&"inferred"), "everything is known: {:?}", warnings(&document));
}

#[test]
fn an_election_that_cannot_be_found_or_recognised() {
    let server = Server::https(|path, _| healthy(path));
    let run = |args: &[&str]| hactl().args(["failover"]).args(args).kubeconfig(server.kubeconfig()).run();
    let lost = run(&["payment"]);
    assert_eq!((lost.code, lost.stdout.as_str()), (Some(2), ""));
    assert!(lost.stderr.contains("hint: did you mean lease/payments?"), "{}", lost.stderr);
    let unknown = run(&["payments"]);
    assert_eq!(unknown.code, Some(2), "{unknown:#?}");
    assert!(unknown.stderr.contains("name one that it is like with --elector"), "{}", unknown.stderr);
    let named = run(&["payments", "--elector", "client-go", "--trials", "100"]);
    assert_eq!(named.code, Some(0), "{named:#?}");
    let nobody = hactl().args(["failover", "payments"]).run();
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(3), ""), "no cluster is no simulation");
}
