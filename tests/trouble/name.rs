//! The person means another name, or another kind; or the reader of the output goes away.

use std::process::{Command, Stdio};

use hactl::error::Exit;

use super::{AT_ONCE, failed, status};
use crate::support::hactl;
use crate::support::ill::{Server, healthy};

fn server() -> Server {
    Server::https(|path, _| healthy(path))
}

#[test]
fn a_name_that_is_not_there() {
    let server = server();
    let run = |args: &[&str]| status("2s").args(args).kubeconfig(server.kubeconfig()).run();
    for (name, hint) in [
        ("payment", "did you mean lease/payments?"),
        ("lease/paymenst", "did you mean lease/payments?"),
        ("deploy/payments", "did you mean lease/payments?"),
        ("zzz", "list them with: hactl status, or look everywhere with -A"),
    ] {
        let output = run(&[name]);
        let sentence = format!("no Election answers to {name} in the context's namespace");
        failed(&output, Exit::Usage, &sentence, AT_ONCE);
        assert!(output.stderr.ends_with(&format!("\n hint: {hint}\n")), "{output:#?}");
    }
    failed(&run(&["zzz", "-n", "n"]), Exit::Usage, "no Election answers to zzz in namespace n", AT_ONCE);
    failed(&run(&["zzz", "-A"]), Exit::Usage, "no Election answers to zzz in any namespace", AT_ONCE);
    failed(&run(&["zzz", "-w"]), Exit::Usage, "no Election answers to zzz in the context's namespace", AT_ONCE);
}

#[test]
fn a_kind_that_elects_no_leader() {
    let server = server();
    let output = status("2s").args(["configmap/payments"]).kubeconfig(server.kubeconfig()).run();
    let first = output.stderr.lines().next().unwrap_or_default();
    let wanted = "error: invalid value 'configmap/payments' for '[NAME]': configmap elects no leader: \
                  expected lease/NAME, deploy/NAME, sts/NAME or ds/NAME";
    assert_eq!((output.code, output.stdout.as_str(), first), (Some(2), "", wanted), "{output:#?}");
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn words_that_are_not_understood() {
    for (args, part) in [
        (&["statsu"][..], "a similar subcommand exists: 'status'"),
        (&["status", "--al-namespaces"], "a similar argument exists: '--all-namespaces'"),
        (&["status", "-o", "jsno"], "a similar value exists: 'json'"),
        (&["status", "--request-timeout", "0"], "expected a duration above zero"),
        (&["status", "--wait"], "--for <CONDITION>"),
        (&["status", "--as-group", "g"], "--as <USER>"),
    ] {
        let output = hactl().args(args).run();
        assert!(output.stderr.starts_with("error: ") && output.stderr.contains(part), "{output:#?}");
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:#?}");
    }
}

#[test]
fn a_reader_that_has_gone_away() {
    let server = server();
    let program = env!("CARGO_BIN_EXE_hactl");
    for args in ["status -A", "status -A -o json", "status -A -o wide", "status -A -w", "--help", "status --help"] {
        let (nobody, stdout) = std::io::pipe().expect("a pipe");
        // Gone before hactl starts, so that its first word meets a broken pipe.
        drop(nobody);
        let output = Command::new(program)
            .args(args.split(' '))
            .env_clear()
            .env("KUBECONFIG", server.kubeconfig())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .output()
            .expect("hactl");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""), "{args}");
    }
}

#[test]
fn only_the_first_line_is_read() {
    let server = server();
    // -A, because there the table has a column more: what head shows is known to be hactl's.
    let script = r#"set -o pipefail; "$0" status -A | head -1; exit $?"#;
    let output = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_hactl")])
        .env("KUBECONFIG", server.kubeconfig())
        .stdin(Stdio::null())
        .output()
        .expect("bash");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let header = "NAMESPACE  LEASE     LEADER  RENEWED  EXPIRES  STANDBYS  HEALTH\n";
    assert_eq!((output.status.code(), stdout.as_ref()), (Some(0), header), "{output:?}");
}
