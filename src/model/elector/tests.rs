//! Which shapes of managedFields tell which library, and which timing is believed.

use super::super::setting;
use super::super::wire::tests::lease;
use super::*;

fn of(holder: &str, owners: &str) -> (Library, Confidence) {
    let lease = lease(&format!(
        r#"{{"metadata":{{"namespace":"n","name":"l","managedFields":[{owners}]}},
            "spec":{{"holderIdentity":"{holder}","leaseDurationSeconds":15}}}}"#
    ));
    let elector = Elector::of(&lease, &[]);
    (elector.library, elector.confidence)
}

fn entry(manager: &str, operation: &str, fields: &[&str]) -> String {
    let fields: Vec<_> = fields.iter().map(|field| format!(r#""f:{field}":{{}}"#)).collect();
    format!(r#"{{"manager":"{manager}","operation":"{operation}","fieldsV1":{{"f:spec":{{{}}}}}}}"#, fields.join(","))
}

const ALL: &[&str] = &["holderIdentity", "leaseDurationSeconds", "acquireTime", "renewTime", "leaseTransitions"];
const UUID: &str = "pod_5a1e0c1c-7ad0-4d8e-9f35-0f6a3b1f2d11";

#[test]
fn each_library_leaves_its_own_mark() {
    let klm = "kube-lease-manager-aB3";
    let renewed = [
        entry(klm, "Apply", &["holderIdentity", "leaseDurationSeconds", "acquireTime"]),
        entry(klm, "Update", &["renewTime", "leaseTransitions"]),
    ];
    assert_eq!(of("pod", &renewed.join(",")), (Library::KubeLeaseManager, Confidence::Certain));
    assert_eq!(of("pod", &entry("kubert", "Apply", ALL)), (Library::Kubert, Confidence::Certain));
    let linkerd = [
        entry(
            "policy-controller",
            "Apply",
            &["holderIdentity", "leaseDurationSeconds", "acquireTime", "leaseTransitions"],
        ),
        entry("policy-controller", "Update", &["renewTime"]),
    ];
    assert_eq!(of("pod", &linkerd.join(",")), (Library::Kubert, Confidence::Likely));
    assert_eq!(of(UUID, &entry("manager", "Update", ALL)), (Library::ClientGo, Confidence::Likely));
    assert_eq!(of("x", &entry("kube-scheduler", "Update", ALL)), (Library::ClientGo, Confidence::Certain));
    assert_eq!(of("x", &entry("thing", "Update", ALL)), (Library::ClientGo, Confidence::Guess));
    assert_eq!(of("me", &entry("me", "Update", ALL)), (Library::KubeLeaderElection, Confidence::Likely));
}

#[test]
fn a_library_is_known_by_its_own_words() {
    for (manager, library) in [
        ("fabric8-kubernetes-client", Library::Fabric8),
        ("Kubernetes Java Client", Library::Java),
        ("OpenAPI-Generator", Library::Python),
        ("kubernetes-csharp", Library::DotNet),
    ] {
        assert_eq!(of("x", &entry(manager, "Update", ALL)), (library, Confidence::Likely), "{manager}");
    }
}

#[test]
fn who_patches_transitions_beside_what_it_applies_is_like_kube_lease_manager() {
    let applied = entry("mine", "Apply", &["holderIdentity", "leaseDurationSeconds", "acquireTime"]);
    let patched = entry("mine", "Update", &["renewTime", "leaseTransitions"]);
    assert_eq!(of("x", &format!("{applied},{patched}")), (Library::KubeLeaseManager, Confidence::Likely));
    let renewed = entry("mine", "Update", &["renewTime"]);
    assert_eq!(of("x", &format!("{applied},{renewed}")), (Library::Unknown, Confidence::Guess));
}

#[test]
fn who_renews_counts_and_not_who_named_the_holder() {
    let owners =
        [entry("kubectl-edit", "Update", &["holderIdentity"]), entry("kube-lease-manager-x", "Update", &["renewTime"])];
    assert_eq!(of("x", &owners.join(",")), (Library::KubeLeaseManager, Confidence::Certain));
    let [edited, renewed] = owners;
    assert_eq!(of("x", &format!("{renewed},{edited}")), (Library::KubeLeaseManager, Confidence::Certain));
}

#[test]
fn an_earlier_transfer_hides_no_elector() {
    let owners = [
        entry("hactl", "Update", &["holderIdentity", "leaseTransitions", "acquireTime"]),
        entry("kube-lease-manager-x", "Update", &["renewTime"]),
    ];
    assert_eq!(of("pod", &owners.join(",")).0, Library::KubeLeaseManager);
    assert_eq!(of("pod", &entry("hactl", "Update", ALL)).0, Library::Unknown);
}

#[test]
fn a_hand_made_lease_is_no_elector() {
    assert_eq!(of("x", &entry("kubectl-edit", "Update", ALL)), (Library::Unknown, Confidence::Guess));
    assert_eq!(of(UUID, "").0, Library::ClientGo);
    assert_eq!(of("x", "").0, Library::Unknown);
}

#[test]
fn a_default_is_only_taken_with_the_default_lease_duration() {
    let lease = |seconds: i64| {
        lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","managedFields":[{}]}},
                "spec":{{"holderIdentity":"{UUID}","leaseDurationSeconds":{seconds}}}}}"#,
            entry("manager", "Update", ALL)
        ))
    };
    let default = Elector::of(&lease(15), &[]).timing;
    assert_eq!(default.lease_duration, Known::new(SignedDuration::from_secs(15), Source::Lease));
    assert_eq!(default.renew_deadline, Known::new(SignedDuration::from_secs(10), Source::Default));
    assert_eq!(Elector::of(&lease(17), &[]).timing.retry_period, Known::default());
}

#[test]
fn a_plain_identity_tells_no_retry_period() {
    let of = |holder: &str| {
        let owners = entry("csi-attacher", "Update", ALL);
        let lease = lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","managedFields":[{owners}]}},
                "spec":{{"holderIdentity":"{holder}","leaseDurationSeconds":15}}}}"#
        ));
        Elector::of(&lease, &[]).timing
    };
    let default = |seconds| Known::new(SignedDuration::from_secs(seconds), Source::Default);
    assert_eq!((of("host").renew_deadline, of("host").retry_period), (default(10), Known::default()));
    assert_eq!(of(UUID).retry_period, default(2));
}

#[test]
fn the_one_second_of_a_release_is_no_lease_duration() {
    let duration = |holder: &str| {
        let spec = format!(r#"{{"holderIdentity":"{holder}","leaseDurationSeconds":1}}"#);
        Elector::of(&lease(&format!(r#"{{"metadata":{{"namespace":"n","name":"l"}},"spec":{spec}}}"#)), &[])
            .timing
            .lease_duration
    };
    assert_eq!(duration(""), Known::default());
    assert_eq!(duration("x"), Known::new(SignedDuration::from_secs(1), Source::Lease));
}

#[test]
fn what_is_stated_is_not_overruled_by_what_is_measured() {
    let stated = setting::from_args(["--leader-elect-retry-period=3s"]);
    let mut elector = Elector::of(&lease(r#"{"metadata":{"namespace":"n","name":"l"}}"#), &stated);
    elector.measured(SignedDuration::from_secs(2));
    assert_eq!(elector.timing.retry_period, Known::new(SignedDuration::from_secs(3), Source::Args));
}

#[test]
fn what_is_measured_overrules_a_default() {
    let owners = entry("kube-scheduler", "Update", ALL);
    let mut elector = Elector::of(
        &lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","managedFields":[{owners}]}},
                "spec":{{"holderIdentity":"{UUID}","leaseDurationSeconds":15}}}}"#
        )),
        &[],
    );
    elector.measured(SignedDuration::from_secs(5));
    assert_eq!(elector.timing.retry_period, Known::new(SignedDuration::from_secs(5), Source::Measured));
}

#[test]
fn a_measured_interval_is_the_retry_period_or_gives_the_grace_period() {
    let mut go =
        Elector::of(&lease(r#"{"metadata":{"namespace":"n","name":"l"},"spec":{"leaseDurationSeconds":17}}"#), &[]);
    go.measured(SignedDuration::from_millis(3_012));
    assert_eq!(go.timing.retry_period, Known::new(SignedDuration::from_secs(3), Source::Measured));
    let mut klm = Elector { library: Library::KubeLeaseManager, ..go };
    klm.measured(SignedDuration::from_millis(10_008));
    assert_eq!(klm.timing.grace_period, Known::new(SignedDuration::from_secs(7), Source::Measured));
    klm.timing.grace_period = Known::default();
    klm.measured(SignedDuration::from_secs(17));
    assert_eq!(klm.timing.grace_period, Known::default(), "it was late");
}
