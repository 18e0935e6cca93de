//! Between hactl and the API server stands a proxy, or should stand none.

use hactl::error::Exit;
use serde_json::json;

use super::{AT_ONCE, failed, status, succeeded};
use crate::support::Hactl;
use crate::support::ill::{NAME, Proxy, Server, dead_port, file, healthy, page};

const PAYMENTS: &str = "lease.coordination.k8s.io/payments\n";

fn server() -> Server {
    Server::https(|path, _| healthy(path))
}

/// `hactl status` of a server that only a proxy can lead to, with this `proxy-url`.
fn by_name(server: &Server, proxy: Option<&str>) -> Hactl {
    let mut config = server.config();
    config["clusters"][0]["cluster"]["server"] = json!(format!("https://{NAME}:6443"));
    config["clusters"][0]["cluster"]["proxy-url"] = json!(proxy);
    status("2s").args(["-o", "name"]).kubeconfig(file(&config))
}

#[track_caller]
fn was_asked_for_the_server(proxy: &Proxy) {
    let (asked, wanted) = (proxy.asked(), format!("{NAME}:6443"));
    assert!(!asked.is_empty() && asked.iter().all(|target| *target == wanted), "{asked:?}");
}

#[test]
fn the_kubeconfigs_own() {
    let server = server();
    let proxy = Proxy::to(&server);
    succeeded(&by_name(&server, Some(&proxy.url)).run(), PAYMENTS, AT_ONCE);
    was_asked_for_the_server(&proxy);
    // What stands in the kubeconfig wins over the environment.
    let other = Proxy::to(&server);
    let run = by_name(&server, Some(&proxy.url)).env("HTTPS_PROXY", &other.url).env("NO_PROXY", NAME);
    succeeded(&run.run(), PAYMENTS, AT_ONCE);
    assert_eq!(other.asked(), [""; 0]);
}

#[test]
fn the_environments() {
    let server = server();
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let proxy = Proxy::to(&server);
        succeeded(&by_name(&server, None).env(variable, &proxy.url).run(), PAYMENTS, AT_ONCE);
        was_asked_for_the_server(&proxy);
    }
}

#[test]
fn a_server_that_is_exempt() {
    let server = server();
    let proxy = Proxy::to(&server);
    for exempt in [NAME, ".cluster.test", "cluster.test", "other.test, cluster.test", "*"] {
        let output = by_name(&server, None).env("HTTPS_PROXY", &proxy.url).env("NO_PROXY", exempt).run();
        // Without the proxy nobody knows the name.
        assert!(output.stderr.starts_with(&format!("error: cannot reach the API server https://{NAME}:6443")));
        assert_eq!((output.code, output.stdout.as_str()), (Some(3), ""), "{output:#?}");
    }
    for exempt in ["127.0.0.1", "127.0.0.0/8"] {
        let run = status("2s").args(["-o", "name"]).kubeconfig(server.kubeconfig());
        succeeded(&run.env("HTTPS_PROXY", &proxy.url).env("NO_PROXY", exempt).run(), PAYMENTS, AT_ONCE);
    }
    assert_eq!(proxy.asked(), [""; 0]);
    // An exemption of others is none.
    succeeded(
        &by_name(&server, None).env("HTTPS_PROXY", &proxy.url).env("NO_PROXY", "test.cluster, 10.0.0.0/8").run(),
        PAYMENTS,
        AT_ONCE,
    );
    was_asked_for_the_server(&proxy);
}

#[test]
fn this_machine_needs_no_proxy() {
    // As for kubectl: clusters of kind and minikube have addresses that a company's proxy cannot reach.
    let server = server();
    let proxy = Proxy::to(&server);
    let run = status("2s").args(["-o", "name"]).kubeconfig(server.kubeconfig()).env("HTTPS_PROXY", &proxy.url);
    succeeded(&run.run(), PAYMENTS, AT_ONCE);
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn a_proxy_that_is_dead_or_refuses_is_named() {
    let server = server();
    let (_taken, dead) = dead_port();
    let refuses = Server::http(|_, _| page(407, "<html>who are you?</html>"));
    for proxy in [&dead, &refuses.url] {
        for run in [by_name(&server, Some(proxy)), by_name(&server, None).env("HTTPS_PROXY", proxy)] {
            let output = run.run();
            let first = output.stderr.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            assert!(first.starts_with("cannot reach the API server https://"), "{output:#?}");
            assert!(first.contains(&format!("proxy {proxy}")), "the proxy is not named: {output:#?}");
            failed(&output, Exit::Unknown, &first, AT_ONCE);
        }
    }
}
