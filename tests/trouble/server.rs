//! The server is dead, silent, overloaded, or no API server.

use std::time::Duration;

use hactl::error::Exit;
use serde_json::{Value, json};

use super::{AT_ONCE, MARGIN, failed, status, succeeded};
use crate::support::ill::{Answer, Server, black_hole, config, dead_port, file, healthy, page, refusal};
use crate::support::{Hactl, Signal};

const TWO_SECONDS: Duration = Duration::from_secs(2);

/// `hactl status` of a server, with a bound of two seconds.
fn asked(server: &Server) -> Hactl {
    status("2s").kubeconfig(server.kubeconfig())
}

#[test]
fn a_port_where_nobody_listens() {
    let (_taken, url) = dead_port();
    let run = || status("2s").kubeconfig(file(&config(&url)));
    let sentence = format!("cannot reach the API server {url} (context ill): connection refused");
    failed(&run().run(), Exit::Unknown, &sentence, AT_ONCE);
    // Neither a stack nor a debugger's view of the error, whatever is set.
    failed(&run().env("RUST_BACKTRACE", "1").env("RUST_LOG", "trace").run(), Exit::Unknown, &sentence, AT_ONCE);
    failed(&run().args(["-w"]).run(), Exit::Unknown, &sentence, AT_ONCE);
    let waited = run().args(["--wait", "--for=leader", "--timeout", "2s"]).run();
    assert_eq!((waited.code, waited.stdout.as_str()), (Some(3), ""), "{waited:#?}");
    let last = format!("error: the API server {url} could not be asked for all of 2s\n");
    assert!(waited.stderr.contains(&last) && waited.stderr.contains("connection refused"), "{waited:#?}");
    assert!(waited.elapsed < TWO_SECONDS + MARGIN, "{waited:#?}");
}

#[test]
fn an_address_that_swallows_everything() {
    let (_listener, _queue, url) = black_hole();
    let output = status("1s").kubeconfig(file(&config(&url))).run();
    let sentences = [
        // Both bounds run out at the same time; either is true.
        format!("cannot reach the API server {url} (context ill): nothing answers there, the connection timed out"),
        format!("the API server {url} (context ill) did not answer within 1s"),
    ];
    let said = sentences.iter().find(|sentence| output.stderr.starts_with(&format!("error: {sentence}\n")));
    let sentence = said.unwrap_or(&sentences[0]);
    failed(&output, Exit::Unknown, sentence, Duration::from_secs(1) + MARGIN);
}

#[test]
fn a_server_that_is_silent_over_tcp_and_over_tls() {
    for server in [Server::http(|_, _| Answer::Silence), Server::https(|_, _| Answer::Silence)] {
        let sentence = format!("the API server {} (context ill) did not answer within 2s", server.url);
        failed(&asked(&server).run(), Exit::Unknown, &sentence, TWO_SECONDS + MARGIN);
        failed(&asked(&server).args(["-w"]).run(), Exit::Unknown, &sentence, TWO_SECONDS + MARGIN);
    }
}

#[test]
fn a_server_that_accepts_tcp_and_never_begins_tls() {
    let server = Server::http(|_, _| Answer::Silence);
    // The handshake has a bound of its own, five seconds.
    let url = server.url.replace("http:", "https:");
    let output = status("20s").kubeconfig(file(&config(&url))).run();
    let sentence =
        format!("cannot reach the API server {url} (context ill): nothing answers there, the connection timed out");
    failed(&output, Exit::Unknown, &sentence, Duration::from_secs(5) + MARGIN);
}

#[test]
fn an_answer_that_never_ends() {
    let server = Server::https(|_, _| Answer::Begins { body: r#"{"kind":"LeaseList","items":["#.to_owned() });
    let sentence = format!("the API server {} (context ill) did not answer within 2s", server.url);
    failed(&asked(&server).run(), Exit::Unknown, &sentence, TWO_SECONDS + MARGIN);
}

#[test]
fn a_server_that_hangs_up() {
    let server = Server::https(|_, _| Answer::HangUp);
    let output = asked(&server).run();
    let first = output.stderr.lines().next().unwrap_or_default().to_owned();
    let begins = format!("error: cannot reach the API server {} (context ill): ", server.url);
    assert!(first.starts_with(&begins), "{output:#?}");
    failed(&output, Exit::Unknown, first.trim_start_matches("error: "), AT_ONCE);
}

#[test]
fn a_certificate_that_is_not_trusted() {
    let server = Server::https(|path, _| healthy(path));
    let output = status("2s").kubeconfig(file(&config(&server.url))).run();
    let first = output.stderr.lines().next().unwrap_or_default().to_owned();
    let begins = format!("error: cannot reach the API server {} (context ill): ", server.url);
    assert!(first.starts_with(&begins) && first.contains("certificate"), "{output:#?}");
    assert!(output.stderr.contains(" hint: the kubeconfig's certificate-authority does not fit"), "{output:#?}");
    failed(&output, Exit::Unknown, first.trim_start_matches("error: "), AT_ONCE);
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_server_that_is_ill() {
    let status = Server::https(|_, _| refusal(503, "etcdserver: request timed out.\nsecond line", &Value::Null));
    let says = |server: &Server, why: &str| {
        format!("the API server {} (context ill) is not able to answer (503): {why}", server.url)
    };
    failed(&asked(&status).run(), Exit::Unknown, &says(&status, "etcdserver: request timed out"), AT_ONCE);
    // A proxy's page is not read to the user, whether it has one line or many.
    for html in ["<html><body><h1>503</h1></body></html>", "<html>\n<body>\n<h1>503</h1>\n</body>\n</html>\n"] {
        let server = Server::https(move |_, _| page(503, html));
        failed(&asked(&server).run(), Exit::Unknown, &says(&server, "no reason given"), AT_ONCE);
    }
}

#[test]
fn a_login_page() {
    let server = Server::https(|_, _| page(200, "<!doctype html>\n<html><body>Please log in</body></html>"));
    let sentence = format!("{} (context ill) answered with something that is no Kubernetes object", server.url);
    failed(&asked(&server).run(), Exit::Unknown, &sentence, AT_ONCE);
    failed(&asked(&server).args(["-w"]).run(), Exit::Unknown, &sentence, AT_ONCE);
}

#[test]
fn credentials_that_are_not_accepted() {
    let server = Server::https(|_, _| refusal(401, "Unauthorized", &Value::Null));
    let sentence = format!("the API server {} (context ill) does not accept these credentials", server.url);
    failed(&asked(&server).run(), Exit::Unknown, &sentence, AT_ONCE);
}

/// An overloaded server, as it says so in an object.
fn overloaded(seconds: u32) -> Answer {
    refusal(429, "the server has received too many requests", &json!({ "retryAfterSeconds": seconds }))
}

fn overloaded_sentence(server: &Server) -> String {
    format!("the API server {} (context ill) is overloaded and refuses requests (429)", server.url)
}

#[test]
fn an_overloaded_server_is_asked_again_when_it_wishes() {
    let server = Server::https(|path, before| if before == 0 { overloaded(1) } else { healthy(path) });
    let output = status("5s").args(["-o", "name"]).kubeconfig(server.kubeconfig()).run();
    succeeded(&output, "lease.coordination.k8s.io/payments\n", Duration::from_secs(1) + MARGIN);
    assert!(output.elapsed >= Duration::from_secs(1), "not before it wishes: {output:#?}");
    assert_eq!(server.asked().iter().filter(|path| path.contains("/leases")).count(), 2);
}

#[test]
fn an_overloaded_server_says_in_a_header_when_to_come_back() {
    // The API server's own overload filter answers in plain text, with a header and no object.
    let busy = || Answer::Says {
        status: 429,
        headers: "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n",
        body: "Too many requests, please try again later.\n".to_owned(),
    };
    let server = Server::https(move |path, before| if before == 0 { busy() } else { healthy(path) });
    let output = status("5s").args(["-o", "name"]).kubeconfig(server.kubeconfig()).run();
    succeeded(&output, "lease.coordination.k8s.io/payments\n", Duration::from_secs(1) + MARGIN);
    let server = Server::https(move |_, _| busy());
    let output = status("10s").kubeconfig(server.kubeconfig()).run();
    failed(&output, Exit::Unknown, &overloaded_sentence(&server), Duration::from_secs(4) + MARGIN);
}

#[test]
fn a_server_that_stays_overloaded() {
    let server = Server::https(|_, _| overloaded(1));
    let output = status("10s").kubeconfig(server.kubeconfig()).run();
    failed(&output, Exit::Unknown, &overloaded_sentence(&server), Duration::from_secs(4) + MARGIN);
    // The request timeout bounds the waits too, and nobody is told that the server was silent.
    let output = status("1500ms").kubeconfig(server.kubeconfig()).run();
    failed(&output, Exit::Unknown, &overloaded_sentence(&server), Duration::from_millis(1500) + MARGIN);
    // Who is to come back after the bound does not wait at all.
    let server = Server::https(|_, _| overloaded(60));
    failed(&asked(&server).run(), Exit::Unknown, &overloaded_sentence(&server), AT_ONCE);
}

#[test]
fn ended_from_outside_while_it_waits() {
    let server = Server::https(|_, _| Answer::Silence);
    for (signal, exit) in [(Signal::INT, Exit::Interrupted), (Signal::TERM, Exit::Terminated)] {
        let run = status("20s").kubeconfig(server.kubeconfig()).spawn();
        let asked = server.asked().len();
        crate::support::wait_until(AT_ONCE, "a request", || async { (server.asked().len() > asked).then_some(()) });
        run.signal(signal);
        let output = run.wait(MARGIN);
        let seen = (output.code, output.stdout.as_str(), output.stderr.as_str());
        assert_eq!(seen, (Some(exit.code().into()), "", ""), "{output:#?}");
    }
}
