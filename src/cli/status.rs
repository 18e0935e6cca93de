//! `hactl status`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::value;
use crate::model::selection::Target;

/// Arguments of `hactl status`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl status                                   the Elections of the current namespace
  hactl status -A -o wide                        of the whole cluster, with all that is known
  hactl status deploy/payments -n billing        one workload, with all its candidates
  hactl status lease/payments -w                 follow it
  hactl status payments --wait --for=healthy     wait, at most --timeout
  hactl status -A --exit-code >/dev/null         1 if anything is not Healthy

In tables, ? marks what hactl inferred: only the lease duration stands in a Lease.")]
pub struct Status {
    /// A Lease or a workload: NAME, lease/NAME, deploy/NAME, sts/NAME
    #[arg(value_name = "NAME")]
    pub target: Option<Target>,

    /// All namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Label selector for Leases
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,

    /// Show heartbeats too: of nodes, and of API servers
    #[arg(long)]
    pub all_kinds: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,

    /// No header line in tables
    #[arg(long)]
    pub no_headers: bool,

    /// Follow: redraw on a terminal, one line a change otherwise
    #[arg(short, long, conflicts_with = "wait")]
    pub watch: bool,

    /// Exit with 1 if anything is not Healthy, with 3 if something could not be read
    #[arg(long, conflicts_with = "watch")]
    pub exit_code: bool,

    /// Wait until a condition holds; exit with 1 if it does not in time
    #[arg(long, requires = "condition")]
    pub wait: bool,

    /// The condition to wait for: leader, healthy, holder=POD
    #[arg(long = "for", value_name = "CONDITION", requires = "wait", id = "condition")]
    pub condition: Option<Condition>,

    /// How long to wait at most
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = value::duration, requires = "wait")]
    pub timeout: Duration,
}

/// Formats of `hactl status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people
    Table,
    /// The table with all that is known, uncut
    Wide,
    /// One JSON document; with -w one a line
    Json,
    /// One YAML document
    Yaml,
    /// Names, as kubectl takes them
    Name,
}

/// What can be waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Somebody holds the Lease and has renewed it in time.
    Leader,
    /// The verdict is Healthy.
    Healthy,
    /// This Pod (or identity) leads.
    Holder(String),
}

impl std::str::FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            None if text == "leader" => Ok(Self::Leader),
            None if text == "healthy" => Ok(Self::Healthy),
            Some(("holder", pod)) if !pod.is_empty() => Ok(Self::Holder(pod.to_owned())),
            _ => Err("expected leader, healthy or holder=POD".to_owned()),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Leader => f.write_str("leader"),
            Self::Healthy => f.write_str("healthy"),
            Self::Holder(pod) => write!(f, "holder={pod}"),
        }
    }
}
