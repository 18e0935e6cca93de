//! Runs the real program, with nothing of this machine in its environment.

use std::ffi::OsStr;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::process::{self, Signal};
use super::scratch;
use super::wait::{block_on, runtime};

/// Unless [`Hactl::timeout`] says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A run of hactl to be: `hactl().args(["status"]).kubeconfig(path).run()`.
///
/// # Panics
/// In a target that is no test and no benchmark: cargo builds the program only for these.
pub(crate) fn hactl() -> Hactl {
    let Some(program) = option_env!("CARGO_BIN_EXE_hactl") else {
        panic!("cargo builds the program for tests and benchmarks only");
    };
    let home = scratch::path("home");
    std::fs::create_dir(&home).expect("a folder in the temporary folder");
    let mut command = process::command(Path::new(program));
    command.env_clear().env("HOME", &home);
    // PATH for login plugins and setpriv; the other one is set where coverage is measured.
    for name in ["PATH", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.current_dir(home);
    Hactl { command, stdin: Vec::new(), timeout: TIMEOUT }
}

/// See [`hactl`].
#[must_use]
pub(crate) struct Hactl {
    command: Command,
    stdin: Vec<u8>,
    timeout: Duration,
}

impl Hactl {
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn kubeconfig(self, path: impl AsRef<Path>) -> Self {
        self.env("KUBECONFIG", path.as_ref())
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder that it runs in; an empty one by default.
    pub(crate) fn folder(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// What it reads; nothing by default. It is never a terminal.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// How long [`Hactl::run`] waits for its end; 30 seconds by default.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If it does not end in time, with what it has printed so far.
    pub(crate) fn run(self) -> Output {
        let timeout = self.timeout;
        self.spawn().wait(timeout)
    }

    /// Starts it where a person sits at `terminal`. What it prints on stdout is not kept.
    pub(crate) fn spawn_at(mut self, terminal: &OwnedFd) -> Child {
        let side = || Stdio::from(terminal.try_clone().expect("one more file descriptor"));
        self.command.stdin(side()).stdout(Stdio::null()).stderr(side());
        process::spawn(self.command).expect("setpriv (util-linux) and hactl")
    }

    /// Starts it, for commands that go on until they are told to end.
    pub(crate) fn spawn(mut self) -> Running {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = process::spawn(self.command).expect("setpriv (util-linux) and hactl");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        runtime().spawn(async move {
            // It may well end without reading.
            let _ = stdin.write_all(&self.stdin).await;
        });
        let printed = Arc::new(Mutex::new(Printed::default()));
        let (sender, lines) = unbounded_channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = [
            runtime().spawn(read(stdout, Arc::clone(&printed), |p| &mut p.stdout, Some(sender))),
            runtime().spawn(read(stderr, Arc::clone(&printed), |p| &mut p.stderr, None)),
        ];
        Running { child, started, printed, lines, readers }
    }
}

/// What a finished run left.
#[derive(Debug)]
pub(crate) struct Output {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// From its start to its end, with about a millisecond for `setpriv`.
    pub(crate) elapsed: Duration,
}

/// A line of stdout, without its end.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

/// A process that runs. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    started: Instant,
    printed: Arc<Mutex<Printed>>,
    lines: UnboundedReceiver<Line>,
    readers: [JoinHandle<()>; 2],
}

impl Running {
    /// The next line of stdout, or `None` if it closes stdout before it prints one.
    ///
    /// # Panics
    /// If neither happens in time, with what it has printed so far.
    pub(crate) fn next_line(&mut self, timeout: Duration) -> Option<Line> {
        let line = block_on(async { tokio::time::timeout(timeout, self.lines.recv()).await });
        line.unwrap_or_else(|_| panic!("no line within {timeout:?}; hactl printed\n{}", self.so_far()))
    }

    /// Its process, unless it was waited for.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id() {
            process::signal(pid, signal);
        }
    }

    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end in time, with what it has printed so far.
    pub(crate) fn wait(mut self, timeout: Duration) -> Output {
        let deadline = tokio::time::Instant::now() + timeout;
        let ended = block_on(async {
            let status = timeout_at(deadline, self.child.wait()).await.ok()?;
            let elapsed = self.started.elapsed();
            for reader in &mut self.readers {
                timeout_at(deadline, reader).await.ok()?.ok()?;
            }
            Some((status.expect("a child can be waited for"), elapsed))
        });
        let Some((status, elapsed)) = ended else {
            panic!("hactl did not end within {timeout:?}; it printed\n{}", self.so_far());
        };
        let printed = std::mem::take(&mut *self.printed.lock().expect("readers do not panic"));
        Output {
            code: status.code(),
            stdout: String::from_utf8(printed.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(printed.stderr).expect("stderr is UTF-8"),
            elapsed,
        }
    }

    fn so_far(&self) -> String {
        self.printed.lock().expect("readers do not panic").to_string()
    }
}

#[derive(Default)]
struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stdout = String::from_utf8_lossy(&self.stdout);
        let stderr = String::from_utf8_lossy(&self.stderr);
        write!(f, "--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

/// Reads a stream to its end, bytes for `into` and lines for `lines`.
async fn read(
    stream: impl AsyncRead + Unpin,
    printed: Arc<Mutex<Printed>>,
    into: fn(&mut Printed) -> &mut Vec<u8>,
    lines: Option<UnboundedSender<Line>>,
) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(stream.read_until(b'\n', &mut line).await, Ok(1..)) {
        let at = Instant::now();
        into(&mut printed.lock().expect("readers do not panic")).extend(&line);
        if let Some(lines) = &lines {
            let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
            let _ = lines.send(Line { at, text });
        }
        line.clear();
    }
}
