//! Figures that were measured with the real libraries on a real API server, or follow from their source by arithmetic.

use super::{assert_between, number, simulated, warnings};

#[test]
fn client_go_crashes() {
    let one = simulated("");
    // The lease duration less a retry period, and plus 4.4 of them: 13 to 23.8 s; the mean is 17.356 s.
    assert_between(&one, "/takeoverSeconds/min", 13.0, 13.5);
    assert_between(&one, "/takeoverSeconds/max", 22.0, 23.8);
    assert_between(&one, "/takeoverSeconds/mean", 17.29, 17.43);
    assert_between(&one, "/overlapSeconds/max", 0.0, 0.0);
    assert_between(&one, "/tolerates/apiOutageSeconds", 8.0, 8.0);
    assert_eq!(one["tolerates"]["clockSkewSeconds"], "unlimited");
    assert_between(&one, "/cost/writesPerMinute", 30.0, 30.0);
    let two = simulated("--standbys 2");
    assert_between(&two, "/takeoverSeconds/mean", 16.45, 16.6);
}

#[test]
fn kube_lease_manager_crashes() {
    let played = simulated("--lease-duration 15s --grace-period 5s");
    assert_eq!(played["parameters"]["elector"], "kube-lease-manager");
    assert_between(&played, "/takeoverSeconds/min", 5.1, 5.2);
    assert_between(&played, "/takeoverSeconds/mean", 10.44, 10.7);
    assert_between(&played, "/takeoverSeconds/max", 15.8, 16.0);
}

#[test]
fn a_name_written_by_hand_makes_two_leaders() {
    let played = simulated("--what-if write=holder");
    assert_between(&played, "/overlapSeconds/min", 5.6, 6.2);
    assert_between(&played, "/overlapSeconds/max", 11.7, 12.0);
    assert_between(&played, "/overlapSeconds/share", 1.0, 1.0);
    assert!(warnings(&played).contains(&"two-leaders"));
    // An emptied holder is taken back by the old leader in most of the trials.
    let cleared = simulated("--what-if write=clear");
    assert_between(&cleared, "/overlapSeconds/share", 0.28, 0.34);
}

#[test]
fn a_frozen_leader_acts_a_renew_deadline_too_long() {
    let played = simulated("--fault freeze=25s");
    for value in ["p50", "p99"] {
        assert_between(&played, &format!("/overlapSeconds/{value}"), 10.0, 10.0);
    }
}

#[test]
fn an_outage_ends_a_leader_late_or_very_late() {
    // Whether the standby has seen the last renewal before the outage decides: 26 s and more in 11 of 16 cases.
    let played = simulated("--fault outage=11s");
    let distribution = &played["distribution"];
    let (from, width) = (number(distribution, "/fromSeconds"), number(distribution, "/binSeconds"));
    let counts: Vec<f64> =
        distribution["counts"].as_array().expect("counts").iter().filter_map(|n| n.as_f64()).collect();
    let late: f64 = counts.iter().enumerate().filter(|(i, _)| from + width * *i as f64 > 24.0).map(|(_, n)| n).sum();
    let share = late / counts.iter().sum::<f64>();
    assert!((share - 0.6875).abs() < 0.02, "{share}");
    for survived in ["8s", "8s:reset"] {
        assert_between(&simulated(&format!("--fault outage={survived}")), "/leaderlessSeconds/max", 0.0, 0.0);
    }
    let library = "--lease-duration 137s --renew-deadline 107s --retry-period 26s --fault outage=60s";
    assert_between(&simulated(library), "/leaderlessSeconds/max", 0.0, 0.0);
}

#[test]
fn a_restarted_process_leads_on_only_under_its_old_name() {
    let same = simulated("--fault crash-restart");
    assert_between(&same, "/bySelfShare", 1.0, 1.0);
    assert_between(&same, "/leaderlessSeconds/max", 1.0, 1.1);
    // Under another name it has to wait for the end of its own Lease, as anyone else.
    let other = simulated("--fault crash-restart --new-identity");
    assert_between(&other, "/leaderlessSeconds/min", 13.0, 14.0);
    let operator = simulated("--system operator --fault crash-restart");
    assert_eq!(operator["parameters"]["newIdentity"], true);
    // After an outage that cost the leader its process it comes back, and its Lease still has its name.
    let back = simulated("--fault outage=11s --restart 1s");
    assert_between(&back, "/leaderlessSeconds/max", 1.0, 6.5);
    assert!(warnings(&simulated("--fault outage=11s")).contains(&"ends-for-good"));
}

#[test]
fn a_release_helps_who_looks_often() {
    let go = simulated("--fault release");
    assert_between(&go, "/takeoverSeconds/max", 4.1, 4.4);
    assert_between(&go, "/takeoverSeconds/mean", 1.63, 1.72);
    let klm = simulated("--fault release --lease-duration 30s --grace-period 5s");
    assert_between(&klm, "/takeoverSeconds/p50", 12.0, 13.0);
    assert!(warnings(&klm).contains(&"release-unseen"));
}

#[test]
fn a_setting_that_can_make_two_leaders_is_told_so() {
    assert_eq!(warnings(&simulated("")), [""; 0]);
    // 15 s are not longer than 13.5 s + 2 s: a leader that is cut off may meet another.
    let tight = simulated("--renew-deadline 13.5s --fault partition --trials 300");
    assert!(warnings(&tight).contains(&"no-margin"));
    let skewed = simulated("--lease-duration 15s --grace-period 5s --skew 6s --trials 300");
    assert!(warnings(&skewed).contains(&"skew-steals") && warnings(&skewed).contains(&"two-leaders"));
    let deleted = simulated("--elector kube-lease-manager --what-if write=delete --trials 300");
    assert!(warnings(&deleted).contains(&"next-crash-unsurvived"));
    let released = simulated("--fault partition:reset --release-on-cancel --trials 2000");
    assert_between(&released, "/overlapSeconds/max", 1.0, 2.1);
    assert!(warnings(&simulated("--standbys 0")).contains(&"no-standby"));
    assert!(warnings(&simulated("--elector kube-leader-election")).contains(&"read-model"));
    assert!(warnings(&simulated("--lease-duration 15.5s")).contains(&"fraction-dropped"));
}

#[test]
fn systems_have_steps_of_their_own() {
    let klag = simulated("--system klag-exporter");
    assert_eq!(klag["parameters"]["elector"], "kube-lease-manager@0.8");
    assert_between(&klag, "/takeoverSeconds/max", 15.8, 16.0);
    // A poll tick, a collection and a scrape: up to 61 s.
    assert_between(&klag, "/outageSeconds/max", 69.0, 77.0);
    assert_eq!(klag["system"]["guide"]["claims"][3]["saysLowSeconds"], 15);
    let quick =
        simulated("--system klag-exporter --step poll-interval=5s --step scrape-interval=5s --step collection=0");
    assert_between(&quick, "/outageSeconds/max", 19.0, 26.0);
    let federator = simulated("--system federated-etl --fault node-loss");
    assert_eq!(federator["parameters"]["elector"], serde_json::Value::Null);
    assert_between(&federator, "/outageSeconds/min", 641.6, 652.0);
    assert_between(&federator, "/outageSeconds/max", 674.0, 685.1);
    // A reconcile that takes longer than the Pod may take to end makes a graceful stop a crash, after 10 s.
    let rude = simulated("--system operator --fault release --step shutdown=30s");
    assert_between(&rude, "/takeoverSeconds/max", 31.0, 33.8);
    let polite = simulated("--system operator --fault release --step shutdown=3s");
    assert_between(&polite, "/takeoverSeconds/max", 6.5, 7.4);
}
