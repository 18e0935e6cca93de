//! `[exporter.leadership]`: whether one leads, which Lease says who, and who this one is.

use super::reader::{Part, Reader};
use super::{Fault, Setting};

/// All keys of the section.
pub const KEYS: &[&str] =
    &["enabled", "provider", "lease_name", "lease_namespace", "identity", "lease_duration_secs", "grace_period_secs"];

/// `[exporter.leadership]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// Whether one leads; every replica does all of the work where it is off.
    pub enabled: Setting<bool>,
    /// The name of the Lease.
    pub lease_name: Setting<String>,
    /// Its namespace: `default` where nothing is said, wherever the Pod is.
    pub lease_namespace: Setting<String>,
    /// Who this one is. Where it is not said it is the variable `HOSTNAME`, which is the Pod's name, then `POD_NAME`, then
    /// a random word (`default_identity` in `src/leadership/kubernetes.rs`). Empty is said.
    pub identity: Option<Setting<String>>,
    /// How long the Lease is valid, in seconds.
    pub lease_duration_secs: Setting<u32>,
    /// How long before its end it is renewed, in seconds.
    pub grace_period_secs: Setting<u32>,
}

impl Leadership {
    pub(super) fn read(reader: &mut Reader<'_>, part: Part<'_>) -> (Self, Option<Fault>) {
        let enabled = reader.bool(&part, "enabled", false);
        reader.word(&part, "provider", &["kubernetes"]);
        let said = part.get("identity").map(|_| reader.text(&part, "identity", ""));
        let leadership = Self {
            enabled,
            lease_name: reader.text(&part, "lease_name", "klag-exporter"),
            lease_namespace: reader.text(&part, "lease_namespace", "default"),
            identity: said,
            lease_duration_secs: reader.u32(&part, "lease_duration_secs", 15),
            grace_period_secs: reader.u32(&part, "grace_period_secs", 5),
        };
        let fault = leadership.timing(&part, reader);
        (leadership, fault)
    }

    /// What it asks of its timing before it starts to elect (`create_kubernetes_leader` in
    /// `src/leadership/kubernetes.rs`).
    fn timing(&self, part: &Part<'_>, reader: &Reader<'_>) -> Option<Fault> {
        let (Some(true), Some(duration), Some(grace)) =
            (self.enabled.value, self.lease_duration_secs.value, self.grace_period_secs.value)
        else {
            return None;
        };
        let says = if duration <= grace {
            format!("lease_duration_secs is {duration}, which has to be more than grace_period_secs, {grace}")
        } else if grace == 0 {
            "grace_period_secs is 0, which has to be more".to_owned()
        } else {
            return None;
        };
        // Of the two the one that is said; both have sound defaults.
        let wanted = if duration <= grace && self.lease_duration_secs.is_said() {
            "lease_duration_secs"
        } else {
            "grace_period_secs"
        };
        let value = part.get(wanted)?;
        Some(Fault { mark: reader.mark(value.span), about: format!("exporter.leadership.{wanted}"), says })
    }
}
