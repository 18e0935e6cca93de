//! `hactl preflight`.

use std::path::PathBuf;

use clap::Args;

use super::check::Checks;

/// Arguments of `hactl preflight`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl preflight deploy/                                    every *.yaml, *.yml and *.json below a folder
  helm template ./chart | hactl preflight -                  a chart, as it would be applied
  kubectl kustomize overlays/prod | hactl preflight -        a kustomization
  hactl preflight deploy/ --fail-on warning --skip HA0204
  hactl preflight deploy/ -o github --report sarif=hactl.sarif --report junit=hactl.xml
  hactl preflight deploy/ --write-baseline known.json        from now on only what is new counts, with
  hactl preflight deploy/ --baseline known.json

It reads no kubeconfig and asks no cluster. Exit codes: 0 nothing that counts, 1 findings at or above --fail-on,
2 wrong usage, 3 something could not be read.

An object says itself what does not count for it, why, and until when:
  metadata: {annotations: {hactl.dev/ignore: \"HA0201: one replica by design; until=2027-01-31\"}}

Settings of a project, in hactl.toml:
  [preflight]
  skip = [\"HA0204\"]
  downgrade = [\"HA0201=info\"]
  fail-on = \"warning\"")]
pub struct Preflight {
    /// Files and folders with manifests; - for the standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The same, as kubectl has it
    #[arg(short, long = "filename", value_name = "PATH")]
    pub filenames: Vec<PathBuf>,

    /// What is asked.
    #[command(flatten)]
    pub checks: Checks,
}
