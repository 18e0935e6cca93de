//! The system's own part of a failover, as text.

use super::{hundredths, plain};
use crate::report::failover::{GuideItem, StepItem, SystemItem};
use crate::view::{Style, grid};

/// The steps with their sources, and what the guide says beside what happens.
pub(super) fn section(system: &SystemItem, style: Style) -> String {
    let mut text = format!("{}: until {}\n", system.name, system.serves);
    let steps = system.replacement.iter().chain(&system.before).chain(&system.after);
    let row = |step: &StepItem| {
        let name = if step.counts { step.name.to_owned() } else { format!("({})", step.name) };
        let set = if step.can_be_set { format!("--step {}=", step.id) } else { String::new() };
        vec![format!("  {name}"), range(step), step.basis.to_owned(), set]
    };
    let header = ["  STEP", "SECONDS", "BASIS", "SET BY"];
    text.push_str(&grid::draw(&header, steps.map(row).collect(), &[], true, style));
    if system.after.iter().any(|step| !step.counts) {
        text.push_str("  (...) adds nothing, unless it is set\n");
    }
    if let Some(age) = &system.age {
        let aged =
            format!("meanwhile what is served is {}s older than at the fault's moment: {}", range(age), age.what);
        text.push_str(&style.wrap(&aged, 2));
    }
    if let Some(guide) = &system.guide {
        text.push_str(&beside(guide, style));
    }
    text.push('\n');
    text
}

fn range(step: &StepItem) -> String {
    if step.low_seconds == step.high_seconds {
        plain(step.low_seconds)
    } else {
        format!("{} to {}", plain(step.low_seconds), plain(step.high_seconds))
    }
}

fn beside(guide: &GuideItem, style: Style) -> String {
    let mut text = format!("\nwhat {} says, and what happens\n", guide.source);
    for moment in &guide.timeline {
        let at = format!("{:>6}s", plain(moment.at_seconds));
        let told = style.wrap(&format!("{}: {}", moment.says, moment.happens), 9);
        text.push_str(&format!("{at}  {}", told.trim_start()));
    }
    let header = ["  SETTING", "TIMING", "GUIDE SAYS", "TAKEOVER", "SERVES WITHIN"];
    let row = |claim: &crate::report::failover::ClaimItem| {
        vec![
            format!("  {}", claim.name),
            format!("{}s/{}s", plain(claim.lease_duration_seconds), plain(claim.grace_period_seconds)),
            format!("{} to {}s", plain(claim.says_low_seconds), plain(claim.says_high_seconds)),
            format!("{} to {}s", plain(claim.takeover_low_seconds), plain(claim.takeover_high_seconds)),
            format!("{}s", hundredths(claim.serves_high_seconds)),
        ]
    };
    text.push_str(&grid::draw(&header, guide.claims.iter().map(row).collect(), &["  SETTING"], true, style));
    text
}
