//! The environment of a container, and `$(NAME)` in its arguments.

use std::collections::BTreeMap;
use std::path::Path;

use k8s_openapi::api::core::v1::{ConfigMap, Container, EnvVarSource, Pod, Secret};
use kube::{Api, Client, ResourceExt};

use super::pod::RunningPod;

/// As Kubernetes cuts a name that is to be a host name.
const LONGEST_HOSTNAME: usize = 63;

/// Something that the environment refers to and that is not there: the sentence of the real kubelet.
pub(super) struct Missing(pub(super) String);

pub(super) struct Environment {
    values: BTreeMap<String, String>,
    home: String,
}

/// The environment that the Pod's spec asks for.
pub(super) async fn of(
    running: &RunningPod,
    pod: &Pod,
    container: &Container,
    client: &Client,
) -> Result<Environment, Missing> {
    let mut environment = Environment {
        values: BTreeMap::from([
            ("HOSTNAME".to_owned(), hostname(running, pod)),
            ("POD_IP".to_owned(), running.ip.to_string()),
        ]),
        home: running.folder.display().to_string(),
    };
    for variable in container.env.iter().flatten() {
        let value = match &variable.value_from {
            None => Some(environment.expand(variable.value.as_deref().unwrap_or_default())),
            Some(source) => resolve(source, running, pod, client).await?,
        };
        if let Some(value) = value {
            environment.values.insert(variable.name.clone(), value);
        }
    }
    Ok(environment)
}

impl Environment {
    /// All variables for the process: what the container's spec says, and what every process needs.
    pub(super) fn variables(&self, kubeconfig: Option<&Path>) -> BTreeMap<String, String> {
        let mut all = BTreeMap::from([("HOME".to_owned(), self.home.clone())]);
        if let Ok(path) = std::env::var("PATH") {
            all.insert("PATH".to_owned(), path);
        }
        if let Some(kubeconfig) = kubeconfig {
            all.insert("KUBECONFIG".to_owned(), kubeconfig.display().to_string());
        }
        all.extend(self.values.clone());
        all
    }

    /// Replaces each `$(NAME)` of a known name; `$$` is a dollar sign that begins nothing.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            result.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                result.push('$');
                rest = after;
                continue;
            }
            let reference = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
            match reference.and_then(|(name, after)| Some((self.values.get(name)?, after))) {
                Some((value, after)) => {
                    result.push_str(value);
                    rest = after;
                }
                None => result.push('$'),
            }
        }
        result + rest
    }
}

fn hostname(running: &RunningPod, pod: &Pod) -> String {
    let spec = pod.spec.as_ref().expect("a Pod has a spec");
    if spec.host_network == Some(true) {
        return running.node.clone();
    }
    let name = spec.hostname.as_ref().unwrap_or(&running.name);
    name.chars().take(LONGEST_HOSTNAME).collect::<String>().trim_end_matches(['-', '.']).to_owned()
}

/// The value that a source points to; `None` where it is missing and may be.
async fn resolve(
    source: &EnvVarSource,
    running: &RunningPod,
    pod: &Pod,
    client: &Client,
) -> Result<Option<String>, Missing> {
    let namespace = &running.namespace;
    let (kind, name, key, optional, data) = if let Some(field) = &source.field_ref {
        return Ok(Some(field_value(&field.field_path, running, pod)));
    } else if let Some(of) = &source.config_map_key_ref {
        let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
        let data = api.get_opt(&of.name).await.map(|found| found.map(|map| map.data.unwrap_or_default()));
        ("ConfigMap", &of.name, &of.key, of.optional, data)
    } else if let Some(of) = &source.secret_key_ref {
        let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let data = api.get_opt(&of.name).await.map(|found| found.map(text));
        ("Secret", &of.name, &of.key, of.optional, data)
    } else {
        // resourceFieldRef: there are no limits to tell.
        return Ok(None);
    };
    let missing = match data {
        Err(error) => return Err(Missing(error.to_string())),
        Ok(None) => format!("{} \"{name}\" not found", kind.to_lowercase()),
        Ok(Some(mut data)) => match data.remove(key) {
            Some(value) => return Ok(Some(value)),
            None => format!("couldn't find key {key} in {kind} {namespace}/{name}"),
        },
    };
    if optional == Some(true) { Ok(None) } else { Err(Missing(missing)) }
}

fn text(secret: Secret) -> BTreeMap<String, String> {
    let data = secret.data.unwrap_or_default().into_iter();
    data.map(|(key, value)| (key, String::from_utf8_lossy(&value.0).into_owned())).collect()
}

fn field_value(path: &str, running: &RunningPod, pod: &Pod) -> String {
    let spec = pod.spec.as_ref().expect("a Pod has a spec");
    // metadata.labels['app']
    let entry = |map: &BTreeMap<String, String>, path: &str| {
        let key = path.trim_start_matches("['").trim_end_matches("']");
        map.get(key).cloned().unwrap_or_default()
    };
    match path {
        "metadata.name" => running.name.clone(),
        "metadata.namespace" => running.namespace.clone(),
        "metadata.uid" => running.uid.clone(),
        "spec.nodeName" => running.node.clone(),
        "spec.serviceAccountName" => spec.service_account_name.clone().unwrap_or_default(),
        "status.podIP" | "status.podIPs" => running.ip.to_string(),
        "status.hostIP" | "status.hostIPs" => running.host_ip.to_string(),
        _ => {
            if let Some(path) = path.strip_prefix("metadata.labels") {
                entry(pod.labels(), path)
            } else if let Some(path) = path.strip_prefix("metadata.annotations") {
                entry(pod.annotations(), path)
            } else {
                String::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_known_names_are_replaced() {
        let values = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let environment = Environment { values, home: String::new() };
        for (text, expected) in
            [("x$(A)y$(A)", "x1y1"), ("$$(A)", "$(A)"), ("$(B) $A $(A", "$(B) $A $(A"), ("cost: 5$", "cost: 5$")]
        {
            assert_eq!(environment.expand(text), expected, "{text}");
        }
    }
}
