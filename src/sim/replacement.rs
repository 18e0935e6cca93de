//! A system without an election: one Pod, and nobody takes over until there is one Pod again.

use super::fault::Span;
use super::plan::Plan;
use super::{Random, Trial};
use crate::model::Micros;
use crate::model::timeline::{Acting, Event, Timeline};
use crate::system::Step;

/// The steps until there is one Pod again, and then until the system serves.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'p> {
    plan: &'p Plan,
    back: &'p [Step],
    after: &'p [Step],
    /// Whether the same Pod comes back, or another one takes its place.
    in_place: bool,
}

impl<'p> Replacement<'p> {
    /// How a plan's system comes back, if it is one without an election.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Option<Self> {
        let (back, in_place) = plan.replacement()?;
        let after = plan.profile.as_ref().map_or(&[][..], |profile| &profile.after);
        Some(Self { plan, back, after, in_place })
    }

    /// One trial.
    #[must_use]
    pub fn trial(&self, mut random: Random) -> Trial {
        let leaderless = self.back.iter().map(|step| draw(step, &mut random)).sum();
        let system = self.after.iter().map(|step| draw(step, &mut random)).sum();
        let warmup = self.plan.warmup;
        Trial {
            takeover: (!self.in_place).then_some(leaderless),
            detection: None,
            by_self: self.in_place,
            old_stopped: Some(Micros::ZERO),
            leaderless,
            gaps: 1,
            overlap: Micros::ZERO,
            warmup,
            system,
            outage: leaderless + warmup + system,
            censored: false,
            acting_at_end: 1,
        }
    }

    /// Its story.
    #[must_use]
    pub fn timeline(&self, mut random: Random) -> Timeline {
        let (actor, what) = self.plan.question.event();
        let actor = if actor == "leader" { "Pod".to_owned() } else { actor };
        let mut at = Micros::ZERO;
        let mut events = vec![Event { at, actor, what: what.to_owned() }];
        let mut step = |step: &Step, at: &mut Micros| {
            *at += draw(step, &mut random);
            events.push(Event { at: *at, actor: "Pod".to_owned(), what: format!("{}: {}", step.name, step.what) });
        };
        self.back.iter().filter(|step| step.counts).for_each(|one| step(one, &mut at));
        let back = at;
        self.after.iter().filter(|step| step.counts).for_each(|one| step(one, &mut at));
        let (new, never) = (if self.in_place { "Pod" } else { "new Pod" }, Micros::ZERO - Micros::NEVER);
        let acting = vec![
            Acting { actor: "Pod".to_owned(), from: never, until: Some(Micros::ZERO) },
            Acting { actor: new.to_owned(), from: back, until: None },
        ];
        Timeline { events, acting }
    }
}

/// What a step takes; those that nothing waits for take no random number either.
fn draw(step: &Step, random: &mut Random) -> Micros {
    if step.counts { Span { low: step.low, high: step.high }.draw(random) } else { Micros::ZERO }
}
