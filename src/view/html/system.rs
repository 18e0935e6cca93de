//! The system's own part: its steps with their sources, and what its guide says beside what happens.

use super::part::{cell, section, table};
use crate::report::Seconds;
use crate::report::failover::{ClaimItem, GuideItem, GuideMoment, StepItem, SystemItem};
use crate::view::failover::plain;
use crate::view::markup::Markup;

/// The section.
pub(super) fn system(main: &mut Markup, system: &SystemItem) {
    section(main, "system", system.name, |section| {
        section.leaf("p", &[], format!("Its outage ends when {}.", system.serves));
        let steps: Vec<_> = system.replacement.iter().chain(&system.before).chain(&system.after).collect();
        if !steps.is_empty() {
            let row = |step: &&StepItem| {
                let set = if step.can_be_set { format!("--step {}=", step.id) } else { String::new() };
                let name = if step.counts { String::new() } else { "nothing waits for it".to_owned() };
                vec![
                    (step.name.to_owned(), name),
                    cell(range(step.low_seconds, step.high_seconds)),
                    (step.what.to_owned(), format!("{}: {}", step.basis, step.source)),
                    cell(set),
                ]
            };
            words(
                section,
                "steps",
                &["step", "takes", "what happens, and who says how long", "set by"],
                steps.iter().map(row),
            );
        }
        if let Some(guide) = &system.guide {
            beside(section, guide);
        }
    });
}

fn beside(section: &mut Markup, guide: &GuideItem) {
    section.leaf("h3", &[], format!("What {} says, and what happens", guide.source));
    let moment = |moment: &GuideMoment| {
        vec![cell(format!("{}\u{a0}s", plain(moment.at_seconds))), cell(moment.says), cell(moment.happens)]
    };
    words(section, "guide", &["after", "it says", "what happens"], guide.timeline.iter().map(moment));
    let claim = |claim: &ClaimItem| {
        let timing = format!("{}s/{}s", plain(claim.lease_duration_seconds), plain(claim.grace_period_seconds));
        vec![
            (claim.name.to_owned(), timing),
            cell(range(claim.says_low_seconds, claim.says_high_seconds)),
            cell(range(claim.takeover_low_seconds, claim.takeover_high_seconds)),
            cell(format!("{}\u{a0}s", plain(claim.serves_high_seconds))),
        ]
    };
    words(section, "claims", &["setting", "it says", "takeover", "serves within"], guide.claims.iter().map(claim));
}

/// A table of words: read from the left.
fn words(section: &mut Markup, name: &str, header: &[&str], rows: impl Iterator<Item = Vec<super::part::Cell>>) {
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        section.element("div", &[("class", &"words")], |section| table(section, name, header, &rows));
    }
}

fn range(low: Seconds, high: Seconds) -> String {
    if low == high {
        format!("{}\u{a0}s", plain(low))
    } else {
        format!("{}\u{a0}to\u{a0}{}\u{a0}s", plain(low), plain(high))
    }
}
