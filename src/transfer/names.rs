//! What stands for what: a cluster's texts, times and versions, and the small values that the protocol goes by.

use jiff::Timestamp;

use super::plan::Plan;
use super::terms::Terms;
use super::word::Sight;
use crate::elector::setup::Setup;
use crate::model::write::{Change, Fields, Identity, Manager, Spec, Version};
use crate::model::{LeasePatch, LeaseRecord, Micros};

/// The names that one transfer has met.
#[derive(Clone, Debug)]
pub struct Names {
    /// By their numbers; the first is the fence.
    identities: Vec<String>,
    managers: Vec<String>,
    /// The version that was met first, as a number.
    first: u64,
}

/// The controller of coordinated elections runs in the API server, and dates the Lease of whom it names: that one does not
/// lead before it has dated it itself.
const CONTROLLER: &str = "kube-apiserver";

/// How many managers are told apart: the model's last two have a meaning of their own.
const MANAGERS: usize = 14;

impl Names {
    /// For a transfer with this fence, of this Lease.
    #[must_use]
    pub fn new(fence: String, lease: &LeaseRecord) -> Self {
        Self { identities: vec![fence], managers: Vec::new(), first: number(&lease.version) }
    }

    /// The terms of a plan.
    pub fn terms(&mut self, plan: &Plan) -> Terms {
        let to = plan.to.as_ref().filter(|_| plan.named).and_then(|to| to.identity.as_deref());
        let duration = plan.lease.duration.map_or(0, |duration| duration.as_secs());
        Terms {
            from: self.identity(plan.from.identity.as_deref().unwrap_or_default()),
            to: to.map(|to| self.identity(to)),
            fence: Identity::of(0),
            way: plan.way,
            duration: i32::try_from(duration).unwrap_or(i32::MAX),
            freeing: plan.freeing,
            stragglers: plan.assumed.stragglers(plan.setup),
            returns: plan.returns,
            chosen: matches!(plan.setup, Setup::Coordinated(_)),
            timeout: plan.timeout,
        }
    }

    /// The small value for an identity. A Lease that has met more than 250 of them during one transfer is beyond help:
    /// those are then nobody.
    pub fn identity(&mut self, text: &str) -> Identity {
        if text.is_empty() {
            return Identity::EMPTY;
        }
        let place = self.identities.iter().position(|known| known == text).unwrap_or_else(|| {
            self.identities.push(text.to_owned());
            self.identities.len() - 1
        });
        u8::try_from(place).ok().filter(|number| *number < 250).map_or(Identity::NOBODY, Identity::of)
    }

    /// The identity that a small value stands for.
    #[must_use]
    pub fn text(&self, identity: Identity) -> Option<&str> {
        let numbers = 0..self.identities.len();
        let place = numbers.into_iter().find(|n| u8::try_from(*n).is_ok_and(|n| Identity::of(n) == identity))?;
        Some(&self.identities[place])
    }

    /// A Lease as the protocol sees it.
    pub fn sight(&mut self, lease: &LeaseRecord) -> Sight {
        let whole = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
        let spec = Spec {
            holder: lease.holder.as_deref().map(|holder| self.identity(holder)),
            duration: lease.duration.map(|duration| whole(duration.as_secs())),
            acquired: lease.acquired.map(micros),
            renewed: lease.renewed.map(micros),
            transitions: lease.transitions.map(whole),
            preferred: lease.preferred_holder.as_deref().map(|preferred| self.identity(preferred)),
        };
        let passed = number(&lease.version).saturating_sub(self.first);
        let version = Version::of(u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(1));
        Sight { spec, version, renewer: self.renewer(lease) }
    }

    /// The one name under which renewTime was written.
    fn renewer(&mut self, lease: &LeaseRecord) -> Option<Manager> {
        let mut owners = lease.owners.iter().filter(|owner| owner.fields.renewed).map(|owner| owner.manager.as_str());
        let name = owners.next()?;
        if owners.any(|other| other != name) {
            return None;
        }
        if by_hand(name) || name == CONTROLLER {
            return Some(Manager::ADMINISTRATOR);
        }
        let place = self.managers.iter().position(|known| known == name).unwrap_or_else(|| {
            self.managers.push(name.to_owned());
            self.managers.len() - 1
        });
        u8::try_from(place).ok().filter(|_| place < MANAGERS).map(Manager::of)
    }

    /// What the protocol wants to change, for the Lease as it was read.
    #[must_use]
    pub fn patch(&self, lease: &LeaseRecord, fields: &Fields) -> LeasePatch {
        let identity = |change: Change<Identity>| match change {
            Change::Keep => Change::Keep,
            Change::Null => Change::Null,
            Change::Set(Identity::EMPTY) => Change::Set(String::new()),
            Change::Set(identity) => self.text(identity).map_or(Change::Keep, |text| Change::Set(text.to_owned())),
        };
        LeasePatch {
            holder: identity(fields.holder),
            duration: fields.duration,
            acquired: time(fields.acquired),
            renewed: time(fields.renewed),
            transitions: fields.transitions,
            preferred: identity(fields.preferred),
            ..LeasePatch::of(lease)
        }
    }
}

/// Whether a field manager is hactl, or a tool in somebody's hand: no elector.
fn by_hand(manager: &str) -> bool {
    ["hactl", "kubectl", "curl", "Mozilla"].iter().any(|tool| manager.starts_with(tool))
}

/// A version as a number: versions of one object can be compared
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>).
fn number(version: &str) -> u64 {
    version.parse().unwrap_or(0)
}

/// An instant as the span since 1970.
#[must_use]
pub fn micros(at: Timestamp) -> Micros {
    Micros::new(at.as_microsecond())
}

fn time(change: Change<Micros>) -> Change<Timestamp> {
    match change {
        Change::Keep => Change::Keep,
        Change::Null => Change::Null,
        Change::Set(at) => Timestamp::from_microsecond(at.get()).map_or(Change::Keep, Change::Set),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::wire::tests::lease;

    fn record(holder: &str, version: u32, managers: &[&str]) -> LeaseRecord {
        let entries: Vec<_> = managers
            .iter()
            .map(|manager| {
                format!(
                    r#"{{"manager":"{manager}","operation":"Update","fieldsV1":{{"f:spec":{{"f:renewTime":{{}}}}}}}}"#
                )
            })
            .collect();
        lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","uid":"u","resourceVersion":"{version}","managedFields":[{}]}},
                "spec":{{"holderIdentity":"{holder}","leaseDurationSeconds":15,"leaseTransitions":3,
                         "acquireTime":"2026-11-21T11:00:00.000001Z","renewTime":"2026-11-21T12:00:00.000001Z"}}}}"#,
            entries.join(",")
        ))
    }

    #[test]
    fn what_is_seen_is_written_back() {
        let first = record("a", 1007, &["manager"]);
        let mut names = Names::new("hactl-transfer/x".to_owned(), &first);
        let sight = names.sight(&first);
        let again = names.sight(&record("b", 1009, &["manager"]));
        assert!(again.version > sight.version && again.spec.holder != sight.spec.holder);
        assert_eq!((sight.renewer, sight.renewer), (again.renewer, Some(Manager::of(0))));
        let fields = Fields {
            holder: Change::Set(Identity::of(0)),
            renewed: Change::Set(sight.spec.renewed.expect("a date") + Micros::TICK),
            preferred: Change::Null,
            ..Fields::default()
        };
        let patch = names.patch(&first, &fields);
        assert_eq!((patch.holder, patch.version.as_str()), (Change::Set("hactl-transfer/x".to_owned()), "1007"));
        assert_eq!(patch.renewed, Change::Set("2026-11-21T12:00:00.000002Z".parse().expect("a time")));
        assert_eq!((patch.acquired, patch.preferred), (Change::Keep, Change::Null));
    }

    #[test]
    fn a_hand_is_no_elector() {
        let first = record("a", 7, &["manager"]);
        let mut names = Names::new("f".to_owned(), &first);
        let mut renewer = |managers: &[&str]| names.sight(&record("a", 8, managers)).renewer;
        assert_eq!(renewer(&["kubectl-patch"]), Some(Manager::ADMINISTRATOR));
        assert_eq!(renewer(&["hactl"]), Some(Manager::ADMINISTRATOR));
        assert_eq!(renewer(&["kube-apiserver"]), Some(Manager::ADMINISTRATOR));
        assert_eq!(renewer(&["a", "b"]), None);
        assert_eq!(renewer(&[]), None);
        assert_eq!([renewer(&["one"]), renewer(&["two"])], [Some(Manager::of(0)), Some(Manager::of(1))]);
    }
}
