//! `hactl failover`.

use clap::{Args, ValueEnum};

use super::value;
use crate::elector::catalogue::Name;
use crate::model::Micros;
use crate::model::selection::Target;
use crate::sim::Latency;
use crate::sim::contender::Contender;
use crate::sim::question::{Question, WhatIf};
use crate::sim::sweep::Sweep;
use crate::system::System;

/// Arguments of `hactl failover`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl failover --lease-duration 30s --grace-period 5s       kube-lease-manager: the leader crashes
  hactl failover --fault outage=11s:reset                     client-go 15s/10s/2s: the API server restarts
  hactl failover lease/payments -n billing --standbys 2       with what is known of a real Election
  hactl failover --compare 15/10/2,30/20/4,137/107/26         side by side
  hactl failover --sweep lease-duration=5s..60s               as a curve
  hactl failover --rto 15s --quantile p99                     which settings meet a target, and what they give up
  hactl failover --what-if write=holder                       why nobody should patch holderIdentity
  hactl failover --system klag-exporter -o html > page.html   a page to show around

Durations: 15s, 500ms, 1m30s, or a bare number of seconds. No cluster is needed unless an Election is named.")]
pub struct Failover {
    /// Take the values from an Election of the cluster: NAME, lease/NAME, deploy/NAME, sts/NAME
    #[arg(value_name = "ELECTION")]
    pub target: Option<Target>,

    /// How long a Lease counts after its last renewal
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Timing")]
    pub lease_duration: Option<Micros>,

    /// How long before expiry the leader renews (kube-lease-manager, kubert)
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Timing",
          conflicts_with_all = ["renew_deadline", "retry_period"])]
    pub grace_period: Option<Micros>,

    /// How long a leader goes on trying to renew (client-go and its like)
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Timing")]
    pub renew_deadline: Option<Micros>,

    /// How often a leader renews and a standby looks (client-go and its like)
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Timing")]
    pub retry_period: Option<Micros>,

    /// Election library, with a version where it matters: client-go, kube-lease-manager@0.8 [default: by the flags
    /// above, client-go without any]
    #[arg(long, value_name = "NAME", help_heading = "Timing")]
    pub elector: Option<Name>,

    /// The system whose own steps follow an election
    #[arg(long, value_name = "NAME", value_parser = value::system, help_heading = "System")]
    pub system: Option<System>,

    /// How long one of the system's steps takes: poll-interval=60s; may be given several times
    #[arg(long = "step", value_name = "STEP=DURATION", value_parser = value::step, help_heading = "System")]
    pub steps: Vec<(String, Micros)>,

    /// What a new leader needs before it serves
    #[arg(long, value_name = "DURATION", value_parser = value::span, allow_hyphen_values = true, help_heading = "System")]
    pub warmup: Option<Micros>,

    /// Replicas beside the leader [default: the Election's, else 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=99), help_heading = "System")]
    pub standbys: Option<u8>,

    /// What happens: crash, crash-restart[=1s], release, stop, partition[=20s], freeze=25s, outage=11s[:refused|reset|hang],
    /// node-loss
    #[arg(long, value_name = "FAULT", default_value = "crash", help_heading = "What happens")]
    pub fault: Question,

    /// A write to the Lease instead of a fault, to see why it is unsafe: write=holder, clear, clear-null, delete,
    /// short-duration or long-duration
    #[arg(long, value_name = "write=WHAT", conflicts_with_all = ["fault", "rto"], help_heading = "What happens")]
    pub what_if: Option<WhatIf>,

    /// Start a process that ended by itself, as client-go's does when it loses the Lease, again after so long
    #[arg(long, value_name = "DURATION", value_parser = value::span, allow_hyphen_values = true, help_heading = "What happens")]
    pub restart: Option<Micros>,

    /// A process that starts again has another identity, as with controller-runtime's HOSTNAME_UUID [default: as the
    /// Election or the system has it, else the same]
    #[arg(long, help_heading = "What happens")]
    pub new_identity: bool,

    /// The program gives its Lease up also when it loses it, as client-go does with ReleaseOnCancel
    #[arg(long, help_heading = "What happens")]
    pub release_on_cancel: bool,

    /// What a request takes one way, and its answer on the way back: 5ms, or 5ms..50ms
    #[arg(long, value_name = "DURATION[..DURATION]", default_value = "0s", value_parser = value::latency, allow_hyphen_values = true,
          help_heading = "What happens")]
    pub api_latency: Latency,

    /// What share of the requests the API answers with an error: 1%, 0.5%
    #[arg(long, value_name = "PERCENT", default_value = "0%", value_parser = value::per_million,
          help_heading = "What happens")]
    pub api_errors: u32,

    /// How far the standbys' wall clocks are ahead of the leader's; behind, if negative
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = value::offset, allow_hyphen_values = true,
          help_heading = "What happens")]
    pub skew: Micros,

    /// Side by side: settings as 15/10/2 (lease duration, renew deadline, retry period) or 30/5 (and grace period),
    /// libraries, or both as client-go:15/10/2
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', num_args = 1.., help_heading = "Several settings",
          conflicts_with_all = ["sweep", "rto", "lease_duration", "grace_period", "renew_deadline", "retry_period"])]
    pub compare: Vec<Contender>,

    /// One value over a range: lease-duration=5s..60s, or with a step lease-duration=5s..60s/5s; also grace-period,
    /// renew-deadline, retry-period and standbys
    #[arg(long, value_name = "NAME=FROM..TO", conflicts_with = "rto", help_heading = "Several settings")]
    pub sweep: Option<Sweep>,

    /// The inverse: settings whose outage stays within this
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Several settings")]
    pub rto: Option<Micros>,

    /// What of the outages has to stay within the target
    #[arg(long, value_name = "QUANTILE", default_value = "p99", requires = "rto", help_heading = "Several settings")]
    pub quantile: Quantile,

    /// For --rto: how many API outages a month are assumed
    #[arg(long, value_name = "N", default_value = "4", requires = "rto", help_heading = "Several settings",
          value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub outages_per_month: u32,

    /// For --rto: how long such an outage is on average; their lengths are drawn exponentially
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = value::timing, allow_hyphen_values = true, requires = "rto",
          help_heading = "Several settings")]
    pub outage_mean: Micros,

    /// How many elections are played
    #[arg(long, value_name = "N", help_heading = "Simulation",
          allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub trials: Option<u32>,

    /// Which ones: the same seed gives the same result, on any machine and any number of threads
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, help_heading = "Simulation")]
    pub seed: u64,

    /// How many threads play them [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64), help_heading = "Simulation")]
    pub threads: Option<u8>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

/// Formats of `hactl failover`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text for people
    Table,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// A picture: one SVG document
    Svg,
    /// A page: one HTML document that needs nothing else
    Html,
}

/// A quantile of the outages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quantile {
    /// The median
    P50,
    /// 95 %
    P95,
    /// 99 %
    P99,
    /// The longest that was seen
    Max,
}
