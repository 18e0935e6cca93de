//! A container's program: what it is, its arguments and its environment, each with the place where it stands.

pub(super) mod environment;
pub(super) mod flags;
#[cfg(test)]
mod tests;

use environment::Environment;
use flags::Flags;

use super::scene::Scene;
use super::workload::Workload;
use crate::model::node::Node;
use crate::model::object::Object;

/// Programs that only start another, which follows `--` (their own documentation: tini, dumb-init, catatonit).
const WRAPPERS: &[&str] = &["catatonit", "dumb-init", "tini", "tini-static"];

/// Programs whose argument is a script: what they start with is not read.
const SHELLS: &[&str] = &["ash", "bash", "busybox", "dash", "env", "sh"];

/// What a container runs.
#[derive(Debug)]
pub(super) struct Program<'o> {
    pub(super) container: &'o Node,
    /// Where the container stands: `spec.template.spec.containers[0]`.
    pub(super) path: String,
    /// The last part of the image's name: `csi-provisioner`. Empty where there is none.
    pub(super) image: &'o str,
    /// The last part of the command's first word; `None` where the image says it.
    pub(super) executable: Option<String>,
    /// What it is given, without the command's first word. None where a shell reads them.
    pub(super) arguments: Vec<Argument>,
    pub(super) environment: Environment<'o>,
}

/// One word of `command` or `args`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// With what is known of the environment put in its place.
    pub(super) text: String,
    /// Whether it has a variable in it whose value is not known. It is then still written as `$(NAME)`.
    pub(super) open: bool,
    /// `spec.template.spec.containers[0].args[1]`.
    pub(super) field: String,
}

impl<'o> Program<'o> {
    /// The programs that a workload's Pods run beside each other: containers, and sidecars among the first ones
    /// (`restartPolicy: Always`).
    pub(super) fn all(scene: &Scene<'o>, workload: Workload<'o>) -> Vec<Self> {
        let of = |list: &'static str, container: &'o Node, index: usize| {
            Self::read(scene, workload.object, container, format!("spec.template.spec.{list}[{index}]"))
        };
        let pod = workload.pod();
        let first = pod.get("initContainers").list().iter().enumerate();
        let sidecars = first.filter(|(_, container)| container.get("restartPolicy").text() == Some("Always"));
        let sidecars = sidecars.map(|(index, container)| of("initContainers", container, index));
        let containers = pod.get("containers").list().iter().enumerate();
        containers.map(|(index, container)| of("containers", container, index)).chain(sidecars).collect()
    }

    fn read(scene: &Scene<'o>, owner: &'o Object, container: &'o Node, path: String) -> Self {
        let environment = Environment::read(scene, owner, container, &path);
        let words = |list: &str| {
            let words = container.get(list).list().iter().enumerate();
            let words = words.filter_map(|(index, word)| {
                let (text, open) = environment.expand(&written(word)?);
                Some(Argument { text, open, field: format!("{path}.{list}[{index}]") })
            });
            words.collect::<Vec<_>>()
        };
        let (mut arguments, args) = (words("command"), words("args"));
        let own = !arguments.is_empty();
        arguments.extend(args);
        let mut executable = None;
        if own {
            executable = Some(last(&arguments.remove(0).text).to_owned());
            let wraps = |name: &String| WRAPPERS.contains(&name.as_str());
            if executable.as_ref().is_some_and(wraps) {
                let inner = arguments.iter().position(|word| word.text == "--").map_or(0, |at| at + 1);
                arguments.drain(..inner);
                executable = (!arguments.is_empty()).then(|| last(&arguments.remove(0).text).to_owned());
            }
        }
        if executable.as_deref().is_some_and(|name| SHELLS.contains(&name)) {
            arguments.clear();
        }
        let image = image(container.get("image").text().unwrap_or_default());
        Self { container, path, image, executable, arguments, environment }
    }

    /// Its arguments, as Go reads them.
    pub(super) fn flags(&self) -> Flags<'_> {
        Flags::read(&self.arguments)
    }

    /// The container's name.
    pub(super) fn name(&self) -> &'o str {
        self.container.get("name").text().unwrap_or_default()
    }

    /// Whether this is a program of that name: by its image, its command, or its container.
    pub(super) fn is(&self, name: &str) -> bool {
        self.image == name || self.executable.as_deref() == Some(name) || self.name() == name
    }
}

/// A word as the API server takes it. A number or a truth value there is refused, but what was meant is plain.
fn written(word: &Node) -> Option<String> {
    word.text().map(str::to_owned).or_else(|| word.int().map(|number| number.to_string()))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `registry/group/name:tag@digest` without all but the name.
fn image(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    last(name).split(':').next().unwrap_or_default()
}
