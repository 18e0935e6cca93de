//! No answer, or none that tells: what was sent may have been done, and what was not sent was not.

use std::time::Duration;

use hactl::cluster::{Consent, Pen, Unwritten, Writer};
use hactl::error::Exit;
use hactl::model::write::Change;
use hactl::model::{Key, LeasePatch};
use serde_json::{Value, json};

use super::reader_within;
use crate::support::ill::{Answer, Server, config, dead_port, file, page, refusal};
use crate::support::{block_on, scratch};

const BOUND: Duration = Duration::from_secs(1);

fn writer(kubeconfig: std::path::PathBuf) -> Writer {
    Writer::new(reader_within(kubeconfig, BOUND), Consent::by_flag())
}

fn patch() -> LeasePatch {
    LeasePatch {
        version: "7".to_owned(),
        uid: "u".to_owned(),
        holder: Change::Set(String::new()),
        duration: Change::Keep,
        acquired: Change::Keep,
        renewed: Change::Keep,
        transitions: Change::Keep,
        preferred: Change::Keep,
        annotations: Default::default(),
    }
}

/// What each kind of write ends in.
fn writes(writer: &Writer) -> [(Result<(), Unwritten>, &'static str); 3] {
    let (lease, pod) = (Key::new("billing", "payments"), Key::new("billing", "web-1"));
    block_on(async {
        [
            (writer.patch(&lease, &patch()).await.map(drop), "Lease billing/payments was changed"),
            (writer.evict(&pod, "u").await, "Pod billing/web-1 was evicted"),
            (writer.delete(&pod, "u").await, "Pod billing/web-1 was deleted"),
        ]
    })
}

#[test]
fn what_was_sent_and_not_answered_may_have_been_done() {
    type Ill = (&'static str, fn() -> Answer);
    let answers: [Ill; 7] = [
        ("hangs up", || Answer::HangUp),
        ("says nothing", || Answer::Silence),
        ("begins and stops", || Answer::Begins { body: "{".to_owned() }),
        ("is ill", || refusal(500, "etcdserver: request timed out", &Value::Null)),
        ("is behind a proxy that gives up", || page(504, "<html>Gateway Timeout</html>")),
        ("shows a page", || page(200, "<html>Please log in</html>")),
        ("answers something else", || Answer::Says { status: 200, headers: "", body: "{}".to_owned() }),
    ];
    for (what, answer) in answers {
        for server in [Server::http(move |_, _| answer()), Server::https(move |_, _| answer())] {
            for (ended, done) in writes(&writer(server.kubeconfig())) {
                let Err(Unwritten::Unknown(failure)) = ended else { panic!("a server that {what}: {ended:?}") };
                let error = failure.error;
                assert!(error.message.ends_with(&format!(": whether {done} is not known")), "{what}: {error:?}");
                assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("--context ill -n billing")), "{error:?}");
                assert_eq!(error.exit, Exit::Indeterminate);
            }
            // Each was sent once.
            assert_eq!(server.asked().len(), 3, "a server that {what}: {:?}", server.asked());
        }
    }
}

#[test]
fn where_there_is_no_connection_nothing_was_sent() {
    let (_taken, url) = dead_port();
    let untrusted = Server::https(|_, _| Answer::HangUp);
    for kubeconfig in [file(&config(&url)), file(&config(&untrusted.url))] {
        for (ended, _) in writes(&writer(kubeconfig)) {
            let Err(Unwritten::Never(failure)) = ended else { panic!("{ended:?}") };
            assert_eq!(failure.error.exit, Exit::Unknown);
            assert!(failure.error.message.starts_with("cannot reach the API server"), "{:?}", failure.error);
        }
    }
    assert_eq!(untrusted.asked(), [""; 0]);
}

#[test]
fn an_overloaded_server_is_not_asked_again() {
    let server = Server::https(|_, _| refusal(429, "too many requests", &json!({"retryAfterSeconds": 1})));
    for (ended, _) in writes(&writer(server.kubeconfig())) {
        let Err(Unwritten::Refused { why: hactl::cluster::Refused::Overloaded, failure }) = ended else {
            panic!("{ended:?}")
        };
        assert_eq!(failure.retry_after, Some(Duration::from_secs(1)));
    }
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn where_nobody_can_log_in_any_more_nothing_was_sent() {
    let server = Server::https(|_, _| Answer::HangUp);
    // Its token has run out by the time it is used, and for a second one it fails.
    let credential = json!({
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
        "status": {"token": "x", "expirationTimestamp": "2026-01-01T00:00:00Z"},
    });
    let once = scratch::path("once");
    let script = format!("test -e {0} && exit 1; touch {0}; echo '{credential}'", once.display());
    let mut config = server.config();
    config["users"][0]["user"] = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "sh", "args": ["-c", script],
    }});
    for (ended, _) in writes(&writer(file(&config))) {
        let Err(Unwritten::Never(failure)) = ended else { panic!("{ended:?}") };
        assert_eq!((failure.short.as_str(), failure.error.exit), ("login failed", Exit::Unknown));
    }
    assert_eq!(server.asked(), [""; 0]);
}
