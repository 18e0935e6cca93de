//! Several settings: side by side, along a range, and those that meet a target.

use super::{assert_between, failover, number, simulated};

#[test]
fn settings_stand_side_by_side() {
    let document = simulated("--trials 2000 --compare 15/10/2,137/107/26,kube-lease-manager@0.8:15/5,kubert");
    let items = document["items"].as_array().expect("items");
    let electors: Vec<_> = items.iter().map(|item| &item["parameters"]["elector"]).collect();
    assert_eq!(electors, ["client-go", "client-go", "kube-lease-manager@0.8", "kubert"]);
    assert_between(&items[1], "/tolerates/apiOutageSeconds", 104.0, 104.0);
    let table = failover("--trials 500 --compare 15/10/2,30/5").stdout;
    for part in ["client-go ", " 15s/10s/2s ", "kube-lease-manager ", " 30s/5s "] {
        assert!(table.contains(part), "{table}");
    }
}

#[test]
fn a_longer_lease_costs_more_and_bears_more() {
    let document = simulated("--trials 2000 --sweep lease-duration=5s..60s");
    let items = document["items"].as_array().expect("items");
    assert_eq!((items.len(), &document["swept"]), (12, &serde_json::json!("lease-duration")));
    let medians: Vec<_> = items.iter().map(|item| number(item, "/outageSeconds/p50")).collect();
    assert!(medians.is_sorted(), "{medians:?}");
    // What the library would not start with is named, and the others are played.
    let partly = simulated("--trials 200 --sweep lease-duration=8s..12s/1s --renew-deadline 9s");
    let refused = partly["refused"].as_array().expect("refused");
    assert_eq!((partly["items"].as_array().map(Vec::len), refused.len()), (Some(3), 2));
    assert!(refused[0]["reason"].as_str().is_some_and(|reason| reason.contains("renew deadline")));
}

#[test]
fn a_target_is_met_by_settings_that_no_other_beats() {
    let document = simulated("--trials 300 --rto 20s --quantile p95");
    let front = document["front"].as_array().expect("a front");
    assert!(front.len() >= 2, "{document:#}");
    for setting in front {
        assert_between(setting, "/outageSeconds", 0.0, 20.0);
        let [lease, deadline, retry] = ["leaseDurationSeconds", "renewDeadlineSeconds", "retryPeriodSeconds"]
            .map(|name| number(setting, &format!("/{name}")));
        assert!(lease > deadline + retry, "a setting that can make two leaders is never proposed: {setting}");
    }
    let beaten = |one: &serde_json::Value, other: &serde_json::Value| {
        let of = |setting, name: &str| number(setting, &format!("/{name}"));
        of(other, "apiOutageSeconds") >= of(one, "apiOutageSeconds")
            && of(other, "falseFailoversPerMonth") < of(one, "falseFailoversPerMonth")
            && of(other, "writesPerMinute") < of(one, "writesPerMinute")
    };
    assert!(front.iter().all(|one| !front.iter().any(|other| beaten(one, other))), "{front:#?}");
    let hopeless = failover("--trials 100 --rto 1s");
    assert_eq!(hopeless.code, Some(1), "the answer is no");
    assert!(
        hopeless.stdout.contains("none of the settings that were tried meets it: client-go 4s/2s/1s comes closest"),
        "{}",
        hopeless.stdout
    );
}
