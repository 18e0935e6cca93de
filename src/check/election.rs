//! Who elects a leader: each container's program, by its flags, its variables, its files, and what is known of it.
//!
//! This is the only reading of it: rules ask [`Scene::electors`], which holds what was worked out once.

pub(super) mod elector;
pub(super) mod file;
pub(super) mod known;
pub(super) mod launch;
pub(super) mod said;
mod seen;
mod span;
#[cfg(test)]
mod tests;
pub(super) mod timing;
pub(super) mod way;
pub(super) mod words;

pub(super) use elector::Elector;

use std::collections::HashMap;
use std::ops::Range;

use file::File;
use words::Switch;

use super::program::Program;
use super::program::environment::Variable;
use super::program::flags::{Kind, Stray};
use super::scene::Scene;
use super::workload::Workload;
use crate::model::object::Object;

/// What a program does about electing a leader, and how that is known.
#[derive(Debug)]
pub(super) struct Election {
    pub(super) elects: Elects,
    /// Where it says so: a field of the workload.
    pub(super) field: String,
    /// In words: `--leader-elect=false`.
    pub(super) evidence: String,
    /// What has to be changed for it to elect.
    pub(super) remedy: Remedy,
    pub(super) origin: Origin,
}

/// By what it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A flag that turns it on or off.
    Flag,
    /// A variable that does.
    Variable,
    /// A file that does.
    File,
    /// What the program does by itself.
    Program,
    /// Only that it can: a flag that says how to elect.
    Hint,
    /// Nothing of it, but that its Pod holds a Lease now.
    Lease,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elects {
    Yes,
    No,
    /// It may: it is not known what it does where nothing is said.
    Unknown,
}

/// What has to be changed for a program to elect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// This word of its arguments, to that.
    Word(String),
    /// This variable, to that.
    Variable(String, &'static str),
    /// Another word to its arguments.
    Add(String),
    /// Something else: another check says it, or a file.
    Other,
}

/// All that elect or may, each with its election.
#[derive(Debug, Default)]
pub(super) struct Electors<'o> {
    /// In the order of the workloads, and within each of them in that of its containers.
    all: Vec<Elector<'o>>,
    /// Where those of a workload are.
    places: HashMap<*const Object, Range<usize>>,
}

impl<'o> Electors<'o> {
    /// Those of a scene.
    pub(super) fn of(scene: &Scene<'o>) -> Self {
        let mut electors = Self::default();
        for &workload in scene.workloads() {
            let begin = electors.all.len();
            electors.all.extend(Elector::all(scene, workload));
            electors.places.insert(std::ptr::from_ref(workload.object), begin..electors.all.len());
        }
        electors
    }

    pub(super) fn all(&self) -> &[Elector<'o>] {
        &self.all
    }

    /// Those of a workload.
    pub(super) fn in_pods_of(&self, workload: Workload<'o>) -> &[Elector<'o>] {
        let place = self.places.get(&std::ptr::from_ref(workload.object));
        place.and_then(|place| self.all.get(place.clone())).unwrap_or_default()
    }
}

/// What a program does about electing a leader; `None` where nothing suggests that it could.
pub(super) fn of<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> Option<Election> {
    by_flag(program)
        .or_else(|| by_variable(program))
        .or_else(|| by_file(scene, workload, program))
        .or_else(|| by_knowledge(program))
}

fn by_flag(program: &Program<'_>) -> Option<Election> {
    let flags = program.flags();
    let (flag, switch) = flags.all.iter().rev().find_map(|flag| Some((flag, words::switch(flag.name)?)))?;
    let field = flag.argument.field.clone();
    let evidence = flag.argument.text.clone();
    let unknown = |evidence| Election {
        elects: Elects::Unknown,
        field: flag.argument.field.clone(),
        evidence,
        remedy: Remedy::Other,
        origin: Origin::Hint,
    };
    // Where a word ends the list for one reader and not for the other.
    if flags.strays.iter().any(|stray| stray.index < flag.index) {
        let evidence = format!("{evidence} stands behind a word that ends the list of flags");
        let on = flag.on() == Some(switch == Switch::On);
        let origin = if on { Origin::Flag } else { Origin::Hint };
        return Some(Election { origin, ..unknown(evidence) });
    }
    let Some(on) = flag.on() else { return Some(unknown(evidence)) };
    let elects = if on == (switch == Switch::On) { Elects::Yes } else { Elects::No };
    let dashes = if evidence.starts_with("--") { "--" } else { "-" };
    let remedy = Remedy::Word(format!("{dashes}{}={}", flag.name, switch == Switch::On));
    Some(Election { elects, field, evidence, remedy, origin: Origin::Flag })
}

fn by_variable(program: &Program<'_>) -> Option<Election> {
    let named = |variable: &&Variable| words::switch(&variable.name).is_some();
    let variable = program.environment.all().find(named)?;
    let switch = words::switch(&variable.name)?;
    let from = variable.config_map.as_ref().map(|map| format!(" of configmap/{map}")).unwrap_or_default();
    let said = variable.value.as_deref().and_then(|value| truth(value.trim()));
    let (elects, evidence) = match said {
        None => (Elects::Unknown, format!("{}{from}", variable.name)),
        Some(on) => {
            let elects = if on == (switch == Switch::On) { Elects::Yes } else { Elects::No };
            (elects, format!("{}={on}{from}", variable.name))
        }
    };
    let wanted = if switch == Switch::On { "true" } else { "false" };
    let remedy = Remedy::Variable(variable.name.clone(), wanted);
    Some(Election { elects, field: variable.field.clone(), evidence, remedy, origin: Origin::Variable })
}

/// Variables are read by whatever the program is written in: in any case, and also yes and on.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "yes" | "on" | "enabled" => Some(true),
        "0" | "f" | "false" | "no" | "off" | "disabled" => Some(false),
        _ => None,
    }
}

fn by_file<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> Option<Election> {
    let read = |file: &File<'_>| {
        let says = file.says(program)?;
        let (elects, said) = if says.elects { (Elects::Yes, "on") } else { (Elects::No, "off") };
        let evidence = format!("{} of {} has leader election {said}", file.key, file.config_map);
        let (field, remedy) = (file.field.clone(), Remedy::Other);
        Some(Election { elects, field, evidence, remedy, origin: Origin::File })
    };
    file::read(scene, workload, program).iter().find_map(read)
}

/// Whether it is klag-exporter, whose readiness depends on leading.
pub(super) fn is_klag_exporter(program: &Program<'_>) -> bool {
    program.is(launch::NAME)
}

fn by_knowledge(program: &Program<'_>) -> Option<Election> {
    let field = program.path.clone();
    if let Some(stray) = undashed(program) {
        let evidence = format!("{} has no dashes, and is no flag", stray.text);
        let (elects, remedy) = (Elects::Unknown, Remedy::Other);
        return Some(Election { elects, field: stray.field, evidence, remedy, origin: Origin::Program });
    }
    if let Some(known) = known::known(program) {
        let elects = if known.elects { Elects::Yes } else { Elects::No };
        let does = if known.elects { "does unless it is told not to" } else { "elects only if it is told to" };
        let evidence = format!("{} {does}: {}", program.image, known.source);
        let remedy = Remedy::Add(known.flag.to_owned());
        return Some(Election { elects, field, evidence, remedy, origin: Origin::Program });
    }
    let flags = program.flags();
    let flag = flags.all.iter().find(|flag| words::about(flag.name))?;
    let (field, evidence) = (flag.argument.field.clone(), flag.argument.text.clone());
    Some(Election { elects: Elects::Unknown, field, evidence, remedy: Remedy::Other, origin: Origin::Hint })
}

/// `leader-election=true`, and no flag of that name.
fn undashed(program: &Program<'_>) -> Option<super::program::Argument> {
    let about = |stray: &&Stray<'_>| {
        let name = stray.argument.text.split('=').next().unwrap_or_default();
        stray.kind == Kind::Undashed && words::switch(name).is_some()
    };
    program.flags().strays.iter().find(about).map(|stray| stray.argument.clone())
}
