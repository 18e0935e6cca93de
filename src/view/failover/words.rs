//! Words that pictures and pages share.

use super::{hundredths, plain};
use crate::report::Seconds;
use crate::report::failover::{FailoverComparison, FailoverTuning, Limit, Simulation, Target};

/// Seconds to a hundredth, with their unit: `18.06 s`.
pub(in crate::view) fn told(seconds: Seconds) -> String {
    format!("{}\u{a0}s", hundredths(seconds).replace('-', "\u{2212}"))
}

/// From the one to the other, to a hundredth, without a unit.
pub(in crate::view) fn interval([low, high]: [Seconds; 2]) -> String {
    format!("{}\u{2013}{}", hundredths(low), hundredths(high))
}

/// What is tolerated.
pub(in crate::view) fn limit(limit: Option<Limit>) -> String {
    match limit {
        None => "\u{2013}".to_owned(),
        Some(Limit::UpTo(seconds)) => format!("{}\u{a0}s", plain(seconds)),
        Some(Limit::Unlimited(_)) => "any".to_owned(),
    }
}

/// A setting in a word: `client-go 15s/10s/2s`.
pub(in crate::view) fn setting(item: &Simulation) -> String {
    let parameters = &item.parameters;
    format!("{} {}", parameters.elector.unwrap_or("\u{2013}"), parameters.timing())
}

/// What is swept: the library, and what happens.
pub(in crate::view) fn swept_of(report: &FailoverComparison) -> String {
    let first = report.items.first().map(|item| &item.parameters);
    first.map_or_else(String::new, |first| format!("{}: {}", first.elector.unwrap_or("\u{2013}"), first.clause))
}

/// The value that was varied.
pub(in crate::view) fn swept_value(item: &Simulation, swept: Option<&str>) -> String {
    let parameters = &item.parameters;
    let value = match swept {
        Some("standbys") => return parameters.standbys.to_string(),
        Some("renew-deadline") => parameters.renew_deadline_seconds,
        Some("retry-period") => parameters.retry_period_seconds,
        Some("grace-period") => parameters.grace_period_seconds,
        _ => parameters.lease_duration_seconds,
    };
    value.map_or_else(|| "\u{2013}".to_owned(), |value| format!("{}\u{a0}s", plain(value)))
}

/// What a library would not start with, and what to know of the others, once each.
pub(in crate::view) fn notes(report: &FailoverComparison) -> Vec<String> {
    let mut notes: Vec<_> =
        report.refused.iter().map(|refused| format!("{}: {}", refused.setting, refused.reason)).collect();
    let mut said = Vec::new();
    for item in &report.items {
        for warning in item.warnings.iter().filter(|warning| !warning.counts()) {
            if !said.contains(&&warning.message) {
                said.push(&warning.message);
                // What holds for all of them is told of all.
                let of_all = report.items.iter().all(|other| other.warnings.contains(warning));
                notes.push(match of_all {
                    true => warning.message.clone(),
                    false => format!("{}: {}", setting(item), warning.message),
                });
            }
        }
    }
    notes
}

/// What a tuning is to meet.
pub(in crate::view) fn tuned_to(target: &Target) -> String {
    let Target { elector, quantile, clause, .. } = target;
    format!(
        "{elector}: settings whose {quantile} outage is at most {}\u{a0}s, when {clause}",
        plain(target.rto_seconds)
    )
}

/// How many meet it, and what was assumed.
pub(in crate::view) fn met(report: &FailoverTuning) -> String {
    let target = &report.target;
    format!(
        "{} settings were tried, {} meet the target, and {} of them are such that no other is as good in all of API \
         outage tolerated, false failovers a month and writes a minute. False failovers: those of {} API outages a \
         month, {}\u{a0}s long on average.",
        target.tried,
        report.items.len(),
        report.front.len(),
        target.outages_per_month,
        plain(target.outage_mean_seconds)
    )
}
