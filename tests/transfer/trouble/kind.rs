//! What can befall a transfer.

use std::fmt;

use crate::support::gate::{Act, Asked};

/// Which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// The first write for this.
    Step(&'static str),
    /// The request with this number, whatever it is for.
    Number(usize),
}

/// What befalls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This becomes of one request.
    Request { at: Point, act: Act },
    /// This becomes of a write from there on, always.
    Always { step: &'static str, act: Act },
    /// Whoever is named dies, process and Pod.
    TargetDies,
    /// The disruption budget has no room; `hidden`: that shows only when it is tried.
    BudgetRefuses { hidden: bool },
    /// Two runs at once want two others.
    TwoAtOnce,
    /// Someone else deletes the old Pod during the fence.
    OldDeleted,
    /// The leader is cut off during the fence.
    LeaderCut,
}

impl Kind {
    /// What becomes of this request.
    pub(crate) fn rule(&self, asked: &Asked) -> Act {
        match self {
            Self::Request { at: Point::Step(step), act } if asked.step() == Some(step) && asked.before == 0 => {
                act.clone()
            }
            Self::Request { at: Point::Number(number), act } if asked.number == *number => act.clone(),
            Self::Always { step, act } if asked.step() == Some(step) => act.clone(),
            Self::BudgetRefuses { hidden: true } if asked.path.contains("/poddisruptionbudgets") => Act::Nothing,
            _ => Act::Pass,
        }
    }

    /// The exit codes that tell the truth; `None` is a run that was killed.
    pub(crate) fn codes(&self) -> &'static [Option<i32>] {
        match self {
            // A run may end before it comes to that number.
            Self::Request { at: Point::Number(_), .. } => &[None, Some(0)],
            Self::Request { act: Act::KillBefore | Act::KillAfter, .. } => &[None],
            // Such an answer comes from a server that did not do it, and hactl tries again.
            Self::Request { act: Act::Answer(409 | 429, _), .. } => &[Some(0)],
            Self::Request { act: Act::Answer(..), .. } => &[Some(0), Some(10), Some(12)],
            // A fence that is not renewed may run out while nobody answers.
            Self::Request { act: Act::HangBefore, .. } => &[Some(0), Some(13)],
            Self::Request { .. } => &[Some(0)],
            Self::Always { .. } => &[Some(3), Some(10), Some(12), Some(13)],
            // It may have led for a moment, and that was seen.
            Self::TargetDies => &[Some(0), Some(12), Some(13), Some(14)],
            Self::BudgetRefuses { .. } => &[Some(10)],
            Self::TwoAtOnce => &[Some(0), Some(10), Some(13)],
            Self::OldDeleted => &[Some(0), Some(12), Some(13)],
            Self::LeaderCut => &[Some(0), Some(12)],
        }
    }
}

impl Kind {
    /// What befalls it, whichever write that is.
    pub(crate) fn sort(&self) -> String {
        match self {
            Self::Request { at: Point::Step(_), act } => told(act),
            Self::Always { act, .. } => format!("{} each", told(act)),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { at, act } => write!(f, "{} {at}", told(act)),
            Self::Always { step, act } => write!(f, "{} each {step}", told(act)),
            Self::TargetDies => f.write_str("the next leader dies"),
            Self::BudgetRefuses { hidden: false } => f.write_str("the budget has no room"),
            Self::BudgetRefuses { hidden: true } => f.write_str("the server says that the budget has no room"),
            Self::TwoAtOnce => f.write_str("two at once"),
            Self::OldDeleted => f.write_str("someone deletes the old Pod under the fence"),
            Self::LeaderCut => f.write_str("the leader is cut off under the fence"),
        }
    }
}

fn told(act: &Act) -> String {
    match act {
        Act::Answer(code, _) => format!("{code} to"),
        Act::ResetBefore => "a reset before".to_owned(),
        Act::ResetAfter => "a reset after".to_owned(),
        Act::HangBefore => "silence before".to_owned(),
        Act::HangAfter => "silence after".to_owned(),
        Act::KillBefore => "killed before".to_owned(),
        Act::KillAfter => "killed after".to_owned(),
        Act::Pass | Act::Nothing | Act::Forward(..) => "nothing to".to_owned(),
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => write!(f, "the {step}"),
            // All of them together are one row.
            Self::Number(_) => write!(f, "any request"),
        }
    }
}
