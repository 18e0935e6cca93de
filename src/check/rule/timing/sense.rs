//! Times that a library takes, and that are still not what anybody wants.

use super::super::super::catalogue::{Check, Severity};
use super::super::super::election::timing::{Source, Span};
use super::super::super::scene::Scene;
use super::super::super::verdict::{Said, Verdicts};
use super::super::electors::{each, elects};
use super::{Elector, is_timed, setup, skipped, sounder, times};
use crate::elector::Bound;
use crate::elector::catalogue::Times;
use crate::model::Micros;
use crate::model::elector::Library;

pub(super) const NEVER_TWO: Check = Check {
    id: "HA0402",
    severity: Severity::Warning,
    title: "a leader that is cut off stops before another may start",
    page: include_str!("../../pages/HA0402.md"),
    judge: never_two,
};

pub(super) const BEARS: Check = Check {
    id: "HA0403",
    severity: Severity::Warning,
    title: "an election bears some seconds without the API server",
    page: include_str!("../../pages/HA0403.md"),
    judge: bears,
};

pub(super) const SOON: Check = Check {
    id: "HA0404",
    severity: Severity::Warning,
    title: "a Lease that is left behind is over within minutes",
    page: include_str!("../../pages/HA0404.md"),
    judge: soon,
};

pub(super) const STOPS: Check = Check {
    id: "HA0406",
    severity: Severity::Warning,
    title: "a leader stops leading when it cannot renew its Lease",
    page: include_str!("../../pages/HA0406.md"),
    judge: stops,
};

/// Shorter than this the API server is away whenever etcd elects a leader of its own: a member waits 1 to 2 s until it
/// stands for election (`--election-timeout`, 1000 ms by default: <https://etcd.io/docs/latest/tuning/>), and the votes
/// and the API server's own connections come on top.
const SHORTEST_OUTAGE: Micros = Micros::from_secs(3);

/// A lease duration of klag-exporter that its own guide calls as short as can be.
const SHORTEST_LEASE: Micros = Micros::from_secs(10);

/// Longer than any default that is known: 137 s of OpenShift (`openshift/library-go/pkg/config/leaderelection`), and 180 s of
/// Kyma's lifecycle-manager (`internal/pkg/flags`).
const LONGEST_LEASE: Micros = Micros::from_secs(180);

/// The timing of an elector, where it is known, something is said of it, and its library would start with it.
fn sound(elector: &Elector<'_>) -> Option<Times> {
    let times = times(&elector.timing).filter(|_| elector.timing.is_said() || elector.timing.is_seen())?;
    setup(elector, times).check().is_ok().then_some(times)
}

/// What there is to say where no such timing is known: all is well where nothing tells of it.
fn unsound(elector: &Elector<'_>, verdicts: &mut Verdicts<'_>) -> bool {
    if !elector.timing.is_said() && !elector.timing.is_seen() {
        return true;
    }
    if times(&elector.timing).is_some() {
        verdicts.skip(elector.workload.object, "it does not start with its timing: HA0401");
        return false;
    }
    skipped(elector.workload, &elector.timing, verdicts)
}

/// Whether a library starts with a timing, and there is nothing to be said of it.
pub(super) fn is_well(elector: &Elector<'_>, times: Times) -> bool {
    let setup = setup(elector, times);
    let apart = || setup.margin().is_none_or(|margin| margin >= Micros::ZERO);
    setup.check().is_ok() && apart() && bears_enough(elector, times) && is_soon_over(times)
}

fn is_soon_over(times: Times) -> bool {
    times.lease_duration <= Some(LONGEST_LEASE)
}

/// The longest outage that a leader is sure to bear.
fn borne(elector: &Elector<'_>, times: Times) -> Micros {
    match setup(elector, times).tolerates().outage {
        Bound::UpTo(time) => time,
        Bound::Unlimited => Micros::NEVER,
    }
}

fn bears_enough(elector: &Elector<'_>, times: Times) -> bool {
    match elector.library {
        // It bears hardly a second even by its defaults: here its guide is what people go by.
        Library::KubeLeaseManager => times.lease_duration >= Some(SHORTEST_LEASE),
        _ => borne(elector, times) >= SHORTEST_OUTAGE,
    }
}

/// The value that a finding about a timing stands on: what is said, or else what the Lease tells.
fn evidence<'e, 'o>(elector: &'e Elector<'o>) -> Option<&'e Span<'o>> {
    let seen = |span: &&Span<'_>| matches!(span.source, Source::Lease);
    let spans = || elector.timing.spans();
    spans().find(|span| span.said().is_some()).or_else(|| spans().find(seen))
}

/// It is not as it should be: where that is said, or where its program stands.
fn fail<'v>(elector: &Elector<'_>, span: &Span<'_>, verdicts: &'v mut Verdicts<'_>, message: String) -> Said<'v> {
    match span.said() {
        Some(said) => said.fail(verdicts, message),
        None => verdicts.fail(elector.workload.object, elector.election.field.as_str(), message),
    }
}

fn never_two(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, is_timed, |elector, verdicts| {
        let margin = |times: Times| setup(elector, times).margin();
        let Some(times) = sound(elector) else { return unsound(elector, verdicts) };
        let Some(short) = margin(times).filter(|margin| *margin < Micros::ZERO) else { return true };
        let Some(span) = evidence(elector) else { return true };
        let time = |time: Option<Micros>| time.unwrap_or_default();
        let message = format!(
            "a leader that cannot reach the API server goes on for up to {} after its last renewal (retry period and \
             renew deadline), and a standby takes over after {}: for up to {} there are two",
            time(times.retry_period) + time(times.renew_deadline),
            time(times.lease_duration),
            Micros::ZERO - short
        );
        let failed = fail(elector, span, verdicts, message);
        if let Some(fix) = sounder(elector) {
            failed.fix(fix);
        }
        false
    });
}

fn bears(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, is_timed, |elector, verdicts| {
        let Some(times) = sound(elector) else { return unsound(elector, verdicts) };
        if bears_enough(elector, times) {
            return true;
        }
        let Some(span) = evidence(elector) else { return true };
        let message = format!(
            "with a lease duration of {} the leader is sure to stay the leader only while the API server is away for {} or \
             less: etcd alone takes as long to elect a leader of its own, and each time this one changes too",
            times.lease_duration.unwrap_or_default(),
            borne(elector, times)
        );
        let failed = fail(elector, span, verdicts, message);
        if let Some(fix) = sounder(elector) {
            failed.fix(fix);
        }
        false
    });
}

fn soon(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, is_timed, |elector, verdicts| {
        let Some(times) = sound(elector) else { return unsound(elector, verdicts) };
        if is_soon_over(times) {
            return true;
        }
        let of_lease = elector.timing.lease_duration.as_ref();
        let Some(span) = of_lease.filter(|span| !matches!(span.source, Source::Assumed | Source::Program)) else {
            return true;
        };
        let message = format!(
            "{} makes a lease duration of {}: when a leader crashes, or its node is lost, nobody leads for that long",
            span.said().map_or("its Lease", |said| said.name.as_str()),
            times.lease_duration.unwrap_or_default()
        );
        let failed = fail(elector, span, verdicts, message);
        if let Some(fix) = sounder(elector) {
            failed.fix(fix);
        }
        false
    });
}

fn stops(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, elects, |elector, verdicts| {
        if elector.library != Library::KubeLeaseManager {
            return true;
        }
        if scene.most(elector.workload) < 2 {
            verdicts.skip(elector.workload.object, "it has no second replica");
            return false;
        }
        let message = "kube-lease-manager goes on leading when it cannot renew its Lease: a leader that is cut off from the \
                       API server, and a standby that is not, both lead until the first reaches it again";
        verdicts.fail(elector.workload.object, elector.election.field.as_str(), message);
        false
    });
}
