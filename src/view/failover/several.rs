//! Simulations side by side, along a sweep, and those that meet a target.

use super::{censored, footing, hundredths, marked, plain, standbys, words};
use crate::report::Seconds;
use crate::report::failover::{FailoverComparison, FailoverTuning, Limit, Setting, Simulation};
use crate::view::{Style, grid};

/// The widest bar of a curve.
const BAR: usize = 24;

/// Settings side by side.
#[must_use]
pub(super) fn compared(report: &FailoverComparison, style: Style) -> String {
    let mut text = String::new();
    if let Some(first) = report.items.first() {
        text.push_str(&style.wrap(&format!("{}: {}", standbys(&first.parameters), first.parameters.clause), 0));
        text.push_str(&style.wrap(&format!("each: {}", footing(first)), 0));
        text.push('\n');
    }
    let header = ["ELECTOR", "TIMING", "P50", "P99", "MAX", "OVERLAP", "API", "SKEW", "W/MIN"];
    let row = |item: &Simulation| {
        let overlap = item.overlap_seconds;
        let [_, _, p50, _, p99, max] = censored(&item.outage_seconds, tenths);
        vec![
            elector(item).to_owned(),
            item.parameters.timing(),
            p50,
            p99,
            max,
            if overlap.share > 0.0 { overlap.max.map_or_else(String::new, tenths) } else { "never".to_owned() },
            limit(item.tolerates.api_outage_seconds),
            limit(item.tolerates.clock_skew_seconds),
            tenth(item.cost.writes_per_minute),
        ]
    };
    text.push_str(&grid::draw(&header, report.items.iter().map(row).collect(), &["ELECTOR"], true, style));
    text.push('\n');
    text.push_str(&style.wrap(
        "P50, P99, MAX: outage in seconds; OVERLAP: how long two led at most; API, SKEW: the API outage (connections \
         refused) and the clock skew that are tolerated; W/MIN: writes a minute",
        0,
    ));
    text.push_str(&notes(report, style));
    text
}

/// One value along a range, as a curve.
#[must_use]
pub(super) fn swept(report: &FailoverComparison, style: Style) -> String {
    let mut text = String::new();
    if let Some(first) = report.items.first() {
        let standbys =
            if report.swept == Some("standbys") { String::new() } else { standbys(&first.parameters) + ": " };
        text.push_str(&style.wrap(&format!("{}, {standbys}{}", elector(first), first.parameters.clause), 0));
        text.push_str(&style.wrap(&format!("each: {}", footing(first)), 0));
        text.push('\n');
    }
    let longest = report.items.iter().filter_map(|item| item.outage_seconds.p99).map(|s| s.0.as_secs_f64());
    let longest = longest.fold(0.0, f64::max);
    let standbys = report.swept == Some("standbys");
    let header = [if standbys { "STANDBYS" } else { "TIMING" }, "P50", "P99", "MAX", "API", "W/MIN", "P50 TO P99"];
    let row = |item: &Simulation| {
        let parameters = &item.parameters;
        let [_, _, p50, _, p99, max] = censored(&item.outage_seconds, tenths);
        vec![
            if standbys { parameters.standbys.to_string() } else { parameters.timing() },
            p50,
            p99,
            max,
            limit(item.tolerates.api_outage_seconds),
            tenth(item.cost.writes_per_minute),
            bar(item.outage_seconds.p50, item.outage_seconds.p99, longest, style),
        ]
    };
    text.push_str(&grid::draw(&header, report.items.iter().map(row).collect(), &["TIMING"], true, style));
    text.push('\n');
    text.push_str(
        &style
            .wrap("P50, P99, MAX: outage in seconds; API: the API outage (connections refused) that is tolerated; W/MIN: writes a minute", 0),
    );
    text.push_str(&notes(report, style));
    text
}

/// Settings that meet a target: those that no other beats in everything.
#[must_use]
pub(super) fn tuned(report: &FailoverTuning, style: Style) -> String {
    let target = &report.target;
    let mut text = style.wrap(
        &format!(
            "{}: settings whose {} outage is at most {}s, when {}",
            target.elector,
            target.quantile,
            plain(target.rto_seconds),
            target.clause
        ),
        0,
    );
    text.push('\n');
    let quantile = format!("OUTAGE {}", target.quantile.to_uppercase());
    let header = ["TIMING", quantile.as_str(), "API OUTAGE", "FALSE/MONTH", "WRITES/MIN", ""];
    let row = |setting: &Setting, what: &str| {
        vec![
            setting.timing.clone(),
            optional(setting.outage_seconds),
            limit(setting.api_outage_seconds),
            format!("{:.2}", setting.false_failovers_per_month),
            tenth(setting.writes_per_minute),
            what.to_owned(),
        ]
    };
    let mut rows = vec![row(&report.current, "as given")];
    rows.extend(report.front.iter().map(|setting| row(setting, "")));
    text.push_str(&grid::draw(&header, rows, &[], true, style));
    text.push('\n');
    if report.front.is_empty() {
        let mut none = "none of the settings that were tried meets it".to_owned();
        if let Some(closest) = &target.closest {
            none.push_str(&format!(": {} comes closest, with {}s", closest.timing, optional(closest.outage_seconds)));
        }
        text.push_str(&style.wrap(&none, 0));
    }
    let assumed = format!(
        "{} settings were tried, {} meet the target, {} of them stand above: no other is as good in all of API outage \
         tolerated, false failovers a month and writes a minute. False failovers: those of {} API outages a month, {}s \
         long on average (--outages-per-month, --outage-mean).",
        target.tried,
        report.items.len(),
        report.front.len(),
        target.outages_per_month,
        plain(target.outage_mean_seconds)
    );
    text.push_str(&style.wrap(&assumed, 0));
    for warning in &report.warnings {
        text.push_str(&marked(&warning.message, style));
    }
    text
}

fn elector(item: &Simulation) -> &str {
    item.parameters.elector.unwrap_or("-")
}

fn optional(seconds: Option<Seconds>) -> String {
    seconds.map_or_else(|| "-".to_owned(), hundredths)
}

fn tenths(seconds: Seconds) -> String {
    format!("{:.1}", seconds.0.as_secs_f64())
}

fn limit(limit: Option<Limit>) -> String {
    match limit {
        None => "?".to_owned(),
        Some(Limit::UpTo(seconds)) => format!("{}s", plain(seconds)),
        Some(Limit::Unlimited(_)) => "any".to_owned(),
    }
}

fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

/// From the one value to the other, on an axis up to the longest.
fn bar(from: Option<Seconds>, to: Option<Seconds>, longest: f64, style: Style) -> String {
    let (Some(from), Some(to)) = (from, to) else { return String::new() };
    let column = |seconds: Seconds| ((seconds.0.as_secs_f64() / longest.max(1e-9)) * BAR as f64).round() as usize;
    let (blank, full) = if style.unicode { ("·", "█") } else { (".", "#") };
    let (from, to) = (column(from), column(to).max(column(from) + 1));
    format!("{}{}", blank.repeat(from), full.repeat(to - from))
}

/// What a library would not start with, and what to know of the others, once each.
fn notes(report: &FailoverComparison, style: Style) -> String {
    words::notes(report).iter().map(|note| marked(note, style)).collect()
}
