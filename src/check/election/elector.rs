//! An elector: a program that elects or may, with its library, its Lease, its identity and its timing.

use super::super::program::Program;
use super::super::scene::Scene;
use super::super::workload::Workload;
use super::file;
use super::known::known;
use super::said::{Said, Tree, find};
use super::seen;
use super::timing::{self, Timing, is_open};
use super::{Election, Elects, Origin, words};
use crate::access::{Account, Policy, Scope};
use crate::model::Micros;
use crate::model::elector::Library;
use crate::model::object::Object;

/// A program that elects, or may. Several of them may be in one Pod.
#[derive(Debug)]
pub(in crate::check) struct Elector<'o> {
    pub(in crate::check) workload: Workload<'o>,
    pub(in crate::check) program: Program<'o>,
    /// Whether it does, and how that is known.
    pub(in crate::check) election: Election,
    /// What renews its Lease. client-go where nothing says otherwise.
    pub(in crate::check) library: Library,
    /// Whether that is a guess by what its Lease looks like.
    pub(in crate::check) guessed: bool,
    /// Whether its lock is a Lease, and not one of those that there were before.
    pub(in crate::check) leases: bool,
    /// The name of its Lease, if that is known.
    pub(in crate::check) lease: Option<String>,
    /// Where the name is said.
    pub(in crate::check) named: Option<Said<'o>>,
    pub(in crate::check) namespace: Namespace,
    /// Whether anything is said of the namespace.
    pub(in crate::check) placed: bool,
    /// As whom its replicas take part, if anything is said of that.
    pub(in crate::check) identity: Option<Said<'o>>,
    pub(in crate::check) timing: Timing<'o>,
    /// How often klag-exporter asks Kafka, where that is said.
    pub(in crate::check) poll: Option<Micros>,
}

/// Where a Lease is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) enum Namespace {
    /// Where the Pod is.
    Own,
    Named(String),
    Unknown,
}

impl<'o> Elector<'o> {
    /// Those of a workload.
    pub(super) fn all(scene: &Scene<'o>, workload: Workload<'o>) -> Vec<Self> {
        let programs = Program::all(scene, workload).into_iter();
        let told = programs.filter_map(|program| {
            let election = super::of(scene, workload, &program)?;
            Some(Self::read(scene, workload, program, election))
        });
        seen::with(scene, workload, told.collect())
    }

    /// What is said of the election of a program.
    pub(super) fn read(scene: &Scene<'o>, workload: Workload<'o>, program: Program<'o>, election: Election) -> Self {
        let files = file::read(scene, workload, &program).into_iter();
        let trees: Vec<_> = files.filter_map(|file| Tree::of(file, &program)).collect();
        let seen = (election.origin == Origin::Lease).then(|| seen::election(scene, workload)).flatten();
        let library =
            if trees.iter().any(Tree::is_klag_exporters) { Library::KubeLeaseManager } else { Library::ClientGo };
        let said = |name| find(workload.object, &program, &trees, name);
        let (named, placed, lock) = (said(&words::LEASE), said(&words::NAMESPACE), said(&words::LOCK));
        let own = known(&program);
        let klag = library == Library::KubeLeaseManager;
        let name = match &named {
            Some(said) => said.text.clone().filter(|text| !is_open(text)),
            // klag-exporter 0.1.29, `src/config.rs`.
            None if klag => Some("klag-exporter".to_owned()),
            None => own.and_then(|known| known.lease).map(str::to_owned),
        };
        let namespace = match (&placed, own.and_then(|known| known.namespace)) {
            (Some(said), _) => Namespace::of(&program, said),
            (None, _) if klag => Namespace::Named("default".to_owned()),
            (None, Some(namespace)) => Namespace::Named(namespace.to_owned()),
            (None, None) => Namespace::Own,
        };
        // `leases`, `endpointsleases`: what has no Lease in it is older than what hactl knows.
        let leases = lock.and_then(|said| said.text).is_none_or(|lock| is_open(&lock) || lock.contains("lease"));
        let identity = said(&words::IDENTITY);
        let timing = match seen {
            Some(seen) => Timing::seen(workload.object, &program, &trees, &seen.elector),
            None => Timing::read(workload.object, &program, &trees, library),
        };
        let poll = said(&words::POLL_INTERVAL).filter(|_| klag).and_then(|said| timing::value(&said).time());
        let (lease, placed) = (name, placed.is_some());
        let read = Self {
            workload,
            program,
            election,
            library,
            guessed: false,
            leases,
            lease,
            named,
            namespace,
            placed,
            identity,
            timing,
            poll,
        };
        if let Some(seen) = seen { seen::known(read, seen) } else { read }
    }

    /// Whether it is klag-exporter, as its file tells.
    pub(in crate::check) fn is_klag_exporter(&self) -> bool {
        self.library == Library::KubeLeaseManager && self.election.origin != Origin::Lease
    }

    /// Whether it is taken to elect: it does, or it is told where to, which whoever does not has no use for.
    pub(in crate::check) fn is_presumed(&self) -> bool {
        match (self.election.elects, self.election.origin) {
            (Elects::Yes, _) => true,
            (Elects::Unknown, Origin::Flag) => true,
            (Elects::Unknown, Origin::Hint) => self.placed,
            _ => false,
        }
    }

    /// As whom it does.
    pub(in crate::check) fn account(&self, policy: &Policy<'o>) -> Account<'o> {
        account(policy, self.workload.object)
    }

    /// Where its Lease is, if that is known.
    pub(in crate::check) fn scope<'s>(&'s self, policy: &Policy<'o>) -> Option<Scope<'s>> {
        match &self.namespace {
            Namespace::Own => Some(policy.scope(self.workload.object.namespace.as_deref())),
            Namespace::Named(name) => Some(Scope::Namespace(name)),
            Namespace::Unknown => None,
        }
    }
}

/// The ServiceAccount of what makes Pods.
pub(in crate::check) fn account<'o>(policy: &Policy<'o>, maker: &'o Object) -> Account<'o> {
    let pod = maker.root.at("spec.template.spec");
    let named = |field: &str| pod.get(field).text().filter(|name| !name.is_empty());
    let name = named("serviceAccountName").or_else(|| named("serviceAccount")).unwrap_or("default");
    Account { scope: policy.scope(maker.namespace.as_deref()), name }
}

impl Namespace {
    /// A namespace that may stand in a variable: `$(POD_NAMESPACE)`, `${POD_NAMESPACE}`.
    fn of(program: &Program<'_>, said: &Said<'_>) -> Self {
        let Some(text) = said.text.as_deref().map(str::trim) else { return Self::Unknown };
        if text.is_empty() {
            return Self::Own;
        }
        let Some(rest) = text.strip_prefix('$') else {
            return if is_open(text) { Self::Unknown } else { Self::Named(text.to_owned()) };
        };
        let inner = |open, close| rest.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
        let Some(name) = inner('(', ')').or_else(|| inner('{', '}')) else { return Self::Unknown };
        let entries = program.container.get("env").list();
        let Some(entry) = entries.iter().find(|entry| entry.get("name").text() == Some(name)) else {
            return Self::Unknown;
        };
        if entry.at("valueFrom.fieldRef.fieldPath").text() == Some("metadata.namespace") {
            return Self::Own;
        }
        match program.environment.get(name).and_then(|variable| variable.value.clone()) {
            Some(value) if !value.is_empty() => Self::Named(value),
            _ => Self::Unknown,
        }
    }
}
