//! What is said of an election's settings: by flags, by variables, and in files, in this order.

use serde_json::Value as Json;

use super::super::program::Program;
use super::super::verdict::{Said as Verdict, Verdicts};
use super::file::File;
use super::words::{Fit, Name};
use crate::model::node::Mark;
use crate::model::object::Object;

/// What is said of a setting, and where that stands.
#[derive(Clone, Debug)]
pub(in crate::check) struct Said<'o> {
    /// The value; `None` where it hangs on what is not known. A variable of the Pod may stand in it: `$(POD_NAME)`.
    pub(in crate::check) text: Option<String>,
    /// The object in which it stands: the workload, or a ConfigMap.
    pub(in crate::check) object: &'o Object,
    /// The field of the object.
    pub(in crate::check) field: String,
    /// As it is called there: `--leader-elect-lease-duration`, `LEASE_DURATION`, `leaderElection.leaseDuration`.
    pub(in crate::check) name: String,
    /// What kind of place that is.
    pub(in crate::check) place: Place<'o>,
    pub(in crate::check) fit: Fit,
}

impl Said<'_> {
    /// What it is called, and in which file where it stands in one.
    pub(in crate::check) fn whole_name(&self) -> String {
        match self.place {
            Place::Flag | Place::Variable => self.name.clone(),
            Place::File { key, .. } => format!("{} in {key}", self.name),
        }
    }

    /// Where it stands in its file, from the beginning of that.
    fn mark(&self) -> Option<Mark> {
        let Place::File { text, .. } = self.place else { return None };
        let at = place(text, self.name.rsplit('.').next()?, self.text.as_deref()?)?;
        let before = &text[..at];
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count();
        let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        Some(Mark { line: count(before.matches('\n').count()), column: count(column) })
    }

    /// It is not as it should be.
    pub(in crate::check) fn fail<'v>(&self, verdicts: &'v mut Verdicts<'_>, message: String) -> Verdict<'v> {
        let failed = verdicts.fail(self.object, self.field.as_str(), message);
        match (self.place, self.mark()) {
            (Place::File { key, .. }, Some(mark)) => failed.inside(self.object.root.get("data").field(key), mark),
            _ => failed,
        }
    }
}

/// Where a text sets a name to something; `None` where it does not do so just once.
pub(in crate::check) fn place(text: &str, name: &str, value: &str) -> Option<usize> {
    let mut found = None;
    for (at, _) in text.match_indices(name) {
        let whole = !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let behind = text[at + name.len()..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        let Some(set) = behind.strip_prefix([':', '=']).filter(|_| whole) else { continue };
        let set = set.trim_start_matches([' ', '\t', '"', '\'']);
        let rest = set.strip_prefix(value);
        if let Some(rest) = rest.filter(|rest| !rest.starts_with(|it: char| it.is_alphanumeric() || it == '.')) {
            let place = text.len() - rest.len() - value.len();
            if found.replace(place).is_some() {
                return None;
            }
        }
    }
    found
}

/// Where something can be said.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) enum Place<'o> {
    Flag,
    /// A variable of the container itself, or of a ConfigMap.
    Variable,
    /// A file with this text, under this key of its ConfigMap.
    File {
        key: &'o str,
        text: &'o str,
        /// Whether it is an object of an API, which is read strictly.
        typed: bool,
    },
}

/// A value deep in a file, with the names that lead to it.
#[derive(Debug)]
struct Leaf {
    path: String,
    text: String,
}

/// A file that a program reads, as it was understood.
#[derive(Debug)]
pub(super) struct Tree<'o> {
    file: File<'o>,
    klag_exporters: bool,
    typed: bool,
    leaves: Vec<Leaf>,
}

/// How deep a setting may lie: `controller.leaderElection.leaseDuration`.
const DEEPEST: usize = 5;

impl<'o> Tree<'o> {
    /// A file that says anything about elections.
    pub(super) fn of(file: File<'o>, program: &Program<'o>) -> Option<Self> {
        let tree = file.tree(program)?;
        let mut leaves = Vec::new();
        grow(&tree, &mut String::new(), 0, &mut leaves);
        let typed = tree["apiVersion"].is_string() && tree["kind"].is_string();
        Some(Self { klag_exporters: file.is_klag_exporters(&tree), file, typed, leaves })
    }

    /// Whether klag-exporter reads it.
    pub(super) fn is_klag_exporters(&self) -> bool {
        self.klag_exporters
    }
}

fn grow(value: &Json, path: &mut String, depth: usize, leaves: &mut Vec<Leaf>) {
    let text = match value {
        Json::Object(fields) if depth < DEEPEST => {
            for (name, value) in fields {
                let before = path.len();
                if before > 0 {
                    path.push('.');
                }
                path.push_str(name);
                grow(value, path, depth + 1, leaves);
                path.truncate(before);
            }
            return;
        }
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(yes) => yes.to_string(),
        _ => return,
    };
    leaves.push(Leaf { path: path.clone(), text });
}

/// What is said of a setting of one of these names.
pub(super) fn find<'o>(
    workload: &'o Object,
    program: &Program<'o>,
    trees: &[Tree<'o>],
    name: &Name,
) -> Option<Said<'o>> {
    let by_files = || trees.iter().find_map(|tree| by_file(tree, name));
    // klag-exporter knows nothing but its file (0.1.29, `src/config.rs`); the variables in it are read already.
    if trees.iter().any(Tree::is_klag_exporters) {
        return by_files();
    }
    by_flag(workload, program, name).or_else(|| by_variable(workload, program, name)).or_else(by_files)
}

fn by_flag<'o>(workload: &'o Object, program: &Program<'o>, name: &Name) -> Option<Said<'o>> {
    let flags = program.flags();
    // The last counts.
    let (flag, fit) = flags.all.iter().rev().find_map(|flag| Some((flag, name.fits(flag.name)?)))?;
    let dashes = if flag.argument.text.starts_with("--") { "--" } else { "-" };
    // Where the value is the next word, that is what has to be changed.
    let argument = if flag.set.is_none() { flag.next.unwrap_or(flag.argument) } else { flag.argument };
    Some(Said {
        text: flag.value().map(str::to_owned),
        object: workload,
        field: argument.field.clone(),
        name: format!("{dashes}{}", flag.name),
        place: Place::Flag,
        fit,
    })
}

fn by_variable<'o>(workload: &'o Object, program: &Program<'o>, name: &Name) -> Option<Said<'o>> {
    let (variable, fit) =
        program.environment.all().find_map(|variable| Some((variable, name.fits(&variable.name)?)))?;
    let from_pod = program.container.get("env").list().iter().find_map(|entry| {
        let named = entry.get("name").text() == Some(&variable.name);
        entry.at("valueFrom.fieldRef.fieldPath").text().filter(|_| named)
    });
    Some(Said {
        // As an argument would have it.
        text: variable.value.clone().or_else(|| from_pod.map(|_| format!("$({})", variable.name))),
        object: workload,
        field: variable.field.clone(),
        name: variable.name.clone(),
        place: Place::Variable,
        fit,
    })
}

fn by_file<'o>(tree: &Tree<'o>, name: &Name) -> Option<Said<'o>> {
    let (leaf, fit) = tree.leaves.iter().find_map(|leaf| Some((leaf, name.fits(&leaf.path)?)))?;
    let File { config_map, key, text, .. } = tree.file;
    Some(Said {
        text: Some(leaf.text.clone()),
        object: config_map,
        field: format!("data.{key}"),
        name: leaf.path.clone(),
        place: Place::File { key, text, typed: tree.typed },
        fit,
    })
}
