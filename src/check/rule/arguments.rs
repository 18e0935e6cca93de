//! Arguments that do not do what they seem to.

use super::super::catalogue::{Check, Severity};
use super::super::election::words::{self, Switch};
use super::super::program::Program;
use super::super::program::flags::{Flags, Kind, Stray};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::paste;

pub(in crate::check) const ALL_READ: Check = Check {
    id: "HA0106",
    severity: Severity::Warning,
    title: "every argument is read as it was meant",
    page: include_str!("../pages/HA0106.md"),
    judge: all_read,
};

fn all_read(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let mut found = false;
        let programs = Program::all(scene, workload);
        for program in &programs {
            let flags = program.flags();
            for &stray in &flags.strays {
                let Some((message, voids)) = told(&flags, stray) else { continue };
                found = true;
                let several = scene.most(workload) > 1;
                let severity = if voids && several { Severity::Error } else { Severity::Warning };
                let failed = verdicts.fail(workload.object, stray.argument.field.as_str(), message).severity(severity);
                if let Some(fix) = mended(program, &flags, stray) {
                    failed.fix(fix);
                }
            }
        }
        if found {
            continue;
        }
        if programs.iter().any(|program| !program.arguments.is_empty()) {
            verdicts.pass(workload.object);
        } else {
            verdicts.skip(workload.object, "no arguments of its programs can be read");
        }
    }
}

/// So many of the flags that are lost are named: there may be thousands, behind thousands of words.
const NAMED: usize = 3;

/// What is wrong, and whether it turns leader election off.
fn told(flags: &Flags<'_>, stray: Stray<'_>) -> Option<(String, bool)> {
    let text = &stray.argument.text;
    // Not what they are set to: that may be a secret.
    let mut behind: Vec<_> = flags.behind(stray).collect();
    let most = behind.len();
    if most > NAMED {
        // What turns it on is named, whatever else is.
        behind.sort_by_key(|flag| words::switch(flag.name).is_none());
        behind.truncate(NAMED);
    }
    let names: Vec<_> = behind.iter().map(|flag| format!("--{}", flag.name)).collect();
    let more = if most > NAMED { format!(" and {} more", most - NAMED) } else { String::new() };
    let elects = flags.behind(stray).any(|flag| words::switch(flag.name).is_some() && flag.on() == Some(true));
    let lost = if behind.is_empty() {
        String::new()
    } else {
        format!(". If it is read by Go's flag package, what follows is not read at all: {}", names.join(" ") + &more)
    };
    match stray.kind {
        Kind::Switched => {
            let flag = flags.all.iter().rev().find(|flag| flag.index < stray.index)?;
            if text == "true" && behind.is_empty() {
                return None;
            }
            let name = &flag.argument.text;
            Some((
                format!("{name} {text} in two words is {name}=true to a Go program, and a word too many{lost}"),
                elects,
            ))
        }
        Kind::Undashed => {
            let name = text.split('=').next().unwrap_or_default();
            let own = words::switch(name).is_some() && text.ends_with("=true");
            Some((format!("{name}= has no dashes: it is no flag{lost}"), elects || own))
        }
        Kind::Empty if behind.is_empty() => None,
        Kind::Empty => Some((format!("an argument is empty: it is no flag{lost}"), elects)),
    }
}

fn mended(program: &Program<'_>, flags: &Flags<'_>, stray: Stray<'_>) -> Option<String> {
    let text = paste::written(program, &stray.argument.field)?;
    match stray.kind {
        Kind::Undashed => paste::word(program, &stray.argument.field, &[&format!("--{text}")], 1),
        Kind::Empty => paste::word(program, &stray.argument.field, &[], 1),
        Kind::Switched => {
            let flag = flags.all.iter().rev().find(|flag| flag.index < stray.index)?.argument;
            let (list, index) = paste::place(&flag.field)?;
            let together = paste::place(&stray.argument.field)? == (list, index + 1);
            // Whoever elects now, by mistake or not, is not to stop with it.
            let elects = words::switch(flag.text.trim_start_matches('-')) == Some(Switch::On);
            let text = if elects { "true" } else { text };
            let one = format!("{}={text}", paste::written(program, &flag.field)?);
            together.then(|| paste::word(program, &flag.field, &[&one], 2)).flatten()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::check::program::Argument;
    use crate::check::program::flags::Flags;

    #[test]
    fn a_few_of_what_is_lost_are_named() {
        let words = ["--a=1", "", "--b", "--c", "--d", "--e", "--leader-elect"];
        let word = |text: &&str| Argument { text: (*text).to_owned(), open: false, field: String::new() };
        let arguments: Vec<_> = ["--v=1"].iter().chain(&words).map(word).collect();
        let flags = Flags::read(&arguments);
        let messages: Vec<_> = flags.strays.iter().filter_map(|stray| told(&flags, *stray)).collect();
        assert!(
            messages.iter().all(|(message, voids)| *voids && message.ends_with(": --leader-elect --b --c and 2 more"))
        );
        assert_eq!(messages.len(), 1);
    }
}
