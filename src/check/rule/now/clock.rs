//! Clocks: whether the leader's agrees with the API server's.

use super::{ELECTIONS, lease, led, look, subject};
use crate::check::catalogue::{Check, Severity};
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::model::health::{FUTURE_TOLERANCE, words};

pub(super) const AGREES: Check = Check {
    id: "HA0909",
    severity: Severity::Warning,
    title: "the leader's clock is not ahead",
    page: include_str!("../../pages/HA0909.md"),
    judge: agrees,
};

fn agrees(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in led(live) {
        let on = subject(scene, election);
        // What lies in the past may be as old as it says.
        let ahead = election.renewed_ago(live.now.at).map(|ago| -ago);
        let Some(ahead) = ahead.filter(|ahead| *ahead > live.now.error + FUTURE_TOLERANCE) else {
            verdicts.pass_on(on);
            continue;
        };
        let place = election.holder.node.as_deref().map_or_else(String::new, |node| format!(" on node {node}"));
        let what = if election.elector.library.renews_before_expiry() {
            "its standbys go by that time and take over so much later when it is lost"
        } else {
            "its own library does not go by that time, but whoever reads the Lease does"
        };
        let message = format!(
            "renewTime of {} lies {} in the future: the leader's clock{place} is ahead; {what}. Let the nodes keep time",
            lease(election),
            words(ahead)
        );
        verdicts.fail_on(on, message);
    }
}
