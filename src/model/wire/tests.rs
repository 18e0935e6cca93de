//! What is read of an object, and what is not.

use super::super::pod::Pod;
use super::*;

/// A Lease from JSON, for the tests of the rooms that reason about it.
pub(crate) fn lease(json: &str) -> LeaseRecord {
    serde_json::from_str::<WireLease>(json).expect("a Lease").into()
}

/// A Pod from JSON.
pub(crate) fn pod(json: &str) -> Pod {
    serde_json::from_str::<WirePod>(json).expect("a Pod").into()
}

#[test]
fn nulls_and_missing_parts_are_read() {
    for json in [
        r#"{"metadata":{"namespace":"n","name":"l"}}"#,
        r#"{"metadata":{"namespace":"n","name":"l","labels":null,"managedFields":null},"spec":null}"#,
        r#"{"metadata":{"namespace":"n","name":"l"},"spec":{"holderIdentity":null,"renewTime":null}}"#,
    ] {
        let lease = lease(json);
        assert_eq!((lease.holder, lease.renewed, lease.duration), (None, None, None), "{json}");
    }
    let page: Page<WireLease> = serde_json::from_str(r#"{"metadata":{},"items":null}"#).expect("a page");
    assert!(page.items.is_empty());
}

#[test]
fn managed_fields_are_cut_down_to_the_spec() {
    let lease = lease(
        r#"{"metadata":{"namespace":"n","name":"l","managedFields":[
            {"manager":"kube-scheduler","operation":"Update","time":"2026-11-21T12:00:00Z","fieldsType":"FieldsV1",
             "fieldsV1":{"f:spec":{"f:holderIdentity":{},"f:renewTime":{}}}},
            {"manager":"kubectl","operation":"Update","fieldsV1":{"f:metadata":{"f:annotations":{"f:x":{}}}}}]},
           "spec":{"renewTime":"2026-11-21T12:00:00.123456Z","leaseDurationSeconds":15}}"#,
    );
    assert!(lease.owners[0].fields.holder && lease.owners[0].fields.renewed && !lease.owners[0].fields.acquired);
    assert!(lease.owners[1].fields.is_empty());
    assert_eq!(lease.renewed.expect("dated").subsec_microsecond(), 123_456);
}

#[test]
fn a_secret_in_the_environment_is_not_held() {
    let pod = pod(
        r#"{"metadata":{"namespace":"n","name":"p"},"spec":{"containers":[{"name":"c","args":["--password=canary"],
            "env":[{"name":"TOKEN","value":"canary"},{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}}"#,
    );
    assert!(!format!("{pod:?}").contains("canary"));
}

#[test]
fn the_end_of_time_is_a_time() {
    let renewed = |at: &str| {
        lease(&format!(r#"{{"metadata":{{"namespace":"n","name":"l"}},"spec":{{"renewTime":"{at}"}}}}"#)).renewed
    };
    assert_eq!(renewed("9999-12-31T23:59:59.999999Z"), Some(Timestamp::MAX));
    assert_eq!(renewed("soon"), None);
}

#[test]
fn a_workload_without_replicas_has_one() {
    let replicas = |spec: &str| {
        let json = format!(r#"{{"metadata":{{"namespace":"n","name":"w"}},"spec":{spec}}}"#);
        match serde_json::from_str::<WireDeployment>(&json).expect("a Deployment").into_object() {
            Object::Workload(spec) => spec.replicas,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([replicas("{}"), replicas(r#"{"replicas":0}"#), replicas(r#"{"replicas":3}"#)], [1, 0, 3]);
}

#[test]
fn of_a_leases_annotations_only_hactls_own_are_held() {
    let lease = lease(
        r#"{"metadata":{"namespace":"n","name":"l","uid":"u-1","resourceVersion":"7","annotations":{
            "hactl.dev/last-transfer":"x","kubectl.kubernetes.io/last-applied-configuration":"canary","hactl.device/x":"canary"}}}"#,
    );
    assert_eq!((lease.uid.as_str(), lease.version.as_str()), ("u-1", "7"));
    assert_eq!(lease.annotations, BTreeMap::from([("hactl.dev/last-transfer".to_owned(), "x".to_owned())]));
}
