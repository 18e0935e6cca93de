//! Who elects a leader: each container's program, by its flags, its variables, its files, and what is known of it.

pub(super) mod file;
pub(super) mod known;
#[cfg(test)]
mod tests;
pub(super) mod words;

use file::File;
use words::Switch;

use super::program::Program;
use super::program::environment::Variable;
use super::program::flags::{Kind, Stray};
use super::scene::Scene;
use super::workload::Workload;

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
    };
    // Where a word ends the list for one reader and not for the other.
    if flags.strays.iter().any(|stray| stray.index < flag.index) {
        return Some(unknown(format!("{evidence} stands behind a word that ends the list of flags")));
    }
    let Some(on) = flag.on() else { return Some(unknown(evidence)) };
    let elects = if on == (switch == Switch::On) { Elects::Yes } else { Elects::No };
    let dashes = if evidence.starts_with("--") { "--" } else { "-" };
    let remedy = Remedy::Word(format!("{dashes}{}={}", flag.name, switch == Switch::On));
    Some(Election { elects, field, evidence, remedy })
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
    Some(Election { elects, field: variable.field.clone(), evidence, remedy })
}

/// Variables are read by whatever the program is written in: in any case, and also yes and on.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "yes" | "on" | "enabled" => Some(true),
        "0" | "f" | "false" | "no" | "off" | "disabled" => Some(false),
        _ => None,
    }
}

/// Where klag-exporter looks for its file unless it is told (the image's own command, 0.1.29).
const KLAG_FILE: &str = "/app/config.toml";

fn by_file<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> Option<Election> {
    let files = file::all(scene, workload, program);
    let read = |file: &File<'_>| {
        let says = file.says(program)?;
        // klag-exporter has nothing to read but its file: where that is not passed, it was meant to be (HA0107).
        let given = reads(program, file) || is_klag_exporter(program);
        let elects = match (given, says.elects) {
            (true, true) => Elects::Yes,
            (true, false) => Elects::No,
            (false, _) => return None,
        };
        let said = if says.elects { "on" } else { "off" };
        let evidence = format!("{} of {} has leader election {said}", file.key, file.config_map);
        Some(Election { elects, field: file.field.clone(), evidence, remedy: Remedy::Other })
    };
    files.iter().find_map(read)
}

/// Whether a program reads a file: it is told of it, or looks there by itself.
pub(super) fn reads(program: &Program<'_>, file: &File<'_>) -> bool {
    file.is_given(program) || (file.path == KLAG_FILE && is_klag_exporter(program))
}

/// Whether it is klag-exporter, whose readiness depends on leading.
pub(super) fn is_klag_exporter(program: &Program<'_>) -> bool {
    program.is("klag-exporter")
}

fn by_knowledge(program: &Program<'_>) -> Option<Election> {
    let field = program.path.clone();
    if let Some(stray) = undashed(program) {
        let evidence = format!("{} has no dashes, and is no flag", stray.text);
        return Some(Election { elects: Elects::Unknown, field: stray.field, evidence, remedy: Remedy::Other });
    }
    if let Some(known) = known::known(program) {
        let elects = if known.elects { Elects::Yes } else { Elects::No };
        let does = if known.elects { "elects" } else { "elects only" };
        let told = if known.elects { "unless it is told not to" } else { "if it is told to" };
        let evidence = format!("{} {does} {told} ({})", program.image, known.source);
        return Some(Election { elects, field, evidence, remedy: Remedy::Add(known.flag.to_owned()) });
    }
    let flags = program.flags();
    let flag = flags.all.iter().find(|flag| words::about(flag.name))?;
    let (field, evidence) = (flag.argument.field.clone(), flag.argument.text.clone());
    Some(Election { elects: Elects::Unknown, field, evidence, remedy: Remedy::Other })
}

/// `leader-election=true`, and no flag of that name.
fn undashed(program: &Program<'_>) -> Option<super::program::Argument> {
    let about = |stray: &&Stray<'_>| {
        let name = stray.argument.text.split('=').next().unwrap_or_default();
        stray.kind == Kind::Undashed && words::switch(name).is_some()
    };
    program.flags().strays.iter().find(about).map(|stray| stray.argument.clone())
}
