//! The Pods that contend for one Lease, and the workload that they belong to.

use super::holder::Index;
use super::setting::Setting;
use super::workload::WorkloadSpec;
use super::{Candidate, Kind, LeaseRecord, Pod, Role, Snapshot, Workload};

/// The Pods that contend for one Lease.
pub(super) struct Contenders<'a> {
    pub(super) namespace: &'a str,
    pub(super) workload: Option<Workload>,
    pub(super) pods: Vec<&'a Pod>,
    /// What is worth saying about how the workload was found, or about a second one.
    pub(super) note: Option<String>,
    /// Why the candidates are not known.
    pub(super) unknown: Option<String>,
}

impl<'a> Contenders<'a> {
    pub(super) fn find(
        lease: &'a LeaseRecord,
        holder: Option<&'a Pod>,
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
            return Self { namespace, workload: None, pods: Vec::new(), note: None, unknown };
        };
        let mut pods: Vec<_> = index.pods_of(namespace, &workload).collect();
        let mut notes = Vec::new();
        notes.extend(by.map(|by| format!("workload {workload} found another way: {by}")));
        let others: Vec<_> = index.naming(&lease.key).filter(|other| **other != workload).cloned().collect();
        for other in &others {
            pods.extend(index.pods_of(&lease.key.namespace, other));
        }
        if !others.is_empty() {
            let names: Vec<_> = std::iter::once(&workload).chain(&others).map(ToString::to_string).collect();
            notes.push(format!("{} workloads name this Lease: {}", names.len(), names.join(", ")));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Self { namespace, workload: Some(workload), pods, note, unknown: None }
    }

    pub(super) fn candidates(&self, holder: Option<&Pod>, snapshot: &Snapshot) -> Vec<Candidate> {
        let role = |pod: &Pod| match holder {
            Some(holder) if holder.key == pod.key => Role::Leader,
            _ => Role::Standby,
        };
        let mut candidates: Vec<_> = self.pods.iter().map(|pod| Candidate::new(pod, role(pod), snapshot)).collect();
        candidates.sort_by(|a, b| (a.role == Role::Standby, &a.name).cmp(&(b.role == Role::Standby, &b.name)));
        candidates
    }

    pub(super) fn settings(&self, index: &Index<'_>) -> Vec<Setting> {
        match self.pods.first() {
            Some(pod) => pod.settings().cloned().collect(),
            None => self.spec(index).map_or_else(Vec::new, |spec| spec.settings.clone()),
        }
    }

    pub(super) fn scaled_to_zero(&self, index: &Index<'_>) -> bool {
        self.pods.is_empty() && self.spec(index).is_some_and(|spec| spec.replicas == 0)
    }

    fn spec<'i>(&self, index: &Index<'i>) -> Option<&'i WorkloadSpec> {
        index.spec(self.namespace, self.workload.as_ref()?)
    }
}
