//! Who is to lead next: the best of those who may, and why.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::scheme::Scheme;
use crate::error::{Error, Result};
use crate::model::health::words;
use crate::model::pod::REVISION_LABELS;
use crate::model::{Candidate, Election, Pod, Role};

/// Where only leaders are Ready, a standby counts that has run for so long without being restarted: longer than a
/// container that crashes at its start is left running before the kubelet's first back-off.
const STEADY: SignedDuration = SignedDuration::from_secs(30);

/// What is asked of the next leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This one: a Pod, an identity, or a StatefulSet's ordinal.
    pub to: Option<String>,
    /// None of these Pods.
    pub not_pods: Vec<String>,
    /// None on these nodes.
    pub not_nodes: Vec<String>,
    /// None in these zones.
    pub not_zones: Vec<String>,
    /// What cannot be promised may fail.
    pub best_effort: bool,
}

impl Wanted {
    /// Whether just anyone would do.
    #[must_use]
    pub fn anyone(&self) -> bool {
        self.to.is_none() && self.not_pods.is_empty() && self.not_nodes.is_empty() && self.not_zones.is_empty()
    }

    /// Whether a Pod there would do.
    #[must_use]
    pub fn allows(&self, pod: &str, node: Option<&str>, zone: Option<&str>) -> bool {
        // Where that is not known it may be there.
        let none = |of: &[String], value: Option<&str>| {
            of.is_empty() || value.is_some_and(|value| !of.iter().any(|one| one == value))
        };
        none(&self.not_pods, Some(pod)) && none(&self.not_nodes, node) && none(&self.not_zones, zone)
    }

    fn admits(&self, candidate: &Candidate) -> bool {
        self.allows(candidate.name(), candidate.pod.node.as_deref(), candidate.zone.as_deref())
    }
}

/// Who is to lead next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its Pod.
    pub pod: Arc<Pod>,
    /// Its identity, where that can be known: then it is written into the Lease.
    pub identity: Option<String>,
    /// Why it is this one.
    pub why: String,
}

/// Chooses; `None` where anyone will do, and nobody can be named.
///
/// # Errors
///
/// Where nobody may lead, or what is wanted cannot be promised.
pub fn choose(election: &Election, scheme: Scheme, wanted: &Wanted, now: Timestamp) -> Result<Option<Target>> {
    let standbys: Vec<_> = election.candidates.iter().filter(|candidate| candidate.role == Role::Standby).collect();
    if standbys.is_empty() {
        return Err(Error::refused("there is no standby that could lead")
            .hint("scale the workload up, and wait until another Pod is there"));
    }
    if let Some(text) = &wanted.to {
        let candidate = named(text, &standbys, scheme, election)?;
        if let Some(why) = unfit(candidate, election, now) {
            return Err(Error::refused(format!("{} cannot lead: {why}", candidate.name())));
        }
        if !wanted.admits(candidate) {
            return Err(Error::usage(format!("{} is asked for and excluded at once", candidate.name())));
        }
        let why = "asked for with --to".to_owned();
        return promised(candidate, scheme, wanted, &standbys, why).map(Some);
    }
    let mut fit: Vec<_> = standbys.iter().copied().filter(|one| unfit(one, election, now).is_none()).collect();
    if fit.is_empty() {
        let why: Vec<_> =
            standbys.iter().filter_map(|one| Some(format!("{}: {}", one.name(), unfit(one, election, now)?))).collect();
        return Err(Error::refused("no standby is fit to lead").hint(why.join("\n")));
    }
    fit.retain(|one| wanted.admits(one));
    let newest = newest_revision(&election.candidates);
    fit.sort_by_key(|one| (rank(one, election, newest), one.name().to_owned()));
    let Some(best) = fit.first() else {
        let names: Vec<_> = standbys.iter().map(|one| one.name()).collect();
        return Err(Error::refused("every standby is excluded").hint(format!("there are {}", names.join(", "))));
    };
    if scheme == Scheme::Hidden && wanted.anyone() {
        return Ok(None);
    }
    promised(best, scheme, wanted, &standbys, praise(best, election, newest, fit.len(), now)).map(Some)
}

/// The candidate that is asked for.
fn named<'c>(text: &str, standbys: &[&'c Candidate], scheme: Scheme, election: &Election) -> Result<&'c Candidate> {
    let ordinal = |one: &Candidate| {
        let workload = election.workload.as_ref().map_or("", |workload| workload.name.as_str());
        text.bytes().all(|b| b.is_ascii_digit()) && one.name() == format!("{workload}-{text}")
    };
    let answers = |one: &Candidate| {
        let name = text.strip_prefix("pod/").unwrap_or(text);
        one.name() == name || scheme.identity(&one.pod).as_deref() == Some(text) || ordinal(one)
    };
    standbys.iter().copied().find(|one| answers(one)).ok_or_else(|| {
        let names: Vec<_> = standbys.iter().map(|one| one.name()).collect();
        Error::usage(format!("no standby answers to {text}")).hint(format!("there are {}", names.join(", ")))
    })
}

/// Why a Pod cannot lead, if it cannot.
pub(super) fn unfit(candidate: &Candidate, election: &Election, now: Timestamp) -> Option<String> {
    let pod = &candidate.pod;
    if pod.terminating() {
        return Some("it is Terminating".to_owned());
    }
    if pod.finished {
        return Some("it has ended".to_owned());
    }
    let only_leaders_are_ready = election.system.is_some_and(crate::system::System::standbys_are_never_ready);
    if !only_leaders_are_ready {
        let why = candidate.trouble().map_or_else(String::new, |trouble| format!(" ({trouble})"));
        return (!pod.ready).then(|| format!("it is not Ready{why}"));
    }
    if !pod.all_running() {
        return Some("not all its containers run".to_owned());
    }
    let since = pod.containers.iter().filter_map(|container| container.started).max()?;
    let ran = now.duration_since(since);
    (ran < STEADY).then(|| format!("it runs for only {}, and only leaders are ever Ready here", words(ran)))
}

/// The less, the better.
fn rank(candidate: &Candidate, election: &Election, newest: Option<&str>) -> (bool, bool, bool, i64) {
    let old_node = candidate.pod.node.is_some() && candidate.pod.node == election.holder.node;
    let old_zone = candidate.zone.is_some() && candidate.zone == election.holder.zone;
    (newest.is_some() && revision(&candidate.pod) != newest, old_node, old_zone, candidate.pod.restarts())
}

/// Of which template a Pod is.
pub(super) fn revision(pod: &Pod) -> Option<&str> {
    REVISION_LABELS.iter().find_map(|label| pod.labels.get(*label)).map(String::as_str)
}

/// The revision of the Pod that was created last: in the middle of a roll-out, leadership should not move twice.
fn newest_revision(candidates: &[Candidate]) -> Option<&str> {
    revision(&candidates.iter().max_by_key(|one| one.pod.created)?.pod)
}

fn praise(candidate: &Candidate, election: &Election, newest: Option<&str>, fit: usize, now: Timestamp) -> String {
    let pod = &candidate.pod;
    let mut why = vec![if pod.ready { "Ready" } else { "running" }.to_owned()];
    if let Some(created) = pod.created {
        why[0].push_str(&format!(" and {} old", words(now.duration_since(created))));
    }
    let (_, old_node, old_zone, restarts) = rank(candidate, election, newest);
    if pod.node.is_some() && election.holder.node.is_some() {
        why.push(if old_node { "on the same node" } else { "on another node" }.to_owned());
    }
    if candidate.zone.is_some() && !old_zone {
        why.push("in another zone".to_owned());
    }
    if restarts > 0 {
        why.push(format!("{restarts} restarts"));
    }
    let best = if fit > 1 { format!("; the best of {fit}") } else { "; the only one".to_owned() };
    format!("{}{best}", why.join(", "))
}

/// The target, if that it leads can be promised: by its name, or because there is no other.
fn promised(
    candidate: &Candidate,
    scheme: Scheme,
    wanted: &Wanted,
    standbys: &[&Candidate],
    why: String,
) -> Result<Target> {
    let identity = scheme.identity(&candidate.pod);
    let others_would_do = match &wanted.to {
        Some(_) => standbys.len() == 1,
        None => standbys.iter().all(|one| wanted.admits(one)),
    };
    if identity.is_none() && !others_would_do && !wanted.best_effort {
        return Err(Error::refused(format!(
            "{} cannot be made the next leader: its identity is known to nobody but itself, and any of the {} standbys \
             may be first",
            candidate.name(),
            standbys.len()
        ))
        .hint("leave it to chance with --best-effort, or leave out --to and --not-…"));
    }
    Ok(Target { pod: Arc::clone(&candidate.pod), identity, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use crate::model::health::tests::{HELD, at, election_after, web, world};

    fn choice(pods: &[&str], scheme: Scheme, wanted: Wanted) -> Result<Option<String>> {
        let election = election_after(&world(HELD, pods), 0);
        let chosen = choose(&election, scheme, &wanted, at(0).parse().expect("a time"))?;
        Ok(chosen.map(|target| format!("{} {} ({})", target.pod.key.name, target.identity.is_some(), target.why)))
    }

    fn leader() -> String {
        web("aaaaa", "n1", true, "")
    }

    fn to(text: &str) -> Wanted {
        Wanted { to: Some(text.to_owned()), ..Wanted::default() }
    }

    #[test]
    fn the_best_standby_is_ready_and_elsewhere() {
        let pods =
            [leader(), web("bbbbb", "n1", true, ""), web("ccccc", "n2", true, ""), web("ddddd", "n3", false, "")];
        let pods: Vec<_> = pods.iter().map(String::as_str).collect();
        let best = choice(&pods, Scheme::PodName, Wanted::default());
        assert_eq!(best, Ok(Some("web-7d4b9-ccccc true (Ready, on another node; the best of 2)".to_owned())));
        let not_there = Wanted { not_nodes: vec!["n2".to_owned()], ..Wanted::default() };
        let best = choice(&pods, Scheme::PodName, not_there);
        assert_eq!(best, Ok(Some("web-7d4b9-bbbbb true (Ready, on the same node; the only one)".to_owned())));
        let refused = choice(&pods, Scheme::PodName, to("web-7d4b9-ddddd")).expect_err("not Ready");
        assert_eq!(
            (refused.exit, refused.message.as_str()),
            (Exit::Refused, "web-7d4b9-ddddd cannot lead: it is not Ready")
        );
        let unknown = choice(&pods, Scheme::PodName, to("web-0")).expect_err("no such Pod");
        assert_eq!(unknown.exit, Exit::Usage);
    }

    #[test]
    fn who_cannot_be_named_is_promised_only_where_there_is_no_other() {
        let two = [leader(), web("bbbbb", "n2", true, "")];
        let two: Vec<_> = two.iter().map(String::as_str).collect();
        assert_eq!(choice(&two, Scheme::Hidden, Wanted::default()), Ok(None));
        let only = choice(&two, Scheme::Hidden, to("web-7d4b9-bbbbb"));
        assert_eq!(only, Ok(Some("web-7d4b9-bbbbb false (asked for with --to)".to_owned())));
        let three = [leader(), web("bbbbb", "n2", true, ""), web("ccccc", "n3", true, "")];
        let three: Vec<_> = three.iter().map(String::as_str).collect();
        let refused = choice(&three, Scheme::Hidden, to("web-7d4b9-bbbbb")).expect_err("a promise");
        assert_eq!(refused.exit, Exit::Refused);
        let luck = Wanted { best_effort: true, ..to("web-7d4b9-bbbbb") };
        assert!(choice(&three, Scheme::Hidden, luck).is_ok());
        let elsewhere = Wanted { not_nodes: vec!["n1".to_owned()], ..Wanted::default() };
        assert!(choice(&three, Scheme::Hidden, elsewhere).is_ok(), "whoever it is, it is not there");
    }

    #[test]
    fn without_a_standby_nothing_can_be_moved() {
        let alone = choice(&[&leader()], Scheme::PodName, Wanted::default()).expect_err("nobody");
        assert_eq!((alone.exit, alone.message.as_str()), (Exit::Refused, "there is no standby that could lead"));
    }
}
