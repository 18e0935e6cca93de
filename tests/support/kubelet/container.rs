//! The life of one container: starts, exits, restarts in place, and what keeps it from starting.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, Pod, PodSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Client;
use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::backoff::Backoff;
use super::environment::{self, Missing};
use super::image;
use super::log::Stream;
use super::pod::{RunningPod, waiting};
use super::probe::Probes;
use super::wish::{Wishes, is_stopped, own_grace, stopped_before, stopped_within};
use crate::support::process::{self, Signal};

/// How long `ErrImagePull` is seen before it turns into `ImagePullBackOff`.
const PULL: Duration = Duration::from_secs(1);
const FIRST_PULL_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PULL_PAUSE: Duration = Duration::from_secs(300);
/// Until a missing ConfigMap or Secret is looked for again.
const CONFIG_PAUSE: Duration = Duration::from_secs(2);
/// The last lines of a process may still be on their way when it has ended.
const LAST_LINES: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

impl Restart {
    pub(super) fn of(spec: &PodSpec) -> Self {
        match spec.restart_policy.as_deref() {
            Some("Never") => Self::Never,
            Some("OnFailure") => Self::OnFailure,
            _ => Self::Always,
        }
    }

    /// An init container has to succeed once.
    pub(super) fn for_init(self) -> Self {
        if self == Self::Always { Self::OnFailure } else { self }
    }

    fn applies_after(self, code: i32) -> bool {
        self == Self::Always || self == Self::OnFailure && code != 0
    }
}

/// How it all ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Succeeded,
    Failed,
    /// The Pod is to end.
    Stopped,
}

/// Sees to it that a container runs.
pub(super) struct Keeper {
    pub(super) running: Arc<RunningPod>,
    pub(super) pod: Arc<Pod>,
    pub(super) container: Container,
    pub(super) restart: Restart,
    pub(super) client: Client,
    pub(super) kubeconfig: Option<PathBuf>,
}

/// What keeps a container from starting.
enum Obstacle {
    Image,
    Config(Missing),
}

struct Process {
    child: Child,
    pid: u32,
    readers: [JoinHandle<()>; 2],
}

impl Keeper {
    pub(super) async fn keep(&self, mut wishes: Wishes) -> End {
        let mut crashes = Backoff::default();
        let mut pull_pause = FIRST_PULL_PAUSE;
        while !is_stopped(&wishes) {
            let process = match self.start().await {
                Ok(process) => process,
                Err(Obstacle::Image) => {
                    self.show_missing_image(pull_pause, &mut wishes).await;
                    pull_pause = (pull_pause * 2).min(LONGEST_PULL_PAUSE);
                    continue;
                }
                Err(Obstacle::Config(missing)) => {
                    self.set_state(waiting("CreateContainerConfigError", Some(missing.0)));
                    stopped_within(CONFIG_PAUSE, &mut wishes).await;
                    continue;
                }
            };
            let code = self.attend(process, &mut wishes).await;
            if is_stopped(&wishes) {
                break;
            }
            if !self.restart.applies_after(code) {
                return if code == 0 { End::Succeeded } else { End::Failed };
            }
            let pause = crashes.pause_after(Instant::now());
            if !pause.is_zero() {
                self.show_crash_loop(pause, &mut wishes).await;
            }
        }
        End::Stopped
    }

    async fn start(&self) -> Result<Process, Obstacle> {
        let name = &self.container.name;
        let image = self.container.image.as_deref().unwrap_or_default();
        let program = image::program(image).ok_or(Obstacle::Image)?;
        let environment =
            environment::of(&self.running, &self.pod, &self.container, &self.client).await.map_err(Obstacle::Config)?;
        let mut command = process::command(&program);
        // The image is the program, so the first word of `command`, which names it, does not matter.
        let words = self.container.command.iter().flatten().skip(1).chain(self.container.args.iter().flatten());
        command
            .args(words.map(|word| environment.expand(word)))
            .env_clear()
            .envs(environment.variables(self.kubeconfig.as_deref()))
            .current_dir(&self.running.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = process::spawn(command).expect("setpriv, from util-linux");
        let pid = child.id().expect("nobody has waited for it yet");
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = [
            tokio::spawn(read(Arc::clone(&self.running), name.clone(), Stream::Stdout, stdout)),
            tokio::spawn(read(Arc::clone(&self.running), name.clone(), Stream::Stderr, stderr)),
        ];
        self.running.update(name, |slot| {
            let status = &mut slot.status;
            if status.container_id.is_some() {
                status.restart_count += 1;
            }
            if let Some(state) = status.state.take().filter(|state| state.terminated.is_some()) {
                status.last_state = Some(state);
            }
            let started_at = Some(Time(Timestamp::now()));
            status.state = Some(ContainerState {
                running: Some(ContainerStateRunning { started_at }),
                ..ContainerState::default()
            });
            status.container_id = Some(format!("process://{pid}"));
            status.image_id = status.image.clone();
            slot.pid = Some(pid);
        });
        Ok(Process { child, pid, readers })
    }

    /// Stays with a process until it has ended, by itself or by us, and returns its exit code.
    async fn attend(&self, mut process: Process, wishes: &mut Wishes) -> i32 {
        let probes = Probes::new(&self.running, &self.container);
        let (readiness, liveness) = (probes.readiness(), probes.liveness());
        tokio::pin!(readiness, liveness);
        // Set once it has been told to end.
        let mut kill_at = None;
        let status = loop {
            let deadline = tokio::select! {
                status = process.child.wait() => break status,
                never = &mut readiness => match never {},
                () = &mut liveness, if kill_at.is_none() => Instant::now() + own_grace(&self.pod),
                deadline = stopped_before(kill_at, wishes) => deadline,
                () = sleep_until(kill_at.unwrap_or_else(Instant::now)), if kill_at.is_some() => {
                    process::signal_group(process.pid, Signal::KILL);
                    break process.child.wait().await;
                }
            };
            if kill_at.replace(deadline).is_none() {
                process::signal(process.pid, Signal::TERM);
            }
        };
        // What it has started ends with it, as it would with a container.
        process::signal_group(process.pid, Signal::KILL);
        for reader in process.readers {
            let _ = timeout(LAST_LINES, reader).await;
        }
        self.note_exit(status.expect("a child can be waited for"))
    }

    /// Reports the exit, and returns the exit code as container runtimes tell it.
    fn note_exit(&self, status: ExitStatus) -> i32 {
        let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(255);
        self.running.update(&self.container.name, |slot| {
            slot.pid = None;
            let status = &mut slot.status;
            let running = status.state.take().and_then(|state| state.running);
            status.ready = false;
            status.started = Some(false);
            status.state = Some(ContainerState {
                terminated: Some(ContainerStateTerminated {
                    container_id: status.container_id.clone(),
                    exit_code: code,
                    reason: Some(if code == 0 { "Completed" } else { "Error" }.to_owned()),
                    started_at: running.and_then(|running| running.started_at),
                    finished_at: Some(Time(Timestamp::now())),
                    // No `signal`: the real kubelet never fills it.
                    ..ContainerStateTerminated::default()
                }),
                ..ContainerState::default()
            });
        });
        code
    }

    fn set_state(&self, state: ContainerState) {
        self.running.update(&self.container.name, |slot| slot.status.state = Some(state));
    }

    async fn show_missing_image(&self, pause: Duration, wishes: &mut Wishes) {
        let image = self.container.image.as_deref().unwrap_or_default();
        let error = format!("failed to pull and unpack image \"{image}\": not found");
        self.set_state(waiting("ErrImagePull", Some(error.clone())));
        if !stopped_within(PULL, wishes).await {
            let message = format!("Back-off pulling image \"{image}\": ErrImagePull: {error}");
            self.set_state(waiting("ImagePullBackOff", Some(message)));
            stopped_within(pause, wishes).await;
        }
    }

    async fn show_crash_loop(&self, pause: Duration, wishes: &mut Wishes) {
        let pod = &self.running;
        let message = format!(
            "back-off {}s restarting failed container={} pod={}_{}({})",
            pause.as_secs(),
            self.container.name,
            pod.name,
            pod.namespace,
            pod.uid
        );
        let mut last = None;
        pod.update(&self.container.name, |slot| {
            last = slot.status.state.replace(waiting("CrashLoopBackOff", Some(message)));
            slot.status.last_state = last.clone();
        });
        if stopped_within(pause, wishes).await {
            // A Pod that ends shows how its containers ended.
            pod.update(&self.container.name, |slot| slot.status.state = last);
        }
    }
}

async fn read(running: Arc<RunningPod>, container: String, stream: Stream, from: impl tokio::io::AsyncRead + Unpin) {
    running.log.fill(&container, stream, from).await;
}
