//! What the API server was asked, as it tells itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// When it has written nothing for so long, it has written everything.
const QUIET: Duration = Duration::from_millis(100);

/// The API server's audit log.
pub(crate) struct Audit {
    pub(crate) file: PathBuf,
}

/// One line of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    stage: String,
    #[serde(rename = "requestURI")]
    uri: String,
    impersonated_user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

/// The requests of one user: their paths and queries.
pub(crate) type Requests = Vec<String>;

impl Audit {
    /// All requests so far, by the impersonated user. A request is written down a moment after it is answered.
    pub(crate) fn requests(&self) -> BTreeMap<String, Requests> {
        let size = || fs::metadata(&self.file).map_or(0, |file| file.len());
        let mut before = size();
        loop {
            std::thread::sleep(QUIET);
            let now = size();
            if now == before {
                break;
            }
            before = now;
        }
        let mut requests = BTreeMap::<String, Requests>::new();
        let log = fs::read_to_string(&self.file).expect("the audit log");
        for line in log.lines() {
            // Other users' lines are many, and of no interest; the last one may be only half there.
            if let Ok(Event { stage, uri, impersonated_user: Some(user) }) = serde_json::from_str(line)
                && stage == "ResponseComplete"
            {
                requests.entry(user.username).or_default().push(uri);
            }
        }
        requests
    }
}

/// Whether a request asks what the server can do rather than for an object.
pub(crate) fn is_discovery(uri: &str) -> bool {
    let path = uri.split('?').next().unwrap_or(uri);
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["api", rest @ ..] => rest.len() < 2,
        ["apis", rest @ ..] => rest.len() < 3,
        ["openapi" | "version" | "swagger.json", ..] => true,
        _ => false,
    }
}
