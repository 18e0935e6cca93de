//! What a command is pointed at, and which Elections that selects.

use super::near::likeness;
use super::{Election, Workload, WorkloadKind};

/// What a command is pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `lease/NAME`.
    Lease(String),
    /// `deploy/NAME`, `sts/NAME`: every Election that the workload contends in.
    Workload(Workload),
    /// A bare `NAME`: a Lease, a workload, or a Pod that takes part.
    Name(String),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lease(name) => write!(f, "lease/{name}"),
            Self::Workload(workload) => workload.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    /// Reads `NAME` or `KIND/NAME`, with the names, plurals and short names that kubectl takes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = match text.split_once('/') {
            Some((kind, name)) => (Some(kind), name),
            None => (None, text),
        };
        if name.is_empty() || name.contains('/') {
            return Err("expected NAME, lease/NAME, deploy/NAME or sts/NAME".to_owned());
        }
        let name = name.to_owned();
        let kind = kind.map(|kind| kind.to_ascii_lowercase());
        Ok(match kind.as_deref() {
            None => Self::Name(name),
            Some("lease" | "leases" | "lease.coordination.k8s.io" | "leases.coordination.k8s.io") => Self::Lease(name),
            Some("deploy" | "deployment" | "deployments" | "deployment.apps" | "deployments.apps") => {
                Self::Workload(Workload::new(WorkloadKind::Deployment, name))
            }
            Some("sts" | "statefulset" | "statefulsets" | "statefulset.apps" | "statefulsets.apps") => {
                Self::Workload(Workload::new(WorkloadKind::StatefulSet, name))
            }
            Some("ds" | "daemonset" | "daemonsets" | "daemonset.apps" | "daemonsets.apps") => {
                Self::Workload(Workload::new(WorkloadKind::Other("DaemonSet".to_owned()), name))
            }
            Some(other) => {
                return Err(format!("{other} elects no leader: expected lease/NAME, deploy/NAME, sts/NAME or ds/NAME"));
            }
        })
    }
}

/// Why a target selects nothing that could be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unselected {
    /// Nothing answers to it; these names come closest.
    NotFound(Vec<String>),
    /// Several Elections answer to it: which one is meant has to be said.
    Ambiguous(Vec<String>),
}

/// Takes the Elections that `target` selects out of `elections`.
///
/// A workload may contend in several Elections, and all of them are wanted. A Lease's name, or a bare name, must
/// select one.
///
/// # Errors
///
/// [`Unselected`] where nothing, or more than one, answers to the name.
pub fn select(elections: &[Election], target: &Target) -> Result<Vec<usize>, Unselected> {
    let positions = |matches: &dyn Fn(&Election) -> bool| -> Vec<usize> {
        elections.iter().enumerate().filter(|(_, election)| matches(election)).map(|(i, _)| i).collect()
    };
    let by_lease = |name: &str| positions(&|election| election.lease_name() == Some(name));
    let found = match target {
        Target::Workload(workload) => {
            let found = positions(&|election| election.workload.as_ref() == Some(workload));
            let place = |i: &usize| (&elections[*i].context, &elections[*i].workload_namespace);
            if found.iter().map(place).collect::<std::collections::BTreeSet<_>>().len() > 1 {
                return Err(Unselected::Ambiguous(found.iter().map(|i| describe(&elections[*i])).collect()));
            }
            return if found.is_empty() { Err(not_found(elections, target)) } else { Ok(found) };
        }
        Target::Lease(name) => by_lease(name),
        Target::Name(name) => {
            let mut found = by_lease(name);
            found.extend(positions(&|election| election.workload.as_ref().is_some_and(|w| w.name == *name)));
            if found.is_empty() {
                found = positions(&|election| election.candidates.iter().any(|candidate| candidate.name() == name));
            }
            found.sort_unstable();
            found.dedup();
            found
        }
    };
    match found.len() {
        0 => Err(not_found(elections, target)),
        1 => Ok(found),
        _ => Err(Unselected::Ambiguous(found.iter().map(|i| describe(&elections[*i])).collect())),
    }
}

/// An Election as an argument that selects it: `-n NAMESPACE lease/NAME`, with its workload.
fn describe(election: &Election) -> String {
    let workload = election.workload.as_ref().map(ToString::to_string);
    let name = match (election.lease_name(), workload) {
        (Some(lease), Some(workload)) => format!("lease/{lease} ({workload})"),
        (Some(lease), None) => format!("lease/{lease}"),
        (None, workload) => workload.unwrap_or_default(),
    };
    let context = election.context.as_ref().map_or_else(String::new, |context| format!("--context {context} "));
    format!("{context}-n {} {name}", election.namespace)
}

fn not_found(elections: &[Election], target: &Target) -> Unselected {
    let wanted = match target {
        Target::Lease(name) | Target::Name(name) => name,
        Target::Workload(workload) => &workload.name,
    };
    let mut near: Vec<(f64, String)> = elections
        .iter()
        .filter_map(|election| {
            let lease = election.lease_name()?;
            let workload = election.workload.as_ref().map_or("", |workload| &workload.name);
            let alike = [lease, workload].into_iter().filter_map(|name| likeness(wanted, name));
            Some((alike.max_by(f64::total_cmp)?, format!("lease/{lease}")))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.dedup();
    Unselected::NotFound(near.into_iter().take(3).map(|(_, name)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::super::health::tests::{HELD, election_after, web, world};
    use super::*;

    #[test]
    fn kubectls_spellings_are_understood() {
        for text in ["deploy/x", "deployment/x", "deployments.apps/x", "Deployment/x"] {
            assert_eq!(text.parse(), Ok(Target::Workload(Workload::new(WorkloadKind::Deployment, "x"))), "{text}");
        }
        assert_eq!("leases.coordination.k8s.io/x".parse(), Ok(Target::Lease("x".to_owned())));
        assert_eq!("da1d9c86.example.org".parse(), Ok(Target::Name("da1d9c86.example.org".to_owned())));
        for text in ["", "lease/", "a/b/c", "configmap/x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_selects_a_lease_a_workload_or_a_pod() {
        let pod = web("aaaaa", "n1", true, "");
        let here = election_after(&world(HELD, &[&pod]), 0);
        let select = |elections: &[Election], name: &str| select(elections, &name.parse().expect("a target"));
        for name in ["l", "lease/l", "web", "deploy/web", "web-7d4b9-aaaaa"] {
            assert_eq!(select(std::slice::from_ref(&here), name), Ok(vec![0]), "{name}");
        }
        let elsewhere = Election { namespace: "m".into(), workload_namespace: "m".into(), ..here.clone() };
        let both = ["-n n lease/l (deploy/web)", "-n m lease/l (deploy/web)"].map(str::to_owned).to_vec();
        for name in ["l", "web", "deploy/web"] {
            let both = Err(Unselected::Ambiguous(both.clone()));
            assert_eq!(select(&[here.clone(), elsewhere.clone()], name), both, "{name}");
        }
        let twice = [here.clone(), here.clone()];
        assert_eq!(select(&twice, "deploy/web"), Ok(vec![0, 1]), "a workload may contend in several");
        let near = |name| select(std::slice::from_ref(&here), name);
        assert_eq!(near("webs"), Err(Unselected::NotFound(vec!["lease/l".to_owned()])));
        assert_eq!(near("ingest"), Err(Unselected::NotFound(Vec::new())));
    }
}
