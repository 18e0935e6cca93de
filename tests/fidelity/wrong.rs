//! Models that are wrong on purpose, each in a way that was or could be believed: the comparison has to tell them from
//! the real thing.

use hactl::elector::client_go::{self, ClientGo};
use hactl::elector::rule::Broken;
use hactl::elector::{Draws, Input, Machine, Now, Output, Rhythm, Settings, Tolerance};
use hactl::model::Micros;
use hactl::model::write::Identity;
use hactl::sim::{Fault, Latency, Met, Outage, Random};

use crate::cell::{Cell, Elector};
use crate::measure::Course;

/// A wrong model of a cell.
pub(crate) struct Wrong {
    pub(crate) what: &'static str,
    pub(crate) courses: fn(&Cell, ClientGo, Latency, u64) -> Vec<Course>,
    /// Whether it is a model of this cell.
    pub(crate) of: fn(&Cell) -> bool,
}

/// All of them.
pub(crate) const WRONG: [Wrong; 3] = [
    Wrong { what: "a standby that looks every retry period, without jitter", courses: without_jitter, of: is_crash },
    Wrong { what: "a takeover at the expiry, without another look", courses: at_expiry, of: is_crash },
    Wrong {
        what: "a standby that has always seen the last renewal before an outage",
        courses: observed_at_the_start,
        of: is_outage,
    },
];

/// The settings of a cell that there are wrong models of: client-go at a shortened timing.
pub(crate) fn settings(cell: &Cell) -> Option<ClientGo> {
    match cell.elector {
        Elector::ClientGo(settings) if settings.retry_period == Micros::SECOND && settings.timeout == Micros::NEVER => {
            Some(settings)
        }
        _ => None,
    }
}

fn is_crash(cell: &Cell) -> bool {
    cell.fault == Fault::Crash && cell.standbys == 1 && settings(cell).is_some()
}

/// Of those outages that no leader survives.
fn is_outage(cell: &Cell) -> bool {
    match (cell.fault, settings(cell)) {
        (Fault::Outage(Outage { lasting, met: Met::Refused }), Some(settings)) => lasting > settings.renew_deadline,
        _ => false,
    }
}

/// client-go whose random draws are all the smallest.
#[derive(Clone, Copy)]
struct Stiff<T>(T);

struct Lowest;

impl Draws for Lowest {
    fn between(&mut self, low: Micros, _high: Micros) -> Micros {
        low
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct StiffElector(client_go::Elector);

impl Machine for StiffElector {
    fn step(&mut self, now: Now, input: Input, _draws: &mut impl Draws) -> Output {
        self.0.step(now, input, &mut Lowest)
    }
}

impl Settings for Stiff<ClientGo> {
    type Machine = StiffElector;
    const GUARDED: bool = ClientGo::GUARDED;
    const CREATES: bool = ClientGo::CREATES;

    fn machine(&self, identity: Identity, process: u8) -> StiffElector {
        StiffElector(self.0.machine(identity, process))
    }

    fn check(&self) -> Result<(), Broken> {
        self.0.check()
    }

    fn rhythm(&self) -> Rhythm {
        self.0.rhythm()
    }

    fn tolerates(&self) -> Tolerance {
        self.0.tolerates()
    }
}

fn without_jitter(cell: &Cell, settings: ClientGo, latency: Latency, trials: u64) -> Vec<Course> {
    cell.play(Stiff(settings), latency, trials)
}

/// The renewal is seen at the next look, and the Lease taken a lease duration later.
fn at_expiry(_: &Cell, settings: ClientGo, _: Latency, trials: u64) -> Vec<Course> {
    draw(trials, |random| {
        let renewed = random.between(Micros::ZERO, settings.retry_period);
        let takeover = first_look(settings, random) - renewed + settings.lease_duration;
        (takeover, takeover)
    })
}

/// The lease duration counts from the beginning of the outage, always.
fn observed_at_the_start(cell: &Cell, settings: ClientGo, _: Latency, trials: u64) -> Vec<Course> {
    let ClientGo { lease_duration, renew_deadline, retry_period, .. } = settings;
    let Fault::Outage(Outage { lasting, .. }) = cell.fault else { return Vec::new() };
    draw(trials, |random| {
        let mut look = first_look(settings, random);
        while look < lease_duration.max(lasting) {
            look += rest(settings, random);
        }
        let off = renew_deadline + random.between(Micros::ZERO, retry_period);
        (look, look - off)
    })
}

fn draw(trials: u64, one: impl Fn(&mut Random) -> (Micros, Micros)) -> Vec<Course> {
    let course = |number| {
        let (takeover, leaderless) = one(&mut Random::stream(5, number));
        Course { takeover: Some(takeover), leaderless, ..Course::default() }
    };
    (0..trials).map(course).collect()
}

fn rest(settings: ClientGo, random: &mut Random) -> Micros {
    random.between(settings.retry_period, settings.retry_period * 11 / 5)
}

/// How long a standby still rests, at any time: a rest is met the more often the longer it is.
fn first_look(settings: ClientGo, random: &mut Random) -> Micros {
    loop {
        let rest = rest(settings, random);
        if random.between(Micros::ZERO, settings.retry_period * 11 / 5) < rest {
            return random.between(Micros::ZERO, rest);
        }
    }
}
