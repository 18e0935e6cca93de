//! `hactl transfer`.

use clap::{Args, ValueEnum};

use super::value;
use crate::model::Micros;
use crate::model::selection::Target;
use crate::sim::contender::Contender;
use crate::transfer::Method;

/// Arguments of `hactl transfer`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl transfer lease/payments                              to the best standby, by the method that fits
  hactl transfer payments --to payments-1                    to this Pod; its ordinal or identity will do
  hactl transfer deploy/payments --not-node n3 --reason \"kernel of n3\"
  hactl transfer --off-node n3                               everything that is led from there, before a drain
  hactl transfer lease/payments --dry-run=client             the plan: what it will cost, and what it assumes
  hactl transfer lease/payments --dry-run=client -o yaml     the same with the Role that it needs
  hactl transfer lease/payments --from payments-0 --yes -o json    in a script

Never two leaders: the old one is provably off before the next is named. What is not safe is refused (exit 10), and a run
that is cut short heals by itself.")]
pub struct Transfer {
    /// What is to be moved: NAME, lease/NAME, deploy/NAME, sts/NAME
    #[arg(value_name = "ELECTION", required_unless_present = "off_node")]
    pub target: Option<Target>,

    /// Everything that is led from this node, one after the other: in all namespaces, or in that of -n
    #[arg(long, value_name = "NODE", conflicts_with_all = ["target", "to", "not", "from"])]
    pub off_node: Option<String>,

    /// Who is to lead: a Pod, an identity, or a StatefulSet's ordinal [default: the best standby]
    #[arg(long, value_name = "POD", help_heading = "Who is to lead")]
    pub to: Option<String>,

    /// Anyone but this Pod; may be given several times
    #[arg(long, value_name = "POD", help_heading = "Who is to lead")]
    pub not: Vec<String>,

    /// Anyone but on this node; may be given several times
    #[arg(long, value_name = "NODE", help_heading = "Who is to lead")]
    pub not_node: Vec<String>,

    /// Anyone but in this zone; may be given several times
    #[arg(long, value_name = "ZONE", help_heading = "Who is to lead")]
    pub not_zone: Vec<String>,

    /// Try it even where it cannot be promised who will be next
    #[arg(long, help_heading = "Who is to lead")]
    pub best_effort: bool,

    /// Only if this one leads now: an identity or a Pod
    #[arg(long, value_name = "IDENTITY", help_heading = "How")]
    pub from: Option<String>,

    /// hand-over (fence the Lease, wait, name the next), evict (end the leader's Pod) or prefer (coordinated elections: ask
    /// the leader to yield, and its controller names the next) [default: what fits the elector]
    #[arg(long, value_name = "METHOD", value_parser = method, help_heading = "How")]
    pub method: Option<Method>,

    /// The election library, where hactl does not recognise it: client-go, or with its timing client-go:15/10/2
    #[arg(long, value_name = "NAME", help_heading = "How")]
    pub elector: Option<Contender>,

    /// Even where the disruption budget has no room for the leader's Pod
    #[arg(long, help_heading = "How")]
    pub disrupt: bool,

    /// When to give up [default: as long as it can take, and 30s]
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "How")]
    pub timeout: Option<Micros>,

    /// Why: is recorded with the transfer
    #[arg(long, value_name = "TEXT", help_heading = "How")]
    pub reason: Option<String>,

    /// Begin nothing that cannot be recorded on the Lease and as an Event
    #[arg(long, help_heading = "How")]
    pub require_audit: bool,

    /// Change nothing: client shows the plan, server has the API server check every write too
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_value = "none",
          default_missing_value = "client", help_heading = "How")]
    pub dry_run: DryRun,

    /// Do not ask
    #[arg(short, long, help_heading = "How")]
    pub yes: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

/// Where a run without consequences ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// It is no dry run
    None,
    /// Before the first write
    Client,
    /// In the API server, which checks the writes and stores nothing
    Server,
}

/// Formats of `hactl transfer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text for people
    Table,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}

/// Reads a method; the ways that make two leaders are told apart from a slip of the hand.
fn method(text: &str) -> Result<Method, String> {
    match text {
        "hand-over" => Ok(Method::HandOver),
        "evict" => Ok(Method::Evict),
        "prefer" => Ok(Method::Prefer),
        "swap" | "patch" => {
            Err("there is no such method: with another name in the Lease the old leader acts on until its \
             own renew deadline, and two lead meanwhile (client-go at 15s/10s/2s: for 7 to 11.7 s, every time); see it \
             with: hactl failover --what-if write=holder"
                .to_owned())
        }
        "clear" | "delete" => {
            Err("there is no such method: whoever looks first takes the Lease, mostly the old leader \
             itself, and else two lead; see it with: hactl failover --what-if write=clear"
                .to_owned())
        }
        _ => Err("expected hand-over, evict or prefer".to_owned()),
    }
}
