//! Configuration files that a ConfigMap is mounted as, and what they say about leader election.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::super::program::Program;
use super::super::program::environment::Variable as Known;
use super::super::scene::Scene;
use super::super::workload::Workload;
use super::launch::Launch;
use super::{is_klag_exporter, words};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::system::klag_exporter::config::{self, Variable};

/// A file that a container sees.
#[derive(Debug)]
pub(in crate::check) struct File<'o> {
    /// Where the container sees it.
    pub(in crate::check) path: String,
    /// Where all of the volume is mounted, if that is not the file alone.
    folder: Option<&'o str>,
    /// `spec.template.spec.containers[0].volumeMounts[1]`.
    pub(in crate::check) field: String,
    pub(in crate::check) config_map: &'o Object,
    /// The key of the ConfigMap.
    pub(in crate::check) key: &'o str,
    pub(super) text: &'o str,
}

/// What a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Says {
    /// Whether there is an election.
    pub(in crate::check) elects: bool,
    /// Whether it is a file of controller-runtime, which no program reads without being told where it is.
    pub(in crate::check) managed: bool,
}

/// The files of ConfigMaps that a container sees, and that are there.
pub(in crate::check) fn all<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> Vec<File<'o>> {
    let mut files = Vec::new();
    for (index, mount) in program.container.get("volumeMounts").list().iter().enumerate() {
        let (Some(name), Some(path)) = (mount.get("name").text(), mount.get("mountPath").text()) else { continue };
        let volume = workload.pod().get("volumes").list().iter().find(|one| one.get("name").text() == Some(name));
        let Some(volume) = volume else { continue };
        let projected = volume.at("projected.sources").list().iter().map(|source| source.get("configMap"));
        for source in std::iter::once(volume.get("configMap")).chain(projected) {
            let map = source.get("name").text().and_then(|name| scene.config_map(workload.object, name));
            let Some(map) = map else { continue };
            for entry in map.root.get("data").fields() {
                let (Some(text), Some(inside)) = (entry.node.text(), inside(source, &entry.name)) else { continue };
                let (path, folder) = match mount.get("subPath").text() {
                    Some(part) if part == inside => (path.to_owned(), None),
                    Some(_) => continue,
                    None => (format!("{}/{inside}", path.trim_end_matches('/')), Some(path.trim_end_matches('/'))),
                };
                let field = format!("{}.volumeMounts[{index}]", program.path);
                files.push(File { path, folder, field, config_map: map, key: &entry.name, text });
            }
        }
    }
    files
}

/// What a key is called in the volume; `None` where others are chosen.
fn inside<'o>(source: &'o Node, key: &'o str) -> Option<&'o str> {
    let items = source.get("items");
    if items.is_null() {
        return Some(key);
    }
    items.list().iter().find(|item| item.get("key").text() == Some(key))?.get("path").text()
}

/// The files that a program reads, as far as that is known: those that it is told of by their names, and those of a folder
/// that it is told of, unless it is told of one of them by its name.
pub(in crate::check) fn read<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> Vec<File<'o>> {
    let files = all(scene, workload, program);
    let by_itself = is_klag_exporter(program);
    if let (true, Launch::Looks { path, .. }) = (by_itself, Launch::of(program))
        && files.iter().any(|file| file.path == path)
    {
        return files.into_iter().filter(|file| file.path == path).collect();
    }
    let (mut read, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.is_named(program));
    let beside = |file: &File<'_>| read.iter().any(|one| one.folder.is_some() && one.folder == file.folder);
    let meant: Vec<_> = others
        .into_iter()
        // klag-exporter has nothing to read but its file: where that is not passed, it was meant to be (HA0801).
        .filter(|file| {
            (file.is_in_a_named_folder(program) && !beside(file)) || (by_itself && file.is_of_klag_exporter())
        })
        .collect();
    read.extend(meant);
    read
}

/// The words that a program is given in which a path may stand: of `--config=/etc/x,/etc/y` these two, too.
fn any_word(program: &Program<'_>, is: impl Fn(&str) -> bool) -> bool {
    let parts = |text: &str| text.split(['=', ',', ';', ':', ' ', '\n', '"', '\'', '@']).any(&is);
    program.arguments.iter().any(|argument| parts(&argument.text))
        || program.environment.all().any(|variable| variable.value.as_deref().is_some_and(parts))
}

impl File<'_> {
    /// Whether the program is told of it by its name.
    fn is_named(&self, program: &Program<'_>) -> bool {
        any_word(program, |word| word == self.path)
    }

    /// Whether the program is told of the folder that it is in. What begins like it is another.
    fn is_in_a_named_folder(&self, program: &Program<'_>) -> bool {
        let inner = self.path.rsplit_once('/').map(|(inner, _)| inner);
        self.folder.is_some_and(|folder| {
            any_word(program, |word| {
                let word = word.trim_end_matches('/');
                word.starts_with('/') && (word == folder || Some(word) == inner)
            })
        })
    }

    /// Whether it may be klag-exporter's: the only one that is TOML.
    fn is_of_klag_exporter(&self) -> bool {
        self.key.ends_with(".toml")
    }

    /// What it says about leader election, if anything can be known of that.
    pub(in crate::check) fn says(&self, program: &Program<'_>) -> Option<Says> {
        let tree = self.tree(program)?;
        if self.is_klag_exporters(&tree) {
            // Off where it says nothing (klag-exporter 0.1.29, `src/config.rs`).
            let enabled = &tree["exporter"]["leadership"]["enabled"];
            let elects = if enabled.is_null() { false } else { enabled.as_bool()? };
            return Some(Says { elects, managed: false });
        }
        let managed = tree["apiVersion"].as_str().is_some_and(|version| version.starts_with("controller-runtime."))
            || tree["kind"].as_str() == Some("ControllerManagerConfig");
        Some(Says { elects: switched(&tree, 0)?, managed })
    }

    /// Whether it is a file of klag-exporter, by its only table that has to be there.
    pub(super) fn is_klag_exporters(&self, tree: &Json) -> bool {
        self.key.ends_with(".toml") && tree["exporter"].is_object()
    }

    /// What stands in it; `None` where it says nothing about elections, or cannot be read.
    pub(super) fn tree(&self, program: &Program<'_>) -> Option<Json> {
        if self.text.len() > LARGEST {
            return None;
        }
        if self.key.ends_with(".toml") {
            // As klag-exporter does. Where a value is not known it stays as it is: what needs it is then no TOML, or says so.
            let text = config::substitute(self.text, |name| variable(program, name));
            let document = toml_span::parse(&text).ok()?;
            document.pointer("/exporter")?;
            return Some(json(&document));
        }
        // Whatever does not so much as name it need not be read.
        if !words::about(self.text) || multiplies(self.text) {
            return None;
        }
        serde_saphyr::from_str(self.text).ok()
    }
}

/// The largest file that is read, in bytes: no ConfigMap of a cluster holds more (`k8s.io/kubernetes/pkg/apis/core/validation`).
const LARGEST: usize = 1 << 20;

/// So many aliases multiply a YAML file by no more than a few hundred, however they are nested.
const MOST_ALIASES: usize = 16;

/// Whether aliases may make far more of a YAML file than stands there. No settings of an election need so many.
fn multiplies(text: &str) -> bool {
    let signs = |sign: char| {
        text.match_indices(sign).filter(move |(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + 1..].chars().next();
            before.is_none_or(|it| it.is_whitespace() || "[{,:".contains(it))
                && after.is_some_and(|it| !it.is_whitespace())
        })
    };
    signs('&').next().is_some() && signs('*').nth(MOST_ALIASES).is_some()
}

/// What TOML says, as JSON would.
fn json(value: &toml_span::Value<'_>) -> Json {
    use toml_span::value::ValueInner;
    match value.as_ref() {
        ValueInner::String(text) => Json::from(text.as_ref()),
        ValueInner::Integer(number) => Json::from(*number),
        ValueInner::Float(number) => Json::from(*number),
        ValueInner::Boolean(yes) => Json::from(*yes),
        ValueInner::Array(entries) => entries.iter().map(json).collect(),
        ValueInner::Table(table) => table
            .iter()
            .map(|(key, value)| (key.name.to_string(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// How deep such a setting may lie: `controller.leaderElection.enabled`.
const DEEPEST: usize = 4;

/// `leaderElection: {leaderElect: true}`, `leader_election: {enabled: true}`, `leaderElect: true`.
fn switched(value: &Json, depth: usize) -> Option<bool> {
    let fields = value.as_object().filter(|_| depth < DEEPEST)?;
    for (name, value) in fields {
        if words::switch(name) != Some(words::Switch::On) {
            continue;
        }
        let named = |name: &str| ["leaderelect", "enabled", "enable"].contains(&words::plain(name).as_str());
        let inner = value.as_object().and_then(|fields| fields.iter().find(|(name, _)| named(name)));
        if let Some(said) = value.as_bool().or_else(|| inner.and_then(|(_, value)| value.as_bool())) {
            return Some(said);
        }
    }
    fields.values().find_map(|value| switched(value, depth + 1))
}

/// What is known of a variable of a container.
pub(in crate::check) fn variable<'p>(program: &'p Program<'_>, name: &str) -> Variable<'p> {
    match program.environment.get(name) {
        Some(Known { value: Some(value), .. }) => Variable::Set(Cow::Borrowed(value)),
        Some(_) => Variable::Open,
        // Services give variables to every container of their namespace, and the API server's to those of any.
        None if program.environment.open || ALWAYS.contains(&name) || name.contains("_SERVICE_") => Variable::Open,
        None => Variable::Unset,
    }
}

/// What the kubelet (`pkg/kubelet/kubelet_pods.go`), the container runtime and the image give to every container.
const ALWAYS: &[&str] = &["HOME", "HOSTNAME", "PATH"];
