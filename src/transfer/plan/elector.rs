//! What is known of the elector, and from where.

use super::super::words;
use super::{Measured, Wish};
use crate::elector::catalogue::{Name, Times};
use crate::elector::setup::Setup;
use crate::error::{Error, Result};
use crate::model::elector::Confidence;
use crate::model::timing::Known;
use crate::model::{Election, Micros};

/// What is known of the elector.
pub(super) struct Elector {
    pub(super) name: Name,
    pub(super) setup: Setup,
    /// Whether its renew deadline is; otherwise it is bounded by its lease duration.
    pub(super) deadline_known: bool,
}

/// The library with its timing: as the person says, as it was read, as it was measured, or its defaults.
pub(super) fn elector(election: &Election, wish: &Wish, measured: &Measured) -> Result<Elector> {
    let found = &election.elector;
    let (name, stated) = match wish.elector {
        Some(elector) => elector,
        None => match Name::of(found.library) {
            Some(name) => (name, Times::default()),
            None => {
                return Err(Error::refused(format!("it is not known which library elects here: {}", found.evidence))
                    .hint("name it with --elector, such as --elector client-go"));
            }
        },
    };
    if wish.elector.is_some() && found.confidence == Confidence::Certain && Name::of(found.library).is_some() {
        let kind = |name: Name| std::mem::discriminant(&name.setup(stated));
        let same = Name::of(found.library).is_some_and(|known| kind(known) == kind(name));
        if !same {
            return Err(Error::refused(format!("--elector {name} is contradicted by the Lease: {}", found.evidence)));
        }
    }
    // What was inferred from other values gives way to what was measured, and is no ground for a wait.
    let sure = |known: Known| known.value.filter(|_| !known.inferred()).map(Micros::from);
    let any = |known: Known| known.value.map(Micros::from);
    let timing = found.timing;
    // The record's own duration is what everyone goes by.
    let lease_duration = any(timing.lease_duration).or(stated.lease_duration);
    let interval = measured.interval.map(round);
    let known = Times {
        lease_duration,
        renew_deadline: stated.renew_deadline.or(sure(timing.renew_deadline)),
        retry_period: stated.retry_period.or(sure(timing.retry_period)).or(interval),
        grace_period: stated.grace_period.or(sure(timing.grace_period)).or(interval
            .zip(lease_duration)
            .and_then(|(interval, lease)| (interval < lease).then(|| lease - interval))),
    };
    let guessed = Times {
        lease_duration,
        renew_deadline: any(timing.renew_deadline),
        retry_period: any(timing.retry_period),
        grace_period: any(timing.grace_period),
    };
    let setup = name.setup(known.or(guessed));
    contradicted(setup, interval)?;
    Ok(Elector { name, setup, deadline_known: known.renew_deadline.is_some() })
}

/// Whether the leader renews as its elector would: if not, it is another, or set up in another way.
fn contradicted(setup: Setup, interval: Option<Micros>) -> Result<()> {
    let expected = setup.rhythm().renewal;
    let Some(interval) = interval else { return Ok(()) };
    let off = if interval > expected { interval - expected } else { expected - interval };
    if off <= expected / 4 + Micros::from_millis(500) {
        return Ok(());
    }
    let (told, expected) = (words::time(interval), words::time(expected));
    Err(Error::refused(format!(
        "the leader renews every {told}, and not every {expected} as it should by its settings"
    ))
    .hint("say how it is set up, such as --elector client-go:15/10/2"))
}

/// A renewal comes a round trip later than it is due: an interval is told to a tenth of a second.
fn round(interval: Micros) -> Micros {
    let tenth = Micros::from_millis(100);
    tenth * ((interval + tenth / 2) / tenth)
}
