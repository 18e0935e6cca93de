//! What is played: an election with its settings, the transfers, what requests take, and what may go wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::super::{Machine, Step, Terms};
use super::choice::Choices;
use super::world::{Candidate, Left, Line, Mail, Pod, Run, World};
use crate::elector::Settings;
use crate::model::Micros;
use crate::model::write::relative::{BASE, Relative};
use crate::model::write::{Fields, Identity, Manager, Place, Spec, Write};

pub(super) const A: Identity = Identity::of(0);
pub(super) const B: Identity = Identity::of(1);
/// A process that starts anew, where it has another name.
pub(super) const ANEW: Identity = Identity::of(9);
pub(super) const FENCE: Identity = Identity::of(100);
pub(super) const RIVAL: Identity = Identity::of(101);

/// Messages of any number may be late.
pub(super) const ALL: u8 = u8::MAX;

/// A question to the checker.
#[derive(Clone, Debug)]
pub(super) struct Arena<S> {
    pub(super) settings: S,
    /// When each standby has started, after the leader: any of these.
    pub(super) standbys: Vec<Vec<Micros>>,
    pub(super) terms: Vec<Terms>,
    /// How long after a renewal the transfer begins: any of these.
    pub(super) phases: Vec<Micros>,
    /// A message that is late takes this much, and so does a request with its answer at the most.
    pub(super) request: Micros,
    /// How many requests after its first write the next leader acts at the latest.
    pub(super) claims: i64,
    /// A watch that is late tells this much later.
    pub(super) watch: Micros,
    /// How long after a Pod was deleted its process is told to end.
    pub(super) stops: Vec<Micros>,
    /// How long after the end of its process that is reported.
    pub(super) reports: Vec<Micros>,
    /// A Pod that is deleted may be lost: nothing is reported, and its process goes on, cut off or not.
    pub(super) lost: bool,
    /// After how long a process that has ended starts anew, and whether under the same name.
    pub(super) restart: Option<(Micros, bool)>,
    pub(super) left: Left,
    /// What someone else writes whose way of moving a leader is a single write.
    pub(super) folk: fn(&Spec, Micros) -> Fields,
    pub(super) tampered: Tampered,
    /// For how long nobody may lead while a transfer is under way, and after its end.
    pub(super) gap: Micros,
    pub(super) after: Micros,
    /// The longest of each that there was.
    pub(super) longest: Arc<[AtomicI64; 2]>,
    /// How long what follows the last transfer is followed.
    pub(super) horizon: Micros,
}

/// How the protocol is broken on purpose: on its way, and not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tampered {
    Not,
    /// These writes name no version.
    Unguarded(Step),
    /// The Pod is reported as terminated as soon as its eviction is accepted.
    Premature,
}

impl<S: Settings> Arena<S> {
    pub(super) fn new(settings: S, terms: Terms, request: Micros) -> Self {
        Self {
            settings,
            standbys: vec![vec![Micros::from_millis(300)]],
            terms: vec![terms],
            phases: vec![Micros::ZERO],
            request,
            claims: 1,
            watch: request,
            stops: vec![Micros::ZERO],
            reports: vec![Micros::ZERO],
            lost: false,
            restart: None,
            left: Left { late: ALL, ..Left::default() },
            folk: |_, _| Fields::default(),
            tampered: Tampered::Not,
            gap: Micros::NEVER,
            after: Micros::NEVER,
            longest: Arc::default(),
            horizon: settings.rhythm().settling,
        }
    }

    /// Every beginning: the election has run for a while, without any trouble, and the leader has just renewed.
    pub(super) fn beginnings(&self) -> Vec<World<S::Machine>>
    where
        S::Machine: Relative,
    {
        let mut worlds = Vec::new();
        for standbys in &self.standbys {
            let settled = self.settled(standbys);
            for phase in &self.phases {
                let mut world = settled.clone();
                world.runs = self.terms.iter().map(|terms| Some(Run::new(*terms, world.now + *phase))).collect();
                world.left = self.left;
                world.quiet = self.terms.is_empty().then_some((world.now, true));
                world.led.clear();
                world.held.clear();
                world.normalise();
                worlds.push(world);
            }
        }
        worlds
    }

    /// Notes for how long nobody led.
    pub(super) fn note(&self, quiet: bool, vacancy: Micros) {
        self.longest[usize::from(quiet)].fetch_max(vacancy.get(), Ordering::Relaxed);
    }

    fn settled(&self, standbys: &[Micros]) -> World<S::Machine> {
        let mut place = Place::default();
        if !S::CREATES {
            place.write(Manager::ADMINISTRATOR, &Write::Create(Spec::default())).expect("an empty Lease is valid");
        }
        let starts = std::iter::once(Micros::ZERO).chain(standbys.iter().copied());
        let candidate = |(number, start)| {
            let identity = Identity::of(number);
            Candidate::new(self.settings.machine(identity, number), identity, BASE + start)
        };
        let mut world = World {
            now: BASE,
            place,
            candidates: (0..).zip(starts).map(candidate).collect(),
            runs: Vec::new(),
            pod: Pod::RUNNING,
            orphans: Vec::new(),
            left: Left::default(),
            vacant: None,
            quiet: None,
            said: None,
            held: Vec::new(),
            led: Vec::new(),
            wrong: None,
        };
        let until = BASE + self.settings.rhythm().warm_up * 3;
        loop {
            let before = world.place.get().and_then(|lease| lease.spec.renewed);
            let event = world.due().1[0];
            self.happen(&mut world, event, &mut Choices::default());
            let renewed = world.place.get().and_then(|lease| lease.spec.renewed);
            if world.now > until && renewed != before && world.candidates[0].acting {
                return world;
            }
        }
    }
}

impl<M> Candidate<M> {
    pub(super) fn new(machine: M, identity: Identity, start: Micros) -> Self {
        Self { machine, identity, alive: true, acting: false, line: Line::Up, wake: start, mail: Mail::Nothing }
    }
}

impl Run {
    fn new(terms: Terms, start: Micros) -> Self {
        Self {
            machine: Machine::new(terms),
            wake: start,
            mail: Mail::Nothing,
            leases: Vec::new(),
            bodies: Vec::new(),
            changed: false,
        }
    }
}
