//! `RepairResult`: what is stuck, what has to be proved, what was written, and what came of it.

use jiff::Timestamp;
use serde::Serialize;

use super::transfer::{Line, Outcome};
use super::{API_VERSION, Instant, Seconds};
use crate::model::write::Change;
use crate::model::{Key, LeasePatch};
use crate::transfer::repair::{Proof, Repair};

/// A document about one repair.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairResult {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    /// The context; `null` in a cluster.
    pub context: Option<String>,
    /// The repair.
    #[serde(flatten)]
    pub item: Item,
}

/// One repair.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its id; `null` where nothing was written.
    pub id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The Lease's namespace.
    pub namespace: String,
    /// The Lease's name; `null` where there is none.
    pub lease: Option<String>,
    /// The elector that it goes by; `null` where that is not known well enough.
    pub elector: Option<&'static str>,
    /// What is stuck, in a word that scripts rely on; `null` where nothing is.
    pub problem: Option<&'static str>,
    /// What shows that.
    pub evidence: Option<String>,
    /// What has to be proved before anything is written.
    pub precondition: Option<Precondition>,
    /// What is written, or would be: fields and their new values.
    pub writes: Vec<Written>,
    /// How long it may take until somebody leads.
    pub within_seconds: Option<Seconds>,
    /// What was done and seen, in order.
    pub steps: Vec<Line>,
    /// Who was seen to lead in the end.
    pub leader: Option<String>,
    /// What a person has to do.
    pub advice: Vec<String>,
    /// Why it ended so.
    pub reason: Option<String>,
}

/// What has to be proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Precondition {
    /// What.
    pub what: &'static str,
    /// Whether it is.
    pub proved: bool,
    /// By what, or what is missing.
    pub why: String,
    /// How long to wait for it, where waiting helps.
    pub wait_seconds: Option<Seconds>,
}

/// A field that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The field, as the Lease spells it.
    pub field: String,
    /// Its new value; `null` takes it away.
    pub value: Option<String>,
}

impl RepairResult {
    /// A document about it.
    #[must_use]
    pub fn new(at: Timestamp, context: Option<String>, item: Item) -> Self {
        Self { api_version: API_VERSION, kind: "RepairResult", generated_at: Instant(at), context, item }
    }
}

impl Item {
    /// An election of which nothing is stuck.
    #[must_use]
    pub fn sound(namespace: &str, lease: Option<&str>, elector: Option<&'static str>) -> Self {
        Self {
            id: None,
            outcome: Outcome::Already,
            namespace: namespace.to_owned(),
            lease: lease.map(str::to_owned),
            elector,
            problem: None,
            evidence: None,
            precondition: None,
            writes: Vec::new(),
            within_seconds: None,
            steps: Vec::new(),
            leader: None,
            advice: Vec::new(),
            reason: None,
        }
    }

    /// A repair that is planned.
    #[must_use]
    pub fn planned(key: &Key, lease: bool, elector: Option<&'static str>, repair: &Repair) -> Self {
        let (proved, why, wait) = match &repair.proof {
            Proof::Proved(why) => (true, why, None),
            Proof::Missing { what, wait } => (false, what, *wait),
        };
        Self {
            outcome: Outcome::Planned,
            problem: Some(repair.problem.as_str()),
            evidence: Some(repair.evidence.clone()),
            precondition: Some(Precondition {
                what: repair.precondition,
                proved,
                why: why.clone(),
                wait_seconds: wait.map(Seconds),
            }),
            writes: repair.patch.as_ref().map(writes).unwrap_or_default(),
            within_seconds: repair.patch.as_ref().map(|_| Seconds(repair.within)),
            advice: repair.advice.clone(),
            ..Self::sound(&key.namespace, lease.then_some(&key.name), elector)
        }
    }

    /// Takes out what a terminal would obey: identities and ids are texts that anybody may have written.
    pub fn make_printable(&mut self) {
        let proof = self.precondition.as_mut().map(|precondition| &mut precondition.why);
        let texts = [self.evidence.as_mut(), self.leader.as_mut(), self.reason.as_mut(), proof];
        let steps = self.steps.iter_mut().map(|step| &mut step.result);
        for text in texts.into_iter().flatten().chain(&mut self.advice).chain(steps) {
            super::make_printable(text);
        }
    }
}

fn writes(patch: &LeasePatch) -> Vec<Written> {
    fn one<T>(field: &str, change: &Change<T>, value: impl Fn(&T) -> String) -> Option<Written> {
        let value = match change {
            Change::Keep => return None,
            Change::Null => None,
            Change::Set(set) => Some(value(set)),
        };
        Some(Written { field: field.to_owned(), value })
    }
    let time = |at: &Timestamp| format!("{at:.6}");
    let spec = [
        one("holderIdentity", &patch.holder, String::clone),
        one("leaseDurationSeconds", &patch.duration, ToString::to_string),
        one("acquireTime", &patch.acquired, time),
        one("renewTime", &patch.renewed, time),
        one("leaseTransitions", &patch.transitions, ToString::to_string),
        one("preferredHolder", &patch.preferred, String::clone),
    ];
    let annotations = patch.annotations.iter();
    let annotations = annotations.map(|(name, value)| Written { field: name.clone(), value: value.clone() });
    spec.into_iter().flatten().chain(annotations).collect()
}
