//! klag-exporter: whether it finds its configuration, starts with it, elects with it, is probed where it answers, and is
//! scraped.

mod configuration;
mod edit;
mod environment;
mod image;
mod launch;
mod lease;
mod probe;
mod restart;
mod scrape;
#[cfg(test)]
mod tests;

use super::super::catalogue::Check;
use super::super::election::file::{self, File};
use super::super::election::launch::{Launch, NAME};
use super::super::program::Program;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use crate::model::node::{Field, Node};
use crate::model::object::Object;
use crate::system::klag_exporter::config::{self, Config, Unread};

pub(in crate::check) const CHECKS: &[Check] = &[
    launch::FINDS,
    configuration::STARTS,
    lease::NAMES,
    lease::BESIDE,
    configuration::KNOWS,
    configuration::GIVEN,
    probe::ANSWERS,
    image::ELECTS,
    scrape::REACHES,
    scrape::ONE,
    restart::FOLLOWS,
];

/// klag-exporter in a workload. Of a workload without it these rules say nothing.
struct Klag<'o> {
    workload: Workload<'o>,
    /// The namespace that it is in, if that is known.
    namespace: Option<&'o str>,
    program: Program<'o>,
    /// Files of ConfigMaps that it sees.
    files: Vec<File<'o>>,
    launch: Launch,
}

impl<'o> Klag<'o> {
    /// Those of a scene; one of a workload.
    fn all(scene: &Scene<'o>) -> Vec<Self> {
        scene.workloads().iter().filter_map(|workload| Self::of(scene, *workload)).collect()
    }

    fn of(scene: &Scene<'o>, workload: Workload<'o>) -> Option<Self> {
        // Seen without reading what all the others run.
        let names = |part: &Node| part.text().is_some_and(|text| text.contains(NAME));
        let may_be = |container: &Node| {
            names(container.get("image"))
                || names(container.get("name"))
                || container.get("command").list().first().is_some_and(names)
        };
        if !workload.pod().get("containers").list().iter().any(may_be) {
            return None;
        }
        let namespace = scene.namespace(workload.object);
        let programs = Program::all(scene, workload).into_iter();
        programs.filter(|program| program.is(NAME)).find_map(|program| {
            let files = file::all(scene, workload, &program);
            // A container may be called so and run something else.
            let own = program.image == NAME || program.executable.as_deref() == Some(NAME);
            let launch = Launch::of(&program);
            (own || files.iter().any(is_own)).then_some(Self { workload, namespace, program, files, launch })
        })
    }

    /// The file that it reads, if that is in a ConfigMap that is known.
    fn file(&self) -> Option<&File<'o>> {
        let Launch::Looks { path, .. } = &self.launch else { return None };
        self.files.iter().find(|file| file.path == *path)
    }

    /// What it reads; where it looks elsewhere, what it was meant to.
    fn meant(&self) -> Option<&File<'o>> {
        self.file().or_else(|| self.files.iter().find(|file| is_own(file)))
    }

    /// What its file says.
    fn config(&self) -> Option<(&File<'o>, Result<Config, Unread>)> {
        let file = self.meant()?;
        Some((file, config::read(text(file), |name| environment::variable(self, name))))
    }

    /// Whether its image is one of klag-exporter's own releases. They are built without the feature `kubernetes`
    /// (klag-exporter 0.1.29, `.github/workflows/release.yml` and `Cargo.toml`).
    fn is_published(&self) -> bool {
        let image = self.program.container.get("image").text().unwrap_or_default();
        let path = image.split('@').next().unwrap_or(image);
        let path = path.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(path, |(path, _)| path);
        path.ends_with("softwaremill/klag-exporter")
    }

    /// What its file says, if that can be known; else that is said, and why.
    fn read(&self, verdicts: &mut Verdicts<'_>) -> Option<(&File<'o>, Config)> {
        let why = match self.config() {
            Some((file, Ok(config))) => return Some((file, config)),
            Some((_, Err(Unread::Broken(_)))) => "its configuration is no TOML: HA0802".to_owned(),
            Some((_, Err(Unread::Open(names)))) => {
                format!("what its configuration says depends on {}, and that is not known", names.join(", "))
            }
            None => "its configuration is in no ConfigMap that was given: -f takes that, too".to_owned(),
        };
        verdicts.skip(self.workload.object, why);
        None
    }
}

/// Whether any workload runs klag-exporter.
pub(in crate::check) fn is_there(scene: &Scene<'_>) -> bool {
    scene.workloads().iter().any(|workload| Klag::of(scene, *workload).is_some())
}

/// Whether an object says what Prometheus scrapes, which is looked at where klag-exporter is.
pub(in crate::check) fn is_monitor(object: &Object) -> bool {
    object.group() == "monitoring.coreos.com" && matches!(&*object.kind, "ServiceMonitor" | "PodMonitor")
}

/// Whether a file is one of klag-exporter's: no other has these tables.
fn is_own(file: &File<'_>) -> bool {
    let heads = |line: &str| line.trim_start().starts_with("[exporter]") || line.trim_start().starts_with("[exporter.");
    file.key.ends_with(".toml") && text(file).lines().any(heads)
}

/// What stands in a file.
fn text<'o>(file: &File<'o>) -> &'o str {
    entry(file).and_then(|entry| entry.node.text()).unwrap_or_default()
}

/// Where a file stands in its ConfigMap.
fn entry<'o>(file: &File<'o>) -> Option<&'o Field> {
    file.config_map.root.get("data").field(file.key)
}

/// The field of a ConfigMap that a file stands in.
fn field(file: &File<'_>) -> String {
    format!("data.{}", file.key)
}
