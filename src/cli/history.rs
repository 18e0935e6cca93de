//! `hactl history`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::value;
use crate::model::selection::Target;

/// Arguments of `hactl history`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl history lease/payments                what happened to it, the oldest first
  hactl history deploy/payments --since 2h    lately
  hactl history payments -w                   and what happens from now on
  hactl history payments -o json | jq '.items[] | select(.source == \"annotation\")'

It joins the transfers that hactl has written down on the Lease, the Events that the cluster still keeps (an hour, mostly),
and what the Lease itself shows: who holds it since when, and who else has written to it.")]
pub struct History {
    /// A Lease or a workload: NAME, lease/NAME, deploy/NAME, sts/NAME
    #[arg(value_name = "ELECTION")]
    pub target: Target,

    /// Leave out what is older
    #[arg(long, value_name = "DURATION", value_parser = value::age)]
    pub since: Option<Duration>,

    /// Go on, and print each new thing on a line of its own
    #[arg(short, long)]
    pub watch: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,

    /// No header line in tables
    #[arg(long)]
    pub no_headers: bool,
}

/// Formats of `hactl history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people
    Table,
    /// One JSON document; with -w one a line
    Json,
    /// One YAML document
    Yaml,
}
