//! `hactl explain`.

use clap::{Args, ValueEnum};

/// Arguments of `hactl explain`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  hactl explain                   all checks
  hactl explain HA02              those of a family
  hactl explain HA0201            one: why, an example that fails, one that passes, sources
  hactl explain HA0201 HA0202     several
  hactl explain HA0201 -o markdown")]
pub struct Explain {
    /// Checks, or families of checks [default: all]
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

/// Formats of `hactl explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text for people
    Table,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// The pages as they are written
    Markdown,
}
