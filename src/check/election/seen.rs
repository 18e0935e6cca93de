//! Whose Pod holds a Lease elects, whatever its manifest says or leaves out.
//!
//! A program may elect without being told to: then nothing but its Lease tells. Whoever is told not to is believed: the
//! Pod that holds the Lease may be of an older template.

use super::super::program::Program;
use super::super::scene::Scene;
use super::super::workload::Workload;
use super::elector::Namespace;
use super::{Elector, Elects, Origin, Remedy};
use crate::model::elector::{Confidence, Library};
use crate::model::{self, WorkloadKind};

/// The election of which one of a workload's Pods holds the Lease, the first where there are several. Whose Pod it is must
/// not be a guess.
pub(super) fn election<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> Option<&'o model::Election> {
    scene.elections_of(workload).find(|election| {
        let (Some(lease), Some(holder)) = (election.lease_name(), &election.holder.pod) else { return false };
        let own = election.candidates.iter().find(|one| one.name() == holder).is_some_and(|one| {
            let owner = one.pod.workload();
            *owner.name == *workload.object.name && owner.kind == WorkloadKind::parse(&workload.object.kind)
        });
        // A Lease that is called as its Pod is nobody else's to take: a sign of life, and no election.
        own && !election.holder.guessed && !lease.contains(holder.as_str())
    })
}

/// The electors that are told, and the one that is only seen where none of them is taken to elect.
pub(super) fn with<'o>(scene: &Scene<'o>, workload: Workload<'o>, mut told: Vec<Elector<'o>>) -> Vec<Elector<'o>> {
    if told.iter().any(Elector::is_presumed) {
        return told;
    }
    let Some(seen) = election(scene, workload) else { return told };
    let says = |program: &Program<'_>| told.iter().find(|one| one.program.path == program.path);
    let mut programs = Program::all(scene, workload);
    programs.retain(|program| says(program).is_none_or(|one| one.election.elects == Elects::Unknown));
    // The name under which the Lease is renewed is the program's own, where it is a Go program.
    let owners = seen.lease.iter().flat_map(|lease| &lease.owners);
    let renewer = owners.into_iter().find(|owner| owner.fields.renewed).map(|owner| owner.manager.as_str());
    let at = programs
        .iter()
        .position(|program| renewer.is_some_and(|name| program.is(name)))
        .or_else(|| programs.iter().position(|program| says(program).is_some()))
        .unwrap_or(0);
    if at >= programs.len() {
        return told;
    }
    let program = programs.swap_remove(at);
    told.retain(|one| one.program.path != program.path);
    let evidence = format!("its Pod holds lease/{} in {}", seen.lease_name().unwrap_or_default(), seen.namespace);
    let (elects, field, remedy, origin) = (Elects::Yes, program.path.clone(), Remedy::Other, Origin::Lease);
    let election = super::Election { elects, field, evidence, remedy, origin };
    told.push(Elector::read(scene, workload, program, election));
    told
}

/// What is known of an elector by its Lease.
pub(super) fn known<'o>(read: Elector<'o>, seen: &model::Election) -> Elector<'o> {
    let guessed = seen.elector.confidence == Confidence::Guess && seen.elector.library != Library::ClientGo;
    let lease = seen.lease_name().map(str::to_owned);
    Elector {
        library: if guessed { Library::Unknown } else { seen.elector.library },
        guessed: seen.elector.confidence == Confidence::Guess,
        leases: true,
        named: read.named.filter(|said| said.text == lease),
        lease,
        namespace: Namespace::Named(seen.namespace.clone()),
        placed: true,
        ..read
    }
}
