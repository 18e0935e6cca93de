//! What a container's variables are, as the kubelet makes them: `env` before `envFrom`, and the later of several.
//!
//! What is in a Secret is never read, only that it is there.

use crate::check::scene::Scene;
use crate::model::node::Node;
use crate::model::object::Object;

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Variable {
    pub(in crate::check) name: String,
    /// `None` where it is not known: from a Secret, a field of the Pod, or a ConfigMap that is not there.
    pub(in crate::check) value: Option<String>,
    /// Where it is given to the container: `spec.template.spec.containers[0].env[1]`.
    pub(in crate::check) field: String,
    /// The ConfigMap that it stands in.
    pub(in crate::check) config_map: Option<String>,
}

/// A container's variables.
#[derive(Debug)]
pub(in crate::check) struct Environment<'o> {
    variables: Vec<Variable>,
    /// Whether there may be others: from a Secret, or a ConfigMap that is not there.
    pub(in crate::check) open: bool,
    owner: &'o Object,
}

impl<'o> Environment<'o> {
    pub(super) fn read(scene: &Scene<'o>, owner: &'o Object, container: &'o Node, path: &str) -> Self {
        let mut environment = Self { variables: Vec::new(), open: false, owner };
        for (index, source) in container.get("envFrom").list().iter().enumerate() {
            environment.take_all(scene, source, &format!("{path}.envFrom[{index}]"));
        }
        for (index, variable) in container.get("env").list().iter().enumerate() {
            environment.take(scene, variable, format!("{path}.env[{index}]"));
        }
        environment
    }

    /// What is known of a name.
    pub(in crate::check) fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().rev().find(|variable| variable.name == name)
    }

    /// All of them, each name once, the last that was said of it.
    pub(in crate::check) fn all(&self) -> impl Iterator<Item = &Variable> {
        let last = |(index, variable): &(usize, &Variable)| {
            !self.variables[index + 1..].iter().any(|later| later.name == variable.name)
        };
        self.variables.iter().enumerate().filter(last).map(|(_, variable)| variable)
    }

    fn take_all(&mut self, scene: &Scene<'o>, source: &Node, field: &str) {
        let prefix = source.get("prefix").text().unwrap_or_default();
        let Some(map) = source.at("configMapRef.name").text().and_then(|name| scene.config_map(self.owner, name))
        else {
            self.open = true;
            return;
        };
        for entry in map.root.get("data").fields() {
            self.variables.push(Variable {
                name: format!("{prefix}{}", entry.name),
                value: entry.node.text().map(str::to_owned),
                field: field.to_owned(),
                config_map: Some(map.name.to_string()),
            });
        }
    }

    fn take(&mut self, scene: &Scene<'o>, variable: &Node, field: String) {
        let Some(name) = variable.get("name").text() else { return };
        let (mut value, mut config_map) = (None, None);
        let from = variable.get("valueFrom");
        if from.is_null() {
            let (text, open) = self.expand(variable.get("value").text().unwrap_or_default());
            value = (!open).then_some(text);
        } else if let (Some(map), Some(key)) =
            (from.at("configMapKeyRef.name").text(), from.at("configMapKeyRef.key").text())
        {
            config_map = Some(map.to_owned());
            let map = scene.config_map(self.owner, map);
            value = map.and_then(|map| map.root.get("data").get(key).text()).map(str::to_owned);
        }
        self.variables.push(Variable { name: name.to_owned(), value, field, config_map });
    }

    /// `$(NAME)` replaced where the name is known, and whether anything is left that will be something else than what
    /// stands there. A name that nobody gives a value stays as it is, and `$$` is a dollar
    /// (`k8s.io/kubernetes/third_party/forked/golang/expansion`).
    pub(in crate::check) fn expand(&self, text: &str) -> (String, bool) {
        let (mut expanded, mut open, mut rest) = (String::new(), false, text);
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                expanded.push('$');
                rest = after;
                continue;
            }
            let reference = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
            let Some((name, after)) = reference else {
                expanded.push('$');
                continue;
            };
            rest = after;
            match self.get(name) {
                Some(Variable { value: Some(value), .. }) => expanded.push_str(value),
                found => {
                    open |= found.is_some() || self.open || of_a_service(name);
                    expanded.push_str(&format!("$({name})"));
                }
            }
        }
        expanded.push_str(rest);
        (expanded, open)
    }
}

/// The kubelet also gives every container the Services of its namespace (`pkg/kubelet/envvars`).
fn of_a_service(name: &str) -> bool {
    name.contains("_SERVICE_") || name.contains("_PORT")
}
