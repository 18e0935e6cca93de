//! The schemas of a real API server, as kubeconform looks for them: a file for each kind.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Testbed, block_on, scratch};

/// Where the kinds are that are compared: the path of their API, and what kubeconform puts behind a kind's name.
const APIS: &[(&str, &str)] = &[
    ("api/v1", "v1"),
    ("apis/apps/v1", "apps-v1"),
    ("apis/policy/v1", "policy-v1"),
    ("apis/rbac.authorization.k8s.io/v1", "rbac-v1"),
];

/// Writes them into a new folder, and returns what kubeconform is told of it.
pub(super) fn write(testbed: &Testbed) -> PathBuf {
    let folder = scratch::path("schemas");
    fs::create_dir(&folder).expect("a folder in the temporary folder");
    let client = testbed.client();
    for (path, suffix) in APIS {
        let request = http::Request::get(format!("/openapi/v3/{path}")).body(Vec::new()).expect("a request");
        let text = block_on(client.request_text(request)).expect("the API server tells its schemas");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        for (name, schema) in schemas {
            let Some(kinds) = schema["x-kubernetes-group-version-kind"].as_array() else { continue };
            let [kind] = kinds.as_slice() else { continue };
            let kind = kind["kind"].as_str().expect("a name").to_lowercase();
            let whole = json!({"$ref": format!("#/components/schemas/{name}"), "components": document["components"]});
            fs::write(folder.join(format!("{kind}-{suffix}.json")), whole.to_string()).expect("a file");
        }
    }
    folder.join("{{ .ResourceKind }}{{ .KindSuffix }}.json")
}
