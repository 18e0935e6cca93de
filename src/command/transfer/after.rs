//! Who leads afterwards: its Pod, whether it serves, and whether it is who was wanted.

use std::time::Duration;

use tokio::time::Instant;

use crate::cluster::{Reader, Scope};
use crate::command::look::look_at;
use crate::model::{Election, Role};
use crate::report::transfer::PartyItem;
use crate::terminal::Interrupts;
use crate::transfer::plan::Plan;
use crate::transfer::target::Wanted;

/// How long the next leader's Pod may take to become Ready, once it leads: a probe comes every ten seconds, if it is not
/// set otherwise.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The Election after a transfer.
pub(super) struct After {
    identity: String,
    /// `None` where it could not be read, or another leads by then.
    election: Option<Election>,
}

impl After {
    /// Looks until the leader's Pod is Ready, but not for ever, and no longer than the person wants to wait.
    pub(super) async fn look(reader: &Reader, before: &Election, identity: &str, interrupts: &mut Interrupts) -> Self {
        let scope = Scope {
            namespace: Some(before.namespace.clone()),
            lease: before.lease_name().map(str::to_owned),
            exact: true,
            ..Scope::default()
        };
        let deadline = Instant::now() + READY_WITHIN;
        let mut after = Self { identity: identity.to_owned(), election: None };
        loop {
            let found = look_at(reader, &scope, None).await.ok().and_then(|found| found.elections.into_iter().next());
            after.election =
                found.filter(|found| found.holder.identity.as_deref() == Some(identity)).or(after.election);
            if after.not_serving().is_none() || Instant::now() >= deadline {
                return after;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = interrupts.next() => return after,
            }
        }
    }

    pub(super) fn leader(&self) -> PartyItem {
        let holder = self.election.as_ref().map(|election| &election.holder);
        PartyItem {
            identity: Some(self.identity.clone()),
            pod: holder.and_then(|holder| holder.pod.clone()),
            node: holder.and_then(|holder| holder.node.clone()),
        }
    }

    /// Why its Pod does not serve, if that is so; a leader that is no Pod cannot be asked.
    pub(super) fn not_serving(&self) -> Option<String> {
        let Some(election) = &self.election else {
            return Some(format!("{} led, and was not seen to lead on", self.identity));
        };
        let pod = &election.candidates.iter().find(|one| one.role == Role::Leader)?.pod;
        (!pod.ready).then(|| format!("its Pod {} was not seen Ready", pod.key.name))
    }
}

/// Why this is not who was wanted, if it is not.
pub(super) fn missed(wanted: &Wanted, plan: &Plan, after: &After) -> Option<String> {
    let leader = after.leader();
    if leader.identity == plan.from.identity {
        return Some("whoever has the old leader's name leads again".to_owned());
    }
    let to = plan.to.as_ref();
    // Nobody but a process knows who has such an identity.
    if wanted.to.is_some() && to.is_some_and(|to| to.identity.is_some() && to.identity != leader.identity) {
        return Some(format!("{} was wanted", to.and_then(|to| to.identity.as_deref()).unwrap_or_default()));
    }
    let Some(election) = &after.election else {
        let told = wanted.to.is_some() || !wanted.anyone();
        return told.then(|| "whether it is who was wanted could not be seen".to_owned());
    };
    let uid = |pod: Option<&str>| {
        election.candidates.iter().find(|one| Some(one.name()) == pod).map(|one| one.pod.uid.clone())
    };
    if let (Some(before), Some(now)) = (plan.from.pod.as_deref(), uid(leader.pod.as_deref()))
        && before.uid == now
    {
        return Some("the same Pod leads again".to_owned());
    }
    let to = to.and_then(|to| to.pod.as_deref());
    if let (Some(_), Some(to), Some(pod)) = (&wanted.to, to, &leader.pod)
        && to.key.name != *pod
    {
        return Some(format!("{} was wanted", to.key.name));
    }
    let pod = leader.pod.as_deref().unwrap_or_default();
    let allowed = wanted.allows(pod, leader.node.as_deref(), election.holder.zone.as_deref());
    (!allowed).then(|| "it is where nobody was to lead".to_owned())
}
