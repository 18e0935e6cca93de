//! The map of `src/lib.rs` is kept true by machine: which room may use which, and what only one room may do.
//!
//! A rule is a function from a file to what is wrong in it. The rules are applied to `src/`, and below to small files
//! that break them: a rule that cannot fail would keep nothing true.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path as FilePath;

use source::{Path, Source};

/// The rooms, and which others each may use. A new room, or a new arrow, is a decision: make it here.
const ROOMS: &[(&str, &[&str])] = &[
    ("access", &["model"]),
    // What a timing comes to is what the machines do with it.
    ("check", &["access", "elector", "model", "sim", "system"]),
    ("cli", &["check", "elector", "error", "model", "sim", "system", "terminal", "transfer"]),
    ("clock", &[]),
    ("cluster", &["clock", "error", "model"]),
    (
        "command",
        &[
            "check", "cli", "clock", "cluster", "elector", "error", "model", "report", "sim", "source", "system",
            "terminal", "transfer", "view",
        ],
    ),
    ("elector", &["model"]),
    ("error", &[]),
    // The map: its documentation names every room, its code none.
    ("lib", &[]),
    // Through the library, as anyone else would.
    ("main", &[]),
    // What a system is known by is a fact about it.
    ("model", &["system"]),
    ("report", &["check", "elector", "error", "model", "sim", "system", "transfer"]),
    ("sim", &["elector", "model", "system", "transfer"]),
    ("source", &["error", "model"]),
    ("system", &["model"]),
    ("terminal", &["clock", "error", "view"]),
    ("transfer", &["elector", "error", "model", "system"]),
    ("view", &["model", "report"]),
];

/// Same input, same output: no I/O, no clock, no environment.
const PURE: &[&str] = &["access", "check", "elector", "model", "report", "sim", "system", "transfer", "view"];

/// What the pure rooms name in no way.
const IMPURE: &[&[&str]] = &[
    &["futures"],
    &["hyper_util"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "os"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["tokio"],
];

/// A file with more lines wants to be two.
const LONGEST: usize = 450;

/// `main.rs` reads like the story of a run.
const LONGEST_MAIN: usize = 60;

/// What a rule finds in a file: the line, and what is wrong there.
type Offence = (usize, String);
type Rule = fn(&Source) -> Vec<Offence>;

const RULES: &[Rule] = &[
    arrows,
    purity,
    one_room_for_kube,
    one_place_that_agrees,
    one_room_that_prints,
    one_way_out,
    one_clock,
    header,
    length,
    expectations,
];

/// A room uses only the rooms that it may.
fn arrows(file: &Source) -> Vec<Offence> {
    let Some((_, may)) = ROOMS.iter().find(|(room, _)| *room == file.room()) else {
        return vec![(1, format!("{} is no room: add it to the map", file.room()))];
    };
    let mut offences = Vec::new();
    for path in file.paths() {
        let Some(inside) = in_crate(file, &path) else { continue };
        match inside.first().map(String::as_str) {
            // `crate` alone, or all of it, could be used for anything.
            None | Some("*") => offences.push((path.line, "takes the whole crate".to_owned())),
            Some(room) if room == file.room() || may.contains(&room) => {}
            Some(room) if ROOMS.iter().any(|(known, _)| *known == room) => {
                offences.push((path.line, format!("{} may not use {room}", file.room())));
            }
            Some(_) => {}
        }
    }
    offences
}

/// The part of a path behind the root of this crate, if it leads there.
fn in_crate<'p>(file: &Source, path: &'p Path) -> Option<&'p [String]> {
    if file.room() == "main" {
        // Its own modules would be a second library.
        return path.parts.strip_prefix(["crate".to_owned()].as_slice()).filter(|_| !path.reach);
    }
    if path.parts.first().is_some_and(|first| first == "crate") {
        return (!path.reach).then(|| &path.parts[1..]);
    }
    let climbs = path.parts.iter().skip_while(|part| *part == "self").take_while(|part| *part == "super").count();
    let behind = path.parts.iter().position(|part| part != "self" && part != "super").unwrap_or(path.parts.len());
    (climbs > 0 && climbs >= file.depth() && behind < path.parts.len()).then(|| &path.parts[behind..])
}

/// The pure rooms neither touch the world nor ask what time it is.
fn purity(file: &Source) -> Vec<Offence> {
    if !PURE.contains(&file.room()) {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for path in file.paths() {
        if IMPURE.iter().any(|impure| begins(&path, impure)) {
            offences.push((path.line, format!("a pure room names {}", path.parts.join("::"))));
        }
        let last = path.parts.last().map(String::as_str);
        if path.called && !path.defined && matches!(last, Some("now" | "local_now" | "elapsed")) {
            offences.push((path.line, "a pure room asks what time it is".to_owned()));
        }
    }
    offences
}

/// Only `cluster` talks to an API server.
fn one_room_for_kube(file: &Source) -> Vec<Offence> {
    let kube = |path: &Path| ["kube", "kube_client", "hyper", "tower"].iter().any(|name| begins(path, &[name]));
    if file.room() == "cluster" {
        return Vec::new();
    }
    let paths = file.paths();
    // A bare name is a variable, except in a `use`, where it makes the crate known under this very name.
    let named = paths.iter().enumerate().filter(|(i, path)| {
        kube(path) && (path.parts.len() > 1 || i.checked_sub(1).is_some_and(|i| paths[i].parts == ["use"]))
    });
    named.map(|(_, path)| (path.line, format!("only cluster names {}", path.parts.join("::")))).collect()
}

/// Only `command::agree` says that somebody has agreed, and only the commands that write pass that on: without it nothing
/// can be written.
fn one_place_that_agrees(file: &Source) -> Vec<Offence> {
    if file.room() == "cluster" || file.path == "command/agree.rs" {
        return Vec::new();
    }
    let writes = ["command/transfer", "command/repair"].iter().any(|path| file.path.starts_with(path));
    let agrees = |path: &&Path| {
        path.parts.windows(2).any(|two| {
            let two = (two[0].as_str(), two[1].as_str());
            matches!(two, ("Consent", "by_flag" | "by_answer"))
                || (matches!(two, ("cluster", "Consent" | "*")) && !writes)
        })
    };
    let paths = file.paths();
    paths.iter().filter(agrees).map(|path| (path.line, "only what asks first agrees".to_owned())).collect()
}

/// The model checker says how far it has looked, to whoever runs its tests.
const CHECKER: &str = "transfer/model/checker.rs";

/// Only `terminal` talks to the person. clap prints its own help, which `main` tells it to.
fn one_room_that_prints(file: &Source) -> Vec<Offence> {
    if file.room() == "terminal" || file.path == CHECKER {
        return Vec::new();
    }
    let prints = |path: &&Path| {
        let last = path.parts.last().map_or("", String::as_str);
        (path.macro_call && ["print", "println", "eprint", "eprintln", "dbg"].contains(&last))
            || (["stdout", "stderr"].contains(&last) && path.parts.len() > 1)
    };
    let paths = file.paths();
    paths.iter().filter(prints).map(|path| (path.line, "only terminal prints".to_owned())).collect()
}

/// Only `main` ends the process, by returning, and the hook for panics, after which nothing is to run.
fn one_way_out(file: &Source) -> Vec<Offence> {
    let ends =
        |path: &Path| path.parts.windows(2).any(|two| two[0] == "process" && ["exit", "abort"].contains(&&*two[1]));
    let paths = file.paths();
    let mut found: Vec<_> =
        paths.iter().filter(|path| ends(path)).map(|path| (path.line, "ends the process".to_owned())).collect();
    if file.path == "terminal.rs" && !found.is_empty() {
        found.remove(0);
    }
    found
}

/// Only `clock` asks what time it is. (The instants of tokio's timers are deadlines, and tell nobody the time.)
fn one_clock(file: &Source) -> Vec<Offence> {
    if file.room() == "clock" {
        return Vec::new();
    }
    let asks = |path: &&Path| {
        let tail = path.parts.iter().rev().take(2).map(String::as_str).collect::<Vec<_>>();
        matches!(tail.as_slice(), ["now", "Timestamp" | "SystemTime" | "Zoned" | "Utc" | "Local"])
            || begins(path, &["std", "time", "Instant"])
            || begins(path, &["std", "time", "SystemTime"])
            // By another name it could not be followed.
            || path.parts == ["std", "time"]
    };
    file.paths().iter().filter(asks).map(|path| (path.line, "only clock asks what time it is".to_owned())).collect()
}

/// A file begins with what it is for, and then does it.
fn header(file: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    if !file.text.starts_with("//! ") {
        offences.push((1, "does not begin with `//!` and what it is for".to_owned()));
    }
    if file.is_empty() {
        offences.push((1, "there is nothing in it".to_owned()));
    }
    if file.path.ends_with("mod.rs") {
        offences.push((1, "a room is `room.rs` and `room/`".to_owned()));
    }
    offences
}

/// A file is one idea.
fn length(file: &Source) -> Vec<Offence> {
    let limit = if file.path == "main.rs" { LONGEST_MAIN } else { LONGEST };
    let lines = file.text.lines().count();
    if lines > limit { vec![(limit + 1, format!("{lines} lines, more than {limit}"))] } else { Vec::new() }
}

/// An exception is `#[expect]`, which tells when it is no longer one.
fn expectations(file: &Source) -> Vec<Offence> {
    file.allowances().into_iter().map(|line| (line, "`allow` instead of `expect`".to_owned())).collect()
}

fn begins(path: &Path, prefix: &[&str]) -> bool {
    !path.member && path.parts.len() >= prefix.len() && path.parts.iter().zip(prefix).all(|(part, want)| part == want)
}

/// Every file of `src/`.
fn sources() -> Vec<Source> {
    fn read(folder: &FilePath, prefix: &str, sources: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).expect("src/ can be read") {
            let entry = entry.expect("src/ can be read");
            let path = format!("{prefix}{}", entry.file_name().to_str().expect("names in ASCII"));
            if entry.path().is_dir() {
                read(&entry.path(), &format!("{path}/"), sources);
            // The pages of the checks are texts.
            } else if path.ends_with(".rs") {
                sources.push(Source::new(&path, &fs::read_to_string(entry.path()).expect("src/ is text")));
            }
        }
    }
    let mut sources = Vec::new();
    read(&FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

#[test]
fn the_rules_of_the_house_are_kept() {
    let mut broken = Vec::new();
    for file in sources() {
        for (line, what) in RULES.iter().flat_map(|rule| rule(&file)) {
            broken.push(format!("src/{}:{line}: {what}", file.path));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_map_has_every_room_and_no_other() {
    let sources = sources();
    let here: BTreeSet<&str> = sources.iter().map(Source::room).collect();
    let mapped: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_eq!(here, mapped);
    let lib = sources.iter().find(|file| file.path == "lib.rs").expect("a library");
    let declared: BTreeSet<String> = lib.modules().into_iter().collect();
    let rooms: BTreeSet<String> =
        here.iter().filter(|room| !["lib", "main"].contains(room)).map(|room| (*room).to_owned()).collect();
    assert_eq!(declared, rooms);
}

/// Proves that the reader sees the arrows that are there: a blind one would find no offence either.
#[test]
fn the_arrows_that_are_there_are_seen() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources() {
        let used = file.paths().into_iter().filter_map(|path| in_crate(&file, &path)?.first().cloned());
        let used: Vec<_> = used.filter(|room| room != file.room() && ROOMS.iter().any(|(r, _)| r == room)).collect();
        seen.entry(file.room().to_owned()).or_default().extend(used);
    }
    for (room, uses) in [("command", "cluster"), ("cluster", "model"), ("report", "model"), ("view", "report")] {
        assert!(seen[room].contains(uses), "{room} uses {uses}: {seen:#?}");
    }
    assert!(sources().iter().any(|file| file.room() == "cluster" && file.paths().iter().any(|p| begins(p, &["kube"]))));
}

/// The offences of a rule in a file with this text.
fn found(rule: Rule, path: &str, text: &str) -> Vec<Offence> {
    rule(&Source::new(path, text))
}

#[track_caller]
fn breaks(rule: Rule, path: &str, text: &str) {
    assert_ne!(found(rule, path, text), [], "{path}: {text}");
}

#[track_caller]
fn keeps(rule: Rule, path: &str, text: &str) {
    assert_eq!(found(rule, path, text), [], "{path}: {text}");
}

#[test]
fn an_arrow_in_the_wrong_direction_is_found() {
    for text in [
        "use crate::cluster::Reader;",
        "use crate::{error, cluster::Reader};",
        "use crate::{self as all};",
        "use crate::*;",
        "pub use crate::cluster as c;",
        "fn f() -> crate::cluster::Reader { g() }",
        "fn f() { let x = crate :: cluster\n::connect(); }",
        "use super::super::cluster::Reader;",
        "use self::super::super::cluster::Reader;",
        "macro_rules! m { () => { $crate::cluster::connect() } }",
    ] {
        breaks(arrows, "model/pod.rs", text);
    }
    breaks(arrows, "model.rs", "use super::cluster::Reader;");
    breaks(arrows, "model/wire/page.rs", "use super::super::super::cluster;");
    breaks(arrows, "view.rs", "use crate::system::System;");
    breaks(arrows, "cluster.rs", "use crate::{view::Style};");
    breaks(arrows, "terminal.rs", "use crate::report::Seconds;");
    breaks(arrows, "system.rs", "use crate::error::Error;");
    breaks(arrows, "model/write.rs", "use crate::elector::Machine;");
    breaks(arrows, "elector/kubert.rs", "use crate::sim::Scenario;");
    breaks(arrows, "sim/world.rs", "use crate::report::Seconds;");
    breaks(arrows, "main.rs", "use crate::model::Election;");
    breaks(arrows, "utils.rs", "fn f() {}");
    assert_eq!(found(arrows, "model.rs", "\n\nuse crate::cli::Cli;"), [(3, "model may not use cli".to_owned())]);
    for text in [
        "use crate::system::System;",
        "use crate::model::Election; use super::cluster;",
        "pub(crate) fn cluster(cluster: Cluster) { self.cluster.view() }",
        "//! crate::cluster\n/* use crate::cluster; */ const C: &str = \"crate::cluster\";",
        "#[cfg(test)] mod tests { use crate::cluster::Reader; }",
    ] {
        keeps(arrows, "model/pod.rs", text);
    }
    keeps(arrows, "main.rs", "use hactl::{cli, command}; pub(crate) fn f() {}");
    keeps(arrows, "command/status.rs", "use super::connect; use crate::view::table;");
}

#[test]
fn a_pure_room_that_touches_the_world_is_found() {
    for text in [
        "use std::fs;",
        "use std::{env, fmt};",
        "use std::fmt::{self}; use ::std::io::Write;",
        "fn f() { std::env::var(\"HOME\") }",
        "async fn f() { tokio::time::sleep(d).await }",
        "fn f() { Timestamp::now() }",
        "fn f() { clock.now() }",
        "fn f() { crate::clock::local_now() }",
        "use std::time::{Duration, Instant};",
    ] {
        for path in ["elector/kubert.rs", "model/pod.rs", "sim/world.rs", "system.rs", "report.rs", "view/table.rs"] {
            breaks(purity, path, text);
        }
    }
    for text in [
        "use std::time::Duration; use std::fmt;",
        "pub fn now(&self) -> Now { self.now }",
        "fn f(now: Now) { g(now) }",
        "fn f(io: u8) { io.fs(x.tokio) }",
        "#[cfg(test)] mod tests { use std::fs; fn now() -> Now { f() } }",
    ] {
        keeps(purity, "model/pod.rs", text);
    }
    keeps(purity, "cluster.rs", "use std::io; use tokio::time;");
}

#[test]
fn kube_outside_of_cluster_is_found() {
    for text in [
        "use kube::Client;",
        "use ::kube::Client;",
        "fn f(c: &kube::Client) {}",
        "use kube;",
        "use kube as k;",
        "use {kube::Api};",
    ] {
        breaks(one_room_for_kube, "command/status.rs", text);
    }
    keeps(one_room_for_kube, "command/status.rs", "let kube = f(kube); x.kube();");
    keeps(one_room_for_kube, "cluster/list.rs", "use kube::Client;");
}

#[test]
fn consent_by_anyone_else_is_found() {
    for text in [
        "use crate::cluster::{Reader, Consent as Yes};",
        "use crate::cluster; fn f() { cluster::Consent::by_flag() }",
        "use crate::cluster::*;",
        "fn f() { Consent::by_answer(true) }",
    ] {
        breaks(one_place_that_agrees, "command/status.rs", text);
        keeps(one_place_that_agrees, "command/agree.rs", text);
    }
    let passed_on = "use crate::cluster::Consent; fn f(consent: Consent) { g(consent.clone()) }";
    keeps(one_place_that_agrees, "command/transfer/run.rs", passed_on);
    keeps(one_place_that_agrees, "command/repair.rs", passed_on);
    breaks(one_place_that_agrees, "command/transfer.rs", "fn f() { Consent::by_answer(true) }");
    keeps(one_place_that_agrees, "command/status.rs", "use crate::cluster::Reader; use crate::terminal::Consent;");
}

#[test]
fn printing_outside_of_terminal_is_found() {
    for text in [
        "fn f() { println!(\"x\") }",
        "fn f() { std::eprint!(\"x\") }",
        "fn f() { dbg!(x); }",
        "fn f() { writeln!(std::io::stdout(), \"x\") }",
        "use std::io::{self, stderr};",
    ] {
        breaks(one_room_that_prints, "command/status.rs", text);
        breaks(one_room_that_prints, "main.rs", text);
        keeps(one_room_that_prints, "terminal/progress.rs", text);
    }
    keeps(one_room_that_prints, "cluster/explain.rs", "fn f() { last_line(&out.stderr); g(stdout) }");
    keeps(one_room_that_prints, "view.rs", "/// println!(\"x\")\nfn f() { format!(\"println!\") }");
}

#[test]
fn ending_the_process_is_found() {
    for text in [
        "fn f() { std::process::exit(1) }",
        "use std::process::exit;",
        "use std::process::{self, abort};",
        "fn f() { process::exit(1) }",
    ] {
        breaks(one_way_out, "command.rs", text);
        breaks(one_way_out, "main.rs", text);
    }
    // Once is the hook for panics; twice is not.
    keeps(one_way_out, "terminal.rs", "fn f() { std::process::exit(3) }");
    breaks(one_way_out, "terminal.rs", "fn f() { std::process::exit(3) } fn g() { std::process::exit(4) }");
    keeps(one_way_out, "error.rs", "use std::process::ExitCode; fn f() { x.exit(); exit(error.exit) }");
    keeps(one_way_out, "command/status.rs", "fn code(a: A) -> Exit { b }");
}

#[test]
fn a_second_clock_is_found() {
    for text in [
        "fn f() { Timestamp::now() }",
        "fn f() { std::time::Instant::now() }",
        "f(jiff::Zoned::now)",
        "use std::time::{Duration, Instant};",
        "use std::time;",
    ] {
        breaks(one_clock, "cluster.rs", text);
        keeps(one_clock, "clock.rs", text);
    }
    keeps(one_clock, "cluster.rs", "use std::time::Duration; fn f() { self.clock.now(local) }");
    keeps(one_clock, "cluster.rs", "use tokio::time::Instant; fn f() { Instant::now() + bound }");
}

#[test]
fn a_file_without_a_header_or_without_anything_else_is_found() {
    breaks(header, "model/x.rs", "use a::b;");
    breaks(header, "model/x.rs", "/// Documentation of the item.\nfn f() {}");
    breaks(header, "model/x.rs", "//! Only words.\n// And more of them.\n");
    breaks(header, "model/mod.rs", "//! Words.\nfn f() {}");
    keeps(header, "model/x.rs", "//! Words.\nfn f() {}");
}

#[test]
fn a_long_file_is_found() {
    breaks(length, "model/x.rs", &"x\n".repeat(LONGEST + 1));
    keeps(length, "model/x.rs", &"x\n".repeat(LONGEST));
    breaks(length, "main.rs", &"x\n".repeat(LONGEST_MAIN + 1));
}

#[test]
fn an_allowance_is_found() {
    for text in [
        "#[allow(dead_code)] fn f() {}",
        "#![allow(dead_code)]",
        "#[cfg_attr(windows, allow(dead_code))] fn f() {}",
        "#[cfg(test)] mod tests { #[allow(clippy::unwrap_used)] fn f() {} }",
    ] {
        breaks(expectations, "model/x.rs", text);
    }
    keeps(expectations, "model/x.rs", "#[expect(dead_code, reason = \"allow(x)\")] fn f() { allow(x) }");
}
