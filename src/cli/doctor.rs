//! `hactl doctor`.

use std::path::PathBuf;

use clap::Args;

use super::check::Checks;
use crate::model::selection::Target;

/// Arguments of `hactl doctor`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl doctor                                   everything in the current namespace
  hactl doctor deploy/payments -n billing        one workload, with all that its election hangs on
  hactl doctor -A --fail-on warning              the whole cluster
  hactl doctor -f deploy/                        the same, as it would be with these manifests applied
  hactl doctor --select HA03                     only the rights
  hactl doctor -o json --report junit=hactl.xml

It only reads: lists of each kind, all at once, never a Secret, and access reviews. A check for which hactl may not
read something is unknown, and says which right is missing. Exit codes: 0 nothing that counts, 1 findings at or above
--fail-on, 2 wrong usage, 3 something could not be looked at.

An object says itself what does not count for it, why, and until when:
  metadata: {annotations: {hactl.dev/ignore: \"HA0201: one replica by design; until=2027-01-31\"}}")]
pub struct Doctor {
    /// Workloads or Leases: NAME, lease/NAME, deploy/NAME, sts/NAME [default: everything in the namespace]
    #[arg(value_name = "NAME")]
    pub targets: Vec<Target>,

    /// All namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Files and folders with manifests, as if they had been applied; - for the standard input
    #[arg(short, long = "filename", value_name = "PATH")]
    pub filenames: Vec<PathBuf>,

    /// What is asked.
    #[command(flatten)]
    pub checks: Checks,
}
