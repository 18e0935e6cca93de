//! What is asked of checks, wherever the objects come from.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value;
use crate::check;
use crate::check::Severity;
use crate::model::Micros;

/// Which checks are wanted, how much they count, and where the result goes.
#[derive(Clone, Debug, Args)]
pub struct Checks {
    /// Only these checks, by id or family: HA0201,HA02 [default: all]. What could not be read is always said
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Checks")]
    pub select: Vec<String>,

    /// Not these
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Checks")]
    pub skip: Vec<String>,

    /// Let these count less: HA0201 by one, HA0201=info down to that
    #[arg(long, value_name = "ID[=SEVERITY]", value_delimiter = ',', value_parser = downgrade, help_heading = "Checks")]
    pub downgrade: Vec<(String, Option<Severity>)>,

    /// From which severity on the exit code is 1 [default: error]
    #[arg(long, value_name = "SEVERITY", help_heading = "Checks")]
    pub fail_on: Option<FailOn>,

    /// Only what is new counts: leave out what --write-baseline has written
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub baseline: Option<PathBuf>,

    /// Write what is found to a file, for --baseline. It does not count any more, also in this run
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub write_baseline: Option<PathBuf>,

    /// The longest outage that is wanted after a crash of the leader, for HA0405: 30s. An object's annotation hactl.dev/rto
    /// says it for that one
    #[arg(long, value_name = "DURATION", value_parser = value::timing, allow_hyphen_values = true, help_heading = "Checks")]
    pub rto: Option<Micros>,

    /// Settings of the project [default: hactl.toml, if it is in the current folder]
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub config: Option<PathBuf>,

    /// Write the result to a file too: sarif=hactl.sarif; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<(Output, PathBuf)>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

/// Formats of what was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Findings by object, with what to paste
    Table,
    /// The same with everything that was skipped or passed
    Wide,
    /// A line for each finding, as compilers write them
    Short,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// JUnit XML, for CI servers
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// A table for comments and summaries
    Markdown,
}

/// From which severity on the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Nothing
    Never,
}

impl From<FailOn> for check::FailOn {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Never => Self::Never,
        }
    }
}

/// `ID`, `ID=info` or `ID=warning`.
pub(super) fn downgrade(text: &str) -> Result<(String, Option<Severity>), String> {
    let Some((id, severity)) = text.split_once('=') else { return Ok((text.to_owned(), None)) };
    let severity = match severity {
        "info" => Severity::Info,
        "warning" => Severity::Warning,
        _ => return Err("expected ID, ID=info or ID=warning".to_owned()),
    };
    Ok((id.to_owned(), Some(severity)))
}

fn report(text: &str) -> Result<(Output, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, such as sarif=hactl.sarif")?;
    let format = Output::from_str(format, false).map_err(|_| {
        let names = Output::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
        format!("{format} is no format: expected one of {}", names.join(", "))
    })?;
    match file {
        "" => Err("expected FORMAT=FILE, such as sarif=hactl.sarif".to_owned()),
        "-" => Err("the standard output is for -o".to_owned()),
        file => Ok((format, PathBuf::from(file))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_downgrade_is_by_one_or_to_a_severity() {
        assert_eq!(downgrade("HA0201"), Ok(("HA0201".to_owned(), None)));
        assert_eq!(downgrade("HA02=info"), Ok(("HA02".to_owned(), Some(Severity::Info))));
        assert!(downgrade("HA02=error").is_err() && downgrade("HA02=").is_err());
    }

    #[test]
    fn a_report_is_a_format_and_a_file() {
        assert_eq!(report("junit=a=b.xml"), Ok((Output::Junit, PathBuf::from("a=b.xml"))));
        for text in ["junit", "junit=", "xml=a", "json=-"] {
            assert!(report(text).is_err(), "{text}");
        }
        assert!(report("xml=a").unwrap_err().contains("junit, sarif"));
    }
}
