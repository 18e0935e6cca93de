//! What a write does to a Lease: the model that the electors' machines write to, held to a real API server.
//!
//! Random sequences of the writes that electors and hactl make go to both. After each, both have to give the same
//! answer, and hold the same fields, of the same owners, under a version that has changed or has not.

mod server;

use hactl::model::Micros;
use hactl::model::write::{Change, Fields, Identity, Manager, Owners, Place, Refusal, Spec, Version, Write};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use self::server::{Server, State};
use crate::support::Testbed;

/// Sequences, and the most writes of one. All in all they reach each kind of write in each kind of state many times.
const SEQUENCES: u32 = 150;
const LENGTH: usize = 14;

/// Two candidates and someone else.
const MANAGERS: [Manager; 3] = [Manager::of(0), Manager::of(1), Manager::ADMINISTRATOR];

/// What a write is decided on.
#[derive(Clone, Debug)]
enum Basis {
    /// Nothing.
    None,
    /// The version that stands there.
    Current,
    /// Any that has ever stood there.
    Earlier(Index),
}

/// A write to be.
#[derive(Clone, Debug)]
enum Step {
    Create(Spec),
    Put(Spec, Basis),
    Apply { fields: Fields, force: bool, named: bool, basis: Basis },
    Patch(Fields, Basis),
    Delete(Basis),
}

#[test]
fn the_model_of_writes_is_the_api_server() {
    let namespace = Testbed::shared().namespace("writes");
    let config = Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
    let sequence = prop::collection::vec((select(&MANAGERS[..]), step()), 1..=LENGTH);
    let played = TestRunner::new(config).run(&sequence, |steps| play(&Server::new(&namespace), &steps));
    played.unwrap_or_else(|error| panic!("{error}"));
}

/// Plays a sequence on both.
fn play(server: &Server<'_>, steps: &[(Manager, Step)]) -> Result<(), TestCaseError> {
    let mut place = Place::default();
    let mut real = State::default();
    // What stood there, by both.
    let mut versions = Vec::new();
    for (by, step) in steps {
        let (write, basis) = write(step, &place, &versions);
        let expected = place.write(*by, &write);
        let seen = server.write(*by, &write, basis);
        let after = server.get();
        let story = format!("{write:?} by {by:?}, after {real:?}");
        let refusal = seen.as_ref().err().map(|answer| answer.refusal());
        prop_assert_eq!(expected.err(), refusal, "{}: {:?}", &story, seen);
        let deleted = matches!(write, Write::Delete { .. });
        if let (Ok(version), false) = (expected, deleted) {
            let known = versions.last().is_some_and(|(last, _)| *last == version);
            prop_assert_eq!(known, after.version == real.version, "whether the version stays: {}", &story);
            if !known {
                versions.push((version, after.clone()));
            }
        }
        let lease = place.get();
        prop_assert_eq!(lease.is_some(), after.version.is_some(), "whether there is one: {}", &story);
        prop_assert_eq!(lease.map(|lease| lease.spec).unwrap_or_default(), after.spec, "{}", &story);
        if let Some(lease) = lease {
            prop_assert_eq!(owners(&lease.owners), after.owners.clone(), "owners: {}", &story);
        }
        real = after;
    }
    Ok(())
}

/// The write, and what stood there when it was decided on.
fn write<'v>(step: &Step, place: &Place, versions: &'v [(Version, State)]) -> (Write, Option<&'v State>) {
    let basis = match step {
        Step::Create(_) => &Basis::None,
        Step::Put(_, basis) | Step::Patch(_, basis) | Step::Delete(basis) | Step::Apply { basis, .. } => basis,
    };
    let known = match basis {
        Basis::None => None,
        Basis::Current => {
            versions.iter().find(|(version, _)| place.get().is_some_and(|lease| lease.version == *version))
        }
        Basis::Earlier(_) if versions.is_empty() => None,
        Basis::Earlier(index) => Some(&versions[index.index(versions.len())]),
    };
    let version = known.map(|(version, _)| *version);
    let write = match *step {
        Step::Create(spec) => Write::Create(spec),
        Step::Put(spec, _) => Write::Put { spec, version },
        Step::Apply { fields, force, named, .. } => Write::Apply { fields, force, version, named },
        Step::Patch(fields, _) => Write::Patch { fields, version },
        Step::Delete(_) => Write::Delete { version },
    };
    (write, known.map(|(_, state)| state))
}

/// Of each field the managers that own it: by which number, and whether by apply.
fn owners(owners: &[Owners; 5]) -> [Vec<(usize, bool)>; 5] {
    owners.map(|owners| {
        let known = MANAGERS.into_iter().chain([Manager::BEFORE_FIRST_APPLY]);
        let each = known.enumerate().flat_map(|(number, manager)| {
            [((number, true), Owners::applier(manager)), ((number, false), Owners::updater(manager))]
        });
        each.filter(|(_, owner)| owners.has(*owner)).map(|(name, _)| name).collect()
    })
}

fn basis() -> impl Strategy<Value = Basis> {
    prop_oneof![
        4 => Just(Basis::None),
        4 => Just(Basis::Current),
        1 => any::<Index>().prop_map(Basis::Earlier),
    ]
}

/// In an apply nothing is null: nobody sends that.
fn applied(fields: Fields) -> Fields {
    fn set<T>(change: Change<T>) -> Change<T> {
        if let Change::Null = change { Change::Keep } else { change }
    }
    let Fields { holder, duration, acquired, renewed, transitions, preferred } = fields;
    Fields {
        holder: set(holder),
        duration: set(duration),
        acquired: set(acquired),
        renewed: set(renewed),
        transitions: set(transitions),
        preferred: set(preferred),
    }
}

fn change<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Change<T>> {
    prop_oneof![2 => Just(Change::Keep), 1 => Just(Change::Null), 3 => value.prop_map(Change::Set)]
}

fn holder() -> impl Strategy<Value = Identity> {
    select(vec![Identity::of(0), Identity::of(1), Identity::EMPTY, Identity::NOBODY])
}

/// Mostly valid.
fn duration() -> impl Strategy<Value = i32> {
    select(vec![6, 15, 6, 15, 6, 15, 1, 3_600, 0, -1])
}

fn transitions() -> impl Strategy<Value = i32> {
    select(vec![0, 1, 2, 0, 1, 2, 3, -1])
}

fn time() -> impl Strategy<Value = Micros> {
    select(vec![
        Micros::from_secs(1_000_000_000),
        Micros::new(1_000_000_000_000_001),
        Micros::new(1_000_000_007_999_999),
    ])
}

prop_compose! {
    fn fields()(
        holder in change(holder()), duration in change(duration()), acquired in change(time()),
        renewed in change(time()), transitions in change(transitions()),
    ) -> Fields {
        // Without coordinated elections, an API server drops preferredHolder.
        Fields { holder, duration, acquired, renewed, transitions, preferred: Change::Keep }
    }
}

prop_compose! {
    fn spec()(
        holder in prop::option::of(holder()), duration in prop::option::of(duration()),
        acquired in prop::option::of(time()), renewed in prop::option::of(time()),
        transitions in prop::option::of(transitions()),
    ) -> Spec {
        Spec { holder, duration, acquired, renewed, transitions, preferred: None }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => spec().prop_map(Step::Create),
        3 => (spec(), basis()).prop_map(|(spec, basis)| Step::Put(spec, basis)),
        6 => (fields().prop_map(applied).prop_filter("nobody applies nothing", |fields| *fields != Fields::default()), any::<bool>(), any::<bool>(), basis())
            .prop_map(|(fields, force, named, basis)| Step::Apply { fields, force, named, basis }),
        6 => prop_oneof![fields(), Just(Fields::RELEASED)]
            .prop_flat_map(|fields| basis().prop_map(move |basis| Step::Patch(fields, basis))),
        1 => basis().prop_map(Step::Delete),
    ]
}

impl server::Answer {
    /// What the model calls it.
    fn refusal(&self) -> Refusal {
        match (self.code, self.reason.as_str()) {
            (400, _) => Refusal::Nameless,
            (404, _) => Refusal::NotFound,
            (409, "AlreadyExists") => Refusal::AlreadyExists,
            (409, _) if self.owned => Refusal::Owned,
            (409, _) => Refusal::Stale,
            (422, _) => Refusal::Invalid,
            _ => panic!("no write should be answered by {self:?}"),
        }
    }
}
