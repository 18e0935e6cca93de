//! Identity and Leases: who takes part as whom, and with which Lease.

mod contest;
mod own;
#[cfg(test)]
mod tests;

use super::super::catalogue::{Check, Severity};
use super::super::election::Origin as Known;
use super::super::election::said::Place;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::electors::{each, elects};
use super::{resetting, yaml};
use crate::model::elector::Library;
use crate::model::object::Origin;
use serde_json::json;

pub(in crate::check) const CHECKS: &[Check] = &[
    own::EACH,
    contest::ALONE,
    Check {
        id: "HA0503",
        severity: Severity::Error,
        title: "a Lease is installed without a holder",
        page: include_str!("../pages/HA0503.md"),
        judge: unheld,
    },
    Check {
        id: "HA0504",
        severity: Severity::Error,
        title: "the name of a Lease is one that an object can have",
        page: include_str!("../pages/HA0504.md"),
        judge: nameable,
    },
];

fn unheld(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    // Heartbeats of nodes and of API servers are no elections.
    let elections = scene.of_kind("Lease").iter().filter(|lease| {
        lease.group() == "coordination.k8s.io"
            && lease.namespace.as_deref() != Some("kube-node-lease")
            && lease.root.at("metadata.labels").get("apiserver.kubernetes.io/identity").is_null()
    });
    for lease in elections {
        let spec = lease.root.get("spec");
        let Some(holder) = spec.get("holderIdentity").text().filter(|holder| !holder.is_empty()) else {
            verdicts.pass(lease);
            continue;
        };
        // Also in a manifest that was got from one.
        let from_cluster = scene.is_live() && lease.origin == Origin::Live;
        if from_cluster || !lease.root.at("metadata.uid").is_null() {
            verdicts.skip(lease, "it was read from a cluster, where its elector has written its holder");
            continue;
        }
        let message = format!(
            "whenever this is applied, {holder} holds the Lease, whoever leads: it stops, and if a Pod of that name runs, it \
             leads meanwhile"
        );
        let fields = ["holderIdentity", "acquireTime", "renewTime", "leaseDurationSeconds", "leaseTransitions"];
        let written = fields.into_iter().filter(|field| !spec.get(field).is_null());
        let nothing: serde_json::Map<_, _> = written.map(|field| (field.to_owned(), json!(null))).collect();
        verdicts.fail(lease, "spec.holderIdentity", message).fix(yaml(&json!({"spec": nothing})));
    }
}

/// The longest name of an object (`k8s.io/apimachinery/pkg/util/validation`, `DNS1123SubdomainMaxLength`).
const LONGEST_NAME: usize = 253;

/// Whether an object can have this name: a DNS subdomain by RFC 1123, in small letters.
fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |part: &str| {
        let bytes = part.as_bytes();
        bytes.iter().all(|byte| inner(*byte) || *byte == b'-')
            && bytes.first().is_some_and(|byte| inner(*byte))
            && bytes.last().is_some_and(|byte| inner(*byte))
    };
    text.len() <= LONGEST_NAME && text.split('.').all(label)
}

/// A text as close to it as a name can be.
fn as_name(text: &str) -> Option<String> {
    let part = text.rsplit('/').next().unwrap_or(text).trim();
    let letter = |letter: char| match letter.to_ascii_lowercase() {
        letter if letter.is_ascii_alphanumeric() || letter == '.' => letter,
        _ => '-',
    };
    let name: String = part.chars().map(letter).collect();
    Some(name.trim_matches(['-', '.']).to_owned()).filter(|name| is_name(name))
}

fn nameable(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, elects, |elector, verdicts| {
        let object = elector.workload.object;
        // Its Lease is there.
        if elector.election.origin == Known::Lease {
            return true;
        }
        let (Some(said), Some(name)) = (&elector.named, &elector.lease) else {
            verdicts.skip(object, "the name of its Lease is not known");
            return false;
        };
        // An empty variable, and an empty value in a file of the API's, are as good as none: the default counts.
        let unsaid = matches!(said.place, Place::Variable | Place::File { typed: true, .. });
        if is_name(name) || (name.is_empty() && unsaid) {
            return true;
        }
        let message = if name.is_empty() {
            // kube-lease-manager asks for it all the same, and never gets it.
            let ends = if elector.library == Library::KubeLeaseManager { "never leads" } else { "ends at its start" };
            format!("{} gives the Lease no name: {object} {ends}", said.whole_name())
        } else {
            format!(
                "{} is {name:?}, which no object can be called: the Lease is never made, and nobody leads",
                said.name
            )
        };
        let new = as_name(name).or_else(|| as_name(&object.name));
        let failed = said.fail(verdicts, message);
        if let Some(fix) = new.and_then(|new| resetting::settings(elector, &[(said, new)])) {
            failed.fix(fix);
        }
        false
    });
}
