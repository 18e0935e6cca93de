//! `hactl repair`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::transfer::DryRun;
use super::value;
use crate::model::selection::Target;
use crate::sim::contender::Contender;

/// Arguments of `hactl repair`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl repair lease/payments --dry-run=client     what is stuck, what has to be proved, and what would be written
  hactl repair lease/payments                      the same, and do it when you agree
  hactl repair lease/payments --wait               wait until it is proved that nobody leads any more
  hactl repair payments --elector dotnet --yes -o json

It knows states in which no elector ever leads again by itself, and writes nothing unless it is proved that nobody leads
(exit 10). Where no write helps it says what does.")]
pub struct Repair {
    /// What is stuck: NAME, lease/NAME, deploy/NAME, sts/NAME
    #[arg(value_name = "ELECTION")]
    pub target: Target,

    /// The election library, where hactl does not recognise it: dotnet, or with its timing dotnet:15/10/2
    #[arg(long, value_name = "NAME")]
    pub elector: Option<Contender>,

    /// Wait for what is not proved yet, where time proves it
    #[arg(long)]
    pub wait: bool,

    /// How long to wait for that at most
    #[arg(long, value_name = "DURATION", default_value = "120s", value_parser = value::duration, requires = "wait")]
    pub timeout: Duration,

    /// Why: is recorded with the repair
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// Change nothing: client shows what would be written, server has the API server check it too
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_value = "none",
          default_missing_value = "client")]
    pub dry_run: DryRun,

    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

/// Formats of `hactl repair`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text for people
    Table,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}
