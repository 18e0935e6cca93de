//! The testbed to play with: a real control plane, and two replicas of each elector.
//!
//! `cargo run --example testbed [-- [--keep] [COMMAND…]]` starts it all, runs the command with `KUBECONFIG` set (by
//! default: hactl status), and ends. With `--keep` it goes on until Ctrl-C, for a second terminal.

#![allow(clippy::print_stderr, clippy::disallowed_methods, reason = "a program for a person, in real time")]

#[path = "../support/mod.rs"]
mod support;

use std::env;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use self::support::Testbed;
use self::support::fixtures::elector_deployment;

const ELECTORS: [(&str, &str); 5] = [
    ("manager", "manager"),
    ("client-go", "client-go"),
    ("kube-lease-manager", "kube-lease-manager-0.13"),
    ("kube-lease-manager-old", "kube-lease-manager-0.8"),
    ("kubert", "kubert"),
];
const DEFAULT_COMMAND: [&str; 6] = ["cargo", "run", "--quiet", "--", "status", "--all-namespaces"];
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let keep = words.first().is_some_and(|word| word == "--keep");
    if keep {
        words.remove(0);
    }
    if words.is_empty() {
        words.extend(DEFAULT_COMMAND.map(str::to_owned));
    }

    let begin = Instant::now();
    let say = |what: &str| eprintln!("{:5.1} s  {what}", begin.elapsed().as_secs_f32());
    say("starting etcd, kube-apiserver, kube-controller-manager and kube-scheduler");
    let testbed = Testbed::shared();
    say("registering three Nodes in three zones");
    testbed.kubelet();
    let ns = testbed.namespace("demo");
    say(&format!("creating two replicas of each elector in namespace {}", ns.name()));
    thread::scope(|scope| {
        for (name, image) in ELECTORS {
            let (ns, say) = (&ns, &say);
            scope.spawn(move || {
                elector_deployment(name, image, 2).apply(ns);
                ns.wait_ready(name, 2, LIMIT);
                say(&format!("{name}: {} leads", ns.wait_leader(name, LIMIT)));
            });
        }
    });
    eprintln!("\n  export KUBECONFIG={}\n", testbed.kubeconfig().display());

    eprintln!("$ {}", words.join(" "));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env("KUBECONFIG", testbed.kubeconfig());
    // What cargo has set for this program is not for the next one: it would build half of its crates anew.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_") && !["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&&*text) {
            command.env_remove(&name);
        }
    }
    let status = command.status();
    let code = match status {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        Err(error) => {
            eprintln!("{}: {error}", words[0]);
            127
        }
    };
    if keep {
        eprintln!("\nIt all goes on until Ctrl-C.");
        let _ = testbed.block_on(tokio::signal::ctrl_c());
    }
    // Everything that was started ends with this process.
    ExitCode::from(code)
}
