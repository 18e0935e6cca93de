//! Each answer that a kube-apiserver gave.

use super::*;

const A: Manager = Manager::of(0);
const B: Manager = Manager::of(1);

fn held(by: u8, at: i64) -> Spec {
    Spec {
        holder: Some(Identity::of(by)),
        duration: Some(15),
        acquired: Some(Micros::from_secs(at)),
        renewed: Some(Micros::from_secs(at)),
        transitions: Some(1),
        preferred: None,
    }
}

/// What kube-lease-manager applies.
fn claim(by: u8, at: i64) -> Fields {
    Fields {
        holder: Change::Set(Identity::of(by)),
        duration: Change::Set(15),
        acquired: Change::Set(Micros::from_secs(at)),
        renewed: Change::Set(Micros::from_secs(at)),
        transitions: Change::Keep,
        preferred: Change::Keep,
    }
}

fn renewal(at: i64) -> Fields {
    Fields { renewed: Change::Set(Micros::from_secs(at)), duration: Change::Set(15), ..Fields::default() }
}

fn apply(fields: Fields) -> Write {
    Write::Apply { fields, force: false, version: None, named: false }
}

fn patch(fields: Fields) -> Write {
    Write::Patch { fields, version: None }
}

fn place() -> (Place, Version) {
    let mut place = Place::default();
    let version = place.write(A, &Write::Create(held(0, 0))).unwrap();
    (place, version)
}

#[test]
fn a_version_is_only_replaced_by_who_has_seen_it() {
    let (mut place, first) = place();
    let second = place.write(A, &Write::Put { spec: held(0, 2), version: Some(first) }).unwrap();
    assert_ne!(first, second);
    let stale = Some(first);
    for write in [
        Write::Put { spec: held(1, 3), version: stale },
        Write::Patch { fields: renewal(3), version: stale },
        Write::Apply { fields: claim(1, 3), force: true, version: stale, named: true },
        Write::Delete { version: stale },
    ] {
        let before = place;
        assert_eq!(place.write(B, &write), Err(Refusal::Stale), "{write:?}");
        assert_eq!(place, before);
    }
    assert_eq!(place.write(B, &Write::Create(held(1, 3))), Err(Refusal::AlreadyExists));
    assert_eq!(place.write(B, &Write::Put { spec: held(1, 3), version: None }), Err(Refusal::Invalid));
    assert!(place.write(B, &patch(renewal(3))).is_ok(), "a PATCH without a version always wins");
}

#[test]
fn what_changes_nothing_keeps_its_version() {
    let (mut place, first) = place();
    assert_eq!(place.write(B, &Write::Put { spec: held(0, 0), version: Some(first) }), Ok(first));
    assert_eq!(place.get().unwrap().owners, [Owners::updater(A); 5]);
}

#[test]
fn a_missing_lease_is_created_by_some_writes_only() {
    let (_, version) = place();
    let missing = |write: Write| Place::default().write(A, &write);
    assert!(missing(Write::Put { spec: held(0, 0), version: None }).is_ok());
    assert!(missing(Write::Apply { fields: claim(0, 0), force: false, version: None, named: true }).is_ok());
    assert_eq!(missing(Write::Put { spec: held(0, 0), version: Some(version) }), Err(Refusal::Stale));
    assert_eq!(missing(apply(claim(0, 0))), Err(Refusal::Nameless));
    assert_eq!(missing(patch(renewal(0))), Err(Refusal::NotFound));
    assert_eq!(missing(Write::Delete { version: None }), Err(Refusal::NotFound));
}

#[test]
fn a_duration_is_positive_or_null() {
    let (mut place, _) = place();
    let duration = |change| patch(Fields { duration: change, ..Fields::default() });
    assert_eq!(place.write(B, &duration(Change::Set(0))), Err(Refusal::Invalid));
    assert_eq!(place.write(B, &duration(Change::Set(-1))), Err(Refusal::Invalid));
    let counted = patch(Fields { transitions: Change::Set(-1), ..Fields::default() });
    assert_eq!(place.write(B, &counted), Err(Refusal::Invalid));
    assert!(place.write(B, &duration(Change::Null)).is_ok());
    assert_eq!(place.get().unwrap().spec.duration, None);
}

/// The fingerprint of kube-lease-manager: applied, then renewTime moves to the same name's Update entry.
#[test]
fn a_renewal_moves_renew_time_from_apply_to_update() {
    let mut place = Place::default();
    place.write(A, &Write::Create(Spec::default())).unwrap();
    place.write(A, &apply(claim(0, 0))).unwrap();
    let counted = Fields { transitions: Change::Set(1), ..Fields::default() };
    place.write(A, &patch(counted)).unwrap();
    let (applier, updater) = (Owners::applier(A), Owners::updater(A));
    assert_eq!(place.get().unwrap().owners, [applier, applier, applier, applier, updater]);
    place.write(A, &patch(renewal(10))).unwrap();
    assert_eq!(place.get().unwrap().owners, [applier, applier, applier, updater, updater]);
    place.write(A, &patch(Fields::RELEASED)).unwrap();
    assert_eq!(place.get().unwrap().owners, [Owners::NONE, Owners::NONE, Owners::NONE, Owners::NONE, updater]);
}

/// Why a kube-lease-manager before 0.11.1 never comes back: even its own apply conflicts with its own update.
#[test]
fn only_the_holder_nulled_no_apply_goes_through() {
    let mut place = Place::default();
    place.write(A, &Write::Create(Spec::default())).unwrap();
    place.write(A, &apply(claim(0, 0))).unwrap();
    place.write(A, &patch(renewal(10))).unwrap();
    let cleared = Fields { holder: Change::Null, ..Fields::default() };
    place.write(Manager::ADMINISTRATOR, &patch(cleared)).unwrap();
    assert_eq!(place.write(A, &apply(claim(0, 12))), Err(Refusal::Owned));
    assert_eq!(place.write(B, &apply(claim(1, 12))), Err(Refusal::Owned));
    let forced = Write::Apply { fields: claim(1, 12), force: true, version: None, named: false };
    assert!(place.clone().write(B, &forced).is_ok());
    place.write(B, &patch(Fields::RELEASED)).unwrap();
    assert!(place.write(B, &apply(claim(1, 12))).is_ok());
}

#[test]
fn equal_values_are_shared_and_go_with_their_last_owner() {
    let mut place = Place::default();
    place.write(A, &Write::Create(Spec::default())).unwrap();
    place.write(A, &apply(claim(0, 0))).unwrap();
    let only_duration = Fields { duration: Change::Set(15), ..Fields::default() };
    place.write(B, &apply(only_duration)).unwrap();
    place.write(A, &apply(Fields::default())).unwrap();
    let left = place.get().unwrap();
    assert_eq!(left.spec, Spec { duration: Some(15), ..Spec::default() });
    assert_eq!(left.owners[1], Owners::applier(B));
}

#[test]
fn what_is_asked_first_is_answered_first() {
    let (mut place, first) = place();
    let invalid = Spec { duration: Some(0), ..held(0, 0) };
    assert_eq!(place.write(B, &Write::Create(invalid)), Err(Refusal::Invalid));
    place.write(A, &patch(renewal(10))).unwrap();
    let owned = Write::Apply { fields: claim(1, 3), force: false, version: Some(first), named: true };
    assert_eq!(place.write(B, &owned), Err(Refusal::Owned));
    // A version that is gone with its Lease is no obstacle to an apply that can create another.
    place.write(A, &Write::Delete { version: None }).unwrap();
    assert!(place.write(B, &owned).is_ok());
}

/// Nobody owns what is written into a Lease that was created empty, until someone applies.
#[test]
fn a_lease_that_was_created_empty_keeps_no_owners_before_the_first_apply() {
    let mut place = Place::default();
    place.write(A, &Write::Create(Spec::default())).unwrap();
    place.write(A, &patch(renewal(10))).unwrap();
    assert_eq!(place.get().unwrap().owners, [Owners::NONE; 5]);
    assert_eq!(place.write(B, &apply(claim(1, 12))), Err(Refusal::Owned));
    let holder = Fields { holder: Change::Set(Identity::of(1)), ..Fields::default() };
    place.write(B, &apply(holder)).unwrap();
    let before = Owners::updater(Manager::BEFORE_FIRST_APPLY);
    assert_eq!(place.get().unwrap().owners, [Owners::applier(B), before, Owners::NONE, before, Owners::NONE]);
}
