//! A coordinated election (KEP-4355) whose holder was asked to yield, and nobody follows.
//!
//! So it is after somebody wrote another holder by hand: the controller asks that one to yield, it does not even begin,
//! nobody renews, and the controller does nothing more (240 s, to the end of the watch, in 2 of 2 runs; 15 of 15 for 40 s).
//! Without `preferredHolder` the named one leads again, within 15 to 35 s. The holder is never written: that is how it began.

use jiff::SignedDuration;

use super::proof::nobody_leads;
use super::{Case, Problem, Repair};
use crate::elector::catalogue::Name;
use crate::model::lease::Tenure;
use crate::model::write::Change;
use crate::model::{LeasePatch, LeaseRecord};

/// 15 to 35 s were seen.
const TAKEN_WITHIN: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn diagnose(case: &Case<'_>, lease: &LeaseRecord) -> Option<Repair> {
    let asked = lease.preferred_holder.as_deref().filter(|preferred| !preferred.is_empty())?;
    let Tenure::Expired { holder, .. } = lease.tenure(case.now) else { return None };
    Some(Repair {
        problem: Problem::UnansweredYield,
        evidence: format!("{holder} was asked to yield (preferredHolder is {asked}), and nobody renews"),
        precondition: "nobody leads any more",
        proof: nobody_leads(case, Name::Coordinated),
        patch: Some(LeasePatch { preferred: Change::Null, ..LeasePatch::of(lease) }),
        within: TAKEN_WITHIN,
        advice: Vec::new(),
    })
}
