//! Files that arguments name: whether what is mounted there is a file, and has it.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::program::Program;
use super::super::program::flags::Flag;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::paste;
use crate::model::node::Node;
use crate::model::object::Object;

pub(in crate::check) const IS_MOUNTED: Check = Check {
    id: "HA0108",
    severity: Severity::Error,
    title: "a file that an argument names is mounted",
    page: include_str!("../pages/HA0108.md"),
    judge: is_mounted,
};

/// What a file's name ends with that programs read their settings from.
const ENDINGS: &[&str] = &[".conf", ".json", ".toml", ".yaml", ".yml"];

fn is_mounted(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let (mut found, mut named) = (false, false);
        for program in Program::all(scene, workload) {
            for flag in &program.flags().all {
                let Some(path) = file(flag) else { continue };
                let Some(mount) = Mount::over(scene, workload, &program, path) else { continue };
                named = true;
                let Some(why) = mount.lacks(path) else { continue };
                found = true;
                let message = format!("--{} names {path}, and {why}: the program does not start", flag.name);
                let failed = verdicts.fail(workload.object, flag.argument.field.as_str(), message);
                if let Some(fix) = mount.alone(&program, path) {
                    failed.fix(fix);
                }
            }
        }
        if named && !found {
            verdicts.pass(workload.object);
        } else if !named {
            verdicts.skip(workload.object, "no argument names a file of what is mounted and was given");
        }
    }
}

/// The path of the file that a flag names.
fn file<'p>(flag: &Flag<'p>) -> Option<&'p str> {
    let open = flag.argument.open || flag.next.is_some_and(|next| next.open);
    let path = flag.value().filter(|path| path.starts_with('/') && !open)?;
    // Names that end with it, and not a list or a folder of files.
    (flag.name.ends_with("file") || ENDINGS.iter().any(|end| path.ends_with(end))).then_some(path)
}

/// What is mounted over a path, and of which nothing but its volume decides what is there.
struct Mount<'o> {
    name: &'o str,
    path: &'o str,
    /// Whether only one of the volume's files is mounted.
    part: bool,
    /// Its ConfigMap, if it is one that was given, and which of its keys are there under which names.
    map: Option<(&'o Object, &'o Node)>,
}

impl<'o> Mount<'o> {
    /// The closest mount over a path. None where anything could be there: a volume that programs write.
    fn over(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>, path: &str) -> Option<Self> {
        let mounts = program.container.get("volumeMounts").list().iter();
        let over = mounts.filter_map(|mount| {
            let at = mount.get("mountPath").text()?.trim_end_matches('/');
            path.strip_prefix(at).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(|_| (at, mount))
        });
        let (at, mount) = over.max_by_key(|(at, _)| at.len())?;
        let part = ["subPath", "subPathExpr"].iter().any(|part| !mount.get(part).is_null());
        let name = mount.get("name").text()?;
        let volumes = workload.pod().get("volumes").list();
        let volume = volumes.iter().find(|volume| volume.get("name").text() == Some(name))?;
        let source = volume.get("configMap");
        let read_only = ["configMap", "secret", "projected"].iter().any(|kind| !volume.get(kind).is_null());
        let map = source.get("name").text().and_then(|name| scene.config_map(workload.object, name));
        read_only.then_some(Self { name, path: at, part, map: map.map(|map| (map, source)) })
    }

    /// Why a path is no file in it.
    fn lacks(&self, path: &str) -> Option<String> {
        if self.part {
            return None;
        }
        let inside = path.strip_prefix(self.path)?.trim_start_matches('/');
        if inside.is_empty() {
            return Some(format!("all of the volume {} is mounted there: it is a folder", self.name));
        }
        let (map, source) = self.map?;
        let items = source.get("items");
        let there = if items.is_null() {
            ["data", "binaryData"].iter().any(|data| map.root.get(data).field(inside).is_some())
        } else {
            items.list().iter().any(|item| item.get("path").text() == Some(inside))
        };
        (!there).then(|| format!("{map}, which is mounted at {}, has no such file", self.path))
    }

    /// The one key of the volume, mounted as the file that is asked for.
    fn alone(&self, program: &Program<'_>, path: &str) -> Option<String> {
        let (map, _) = self.map.filter(|(_, source)| source.get("items").is_null() && path == self.path)?;
        let [only] = map.root.get("data").fields() else { return None };
        let mount = json!({"name": self.name, "mountPath": path, "subPath": &*only.name});
        paste::container(program, json!({"volumeMounts": [mount]}))
    }
}
