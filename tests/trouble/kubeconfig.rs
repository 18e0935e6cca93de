//! The kubeconfig is broken, not there, in several files, or without the context that is asked for.

use std::env::join_paths;
use std::path::Path;

use hactl::error::Exit;
use serde_json::{Value, json};

use super::{AT_ONCE, CANARY, failed, status, succeeded, tells_no_secret};
use crate::support::Output;
use crate::support::ill::{Server, config, dead_port, file, healthy, text_file};

const PAYMENTS: &str = "lease.coordination.k8s.io/payments\n";

fn run(kubeconfig: &Path) -> Output {
    status("2s").kubeconfig(kubeconfig).run()
}

/// A kubeconfig with another cluster and another user.
fn with(cluster: &Value, user: &Value) -> Value {
    let mut config = config("https://127.0.0.1:1");
    config["clusters"][0]["cluster"] = cluster.clone();
    config["users"][0]["user"] = user.clone();
    config
}

#[test]
fn what_is_no_kubeconfig_is_not_quoted() {
    for (text, place) in [
        (format!("kind: Config\nusers:\n- name: u\n  user: {{token: {CANARY}\nclusters: []\n"), "line 5"),
        (format!("kind: Config\nusers:\n- name: u\n  user:\n    token: [{CANARY}]\n"), "line 5"),
        (format!("kind: Config\nusers:\n- name: u\n  user:\n    token: x{CANARY}\n\t tab: 1\n"), "line"),
        (format!("kind: Config\nusers: {{}}\nusers: {CANARY}\n"), "line"),
        (CANARY.to_owned(), "line 1"),
    ] {
        let path = text_file(&text);
        let output = run(&path);
        tells_no_secret(&output);
        let first = output.stderr.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let begins =
            format!("the kubeconfig {} cannot be used: it is no valid kubeconfig YAML ({place}", path.display());
        assert!(first.starts_with(&begins), "{text}: {output:#?}");
        failed(&output, Exit::Unknown, &first, AT_ONCE);
    }
}

#[test]
fn a_part_that_makes_no_sense_is_named_and_not_quoted() {
    let server = "https://127.0.0.1:1";
    let fine = json!({ "server": server });
    let token = json!({ "token": CANARY });
    for (config, part) in [
        (with(&fine, &json!({"client-certificate-data": format!("{CANARY}!!"), "client-key-data": "YQ=="})), "cert"),
        (with(&fine, &json!({"client-certificate-data": "YQ==", "client-key-data": format!("{CANARY}!!")})), "key"),
        (with(&fine, &json!({"client-certificate-data": "YQ==", "client-key-data": "YQ=="})), "cert"),
        (with(&fine, &json!({"client-certificate": "/nowhere/c.crt", "client-key": "/nowhere/c.key"})), "cert"),
        (with(&fine, &json!({"tokenFile": "/nowhere/token"})), "token"),
        (with(&json!({"server": server, "certificate-authority-data": format!("{CANARY}!!")}), &token), "certificate"),
        (with(&json!({"server": server, "certificate-authority": "/nowhere/ca.crt"}), &token), "/nowhere/ca.crt"),
        (with(&json!({"server": server, "proxy-url": format!("ht tp://u:{CANARY}@p")}), &token), "proxy"),
        (with(&json!({"server": server, "proxy-url": format!("ftp://u:{CANARY}@p")}), &token), "proxy"),
        (with(&json!({"server": format!("ht tp://u:{CANARY}@p")}), &token), "server"),
        (with(&json!({"server": ""}), &token), "server"),
        (with(&json!({}), &token), "server"),
        (with(&fine, &json!({"token": format!("{CANARY}\nmore")})), "token"),
        (with(&fine, &json!({"auth-provider": {"name": "gcp", "config": {"access-token": CANARY}}})), "credentials"),
    ] {
        let output = run(&file(&config));
        tells_no_secret(&output);
        let first = output.stderr.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        // "cannot reach" would say that everything was well until then, and a bug is no answer.
        let named = first.contains(part) && !first.contains("cannot reach") && !first.contains("has a bug");
        assert!(named, "{part:?} is not named: {output:#?}\n{config:#}");
        failed(&output, Exit::Unknown, &first, AT_ONCE);
    }
}

#[test]
fn a_password_in_an_address_is_not_told() {
    let (_taken, url) = dead_port();
    let secret = url.replace("//", &format!("//someone:{CANARY}@"));
    for cluster in [json!({ "server": secret }), json!({"server": "https://127.0.0.1:1", "proxy-url": secret})] {
        let output = run(&file(&with(&cluster, &json!({"token": "x"}))));
        tells_no_secret(&output);
        assert_eq!((output.code, output.stdout.as_str()), (Some(3), ""), "{output:#?}");
        assert!(output.stderr.starts_with("error: cannot reach the API server http"), "{output:#?}");
    }
}

#[test]
fn an_address_without_a_scheme() {
    // kubectl takes it for https where TLS is configured, and for http otherwise.
    let server = Server::http(|path, _| healthy(path));
    let path = file(&config(&server.address.to_string()));
    let output = status("2s").args(["-o", "name"]).kubeconfig(path).run();
    succeeded(&output, PAYMENTS, AT_ONCE);
}

#[test]
fn a_token_with_an_end_of_line() {
    // A block scalar of YAML ends with one, as files with tokens do.
    let server = Server::https(|path, _| healthy(path));
    let mut config = server.config();
    config["users"][0]["user"] = json!({"token": "x\n"});
    let output = status("2s").args(["-o", "name"]).kubeconfig(file(&config)).run();
    succeeded(&output, PAYMENTS, AT_ONCE);
}

#[test]
fn a_file_that_is_not_there() {
    let missing = "/nowhere/kubeconfig";
    let sentence = format!("the kubeconfig {missing} cannot be read: no such file or directory");
    failed(&status("2s").args(["--kubeconfig", missing]).run(), Exit::Unknown, &sentence, AT_ONCE);
    // kubectl passes over files that KUBECONFIG names, and so nothing is left.
    let sentence = "no kubeconfig was found, and this is not a Pod of a cluster";
    failed(&status("2s").kubeconfig(missing).run(), Exit::Unknown, sentence, AT_ONCE);
    failed(&status("2s").run(), Exit::Unknown, sentence, AT_ONCE);
    let sentence = r#"there is no context "x": no kubeconfig was found"#;
    failed(&status("2s").args(["--context", "x"]).run(), Exit::Usage, sentence, AT_ONCE);
}

#[test]
fn a_missing_file_and_a_good_one() {
    let server = Server::https(|path, _| healthy(path));
    let good = server.kubeconfig();
    for list in [[Path::new("/nowhere/kubeconfig"), &good], [&good, Path::new("/nowhere/kubeconfig")]] {
        let list = join_paths(list).expect("paths without colons");
        succeeded(&status("2s").args(["-o", "name"]).kubeconfig(list).run(), PAYMENTS, AT_ONCE);
    }
}

#[test]
fn what_stands_first_in_several_files_counts() {
    let server = Server::https(|path, _| healthy(path));
    let whole = server.config();
    // The certificate's path is relative to the file that names it, not to the working directory.
    let authority = whole["clusters"][0]["cluster"]["certificate-authority"].as_str().expect("a path").to_owned();
    let authority = Path::new(&authority).file_name().and_then(|name| name.to_str()).expect("a file's name");
    let people = file(&json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "work", "users": whole["users"],
        "contexts": [{"name": "work", "context": {"cluster": "ill", "user": "ill", "namespace": "billing"}}],
    }));
    let places = file(&json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "play",
        "clusters": [{"name": "ill", "cluster": {"server": server.url, "certificate-authority": authority}}],
        "contexts": [{"name": "work", "context": {"cluster": "none", "user": "none"}}],
    }));
    let list = join_paths([people, places]).expect("paths without colons");
    succeeded(&status("2s").args(["-o", "name"]).kubeconfig(list).run(), PAYMENTS, AT_ONCE);
    let asked = server.asked();
    assert!(asked.iter().any(|path| path.contains("/namespaces/billing/leases")), "{asked:?}");
}

#[test]
fn a_context_that_is_not_there() {
    let path = file(&config("https://127.0.0.1:1"));
    let output = status("2s").args(["--context", "nope"]).kubeconfig(&path).run();
    failed(&output, Exit::Usage, r#"there is no context "nope""#, AT_ONCE);
    assert!(output.stderr.ends_with("\n hint: contexts: ill\n"), "{output:#?}");
    // A context that names what is not there.
    let mut config = config("https://127.0.0.1:1");
    config["contexts"][0]["context"]["cluster"] = json!("gone");
    let sentence = r#"the kubeconfig has no cluster "gone", which the context names"#;
    failed(&run(&file(&config)), Exit::Unknown, sentence, AT_ONCE);
    config["contexts"][0]["context"] = json!({"cluster": "ill", "user": "gone"});
    let sentence = r#"the kubeconfig has no user "gone", which the context names"#;
    failed(&run(&file(&config)), Exit::Unknown, sentence, AT_ONCE);
}

#[test]
fn no_current_context() {
    for current in [json!(null), json!("")] {
        let mut config = config("https://127.0.0.1:1");
        config["current-context"] = current;
        let output = run(&file(&config));
        failed(&output, Exit::Usage, "the kubeconfig has no current context", AT_ONCE);
        assert!(output.stderr.ends_with("\n hint: choose one with --context; contexts: ill\n"), "{output:#?}");
    }
}
