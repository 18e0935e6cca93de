//! The pages of several simulations: side by side, along a range, and those that meet a target.

use super::page;
use super::part::{Cell, cell, figure, section, sentence, table, warnings};
use super::simulation::writes;
use crate::report::Seconds;
use crate::report::failover::{FailoverComparison, FailoverTuning, Setting, Simulation};
use crate::view::failover::{
    footing, hundredths, interval, limit, met, notes, percent, setting, swept_of, swept_value, told, tuned_to,
};
use crate::view::markup::Markup;
use crate::view::svg;

/// The page of settings side by side.
pub(in crate::view) fn comparison(report: &FailoverComparison) -> String {
    let clause = report.items.first().map(|item| item.parameters.clause.clone()).unwrap_or_default();
    page(&format!("{} settings side by side", report.items.len()), &[sentence(&clause)], &|main| {
        warnings(main, notes(report));
        figure(main, |frame| svg::comparison(report, frame), "The outage of each setting, over all trials.");
        section(main, "settings", "The settings", |section| {
            let rows: Vec<_> = report.items.iter().map(|item| row(setting(item), item)).collect();
            rows_of("setting", section, &rows);
            assumed(section, report);
        });
    })
}

/// The page of one value along a range.
pub(in crate::view) fn sweep(report: &FailoverComparison) -> String {
    let knob = report.swept.unwrap_or_default().replace('-', " ");
    page(&format!("Along the {knob}: what it costs and what it gains"), &[swept_of(report)], &|main| {
        warnings(main, notes(report));
        figure(main, |frame| svg::sweep(report, frame), &format!("The outage along the {knob}, over all trials."));
        section(main, "settings", "The settings", |section| {
            let named = |item: &Simulation| {
                let mut row = row(swept_value(item, report.swept), item);
                row[0].1 = item.parameters.timing();
                row
            };
            let rows: Vec<_> = report.items.iter().map(named).collect();
            rows_of(&knob, section, &rows);
            assumed(section, report);
        });
    })
}

/// The page of settings that meet a target.
pub(in crate::view) fn tuning(report: &FailoverTuning) -> String {
    page("Settings that meet a target", &[tuned_to(&report.target)], &|main| {
        warnings(main, report.warnings.iter().map(|warning| sentence(&warning.message)));
        let caption = "Each point is a setting that was tried and meets the target.";
        if !report.items.is_empty() {
            figure(main, |frame| svg::tuning(report, frame), caption);
        }
        section(main, "front", "Beaten by no other", |section| {
            if report.front.is_empty() {
                section.leaf("p", &[], "None of the settings that were tried meets the target.");
            } else {
                let rows: Vec<_> = report.front.iter().map(of_front).collect();
                let quantile = format!("outage {}", report.target.quantile);
                let header =
                    ["timing", &quantile, "API outage tolerated", "false failovers a month", "writes a minute"];
                table(section, "settings", &header, &rows);
            }
            section.leaf("p", &[("class", &"note")], met(report));
        });
    })
}

fn seconds(value: Option<Seconds>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), hundredths)
}

fn of_front(setting: &Setting) -> Vec<Cell> {
    vec![
        cell(&setting.timing),
        cell(seconds(setting.outage_seconds)),
        cell(limit(setting.api_outage_seconds)),
        cell(format!("{:.2}", setting.false_failovers_per_month)),
        cell(writes(setting.writes_per_minute)),
    ]
}

fn row(name: String, item: &Simulation) -> Vec<Cell> {
    let outage = &item.outage_seconds;
    let within =
        |value: Option<Seconds>, sure: Option<[Seconds; 2]>| (seconds(value), sure.map(interval).unwrap_or_default());
    let overlap = &item.overlap_seconds;
    let two = match overlap.share {
        share if share > 0.0 => {
            (percent(share), overlap.max.map_or_else(String::new, |max| format!("up to {}", told(max))))
        }
        _ => cell("never"),
    };
    vec![
        cell(name),
        within(outage.p50, outage.confidence95.p50),
        within(outage.p95, outage.confidence95.p95),
        within(outage.p99, outage.confidence95.p99),
        cell(seconds(outage.max)),
        two,
        cell(limit(item.tolerates.api_outage_seconds)),
        cell(limit(item.tolerates.clock_skew_seconds)),
        cell(writes(item.cost.writes_per_minute)),
    ]
}

fn rows_of(what: &str, section: &mut Markup, rows: &[Vec<Cell>]) {
    let header =
        [what, "p50", "p95", "p99", "max", "two leaders", "API outage tolerated", "skew tolerated", "writes a minute"];
    table(section, "settings", &header, rows);
}

/// What all of them share.
fn assumed(section: &mut Markup, report: &FailoverComparison) {
    let common = report.items.first().map(footing_of).unwrap_or_default();
    let note = format!(
        "Seconds of outage, with 95 % confidence intervals below; what a setting tolerates without a change of leader, \
         and what it costs without any fault. {common}"
    );
    section.leaf("p", &[("class", &"note")], note);
}

fn footing_of(item: &Simulation) -> String {
    format!("Each: {}.", footing(item))
}
