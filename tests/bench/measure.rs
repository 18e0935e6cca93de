//! One run of one program: how long it took, and what it needed.
//!
//! The kernel counts the peak memory of a process's children together, so each program runs as the only child of a
//! small process of its own: this benchmark once more, as `compare --measure FILE PROGRAM ARGS`.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

use crate::support::scratch;
use crate::tool::Tool;

/// The first argument of the small process.
pub(crate) const MEASURE: &str = "--measure";

/// What one run needed.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Sample {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// The processor's time, its own and the kernel's for it.
    pub(crate) cpu: Duration,
    /// The most memory that it had resident, in bytes. Never less than the small process has, see [`floor`]; zero for
    /// what ran in this process, see [`here`].
    pub(crate) peak: u64,
}

/// The small process: runs the rest of the arguments with stdout into a file, and prints what that needed.
pub(crate) fn child(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(stdout), Some(program)) = (args.next(), args.next()) else { return ExitCode::FAILURE };
    let stdout = File::create(stdout).expect("a file in the temporary folder");
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(stdout);
    let started = Instant::now();
    let status = command.status();
    let wall = started.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel counts");
    let cpu = processor(&usage);
    // Linux counts in KiB.
    let peak = u64::try_from(usage.max_rss()).unwrap_or_default() * 1024;
    println!("{}", serde_json::json!(Sample { wall, cpu, peak }));
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            eprintln!("{status}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What work of this process itself needs, on all its threads.
pub(crate) fn here<T>(work: impl FnOnce() -> T) -> (Sample, T) {
    let used = || processor(&getrusage(UsageWho::RUSAGE_SELF).expect("the kernel counts"));
    let (started, before) = (Instant::now(), used());
    let done = work();
    let (wall, cpu) = (started.elapsed(), used().saturating_sub(before));
    (Sample { wall, cpu, peak: 0 }, done)
}

fn processor(usage: &Usage) -> Duration {
    duration(usage.user_time()) + duration(usage.system_time())
}

fn duration(time: TimeVal) -> Duration {
    let micros = u64::try_from(time.tv_sec()).unwrap_or_default() * 1_000_000;
    Duration::from_micros(micros + u64::try_from(time.tv_usec()).unwrap_or_default())
}

/// Runs a program to its end; returns what it needed and what it printed.
///
/// # Panics
/// If it fails.
pub(crate) fn run(tool: &Tool) -> (Sample, String) {
    let stdout = scratch::path("stdout");
    let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
    command.arg(MEASURE).arg(&stdout).arg(&tool.program).args(&tool.args);
    command.env_clear().envs(tool.env.iter().map(|(name, value)| (name, value)));
    let output = command.stdin(Stdio::null()).output().expect("this program once more");
    let printed = fs::read(&stdout).unwrap_or_default();
    let _ = fs::remove_file(&stdout);
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}\n{printed}", tool.name);
    let sample = serde_json::from_slice(&output.stdout).expect("the measurement");
    (sample, printed)
}

/// The least memory that can be told: a program that needs none shows what the small process needs.
pub(crate) fn floor() -> u64 {
    run(&Tool::new("true", Path::new("true"), ["--version"])).0.peak
}
