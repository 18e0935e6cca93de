//! A state: who is where, what is on its way, and what may still go wrong.

use super::super::{Answer, Body, Machine, Request, Sight};
use crate::elector;
use crate::model::Micros;
use crate::model::write::relative::{BASE, Frame, Relative};
use crate::model::write::{Identity, Manager, Place, Write};

/// All that there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World<M> {
    pub(super) now: Micros,
    pub(super) place: Place,
    /// The first has led for long when the transfer begins.
    pub(super) candidates: Vec<Candidate<M>>,
    /// The transfers under way. The first is the one that is asked about.
    pub(super) runs: Vec<Option<Run>>,
    pub(super) pod: Pod,
    /// Writes that nobody waits for any more, in the order in which they arrive.
    pub(super) orphans: Vec<(Micros, Orphan)>,
    pub(super) left: Left,
    /// Since when nobody leads.
    pub(super) vacant: Option<Micros>,
    /// Since when no transfer is under way, and whether the first has ended as it should.
    pub(super) quiet: Option<(Micros, bool)>,
    /// Who is said to lead now, and by when that has to be so.
    pub(super) said: Option<(Identity, Micros)>,
    /// Whose names have stood in the Lease since the beginning, and who has begun to lead.
    pub(super) held: Vec<Identity>,
    pub(super) led: Vec<Identity>,
    pub(super) wrong: Option<Wrong>,
}

/// What must never be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wrong {
    /// Two lead, for longer than an instant.
    TwoLead,
    /// Nobody leads for longer than can be.
    NobodyLeads,
    /// hactl says what is not so.
    Said,
}

/// A process with its elector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Candidate<M> {
    pub(super) machine: M,
    pub(super) identity: Identity,
    pub(super) alive: bool,
    pub(super) acting: bool,
    pub(super) line: Line,
    pub(super) wake: Micros,
    pub(super) mail: Mail<elector::Request, elector::Answer>,
}

/// A candidate's way to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Line {
    Up,
    /// What it sends is refused at once.
    Refused,
    /// What it sends is kept on the way, and arrives when the line is up again.
    Silent,
}

/// A transfer under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) machine: Machine,
    pub(super) wake: Micros,
    pub(super) mail: Mail<Request, Answer>,
    /// What its watches will tell, and when.
    pub(super) leases: Vec<(Micros, Option<Sight>)>,
    pub(super) bodies: Vec<(Micros, Body)>,
    /// Whether it has changed anything.
    pub(super) changed: bool,
}

/// A request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mail<Q, A> {
    Nothing,
    /// It arrives then, and has taken all the time that there is.
    Going(Micros, bool, Q),
    Coming(Micros, A),
}

impl<Q, A> Mail<Q, A> {
    pub(super) const fn due(&self) -> Micros {
        match self {
            Self::Nothing => Micros::NEVER,
            Self::Going(at, ..) | Self::Coming(at, _) => *at,
        }
    }
}

/// A request whose sender is gone, or waits for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Orphan {
    Write(Manager, Write),
    Evict,
}

/// The old leader's Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pod {
    /// What its object says.
    pub(super) body: Body,
    /// When its process is told to end.
    pub(super) signal: Micros,
    /// When the end of its process is reported.
    pub(super) report: Micros,
    /// When another process takes its place.
    pub(super) replace: Micros,
    /// Whether that process has the old one's name.
    pub(super) namesake: bool,
}

impl Pod {
    pub(super) const RUNNING: Self = Self {
        body: Body::Running,
        signal: Micros::NEVER,
        report: Micros::NEVER,
        replace: Micros::NEVER,
        namesake: false,
    };
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Left {
    /// Messages that take as long as they may.
    pub(super) late: u8,
    /// hactl is killed.
    pub(super) kills: u8,
    /// hactl is interrupted.
    pub(super) interrupts: u8,
    /// An answer to hactl is lost.
    pub(super) losses: u8,
    /// Someone deletes the old leader's Pod.
    pub(super) deletions: u8,
    /// Someone else's annotation.
    pub(super) touches: u8,
    /// Someone else's own way of moving a leader.
    pub(super) folk: u8,
    /// The old leader's process dies.
    pub(super) crashes: u8,
    /// A process that ends is killed, before it is done.
    pub(super) impatience: u8,
    /// The old leader's node is cut off while the fence stands, and is back.
    pub(super) cuts: u8,
    pub(super) heals: u8,
}

impl<M> World<M> {
    pub(super) fn acting(&self) -> usize {
        self.candidates.iter().filter(|candidate| candidate.acting).count()
    }
}

impl<Q: Relative, A: Relative> Relative for Mail<Q, A> {
    fn relate(&mut self, frame: &mut Frame) {
        match self {
            Self::Nothing => {}
            Self::Going(at, _, request) => {
                at.relate(frame);
                request.relate(frame);
            }
            Self::Coming(at, answer) => {
                at.relate(frame);
                answer.relate(frame);
            }
        }
    }
}

impl Relative for Run {
    fn relate(&mut self, frame: &mut Frame) {
        self.machine.relate(frame);
        self.wake.relate(frame);
        self.mail.relate(frame);
        for (at, sight) in &mut self.leases {
            at.relate(frame);
            sight.relate(frame);
        }
        for (at, _) in &mut self.bodies {
            at.relate(frame);
        }
    }
}

impl<M: Relative> Relative for World<M> {
    fn relate(&mut self, frame: &mut Frame) {
        self.place.relate(frame);
        for candidate in &mut self.candidates {
            candidate.machine.relate(frame);
            candidate.wake.relate(frame);
            candidate.mail.relate(frame);
        }
        for run in &mut self.runs {
            run.relate(frame);
        }
        for time in [&mut self.pod.signal, &mut self.pod.report, &mut self.pod.replace] {
            time.relate(frame);
        }
        for (at, orphan) in &mut self.orphans {
            at.relate(frame);
            if let Orphan::Write(_, write) = orphan {
                write.relate(frame);
            }
        }
        self.vacant.relate(frame);
        if let Some((since, _)) = &mut self.quiet {
            since.relate(frame);
        }
        if let Some((_, by)) = &mut self.said {
            by.relate(frame);
        }
    }
}

impl<M: Relative> World<M> {
    /// The same state, as it is when "now" is the same for all.
    pub(super) fn normalise(&mut self) {
        for run in self.runs.iter_mut().flatten() {
            let Run { leases, machine, .. } = run;
            leases.retain(|(_, sight)| sight.is_none_or(|sight| !machine.knows(&sight)));
        }
        self.held.sort_unstable();
        self.led.sort_unstable();
        let mut frame = Frame::Gather(Vec::new());
        self.relate(&mut frame);
        let Frame::Gather(mut versions) = frame else { return };
        versions.sort_unstable();
        versions.dedup();
        let by = Micros::from_secs(self.now.whole_seconds()) - BASE;
        self.relate(&mut Frame::Shift { now: self.now, by, versions });
        self.now -= by;
    }
}
