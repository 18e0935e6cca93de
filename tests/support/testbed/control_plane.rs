//! The process `controlplane up`, which runs etcd and the Kubernetes components.
//!
//! It ends with the end of its stdin. That is a pipe which the kernel closes when this process is gone, so a control
//! plane never outlives its test run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde::Deserialize;

use crate::support::{programs, scratch};

/// A program of the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Component {
    Etcd,
    ApiServer,
    ControllerManager,
    Scheduler,
}

impl Component {
    pub(crate) const ALL: [Self; 4] = [Self::Etcd, Self::ApiServer, Self::ControllerManager, Self::Scheduler];

    fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
        }
    }
}

/// How to reach the API server: the line that `controlplane up` prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Access {
    /// The administrator's.
    pub(crate) kubeconfig: PathBuf,
    /// `https://127.0.0.1:PORT`.
    pub(crate) server: String,
    /// The administrator's.
    pub(crate) token: String,
    /// Signs the server's certificate, which is for 127.0.0.1 and localhost.
    pub(crate) ca_file: PathBuf,
    pid: BTreeMap<String, u32>,
}

impl Access {
    /// Where the API server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let address = self.server.trim_start_matches("https://").parse();
        address.expect("the control plane's server is https://ADDRESS:PORT")
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    error: String,
}

pub(super) struct ControlPlane {
    child: Child,
    // `None` once it is told to end.
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    access: Access,
    folder: PathBuf,
}

impl ControlPlane {
    pub(super) fn start(only: &[Component], audit_log: Option<&Path>) -> Self {
        match audit_log {
            Some(log) => Self::start_with(only, &["--audit-log".as_ref(), log.as_os_str()]),
            None => Self::start_with(only, &[]),
        }
    }

    pub(super) fn start_with(only: &[Component], flags: &[&OsStr]) -> Self {
        let program = programs::go().join("controlplane");
        let folder = scratch::path("controlplane");
        let log = folder.with_extension("log");
        let names: Vec<_> = only.iter().map(|component| component.name()).collect();
        let mut up = Command::new(program);
        up.args(["up", "--only", &names.join(","), "--dir"]).arg(&folder).args(flags);
        let mut child = up
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file in the temporary folder"))
            // It must see the end of its stdin, and no Ctrl-C before that.
            .process_group(0)
            .spawn()
            .expect("the control plane that was just built");
        let stdin = child.stdin.take().expect("stdin is piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));

        let mut line = String::new();
        let _ = stdout.read_line(&mut line);
        let access = serde_json::from_str(&line).unwrap_or_else(|_| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            panic!("the control plane did not start: {line}\n{log}")
        });
        Self { child, talk: Mutex::new(Some((stdin, stdout))), access, folder }
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn pid(&self, component: Component) -> u32 {
        self.access.pid[component.name()]
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        let components = self.access.pid.values().copied();
        std::iter::once(self.child.id()).chain(components).collect()
    }

    /// Sends one command and waits until it is carried out.
    pub(super) fn command(&self, verb: &str, component: Component) {
        let mut talk = self.talk.lock().expect("no panic while it is held");
        let (stdin, stdout) = talk.as_mut().expect("taken only by drop");
        let name = component.name();
        let mut line = String::new();
        writeln!(stdin, "{verb} {name}")
            .and_then(|()| stdout.read_line(&mut line))
            .unwrap_or_else(|error| panic!("{verb} {name}: the control plane is gone: {error}"));
        // Given back before a panic can poison it.
        drop(talk);
        match serde_json::from_str(&line) {
            Ok(Answer { ok: true, .. }) => {}
            Ok(Answer { error, .. }) => panic!("{verb} {name}: {error}"),
            Err(error) => panic!("{verb} {name}: {error} in the answer {line:?}"),
        }
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        // Closes its stdin; it kills what has not ended after some seconds, so this wait is bounded.
        if let Ok(mut talk) = self.talk.lock() {
            *talk = None;
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
