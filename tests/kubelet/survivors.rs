//! Nothing outlives a test run, however it ends.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::{create_pod, runs, script, wait_container};
use crate::support::{Component, Signal, Testbed, send_signal, wait_until};

const SOON: Duration = Duration::from_secs(30);
/// Set for the process that is to be killed; see below.
const VICTIM: &str = "TESTBED_VICTIM";
const MINIMAL: [Component; 2] = [Component::Etcd, Component::ApiServer];

fn wait_gone(pids: &[u32]) {
    wait_until(SOON, &format!("{pids:?} are gone"), || async { pids.iter().all(|pid| is_gone(*pid)).then_some(()) });
}

/// Whether it has ended; nobody may have asked yet how.
fn is_gone(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| stat.rsplit(')').next().map(|rest| rest.trim_start().starts_with(['Z', 'X'])))
        .unwrap_or(true)
}

#[test]
fn a_control_plane_leaves_nothing_behind() {
    let testbed = Testbed::own(&MINIMAL);
    let folder = testbed.kubeconfig().parent().expect("it lies in the folder").to_path_buf();
    let pids = testbed.pids();
    assert!(pids.len() == 3 && !pids.iter().any(|pid| is_gone(*pid)));
    drop(testbed);
    assert!(pids.iter().all(|pid| is_gone(*pid)));
    assert!(!folder.exists());

    let testbed = Testbed::own(&MINIMAL);
    let pids = testbed.pids();
    send_signal(pids[0], Signal::KILL);
    wait_gone(&pids);
}

#[test]
fn a_killed_test_run_leaves_nothing_behind() {
    if env::var_os(VICTIM).is_some() {
        return be_killed();
    }
    let mut victim = Command::new(env::current_exe().expect("the path of this program"))
        .args(["--exact", "kubelet::survivors::a_killed_test_run_leaves_nothing_behind", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let stdout = BufReader::new(victim.stdout.take().expect("stdout is piped"));
    let words = stdout.lines().map_while(Result::ok).find_map(|line| Some(line.split_once("left: ")?.1.to_owned()));
    let words = words.expect("the victim gets as far as that");
    let (folder, pids) = words.split_once(' ').expect("a folder and processes");
    let pids: Vec<u32> = pids.split(' ').filter_map(|pid| pid.parse().ok()).collect();
    assert!(pids.len() == 5 && !pids.iter().any(|pid| is_gone(*pid)), "{pids:?}");

    victim.kill().expect("it still runs");
    victim.wait().expect("a child can be waited for");
    wait_gone(&pids);
    wait_until(SOON, "its folder is gone", || async { (!Path::new(folder).exists()).then_some(()) });
}

/// Starts one of everything, one of it frozen, tells the processes, and waits.
fn be_killed() {
    let testbed = Testbed::own(&MINIMAL);
    let ns = testbed.namespace("victim");
    for (name, frozen) in [("active", false), ("frozen", true)] {
        let mut spec = script("exec sleep 1000");
        super::merge(&mut spec, &json!({"nodeName": "node-a"}));
        create_pod(&ns, name, "sh", &spec);
        wait_container(&ns, name, "it runs", runs);
        if frozen {
            ns.running(name).freeze();
        }
    }
    let of_pods = ["active", "frozen"].map(|name| ns.running(name).pid("main").expect("it runs"));
    let folder = testbed.kubeconfig().ancestors().nth(2).expect("the folder of the run");
    let pids: Vec<String> = testbed.pids().into_iter().chain(of_pods).map(|pid| pid.to_string()).collect();
    #[expect(clippy::print_stdout, reason = "it is a message to the process that started this one")]
    {
        println!("left: {} {}", folder.display(), pids.join(" "));
    }
    std::thread::sleep(SOON);
}
