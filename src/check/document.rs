//! Documents: what could not be read, what does not mean what it seems to, and what no other check knows.
//!
//! A verdict stands here before there is an object, and so without one: its place is all that is known.

use std::sync::Arc;

use super::catalogue::{Check, Severity};
use super::rule::klag;
use super::scene::Scene;
use super::verdict::{Name, Outcome, Spot, Verdict, Verdicts};
use crate::model::node::Mark;
use crate::model::object::{Object, Origin};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "HA0001",
        severity: Severity::Error,
        title: "what was given can be read",
        page: include_str!("pages/HA0001.md"),
        judge: by_its_text,
    },
    Check {
        id: "HA0002",
        severity: Severity::Error,
        title: "a field is there once",
        page: include_str!("pages/HA0002.md"),
        judge: by_its_text,
    },
    Check {
        id: "HA0003",
        severity: Severity::Error,
        title: "there is --- between two documents",
        page: include_str!("pages/HA0003.md"),
        judge: by_its_text,
    },
    Check {
        id: "HA0004",
        severity: Severity::Info,
        title: "a document is an object that hactl knows",
        page: include_str!("pages/HA0004.md"),
        judge: known,
    },
    Check {
        id: "HA0005",
        severity: Severity::Warning,
        title: "a suppression says why, and has not run out",
        page: include_str!("pages/HA0005.md"),
        judge: by_its_text,
    },
];

/// What is wrong with a document or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It could not be read.
    Unread,
    /// A field is there twice.
    Twice,
    /// It is two, without `---` between them.
    Joined,
    /// It is no object.
    NoObject,
}

impl Flaw {
    fn check(self) -> &'static Check {
        &CHECKS[match self {
            Self::Unread => 0,
            Self::Twice => 1,
            Self::Joined => 2,
            Self::NoObject => 3,
        }]
    }

    const fn outcome(self) -> Outcome {
        match self {
            Self::Unread => Outcome::Unknown,
            Self::Twice | Self::Joined => Outcome::Fail,
            Self::NoObject => Outcome::Skipped,
        }
    }
}

/// What is to be said of a document that something is wrong with.
#[must_use]
pub fn flawed(flaw: Flaw, origin: Origin, mark: Mark, message: String) -> Verdict<'static> {
    let check = flaw.check();
    let object = Name { kind: Arc::default(), namespace: None, name: Arc::default(), origin };
    let spot = Spot { object, field: String::new(), mark };
    let (outcome, severity) = (flaw.outcome(), check.severity);
    Verdict { check, outcome, severity, spot, message: message.into(), fix: None, waiver: None }
}

/// The check of suppressions, for whoever reads them.
pub(super) const fn suppression() -> &'static Check {
    &CHECKS[4]
}

/// Whoever reads the document says it.
fn by_its_text(_: &Scene<'_>, _: &mut Verdicts<'_>) {}

/// The groups of Kubernetes itself (`k8s.io/api`, and `apiextensions` and `apiregistration` beside it). All others, some of
/// `k8s.io` among them, are custom resources.
const GROUPS: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "imagepolicy.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

fn known(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let custom = |object: &&Object| !GROUPS.contains(&object.group());
    let scraped = klag::is_there(scene);
    let other = |object: &&Object| !(scraped && klag::is_monitor(object));
    for object in scene.objects().iter().filter(custom).filter(other) {
        verdicts
            .skip(object, format!("{} {} is a custom resource: no check knows it", object.api_version, object.kind));
    }
}
