//! The page of one simulation.

use super::page;
use super::part::{Cell, cell, figure, section, sentence, table, values, warnings};
use super::system::system;
use crate::report::Seconds;
use crate::report::failover::{Line, Parameters, Phase, Simulation, Spread};
use crate::view::failover::{footing, headline, hundredths, interval, limit, percent, plain, thousands, told};
use crate::view::markup::Markup;
use crate::view::svg;

/// The page.
pub(in crate::view) fn simulation(item: &Simulation) -> String {
    let parameters = &item.parameters;
    let place = item.election.as_ref().map(|election| {
        let lease = election.lease.as_ref().map_or_else(String::new, |lease| format!("lease/{lease} "));
        format!("{lease}in namespace {}: ", election.namespace)
    });
    let headline = headline(item);
    let (who, what) = headline.split_once(": ").unwrap_or((&headline, ""));
    let below = [sentence(what), format!("{}{}", place.unwrap_or_default(), footing(item))];
    page(who, &below, &|main| {
        warnings(main, item.warnings.iter().map(|warning| sentence(&warning.message)));
        values(main, "figures", figures(item));
        let caption = "Above: a typical trial, the one in the middle of all by how long there was not exactly one \
                       leader. Below, on the same axis: all trials.";
        figure(main, |frame| svg::simulation(item, frame), caption);
        section(main, "times", "How long it takes", |section| times(section, item));
        section(main, "stories", "Two trials", |section| {
            section.element("div", &[("class", &"stories")], |both| {
                story(both, "A typical one", &item.timeline);
                story(both, "The worst one", &item.worst);
            });
        });
        if let Some(part) = &item.system {
            system(main, part);
        }
        section(main, "parameters", "What was played", |section| played(section, parameters));
    })
}

/// The few numbers that count.
fn figures(item: &Simulation) -> Vec<(&'static str, String, String)> {
    let of = |value: Option<Seconds>| value.map_or_else(|| "none".to_owned(), told);
    let outage = &item.outage_seconds;
    let overlap = &item.overlap_seconds;
    let two = match overlap.share {
        share if share > 0.0 => (percent(share), format!("of the trials, for up to {}", of(overlap.max))),
        _ => ("never".to_owned(), format!("in {} trials", thousands(item.parameters.trials.into()))),
    };
    let tolerates = &item.tolerates;
    let mut figures = vec![
        ("outage, median", of(outage.p50), format!("shortest seen {}", of(outage.min))),
        ("outage, p99", of(outage.p99), format!("longest seen {}", of(outage.max))),
        ("two leaders", two.0, two.1),
    ];
    if item.parameters.elector.is_none() {
        return figures;
    }
    figures.extend([
        ("API outage tolerated", limit(tolerates.api_outage_seconds), "without a change of leader".to_owned()),
        ("clock skew tolerated", limit(tolerates.clock_skew_seconds), "of a standby that is ahead".to_owned()),
        ("writes to the Lease", writes(item.cost.writes_per_minute), "a minute, without any fault".to_owned()),
    ]);
    figures
}

/// A tenth of a write, and none where there is nothing to tell.
pub(super) fn writes(a_minute: f64) -> String {
    ((a_minute * 10.0).round() / 10.0).to_string()
}

/// The phases, and what they add up to, with intervals where there are any.
fn times(section: &mut Markup, item: &Simulation) {
    let mut rows: Vec<Vec<Cell>> = item.phases.iter().filter(|phase| takes_time(phase)).map(phase).collect();
    rows.push(spread("takeover", &item.takeover_seconds));
    rows.push(spread("no leader", &item.leaderless_seconds));
    if item.overlap_seconds.share > 0.0 {
        rows.push(spread("two leaders", &item.overlap_seconds));
    }
    rows.push(spread("outage", &item.outage_seconds));
    table(section, "times", &["seconds", "min", "mean", "p50", "p95", "p99", "max"], &rows);
    let takeover = &item.takeover_seconds;
    let mut note = "Small: 95 % confidence intervals, of what more trials would come to.".to_owned();
    if takeover.share < 1.0 {
        let [low, high] = takeover.confidence95.share;
        note.push_str(&format!(
            " Another takes over in {} of the trials ({} to {}).",
            percent(takeover.share),
            percent(low),
            percent(high)
        ));
        if item.by_self_share > 0.0 {
            note.push_str(&format!(" In {} the old leader starts again first.", percent(item.by_self_share)));
        }
    }
    section.leaf("p", &[("class", &"note")], note);
}

fn takes_time(phase: &Phase) -> bool {
    phase.max.is_some_and(|max| !max.0.is_zero())
}

fn seconds(value: Option<Seconds>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), hundredths)
}

fn phase(phase: &Phase) -> Vec<Cell> {
    let values = [phase.min, phase.mean, phase.p50, phase.p95, phase.p99, phase.max];
    std::iter::once(cell(phase.name)).chain(values.map(|value| cell(seconds(value)))).collect()
}

fn spread(name: &str, spread: &Spread) -> Vec<Cell> {
    let within =
        |value: Option<Seconds>, sure: Option<[Seconds; 2]>| (seconds(value), sure.map(interval).unwrap_or_default());
    let sure = &spread.confidence95;
    vec![
        cell(name),
        cell(seconds(spread.min)),
        within(spread.mean, sure.mean),
        within(spread.p50, sure.p50),
        within(spread.p95, sure.p95),
        within(spread.p99, sure.p99),
        cell(seconds(spread.max)),
    ]
}

/// What happened, moment by moment.
fn story(parent: &mut Markup, name: &str, lines: &[Line]) {
    parent.element("div", &[("class", &"story")], |story| {
        story.leaf("h3", &[], name).element("table", &[], |table| {
            table.element("tbody", &[], |body| {
                // What happens to the same at the same moment is one line.
                let same = |one: &Line, next: &Line| one.at_seconds == next.at_seconds && one.actor == next.actor;
                for moment in lines.chunk_by(same) {
                    let events: Vec<_> = moment.iter().map(|line| line.event.as_str()).collect();
                    body.element("tr", &[], |row| {
                        row.leaf("td", &[("class", &"at")], told(moment[0].at_seconds))
                            .leaf("th", &[("scope", &"row")], &moment[0].actor)
                            .leaf("td", &[], events.join(", "));
                    });
                }
            });
        });
    });
}

/// Every parameter, with where its value comes from.
fn played(section: &mut Markup, parameters: &Parameters) {
    let sources = &parameters.sources;
    let timing = [
        ("lease duration", parameters.lease_duration_seconds, sources.lease_duration_seconds),
        ("renew deadline", parameters.renew_deadline_seconds, sources.renew_deadline_seconds),
        ("retry period", parameters.retry_period_seconds, sources.retry_period_seconds),
        ("grace period", parameters.grace_period_seconds, sources.grace_period_seconds),
    ];
    let of = |seconds: Seconds| format!("{}\u{a0}s", plain(seconds));
    let mut rows = vec![vec![cell("elector"), cell(parameters.elector.unwrap_or("none")), cell(model(parameters))]];
    let known = timing.iter().filter_map(|(name, value, source)| value.map(|value| (*name, value, *source)));
    rows.extend(known.map(|(name, value, source)| vec![cell(name), cell(of(value)), cell(source)]));
    let [low, high] = parameters.api_latency_seconds;
    let latency = if low == high { of(high) } else { format!("{} to {}", of(low), of(high)) };
    let restarted = match parameters.new_identity {
        true => "of a process that ended by itself, as another",
        false => "of a process that ended by itself, as the same",
    };
    let others = [
        ("standbys", parameters.standbys.to_string(), ""),
        ("fault", parameters.fault.clone(), parameters.clause.as_str()),
        ("warm-up", of(parameters.warmup_seconds), "what a new leader needs before it serves"),
        ("API latency", latency, "each way"),
        ("clock skew", of(parameters.skew_seconds), "how far the standbys' clocks are ahead"),
        ("restart", parameters.restart_seconds.map_or_else(|| "none".to_owned(), of), restarted),
        ("trials", thousands(parameters.trials.into()), ""),
        ("seed", parameters.seed.to_string(), "the same seed gives the same result"),
        ("horizon", of(parameters.horizon_seconds), "when a trial ends at the latest"),
    ];
    rows.extend(others.map(|(name, value, about)| vec![cell(name), cell(value), cell(about)]));
    section.element("div", &[("class", &"words")], |section| {
        table(section, "parameters", &["parameter", "value", "source"], &rows);
    });
}

fn model(parameters: &Parameters) -> &'static str {
    match parameters.model {
        _ if parameters.elector.is_none() => "one Pod, and what replaces it",
        "measured" => "the model was compared with the running library",
        _ => "the model follows the library's source",
    }
}
