//! Child processes that cannot survive this one.
//!
//! They are started through `setpriv --pdeathsig KILL` (util-linux): the kernel kills them when the *thread* that
//! started them ends, even if the process is killed and even if they are frozen. A thread of the runtime or of a
//! test would end too early, so one thread that lives as long as the process starts them all. (Only a child that is just
//! being started at that very moment, and has not yet come to `setpriv`, could get away.)

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use rustix::process::{Pid, kill_process, kill_process_group};
use tokio::process::Child;

use super::wait::runtime;

pub(crate) use rustix::process::Signal;

type Order = (Command, Sender<io::Result<Child>>);

static SPAWNER: LazyLock<Sender<Order>> = LazyLock::new(|| {
    let (orders, inbox) = channel::<Order>();
    thread::Builder::new()
        .name("spawner".into())
        .spawn(move || {
            let _in_runtime = runtime().enter();
            for (command, reply) in inbox {
                let mut command = tokio::process::Command::from(command);
                let _ = reply.send(command.kill_on_drop(true).process_group(0).spawn());
            }
        })
        .expect("a thread to start processes from");
    orders
});

/// A command for [`spawn`]. Arguments and environment are added as usual.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Starts what [`command`] made, in a process group of its own. It is killed when the result is dropped.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    let (reply, answer) = channel();
    SPAWNER.send((command, reply)).expect("the spawner ends only with the process");
    answer.recv().expect("the spawner ends only with the process")
}

/// Sends a signal to one process. That it may just have ended is no error.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = to_pid(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// Sends a signal to a process that [`spawn`] started and to all its children.
pub(crate) fn signal_group(pid: u32, signal: Signal) {
    if let Some(pid) = to_pid(pid) {
        let _ = kill_process_group(pid, signal);
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}
