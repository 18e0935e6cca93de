//! What following does when the server ends, refuses or forgets a watch, against a server that is a list of answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use kube::client::Body;

use super::*;
use crate::cluster::ServerClock;
use crate::model::wire::WireLease;

type Asked = Arc<Mutex<Vec<String>>>;

/// A reader of a server that gives these answers in their order, and what it was asked.
fn scripted(answers: &[(u16, &str)]) -> (Reader, Asked) {
    let answers: VecDeque<(u16, String)> = answers.iter().map(|(code, body)| (*code, (*body).to_owned())).collect();
    let (answers, asked) = (Arc::new(Mutex::new(answers)), Asked::default());
    let log = asked.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        log.lock().expect("not poisoned").push(request.uri().to_string());
        let (code, body) = answers.lock().expect("not poisoned").pop_front().unwrap_or((500, "{}".to_owned()));
        let response = Response::builder().status(code).body(Body::from(body.into_bytes())).expect("a response");
        async move { Ok::<_, Infallible>(response) }
    });
    let reader = Reader {
        client: kube::Client::new(service, "default"),
        clock: ServerClock::default(),
        context: None,
        namespace: "default".to_owned(),
        server: "https://scripted".to_owned(),
        proxy: None,
        timeout: Duration::from_secs(5),
    };
    (reader, asked)
}

fn page(version: &str, next: &str, names: &[&str]) -> String {
    let items: Vec<_> = names.iter().map(|name| lease(name, version)).collect();
    format!(r#"{{"metadata":{{"resourceVersion":"{version}","continue":"{next}"}},"items":[{}]}}"#, items.join(","))
}

fn lease(name: &str, version: &str) -> String {
    format!(r#"{{"metadata":{{"namespace":"n","name":"{name}","resourceVersion":"{version}"}},"spec":{{}}}}"#)
}

fn event(kind: &str, object: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}

const EXPIRED: &str =
    r#"{"kind":"Status","status":"Failure","code":410,"reason":"Expired","message":"too old resource version"}"#;

/// The first things that following tells, in short.
async fn told(reader: &Reader, how_many: usize) -> Vec<String> {
    let names = |objects: Vec<Object>| {
        let name = |object| match object {
            Object::Lease(lease) => lease.key.name,
            other => format!("{other:?}"),
        };
        objects.into_iter().map(name).collect::<Vec<_>>().join("+")
    };
    let short = |change| match change {
        Change::Listed(_, objects, _) => format!("listed {}", names(objects)),
        Change::Put(object) => format!("put {}", names(vec![object])),
        Change::Gone(object) => format!("gone {}", names(vec![object])),
        Change::Lost(_, error) => format!("lost: {error}"),
        Change::Found(_) => "found".to_owned(),
        Change::Unread(_, short, _) => format!("unread: {short}"),
    };
    let scope = Scope { namespace: Some("n".to_owned()), all_kinds: true, ..Scope::default() };
    follow::<WireLease>(reader, &scope).take(how_many).map(short).collect().await
}

#[tokio::test]
async fn pages_are_one_list_and_events_follow_it() {
    let events =
        event("ADDED", &lease("c", "8")) + &event("MODIFIED", &lease("a", "9")) + &event("DELETED", &lease("b", "10"));
    let (reader, asked) = scripted(&[(200, &page("6", "more", &["a"])), (200, &page("7", "", &["b"])), (200, &events)]);
    assert_eq!(told(&reader, 4).await, ["listed a+b", "put c", "put a", "gone b"]);
    let asked = asked.lock().expect("not poisoned");
    assert!(
        asked[0].starts_with("/apis/coordination.k8s.io/v1/namespaces/n/leases?") && asked[0].contains("limit=500")
    );
    assert!(asked[1].contains("continue=more"), "{asked:?}");
    assert!(asked[2].contains("watch=true") && asked[2].contains("resourceVersion=7"), "{asked:?}");
}

#[tokio::test]
async fn an_expired_watch_starts_with_a_new_list() {
    let events = event("ADDED", &lease("b", "8")) + &event("ERROR", EXPIRED);
    let (reader, _) = scripted(&[(200, &page("7", "", &["a"])), (200, &events), (200, &page("90", "", &["z"]))]);
    assert_eq!(told(&reader, 3).await, ["listed a", "put b", "listed z"]);
    let (reader, _) = scripted(&[(200, &page("7", "", &["a"])), (410, EXPIRED), (200, &page("90", "", &["z"]))]);
    assert_eq!(told(&reader, 2).await, ["listed a", "listed z"]);
}

#[tokio::test]
async fn a_watch_that_the_server_ends_goes_on_at_its_last_bookmark() {
    let bookmark = r#"{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"resourceVersion":"55"}}"#;
    let (reader, asked) = scripted(&[
        (200, &page("7", "", &["a"])),
        (200, &event("BOOKMARK", bookmark)),
        (200, &event("ADDED", &lease("b", "56"))),
    ]);
    assert_eq!(told(&reader, 2).await, ["listed a", "put b"]);
    assert!(asked.lock().expect("not poisoned")[2].contains("resourceVersion=55"));
}

#[tokio::test]
async fn a_lost_server_is_told_and_so_is_its_return() {
    let ill = r#"{"kind":"Status","status":"Failure","code":503,"message":"shutting down"}"#;
    let added = event("ADDED", &lease("b", "8"));
    let (reader, _) = scripted(&[(200, &page("7", "", &["a"])), (503, ill), (200, &added)]);
    let told = told(&reader, 4).await;
    assert_eq!(told[0], "listed a");
    assert!(told[1].starts_with("lost: ") && told[1].contains("503"), "{told:?}");
    assert_eq!(told[2..], ["found", "put b"]);
}

#[tokio::test]
async fn what_is_forbidden_is_unread() {
    let forbidden = r#"{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"leases is forbidden: User \"x\" cannot list"}"#;
    let (reader, _) = scripted(&[(403, forbidden)]);
    assert_eq!(told(&reader, 1).await, [r#"unread: forbidden: User "x" cannot list"#]);
}

#[tokio::test]
async fn a_watch_goes_on_behind_what_was_deleted() {
    let (reader, asked) = scripted(&[
        (200, &page("7", "", &["b"])),
        (200, &event("DELETED", &lease("b", "10"))),
        (200, &event("ADDED", &lease("c", "11"))),
    ]);
    assert_eq!(told(&reader, 3).await, ["listed b", "gone b", "put c"]);
    assert!(asked.lock().expect("not poisoned")[2].contains("resourceVersion=10"));
}

#[tokio::test]
async fn one_object_is_listed_and_watched_by_its_name() {
    let last = lease("a", "9").replace("\"spec\":{}", r#""spec":{"holderIdentity":"x"}"#);
    let (reader, asked) = scripted(&[(200, &page("7", "", &["a"])), (200, &event("DELETED", &last))]);
    let changes: Vec<_> = follow_one::<WireLease>(&reader, &Key::new("n", "a")).take(2).collect().await;
    let Change::Gone(Object::Lease(gone)) = &changes[1] else { panic!("{changes:?}") };
    assert_eq!((gone.version.as_str(), gone.holder.as_deref()), ("9", Some("x")));
    let asked = asked.lock().expect("not poisoned");
    assert!(asked.iter().all(|path| path.contains("fieldSelector=metadata.name%3Da")), "{asked:?}");
    assert!(
        asked.iter().all(|path| path.starts_with("/apis/coordination.k8s.io/v1/namespaces/n/leases?")),
        "{asked:?}"
    );
}
