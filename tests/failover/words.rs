//! Words that make no sense: which rule they break, and what was meant.

use super::failover;

/// Ends with 2, says this on stderr, and nothing on stdout.
#[track_caller]
fn refused(args: &str, says: &str) {
    let out = failover(args);
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{args}: {out:#?}");
    assert!(out.stderr.starts_with("error: ") && out.stderr.contains(says), "{args}: {}", out.stderr);
}

#[test]
fn a_rule_that_is_broken_is_told_with_its_source() {
    refused(
        "--lease-duration 8s",
        "the lease duration (8 s) must be greater than the renew deadline (10 s) (k8s.io/client-go/",
    );
    refused("--renew-deadline 2s", "must be greater than 1.2 x the retry period (2 s) (k8s.io/client-go/");
    refused("--lease-duration 8s", "these values were taken together: --lease-duration 8s --renew-deadline 10s");
    refused("--lease-duration 30s --grace-period 30s", "the grace period (30 s) must be less than the lease duration");
    refused(
        "--grace-period 1.5s",
        "the grace period must be a whole number of seconds, not 1.5 s (kube-lease-manager/",
    );
    refused("--compare 15/10/2,8/10/2", "must be greater than the renew deadline");
    refused("--sweep lease-duration=1s..3s --renew-deadline 10s", "client-go can run with none of these");
}

#[test]
fn a_value_that_the_library_has_no_word_for() {
    refused(
        "--elector kubert --renew-deadline 3s",
        "kubert has no renew deadline\n hint: it is timed by --lease-duration",
    );
    refused("--elector client-go --grace-period 3s", "client-go has no grace period");
    refused("--grace-period 5s --retry-period 2s", "cannot be used with");
    refused("--sweep grace-period=1s..5s", "client-go has no grace period");
    refused("--step poll-interval=3s", "hint: name one with --system");
    refused("--system operator --step poll-interval=3s", "hint: it has shutdown, cache-sync");
    refused("--system federated-etl --fault freeze=3s", "one Pod without a Lease");
    for several in ["--rto 400s", "--sweep standbys=1..3", "--compare 15/10/2", "--elector client-go", "--standbys 2"] {
        refused(&format!("--system federated-etl {several}"), "one Pod without a Lease");
    }
    refused("--compare 15/10/2 --lease-duration 30s", "cannot be used with");
    refused("--rto 20s --what-if write=holder", "cannot be used with");
}

#[test]
fn a_number_that_is_none() {
    for (args, says) in [
        ("--lease-duration 0", "expected a duration above zero"),
        ("--lease-duration 0s", "expected a duration above zero"),
        ("--lease-duration -5s", "expected a duration above zero"),
        ("--lease-duration 15x", "or a number of seconds"),
        ("--lease-duration 99999999999999999999s", "expected a duration"),
        ("--lease-duration 1000h", "longer than a day"),
        ("--grace-period 25h", "longer than a day"),
        ("--warmup -1s", "expected a duration of zero or more"),
        ("--standbys -1", "-1 is not in 0..=99"),
        ("--standbys 100", "100 is not in 0..=99"),
        ("--trials 0", "0 is not in 1..=1000000"),
        ("--trials 1000000000", "is not in 1..=1000000"),
        ("--seed -1", "invalid value '-1' for '--seed"),
        ("--api-latency 50ms..5ms", "the range is empty"),
        ("--api-errors 5", "such as 1% or 0.5%"),
        ("--fault freeze=0s", "expected a duration above zero"),
        ("--rto 0", "expected a duration above zero"),
        ("--sweep lease-duration=60s..5s", "the range is empty"),
        ("--sweep standbys=1..3/0", "a step of nothing"),
        ("--retry-period 1us", "shorter than a millisecond"),
        ("--api-latency -5ms", "expected a duration of zero or more"),
        ("--restart -1s", "expected a duration of zero or more"),
        ("--sweep lease-duration=1s..1h/1ms", "500 at most"),
    ] {
        refused(args, says);
    }
}

#[test]
fn a_slip_of_the_hand_is_told_what_was_meant() {
    for (args, says) in [
        ("--elector clientgo", "did you mean client-go?"),
        ("--elector kube-lease-manager@latest", "expected 0.8, 0.13 or 0.13.1"),
        ("--fault crsh", "did you mean crash?"),
        ("--fault freeze", "say freeze=25s"),
        ("--fault write=holder", "say --what-if write=..."),
        ("--what-if write=hodler", "did you mean write=holder?"),
        ("--what-if write=holder --fault crash", "cannot be used with"),
        ("--system klag", "did you mean klag-exporter?"),
        ("--sweep lease-duraton=1s..5s", "did you mean lease-duration?"),
        ("--quantile p99", "--rto <DURATION>"),
        ("--compare 15", "such as 15/10/2 or 30/5, not 15"),
        ("-o jsn", "a similar value exists: 'json'"),
    ] {
        refused(args, says);
    }
}
