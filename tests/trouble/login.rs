//! The login plugin is missing, fails, prints nonsense, or does not end.

use std::time::Duration;

use hactl::error::Exit;
use serde_json::json;

use super::{AT_ONCE, CANARY, MARGIN, failed, status, succeeded, tells_no_secret};
use crate::support::ill::{Server, file, healthy};
use crate::support::{Hactl, scratch};

/// `hactl status` of a healthy server, with this plugin.
fn with_plugin(server: &Server, mode: &str, command: &str, args: &[&str]) -> Hactl {
    let mut config = server.config();
    let version = "client.authentication.k8s.io/v1";
    config["users"][0]["user"] =
        json!({"exec": {"apiVersion": version, "command": command, "args": args, "interactiveMode": mode}});
    status("2s").args(["-o", "name"]).kubeconfig(file(&config))
}

fn server() -> Server {
    Server::https(|path, _| healthy(path))
}

/// A plugin as a line of shell.
fn with_script(server: &Server, script: &str) -> Hactl {
    with_plugin(server, "Never", "sh", &["-c", script])
}

#[test]
fn a_plugin_that_works() {
    let (server, answer) = (
        server(),
        r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"x"}}"#,
    );
    let script = format!("echo '{answer}'");
    succeeded(&with_script(&server, &script).run(), "lease.coordination.k8s.io/payments\n", AT_ONCE);
}

#[test]
fn a_plugin_that_is_not_installed() {
    let server = server();
    let output = with_plugin(&server, "IfAvailable", "hactl-no-such-plugin", &[CANARY]).run();
    failed(&output, Exit::Unknown, r#"the login plugin "hactl-no-such-plugin" was not found"#, AT_ONCE);
    tells_no_secret(&output);
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_plugin_that_fails() {
    let server = server();
    let script = format!("echo {CANARY}; echo one >&2; echo 'session expired' >&2; exit 7");
    // Without a terminal none is available, and both are the same.
    for mode in ["Never", "IfAvailable"] {
        let output = with_plugin(&server, mode, "sh", &["-c", &script]).run();
        let sentence = r#"the login plugin "sh" failed (exit status: 7): session expired"#;
        failed(&output, Exit::Unknown, sentence, AT_ONCE);
        tells_no_secret(&output);
    }
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_plugin_that_fails_when_its_token_has_run_out() {
    let server = server();
    let credential = json!({
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
        "status": {"token": CANARY, "expirationTimestamp": "2026-01-01T00:00:00Z"},
    });
    let once = scratch::path("once");
    let script = format!(
        "test -e {0} && {{ echo {CANARY}; echo 'session expired' >&2; exit 7; }}; touch {0}; echo '{credential}'",
        once.display()
    );
    let output = with_script(&server, &script).run();
    failed(&output, Exit::Unknown, "the login plugin failed (exit status: 7): session expired", AT_ONCE);
    tells_no_secret(&output);
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_plugin_that_prints_nonsense() {
    let server = server();
    let version = "client.authentication.k8s.io/v1";
    for printed in [
        CANARY.to_owned(),
        format!(r#"{{"kind":"ExecCredential","status":{{"token":"{CANARY}""#),
        format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","status":{{"token":["{CANARY}"]}}}}"#),
        format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","note":"{CANARY}"}}"#),
        String::new(),
    ] {
        let output = with_script(&server, &format!("printf '%s' '{printed}'")).run();
        tells_no_secret(&output);
        let sentence = r#"the login plugin "sh" printed no credentials that could be read"#;
        failed(&output, Exit::Unknown, sentence, AT_ONCE);
    }
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_plugin_that_does_not_end() {
    let server = server();
    for mode in ["Never", "IfAvailable"] {
        // Its stderr too must come to an end: whoever reads it must not have to wait for the plugin.
        let output = with_plugin(&server, mode, "sh", &["-c", "exec sleep 20"]).timeout(Duration::from_secs(6)).run();
        let sentence = r#"the login plugin "sh" did not end within 2s"#;
        failed(&output, Exit::Unknown, sentence, Duration::from_secs(2) + MARGIN);
    }
    assert_eq!(server.asked(), [""; 0]);
}
