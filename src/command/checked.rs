//! From verdicts to the report and its formats: what all commands that check have in common.

use std::borrow::Cow;
use std::path::{Path, PathBuf, absolute};

use jiff::tz::TimeZone;

use crate::check::baseline::Baseline;
use crate::check::selection::{Unknown, named};
use crate::check::{FailOn, Selection, Verdict, ignore};
use crate::cli::check::{Checks, Output};
use crate::cli::project::{FILE, Project};
use crate::clock::generated_at;
use crate::error::{Error, Exit, Result};
use crate::model::Micros;
use crate::model::object::Object;
use crate::report::check_report::{CheckBaseline, CheckReport};
use crate::source::text;
use crate::terminal::{self, Terminal};
use crate::view::check as view;
use crate::view::{Style, machine};

use super::{End, ended};

/// What is asked of checks: the flags, and what the project says where they are silent.
pub(super) struct Terms {
    pub(super) selection: Selection,
    pub(super) rto: Option<Micros>,
    fail_on: FailOn,
    baseline: Option<Baseline>,
}

/// What was found, and what becomes of it once the baseline that was asked for is in its file.
pub(super) struct Checked {
    report: CheckReport,
    written: Option<(CheckBaseline, CheckReport)>,
}

impl Terms {
    /// Reads them.
    pub(super) fn read(args: &Checks) -> Result<Self> {
        each_once(args)?;
        let file = args.config.as_ref().map_or(Cow::Borrowed(FILE), |path| path.to_string_lossy());
        let text = match &args.config {
            Some(path) => Some(text::named(path)?),
            None => text::if_there(Path::new(FILE))?,
        };
        let project = text.map(|text| Project::parse(&file, &text)).transpose()?.unwrap_or_default();
        let select = if args.select.is_empty() { &project.select } else { &args.select };
        let skip = [project.skip.as_slice(), &args.skip].concat();
        // What is said later wins.
        let downgrade = [project.downgrade.as_slice(), &args.downgrade].concat();
        let baseline = args.baseline.as_ref().map(|path| {
            let read = Baseline::parse(&text::named(path)?);
            read.map_err(|why| {
                Error::usage(format!("{}: {why}", path.display())).hint("write one with --write-baseline")
            })
        });
        let selection = Selection::new(select, &skip, &downgrade).map_err(unknown)?;
        let is_left = |word: &String| named(word).is_ok_and(|checks| checks.iter().any(|check| selection.has(check)));
        if !select.is_empty() && !select.iter().any(is_left) {
            let select = if args.select.is_empty() { format!("select of {file}") } else { "--select".to_owned() };
            let skip = match (project.skip.is_empty(), args.skip.is_empty()) {
                (false, true) => format!("skip of {file}"),
                (false, false) => format!("--skip or skip of {file}"),
                (true, _) => "--skip".to_owned(),
            };
            return Err(Error::usage(format!("no check is left of {select}: all are in {skip}")));
        }
        Ok(Self {
            selection,
            rto: args.rto.or(project.rto),
            fail_on: args.fail_on.or(project.fail_on).map(FailOn::from).unwrap_or_default(),
            baseline: baseline.transpose()?,
        })
    }

    /// The report about these verdicts.
    pub(super) fn report(
        self,
        context: Option<String>,
        objects: &[Object],
        mut verdicts: Vec<Verdict<'_>>,
        write_baseline: bool,
    ) -> Checked {
        let at = generated_at();
        ignore::apply(objects, &mut verdicts, at.to_zoned(TimeZone::UTC).date());
        self.selection.narrow(&mut verdicts);
        let report = |verdicts: Vec<Verdict<'_>>| {
            CheckReport::new(at, context.clone(), self.selection.checks(), self.fail_on, verdicts)
        };
        let written = write_baseline.then(|| {
            let written = CheckBaseline::new(at, &report(verdicts.clone()));
            let mut known = verdicts.clone();
            Baseline::of(&verdicts).waive(&mut known);
            (written, report(known))
        });
        if let Some(baseline) = self.baseline {
            baseline.waive(&mut verdicts);
        }
        Checked { report: report(verdicts), written }
    }
}

/// Whether each file is to be written once: of two results, one would be gone.
fn each_once(args: &Checks) -> Result<()> {
    let files: Vec<_> = args.reports.iter().map(|(_, path)| path).chain(&args.write_baseline).collect();
    let whole = |path: &PathBuf| absolute(path).unwrap_or_else(|_| path.clone());
    let twice = files.iter().enumerate().find(|(at, path)| files[..*at].iter().any(|one| whole(one) == whole(path)));
    match twice {
        None => Ok(()),
        Some((_, path)) => Err(Error::usage(format!("{} would be written twice", path.display()))
            .hint("give each --report, and --write-baseline, a file of its own")),
    }
}

/// A word that no check answers to.
pub(super) fn unknown(unknown: Unknown) -> Error {
    let error = Error::usage(format!("there is no check {:?}", unknown.word));
    match unknown.near.as_slice() {
        [] => error.hint("all checks: hactl explain"),
        near => error.hint(format!("did you mean {}? All checks: hactl explain", near.join(", "))),
    }
}

/// Writes the result to where it is wanted. Files come first, so that whoever sees the end of stdout finds them.
pub(super) fn tell(
    args: &Checks,
    Checked { mut report, written: known }: Checked,
    terminal: &Terminal,
) -> Result<Exit> {
    let mut failed = false;
    let mut write = |path: &Path, text: &str| {
        if let Err(why) = terminal::write(path, text) {
            terminal.say(format_args!("error: {why}"));
            failed = true;
            return false;
        }
        true
    };
    // What is in no file counts: nobody would be told of it again.
    if let Some((path, (baseline, left))) = args.write_baseline.as_ref().zip(known)
        && write(path, &machine::json(&baseline))
    {
        report = left;
        let findings = if baseline.items.len() == 1 { "finding" } else { "findings" };
        terminal.say(format_args!("{} {findings} written to {}", baseline.items.len(), path.display()));
    }
    let in_file = Style { unicode: true, ..Style::default() };
    let mut result = String::new();
    for with_lines in [false, true] {
        // What a machine reads is what there is; afterwards nobody needs that any more.
        if with_lines {
            report.make_printable();
        }
        for (format, path) in args.reports.iter().filter(|(format, _)| has_lines(*format) == with_lines) {
            write(path, &written(*format, &report, in_file));
        }
        if has_lines(args.output) == with_lines {
            result = written(args.output, &report, terminal.style);
        }
    }
    let exit = match report.exit() {
        Exit::Success if failed => Exit::Unknown,
        exit => exit,
    };
    ended(terminal.result(&result).map(|()| exit).map_err(End::from))
}

/// Whether it has lines, in which a line break would begin another one: a screen's, or a log's that is read for commands.
/// The others have an escape for everything.
const fn has_lines(format: Output) -> bool {
    !matches!(format, Output::Json | Output::Yaml | Output::Sarif)
}

/// The report in a format.
fn written(format: Output, report: &CheckReport, style: Style) -> String {
    match format {
        Output::Table => view::table(report, style),
        Output::Wide => view::wide(report, style),
        Output::Short => view::short(report),
        Output::Github => view::github(report),
        Output::Markdown => view::markdown(report),
        Output::Json => machine::json(report),
        Output::Yaml => machine::yaml(report),
        Output::Junit => view::junit(report),
        Output::Sarif => view::sarif(report),
    }
}
