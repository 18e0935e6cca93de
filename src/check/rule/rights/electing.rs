//! What the rights of an elector are asked for: its Lease, what its library does with it, and as whom.

use crate::access::{Account, Right, Scope};
use crate::check::election::{Elector, Origin, way};
use crate::check::scene::Scene;
use crate::model::Election;
use crate::model::elector::{Confidence, Library};
use crate::model::object::Object;

/// A workload that elects.
#[derive(Debug)]
pub(super) struct Electing<'s, 'o> {
    pub(super) workload: &'o Object,
    /// As whom it does.
    pub(super) account: Account<'o>,
    /// Where its Lease is.
    pub(super) scope: Scope<'s>,
    /// The name of its Lease, if that is known.
    pub(super) lease: Option<&'s str>,
    pub(super) library: Library,
    /// Whether that is a guess by what its Lease looks like.
    pub(super) guessed: bool,
    /// What its program is told, if not where its Lease is: that may be compiled in, or follow from any of them.
    pub(super) hints: Vec<&'s str>,
    /// Whether it is told nothing, and does so by itself.
    pub(super) by_itself: bool,
    /// By what it is known to elect, and where that stands.
    pub(super) evidence: &'s str,
    pub(super) field: &'s str,
}

/// What a library does with a Lease: client-go's lock gets, creates and updates
/// (`k8s.io/client-go/tools/leaderelection/resourcelock/leaselock.go`); kube-lease-manager gets, creates and patches
/// (`src/state.rs`), and kubert too (`src/lease.rs`), and never update.
pub(super) const fn verbs(library: Library) -> &'static [&'static str] {
    match library {
        Library::KubeLeaseManager | Library::Kubert => &["get", "create", "patch"],
        _ => &["get", "create", "update"],
    }
}

/// Whether it is known what a library does with a Lease.
pub(super) const fn is_known(library: Library) -> bool {
    use Library::{ClientGo, Coordinated, KubeLeaseManager, Kubert};
    matches!(library, ClientGo | Coordinated | KubeLeaseManager | Kubert)
}

/// A right on Leases, or on one of them.
pub(super) const fn on_leases<'a>(verb: &'a str, scope: Scope<'a>, name: Option<&'a str>) -> Right<'a> {
    Right { verb, group: "coordination.k8s.io", resource: "leases", scope, name }
}

/// Whether it goes by a kubeconfig: as whom is then not known.
fn is_by_kubeconfig<'o>(scene: &Scene<'o>, elector: &Elector<'o>) -> bool {
    way::is_its_own(scene, elector.workload, &elector.program)
}

/// The workloads with nothing but electors that go by a kubeconfig.
pub(super) fn by_kubeconfig<'o>(scene: &Scene<'o>) -> impl Iterator<Item = &'o Object> {
    scene.workloads().iter().copied().filter_map(move |workload| {
        let electors = scene.electors().in_pods_of(workload).iter();
        let mut presumed = electors.filter(|elector| elector.is_presumed() && elector.leases).peekable();
        presumed.peek()?;
        presumed.all(|elector| is_by_kubeconfig(scene, elector)).then_some(workload.object)
    })
}

/// All that elect with a Lease in a known place, as their ServiceAccount. Where several in a Pod need the same, the first stands for them: they run
/// as one ServiceAccount.
pub(super) fn all<'s, 'o>(scene: &'s Scene<'o>) -> Vec<Electing<'s, 'o>> {
    let mut all: Vec<Electing<'s, 'o>> = Vec::new();
    let presumed = scene.electors().all().iter().filter(|elector| elector.is_presumed() && elector.leases);
    for elector in presumed.filter(|elector| !is_by_kubeconfig(scene, elector)) {
        let Some(electing) = electing(scene, elector) else { continue };
        let same = |other: &Electing<'_, '_>| {
            std::ptr::eq(other.workload, electing.workload)
                && (other.scope, other.lease, other.library) == (electing.scope, electing.lease, electing.library)
        };
        if !all.iter().any(same) {
            all.push(electing);
        }
    }
    all
}

fn electing<'s, 'o>(scene: &'s Scene<'o>, elector: &'s Elector<'o>) -> Option<Electing<'s, 'o>> {
    let policy = scene.policy();
    let scope = elector.scope(policy)?;
    let held = held(scene, elector, scope);
    // What has written the Lease is known better than what would be told like this.
    let seen = held.filter(|one| one.elector.confidence == Confidence::Certain).map(|one| one.elector.library);
    let words = elector.program.arguments.iter().map(|argument| argument.text.as_str());
    Some(Electing {
        workload: elector.workload.object,
        account: elector.account(policy),
        scope,
        lease: elector.lease.as_deref().or(held.and_then(Election::lease_name)),
        library: seen.unwrap_or(elector.library),
        guessed: seen.is_none() && elector.guessed,
        hints: if elector.placed { Vec::new() } else { words.collect() },
        by_itself: elector.election.origin == Origin::Program,
        evidence: &elector.election.evidence,
        field: &elector.election.field,
    })
}

/// The one election in a namespace that the Pods of a workload contend in now.
fn held<'o>(scene: &Scene<'o>, elector: &Elector<'o>, scope: Scope<'_>) -> Option<&'o Election> {
    let mut all = scene.elections_of(elector.workload).filter(|one| scope == Scope::Namespace(&one.namespace));
    let (first, second) = (all.next(), all.next());
    let is_named = |one: &&Election| elector.lease.is_none() || elector.lease.as_deref() == one.lease_name();
    first.filter(|one| second.is_none() && one.lease.is_some()).filter(is_named)
}
