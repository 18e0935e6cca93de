//! The Pods that contend for one Lease, and the workload that they belong to.

use std::sync::Arc;

use jiff::Timestamp;

use super::holder::{FoundBy, Index};
use super::lease::Tenure;
use super::setting::Setting;
use super::workload::WorkloadSpec;
use super::{Candidate, Kind, LeaseRecord, Pod, Role, Snapshot, Workload};

/// The Pods that contend for one Lease.
pub(super) struct Contenders<'a> {
    pub(super) namespace: &'a str,
    pub(super) workload: Option<Workload>,
    pub(super) pods: Vec<&'a Arc<Pod>>,
    /// The holder's Pod is known to be gone.
    pub(super) gone: bool,
    /// What is worth saying about how the workload was found, or about a second one.
    pub(super) note: Option<String>,
    /// Why the candidates are not known.
    pub(super) unknown: Option<String>,
}

impl<'a> Contenders<'a> {
    pub(super) fn find(
        lease: &'a LeaseRecord,
        holder: Option<&'a Arc<Pod>>,
        now: Timestamp,
        snapshot: &Snapshot,
        index: &Index<'a>,
    ) -> Self {
        let namespace = holder.map_or(lease.key.namespace.as_str(), |pod| pod.key.namespace.as_str());
        let found = match holder {
            Some(pod) => Some((pod.workload(), None)),
            None => index.workload_of(lease).map(|(workload, by)| (workload, Some(by))),
        };
        let Some((workload, by)) = found else {
            let unknown = lease
                .holder
                .as_deref()
                .filter(|holder| !holder.is_empty() && snapshot.unread(Kind::Pods).is_none())
                .map(|_| "candidates are unknown: no workload could be found for this Lease".to_owned());
            return Self { namespace, workload: None, pods: Vec::new(), gone: false, note: None, unknown };
        };
        let mut pods: Vec<_> = index.pods_of(namespace, &workload).collect();
        // A holder that is no Pod by its identity is one of them all the same, unless that Pod is known to be gone.
        let one_leads = matches!(by, Some(FoundBy::Owning | FoundBy::Naming | FoundBy::LeaseName))
            && matches!(lease.tenure(now), Tenure::Held { .. })
            && !pods.is_empty();
        let unknown = one_leads.then(|| {
            format!("candidates are unknown: which of the Pods of {workload} leads cannot be told from the identity")
        });
        let mut notes = Vec::new();
        let gone = matches!(by, Some(FoundBy::PodName(_)));
        notes.extend(by.map(|by| match by {
            FoundBy::PodName(pod) => format!("the Pod {pod} of {workload} is gone"),
            by => format!("workload {workload} found another way: {by}"),
        }));
        let others: Vec<_> = index.naming(&lease.key).filter(|other| **other != workload).cloned().collect();
        for other in &others {
            pods.extend(index.pods_of(&lease.key.namespace, other));
        }
        if !others.is_empty() {
            let names: Vec<_> = std::iter::once(&workload).chain(&others).map(ToString::to_string).collect();
            notes.push(format!("{} workloads name this Lease: {}", names.len(), names.join(", ")));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Self { namespace, workload: Some(workload), pods, gone, note, unknown }
    }

    /// The candidates, if they are known.
    pub(super) fn candidates(&self, holder: Option<&Arc<Pod>>, snapshot: &Snapshot) -> Vec<Candidate> {
        if self.unknown.is_some() {
            return Vec::new();
        }
        let role = |pod: &Pod| match holder {
            Some(holder) if holder.key == pod.key => Role::Leader,
            _ => Role::Standby,
        };
        let mut candidates: Vec<_> = self.pods.iter().map(|pod| Candidate::new(pod, role(pod), snapshot)).collect();
        candidates.sort_by(|a, b| (a.role == Role::Standby, a.name()).cmp(&(b.role == Role::Standby, b.name())));
        candidates
    }

    /// What the containers say about this Lease's election.
    ///
    /// A Pod may hold several electors, each in a container of its own: where a container names the Lease, only that
    /// one counts; where several say something and none names it, nothing is known.
    pub(super) fn settings(&self, lease: &LeaseRecord, index: &Index<'_>) -> Vec<Setting> {
        let Some(pod) = self.pods.first() else {
            return self.spec(index).map_or_else(Vec::new, |spec| spec.settings.clone());
        };
        let names = |settings: &[Setting]| settings.iter().any(|setting| setting.value == lease.key.name);
        let mut speaking = pod.containers.iter().map(|c| &c.settings).filter(|settings| !settings.is_empty());
        if let Some(settings) = speaking.clone().find(|settings| names(settings)) {
            return settings.clone();
        }
        match (speaking.next(), speaking.next()) {
            (Some(only), None) => only.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn scaled_to_zero(&self, index: &Index<'_>) -> bool {
        self.spec(index).is_some_and(|spec| spec.replicas == 0)
    }

    fn spec<'i>(&self, index: &Index<'i>) -> Option<&'i WorkloadSpec> {
        index.spec(self.namespace, self.workload.as_ref()?)
    }
}
