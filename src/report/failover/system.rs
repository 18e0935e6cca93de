//! The system's own part of a failover: its steps, and what its guide says beside what happens.

use serde::Serialize;

use super::Seconds;
use crate::sim::plan::Plan;
use crate::sim::question::Question;
use crate::system::Step;
use crate::system::profile::{Profile, Succession};

/// A system's part.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemItem {
    /// The system.
    pub name: &'static str,
    /// What it means that it serves.
    pub serves: &'static str,
    /// How it comes back where nobody is elected.
    pub replacement: Vec<StepItem>,
    /// What comes before the end of a leader that is stopped gracefully.
    pub before: Vec<StepItem>,
    /// What comes after a takeover.
    pub after: Vec<StepItem>,
    /// How old already is, at the fault, what is served meanwhile; `null` where that is not known.
    pub age: Option<StepItem>,
    /// What its guide says; `null` where it says nothing of times.
    pub guide: Option<GuideItem>,
}

/// A step.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepItem {
    /// Its stable name, as `--step` takes it.
    pub id: &'static str,
    /// Its short name.
    pub name: &'static str,
    /// What happens in it.
    pub what: &'static str,
    /// At least.
    pub low_seconds: Seconds,
    /// At most.
    pub high_seconds: Seconds,
    /// `known`, `default` of a setting, or `assumed`.
    pub basis: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// Whether what follows waits for it.
    pub counts: bool,
    /// Whether `--step` can set it.
    pub can_be_set: bool,
}

/// What a guide says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuideItem {
    /// Where it stands.
    pub source: &'static str,
    /// How it tells a failover.
    pub timeline: Vec<GuideMoment>,
    /// How long it says that a failover takes, with the timing that it says it for.
    pub claims: Vec<ClaimItem>,
}

/// A moment as a guide tells it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuideMoment {
    /// When, after the fault.
    pub at_seconds: Seconds,
    /// What it says.
    pub says: &'static str,
    /// What happens.
    pub happens: &'static str,
}

/// A failover time that a guide promises, and what it comes to.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimItem {
    /// What it calls it.
    pub name: &'static str,
    /// With this lease duration.
    pub lease_duration_seconds: Seconds,
    /// With this grace period.
    pub grace_period_seconds: Seconds,
    /// From so long.
    pub says_low_seconds: Seconds,
    /// To so long.
    pub says_high_seconds: Seconds,
    /// The bounds of what happens: from the crash to a standby that acts, by the library's own arithmetic.
    pub takeover_low_seconds: Seconds,
    /// The longest.
    pub takeover_high_seconds: Seconds,
    /// Until the system serves again, at the longest.
    pub serves_high_seconds: Seconds,
}

impl SystemItem {
    /// The part of a plan's system, if it has one.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let profile = plan.profile.as_ref()?;
        let graceful = plan.question.releases().is_some();
        let steps = |steps: &[Step]| steps.iter().map(StepItem::new).collect();
        Some(Self {
            name: profile.system.as_str(),
            serves: profile.serves,
            replacement: plan.replacement().map_or_else(Vec::new, |(back, _)| steps(back)),
            before: if graceful { steps(&profile.before) } else { Vec::new() },
            after: steps(&profile.after),
            age: profile.age.as_ref().map(StepItem::new),
            // It speaks of a crash.
            guide: guide(profile).filter(|_| plan.question == Question::Crash),
        })
    }
}

impl StepItem {
    fn new(step: &Step) -> Self {
        Self {
            id: step.id,
            name: step.name,
            what: step.what,
            low_seconds: step.low.into(),
            high_seconds: step.high.into(),
            basis: step.basis.as_str(),
            source: step.source,
            counts: step.counts,
            can_be_set: step.is_setting(),
        }
    }
}

/// What a guide says, beside the bounds of kube-lease-manager, which are the only ones that a guide is known of.
fn guide(profile: &Profile) -> Option<GuideItem> {
    let guide = profile.guide.as_ref()?;
    let Succession::Election(_) = profile.succession else { return None };
    let (_, after) = crate::system::step::total(&profile.after);
    let claim = |claim: &crate::system::guide::Claim| {
        let (low, high) = claim.takeover();
        ClaimItem {
            name: claim.name,
            lease_duration_seconds: claim.lease_duration.into(),
            grace_period_seconds: claim.grace_period.into(),
            says_low_seconds: claim.low.into(),
            says_high_seconds: claim.high.into(),
            takeover_low_seconds: low.into(),
            takeover_high_seconds: high.into(),
            serves_high_seconds: (high + after).into(),
        }
    };
    let moment = |moment: &crate::system::guide::Moment| GuideMoment {
        at_seconds: moment.at.into(),
        says: moment.says,
        happens: moment.happens,
    };
    Some(GuideItem {
        source: guide.source,
        timeline: guide.timeline.iter().map(moment).collect(),
        claims: guide.claims.iter().map(claim).collect(),
    })
}
