//! The real side: writes as HTTP requests, and what stands there afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use hactl::model::Micros;
use hactl::model::write::{Change, Fields, Identity, Manager, Spec, Write};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::MANAGERS;
use crate::support::{Namespace, block_on};

/// One Lease, or the place for it.
pub(super) struct Server<'n> {
    namespace: &'n Namespace<'n>,
    name: String,
}

/// What stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) spec: Spec,
    /// Of each field the managers that own it: by which number, and whether by apply.
    pub(super) owners: [Vec<(usize, bool)>; 5],
    pub(super) version: Option<String>,
    uid: String,
}

/// An answer that is a refusal.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) reason: String,
    /// Whether it names fields that others own.
    pub(super) owned: bool,
    /// For whoever reads it.
    #[expect(dead_code, reason = "shown where a test fails")]
    message: String,
}

/// In the order of [`Spec`].
const FIELDS: [&str; 5] = ["holderIdentity", "leaseDurationSeconds", "acquireTime", "renewTime", "leaseTransitions"];

const IDENTITIES: [(Identity, &str); 4] =
    [(Identity::of(0), "zero"), (Identity::of(1), "one"), (Identity::EMPTY, ""), (Identity::NOBODY, "nobody")];

impl<'n> Server<'n> {
    /// A place where nothing stands yet.
    pub(super) fn new(namespace: &'n Namespace<'n>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self { namespace, name: format!("lease-{}", NEXT.fetch_add(1, Ordering::Relaxed)) }
    }

    /// Writes; a version or a uid that the write names is that of the basis.
    pub(super) fn write(&self, by: Manager, write: &Write, basis: Option<&State>) -> Result<(), Answer> {
        let number = MANAGERS.iter().position(|manager| *manager == by).expect("one of the three");
        let collection = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.namespace.name());
        let object = format!("{collection}/{}", self.name);
        let (method, path, content, body) = match write {
            Write::Create(spec) => ("POST", collection, "json", self.whole(spec, None)),
            Write::Put { spec, .. } => ("PUT", object, "json", self.whole(spec, basis)),
            Write::Apply { fields, named, .. } => {
                let mut body = partial(fields, basis);
                body["apiVersion"] = json!("coordination.k8s.io/v1");
                body["kind"] = json!("Lease");
                if *named {
                    body["metadata"]["name"] = json!(self.name);
                }
                ("PATCH", object, "apply-patch+yaml", body)
            }
            Write::Patch { fields, .. } => ("PATCH", object, "merge-patch+json", partial(fields, basis)),
            Write::Delete { .. } => {
                let version = basis.map(|basis| basis.version.clone());
                let body = version.map_or(json!({}), |version| json!({"preconditions": {"resourceVersion": version}}));
                ("DELETE", object, "json", body)
            }
        };
        let force = if let Write::Apply { force: true, .. } = write { "&force=true" } else { "" };
        let query = if method == "DELETE" { String::new() } else { format!("?fieldManager=manager-{number}{force}") };
        let request = Request::builder()
            .method(method)
            .uri(path + &query)
            .header("Content-Type", format!("application/{content}"))
            .body(body.to_string().into_bytes());
        self.send(request.expect("names fit into a URL")).map(drop)
    }

    /// What stands there now.
    pub(super) fn get(&self) -> State {
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{}", self.namespace.name(), self.name);
        match self.send(Request::get(path).body(Vec::new()).expect("names fit into a URL")) {
            Ok(lease) => State::of(&lease),
            Err(Answer { code: 404, .. }) => State::default(),
            Err(answer) => panic!("GET: {answer:?}"),
        }
    }

    fn send(&self, request: Request<Vec<u8>>) -> Result<Value, Answer> {
        match block_on(self.namespace.testbed().client().request(request)) {
            Ok(answer) => Ok(answer),
            Err(kube::Error::Api(status)) => {
                let causes = status.details.as_ref().map(|details| &details.causes[..]).unwrap_or_default();
                let owned = causes.iter().any(|cause| cause.reason == "FieldManagerConflict");
                let (code, reason, message) = (status.code, status.reason.clone(), status.message.clone());
                Err(Answer { code, reason, owned, message })
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }

    fn whole(&self, spec: &Spec, basis: Option<&State>) -> Value {
        let mut body = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self.name},
            "spec": {},
        });
        let values = [
            spec.holder.map(|holder| json!(name(holder))),
            spec.duration.map(|seconds| json!(seconds)),
            spec.acquired.map(time),
            spec.renewed.map(time),
            spec.transitions.map(|transitions| json!(transitions)),
        ];
        for (field, value) in FIELDS.into_iter().zip(values) {
            if let Some(value) = value {
                body["spec"][field] = value;
            }
        }
        if let Some(basis) = basis {
            // As whoever writes back what it has read.
            body["metadata"]["resourceVersion"] = json!(basis.version);
            body["metadata"]["uid"] = json!(basis.uid);
        }
        body
    }
}

impl State {
    fn of(lease: &Value) -> Self {
        let spec = &lease["spec"];
        let number = |field: &str| spec[field].as_i64().and_then(|number| i32::try_from(number).ok());
        let micros = |field: &str| {
            let time: Option<Timestamp> = spec[field].as_str().and_then(|time| time.parse().ok());
            time.map(|time| Micros::new(time.as_microsecond()))
        };
        let holder = spec["holderIdentity"].as_str();
        let identity =
            |holder: &str| IDENTITIES.iter().find(|(_, name)| *name == holder).map(|(identity, _)| *identity);
        let [_, duration, acquired, renewed, transitions] = FIELDS;
        Self {
            spec: Spec {
                holder: holder.map(|holder| identity(holder).expect("one of the four")),
                duration: number(duration),
                acquired: micros(acquired),
                renewed: micros(renewed),
                transitions: number(transitions),
                preferred: None,
            },
            owners: FIELDS.map(|field| owners(lease, field)),
            version: lease["metadata"]["resourceVersion"].as_str().map(str::to_owned),
            uid: lease["metadata"]["uid"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

fn owners(lease: &Value, field: &str) -> Vec<(usize, bool)> {
    let entries = lease["metadata"]["managedFields"].as_array().into_iter().flatten();
    let owning = entries.filter(|entry| !entry["fieldsV1"]["f:spec"][format!("f:{field}")].is_null());
    let mut owners: Vec<_> = owning
        .map(|entry| {
            let number = match entry["manager"].as_str() {
                Some("before-first-apply") => Some(MANAGERS.len()),
                name => name.and_then(|name| name.strip_prefix("manager-")?.parse().ok()),
            };
            (number.expect("one of the three"), entry["operation"] == "Apply")
        })
        .collect();
    // As the model lists them.
    owners.sort_by_key(|(number, applies)| (*number, !applies));
    owners
}

fn partial(fields: &Fields, basis: Option<&State>) -> Value {
    fn value<T>(change: Change<T>, json: impl Fn(T) -> Value) -> Option<Value> {
        match change {
            Change::Keep => None,
            Change::Null => Some(Value::Null),
            Change::Set(value) => Some(json(value)),
        }
    }
    let values = [
        value(fields.holder, |holder| json!(name(holder))),
        value(fields.duration, |seconds| json!(seconds)),
        value(fields.acquired, time),
        value(fields.renewed, time),
        value(fields.transitions, |transitions| json!(transitions)),
    ];
    let mut body = json!({"spec": {}});
    for (field, value) in FIELDS.into_iter().zip(values) {
        if let Some(value) = value {
            body["spec"][field] = value;
        }
    }
    if let Some(basis) = basis {
        body["metadata"] = json!({"resourceVersion": basis.version});
    }
    body
}

fn name(identity: Identity) -> &'static str {
    IDENTITIES.iter().find(|(other, _)| *other == identity).map(|(_, name)| *name).expect("one of the four")
}

fn time(at: Micros) -> Value {
    let at = Timestamp::from_microsecond(at.get()).expect("a time of this century");
    json!(format!("{at:.6}"))
}
