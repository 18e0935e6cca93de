//! For people: by object, errors first, each with what to paste.

use super::{counts, is_finding, is_passed_over, suppressed};
use crate::report::check_report::{CheckReport, CheckResult, Outcome};
use crate::view::{Style, columns};

/// The columns of a text where nobody says how wide it may be, and at most.
const WIDTH: usize = 80;
const WIDEST: usize = 120;

/// Where a sentence begins.
const INDENT: usize = 19;

/// So many places are named of what was passed over for the same reason.
const PLACES: usize = 5;

/// What was found, and what was passed over.
#[must_use]
pub fn table(report: &CheckReport, style: Style) -> String {
    let mut text = findings(report, style);
    text.push_str(&passed_over(report, style));
    text.push_str(&footing(report, style));
    text
}

/// The same with everything that was asked, also what is as it should be.
#[must_use]
pub fn wide(report: &CheckReport, style: Style) -> String {
    let mut text = findings(report, style);
    for (title, outcome) in [("skipped", Outcome::Skipped), ("passed", Outcome::Pass)] {
        let of = report.results.iter().filter(|result| result.outcome == outcome);
        let lines: String = of.map(|result| plainly(result, style)).collect();
        if !lines.is_empty() {
            text.push_str(&format!("{title}\n{lines}\n"));
        }
    }
    text.push_str(&footing(report, style));
    text
}

/// The findings, object by object: the worst one first.
fn findings(report: &CheckReport, style: Style) -> String {
    let (missed, found): (Vec<_>, Vec<_>) =
        report.results.iter().filter(|result| is_finding(result)).partition(|result| is_missed(result));
    let mut groups: Vec<Vec<&CheckResult>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for result in found {
        // What is about no object stands alone: its place is all that is known of it.
        let place = if result.object.is_some() { (0, 0) } else { (result.place.line.unwrap_or(0), groups.len() + 1) };
        let at = *known.entry((&result.place.file, &result.object, place)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(result),
            None => groups.push(vec![result]),
        }
    }
    for group in &mut groups {
        group.sort_by(|one, other| one.urgency(other));
    }
    groups.sort_by(|one, other| one[0].urgency(other[0]));
    groups.iter().map(|group| self::group(group, style) + "\n").collect::<String>() + &self::missed(&missed, style)
}

/// Whether it is about all objects of a kind, none of which could be read.
fn is_missed(result: &CheckResult) -> bool {
    let nameless = result.object.as_ref().is_some_and(|object| object.name.is_empty());
    result.outcome == Outcome::Unknown && nameless && result.place.file.is_none()
}

/// What could not be read, once each, with the checks that would have looked at it: with few rights those are many.
fn missed(results: &[&CheckResult], style: Style) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for result in results {
        let message = result.message.as_deref().unwrap_or(result.title);
        match reasons.iter_mut().find(|(reason, _)| *reason == message) {
            Some((_, ids)) => ids.push(result.id),
            None => reasons.push((message, vec![result.id])),
        }
    }
    let dash = if style.unicode { "\u{2014}" } else { "-" };
    let told = reasons.iter_mut().map(|(reason, ids)| {
        ids.sort_unstable();
        ids.dedup();
        let reason = reason.strip_prefix("not known: ").unwrap_or(reason);
        wrapped(&format!("{reason} {dash} {}", ids.join(", ")), 2, style)
    });
    let text: String = told.collect();
    if text.is_empty() { text } else { format!("{}\n{text}\n", bold("not known", style)) }
}

fn group(results: &[&CheckResult], style: Style) -> String {
    let first = results[0];
    let mut head = match &first.object {
        Some(object) => object.to_string(),
        None => first.place.position(),
    };
    if let Some(namespace) = first.object.as_ref().and_then(|object| object.namespace.as_ref()) {
        head.push_str(&format!(" in {namespace}"));
    }
    if let Some(file) = first.place.file.as_ref().filter(|_| first.object.is_some()) {
        head.push_str(&format!("  {file}"));
    }
    if let Some(source) = &first.place.source {
        head.push_str(&format!("  ({source})"));
    }
    let mut text = bold(&head, style) + "\n";
    text.extend(results.iter().map(|result| told(result, style)));
    text
}

/// A finding, where it stands and what to paste.
pub(super) fn told(result: &CheckResult, style: Style) -> String {
    let mut text = String::new();
    let word = result.word();
    text.push_str(&format!("  {}{} {}  ", coloured(word, style), " ".repeat(8 - columns(word)), result.id));
    text.push_str(wrapped(result.message.as_deref().unwrap_or(result.title), INDENT, style).trim_start());
    let field = result.place.field.as_deref().unwrap_or_default();
    let line = result.place.line.filter(|_| result.object.is_some());
    let at = match (line, field) {
        (None, "") => String::new(),
        (None, field) => format!("at {field}"),
        (Some(line), "") => format!("at line {line}"),
        (Some(line), field) => format!("at line {line}: {field}"),
    };
    if !at.is_empty() {
        text.push_str(&wrapped(&at, INDENT, style));
    }
    for (i, line) in result.fix.iter().flat_map(|fix| fix.trim_end().lines()).enumerate() {
        text.push_str(&format!("{:INDENT$}{} {line}\n", "", if i == 0 { "fix:" } else { "    " }));
    }
    text
}

/// Documents that no check has looked at, those with the same reason together.
fn passed_over(report: &CheckReport, style: Style) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for result in report.results.iter().filter(|result| is_passed_over(result)) {
        let message = result.message.as_deref().unwrap_or(result.title);
        // Without its column: it is where the document begins.
        let line = result.place.line.map_or_else(String::new, |line| format!(":{line}"));
        let place = format!("{}{line}", result.place.file.as_deref().unwrap_or_default());
        match reasons.iter_mut().find(|(reason, _)| *reason == message) {
            Some((_, places)) => places.push(place),
            None => reasons.push((message, vec![place])),
        }
    }
    let mut text = String::new();
    for (reason, places) in &reasons {
        let more = places.len().saturating_sub(PLACES);
        let named = places.iter().take(PLACES).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        text.push_str(&wrapped(&format!("{reason}: {named}{more}"), 2, style));
    }
    if text.is_empty() { text } else { format!("{}\n{text}\n", bold("not judged", style)) }
}

fn footing(report: &CheckReport, style: Style) -> String {
    let mut text = counts(&report.summary);
    let finding = report.results.iter().filter(|result| is_finding(result)).min_by(|one, other| one.urgency(other));
    if let Some(finding) = finding {
        text.push_str(&format!(". Why: {}", finding.docs));
    }
    wrapped(&text, 0, style)
}

/// One line without a fix.
fn plainly(result: &CheckResult, style: Style) -> String {
    let why = suppressed(result).or_else(|| result.message.as_deref().map(str::to_owned));
    let why = why.unwrap_or_else(|| result.title.to_owned());
    let position = result.place.position();
    let position = if position.is_empty() { position } else { format!(" ({position})") };
    let subject = result.object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
    format!("  {}  {}", result.id, wrapped(&format!("{subject}{why}{position}"), 10, style).trim_start())
}

fn wrapped(text: &str, indent: usize, style: Style) -> String {
    Style { width: Some(style.width.map_or(WIDTH, |width| width.min(WIDEST))), ..style }.wrap(text, indent)
}

fn bold(text: &str, style: Style) -> String {
    if style.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

fn coloured(word: &str, style: Style) -> String {
    let colour = match word {
        "error" => "31",
        "warning" => "33",
        "unknown" => "35",
        _ => "36",
    };
    if style.colour { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.to_owned() }
}
