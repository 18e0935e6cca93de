//! WORDS IN: what can be typed, and what it is read as. No behaviour.

pub mod check;
pub mod doctor;
pub mod explain;
pub mod failover;
pub mod history;
pub mod preflight;
pub mod project;
pub mod repair;
pub mod status;
pub mod transfer;
mod value;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::terminal::Colour;

/// Administration of Kubernetes workloads that elect a leader through a Lease
#[derive(Debug, Parser)]
#[command(name = "hactl", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show who leads, whether it is healthy, and why
    Status(status::Status),
    /// Simulate what a failover costs, and which settings would cost less
    Failover(Box<failover::Failover>),
    /// Say why the next failover, roll-out or drain of a workload in the cluster will fail, and what mends it
    Doctor(Box<doctor::Doctor>),
    /// Judge manifests before they are applied: what would make the next failover, roll-out or drain fail
    Preflight(Box<preflight::Preflight>),
    /// Explain a check: why, an example that fails, one that passes, and how it is suppressed
    Explain(explain::Explain),
    /// Bring back an election that is stuck, once it is proved that nobody leads
    Repair(Box<repair::Repair>),
    /// Move leadership to another replica, without ever having two leaders
    Transfer(Box<transfer::Transfer>),
    /// Show how an Election got here: transfers, changes of leader, and foreign hands
    History(history::History),
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Kubeconfig file [default: $KUBECONFIG, then ~/.kube/config, then the Pod's own account]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Context of the kubeconfig; may be given several times where a command looks at several clusters
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Vec<String>,

    /// Namespace [default: the context's]
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,

    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,

    /// Group to impersonate; may be given several times
    #[arg(long = "as-group", global = true, value_name = "GROUP", requires = "as_user")]
    pub as_groups: Vec<String>,

    /// UID to impersonate
    #[arg(long, global = true, value_name = "UID", requires = "as_user")]
    pub as_uid: Option<String>,

    /// Bound of every request to the API server: 20s, 1m30s, or a number of seconds
    #[arg(long, global = true, value_name = "DURATION", default_value = "20s", value_parser = value::duration)]
    pub request_timeout: Duration,

    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

/// Reads the command line.
///
/// Started as `kubectl-hactl` or `kubectl-leader`, as kubectl starts its plugins, the help says `kubectl hactl` or
/// `kubectl leader`.
///
/// # Errors
///
/// clap's own, which also carries the text of `--help` and `--version`.
pub fn parse(args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if let Some(plugin) = args.first().and_then(|program| plugin_name(program)) {
        command = command.bin_name(plugin.clone()).display_name(plugin);
    }
    let matches = command.clone().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// `kubectl leader` for a program file named `kubectl-leader`.
fn plugin_name(program: &OsStr) -> Option<String> {
    let name = Path::new(program).file_stem()?.to_str()?;
    let plugin = name.strip_prefix("kubectl-")?;
    Some(format!("kubectl {}", plugin.replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn as_a_plugin_it_is_called_by_its_plugin_name() {
        assert_eq!(plugin_name(OsStr::new("/usr/local/bin/kubectl-leader")).as_deref(), Some("kubectl leader"));
        assert_eq!(plugin_name(OsStr::new("kubectl-hactl.exe")).as_deref(), Some("kubectl hactl"));
        assert_eq!(plugin_name(OsStr::new("hactl")), None);
        let help = parse(vec!["kubectl-leader".into(), "status".into(), "--help".into()]).expect_err("help");
        assert!(help.to_string().contains("Usage: kubectl leader status"), "{help}");
    }
}
