//! What a failover means to a system: who takes over, and what the system needs before and after that.

use jiff::SignedDuration;

use super::guide::Guide;
use super::step::{Step, total};
use super::{System, federated_etl, klag_exporter, kubecost, operator};
use crate::model::Micros;
use crate::model::elector::{Confidence, Library};
use crate::model::timing::{Known, Source, Timing};

/// What a failover means to a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The system.
    pub system: System,
    /// Who takes over.
    pub succession: Succession,
    /// What comes between the order to end and the end, with a leader that is stopped gracefully. It renews its Lease
    /// all that time, and does no more work.
    pub before: Vec<Step>,
    /// What comes between the moment that the next leader acts, or that the replacement runs, and the moment that the
    /// system serves.
    pub after: Vec<Step>,
    /// What it means that the system serves.
    pub serves: &'static str,
    /// How old already is, when the fault happens, what is served meanwhile.
    pub age: Option<Step>,
    /// What a user has to know.
    pub notes: Vec<Note>,
    /// What the system's own guide says.
    pub guide: Option<Guide>,
}

/// Who takes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Succession {
    /// A standby that wins the election.
    Election(Elects),
    /// Nobody: there is one Pod, and no Lease, until there is one Pod again.
    Replacement(Replacement),
}

/// How a system elects its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elects {
    /// The library.
    pub library: Library,
    /// Its version, where it matters.
    pub version: Option<&'static str>,
    /// How sure that is.
    pub confidence: Confidence,
    /// The system's own timing, as far as nobody has changed it.
    pub timing: Timing,
    /// Whether a leader that is stopped gracefully gives its Lease up, as far as that is known.
    pub releases: Option<bool>,
    /// How long it has between the order to end and its being killed.
    pub termination_grace: Micros,
    /// Who says so.
    pub source: &'static str,
}

/// How the only Pod comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// After its process has crashed.
    pub crash: Vec<Step>,
    /// After its node is gone.
    pub node_loss: Vec<Step>,
    /// After it was deleted or evicted.
    pub stop: Vec<Step>,
}

/// Something that a user has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its stable name for machines.
    pub id: &'static str,
    /// One or two sentences.
    pub message: &'static str,
    /// Who says so.
    pub source: &'static str,
}

impl System {
    /// What a failover means to the system, as it is by default.
    #[must_use]
    pub fn failover(self) -> Profile {
        match self {
            Self::Kubecost => kubecost::failover(),
            Self::KlagExporter => klag_exporter::failover(),
            Self::FederatedEtl => federated_etl::failover(),
            Self::Operator => operator::failover(),
        }
    }
}

impl Profile {
    /// The steps that can be set: the first of each id.
    #[must_use]
    pub fn settings(&self) -> Vec<&Step> {
        let mut settings: Vec<&Step> = Vec::new();
        for step in self.steps().filter(|step| step.is_setting()) {
            if !settings.iter().any(|known| known.id == step.id) {
                settings.push(step);
            }
        }
        settings
    }

    /// Sets the steps with this id; false where the system has none that can be set.
    #[must_use]
    pub fn set(&mut self, id: &str, value: Micros) -> bool {
        let mut found = false;
        for step in self.steps_mut().filter(|step| step.id == id && step.is_setting()) {
            step.set(value);
            found = true;
        }
        found
    }

    /// Whether a graceful stop can take longer than the Pod is given: it is killed then, and releases nothing.
    #[must_use]
    pub fn can_be_killed(&self) -> bool {
        let Succession::Election(elects) = &self.succession else { return false };
        total(&self.before).1 >= elects.termination_grace
    }

    /// How it elects its leader, if it does.
    #[must_use]
    pub fn elects(&self) -> Option<&Elects> {
        match &self.succession {
            Succession::Election(elects) => Some(elects),
            Succession::Replacement(_) => None,
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        let replacement = match &self.succession {
            Succession::Election(_) => None,
            Succession::Replacement(r) => Some([&r.crash, &r.node_loss, &r.stop]),
        };
        self.before.iter().chain(replacement.into_iter().flatten().flatten()).chain(&self.after).chain(&self.age)
    }

    fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        let replacement = match &mut self.succession {
            Succession::Election(_) => None,
            Succession::Replacement(r) => Some([&mut r.crash, &mut r.node_loss, &mut r.stop]),
        };
        let around = self.before.iter_mut().chain(replacement.into_iter().flatten().flatten());
        around.chain(&mut self.after).chain(&mut self.age)
    }
}

/// A value in seconds, by default.
pub(super) fn by_default(seconds: i64) -> Known {
    Known::new(SignedDuration::from_secs(seconds), Source::Default)
}

#[cfg(test)]
mod tests;
