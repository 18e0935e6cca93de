//! A simulated failover as text: a picture, the phases, two stories, and what to know.

mod picture;
mod several;
mod shown;
mod system;
mod words;

use super::{Style, grid};
use crate::report::Seconds;
use crate::report::failover::{Limit, Line, Parameters, Simulation, Spread, Warning};

pub use shown::Shown;

use several::{compared, swept, tuned};
pub(super) use words::{interval, limit, met, notes, setting, swept_of, swept_value, told, tuned_to};

/// The columns of a picture where nobody says how wide it may be, and at most.
const WIDTH: usize = 80;

/// One simulation.
#[must_use]
pub fn text(item: &Simulation, style: Style) -> String {
    let mut text = style.wrap(&headline(item), 0);
    text.push_str(&style.wrap(&footing(item), 0));
    text.push('\n');
    text.push_str(&picture::draw(item, style));
    text.push('\n');
    text.push_str(&phases(item, style));
    text.push('\n');
    for (title, story) in [("a typical trial", &item.timeline), ("the worst one", &item.worst)] {
        text.push_str(&format!("{title}\n{}", tale(story, style)));
    }
    text.push('\n');
    if let Some(system) = &item.system {
        text.push_str(&system::section(system, style));
    }
    if item.parameters.elector.is_some() {
        text.push_str(&style.wrap(&balance(item), 0));
    }
    text.push_str(&warnings(&item.warnings, style));
    text
}

/// Who, how timed, and what happens.
pub(super) fn headline(item: &Simulation) -> String {
    let parameters = &item.parameters;
    let standbys = standbys(parameters);
    match parameters.elector {
        Some(elector) => format!("{elector} {}, {standbys}: {}", parameters.timing(), parameters.clause),
        None => format!(
            "one Pod, no election: {}",
            parameters.clause.replace("the leader's", "its").replace("the leader", "it")
        ),
    }
}

/// `2 standbys`.
pub(super) fn standbys(parameters: &Parameters) -> String {
    match parameters.standbys {
        0 => "no standby".to_owned(),
        1 => "1 standby".to_owned(),
        n => format!("{n} standbys"),
    }
}

/// What else was asked for.
pub(super) fn footing(item: &Simulation) -> String {
    let parameters = &item.parameters;
    let mut parts = vec![format!("{} trials, seed {}", thousands(parameters.trials.into()), parameters.seed)];
    if let Some(system) = &item.system {
        parts.push(format!("{} until {}", system.name, system.serves));
    }
    if !parameters.warmup_seconds.0.is_zero() {
        parts.push(format!("warm-up {}s", plain(parameters.warmup_seconds)));
    }
    let [low, high] = parameters.api_latency_seconds;
    if !high.0.is_zero() {
        let range = if low == high { plain(high) } else { format!("{} to {}", plain(low), plain(high)) };
        parts.push(format!("API latency {range}s each way"));
    }
    if parameters.api_error_share > 0.0 {
        parts.push(format!("{} of the requests answered with an error", percent(parameters.api_error_share)));
    }
    if let Some(after) = parameters.restart_seconds {
        let named = if parameters.new_identity { " with another identity" } else { "" };
        parts.push(format!("a process that ends is started again after {}s{named}", plain(after)));
    }
    if !parameters.skew_seconds.0.is_zero() {
        let skew = parameters.skew_seconds;
        let side = if skew.0.is_negative() { "behind" } else { "ahead" };
        parts.push(format!("standbys' clocks {}s {side}", plain(Seconds(skew.0.abs()))));
    }
    parts.join("; ")
}

/// What of an outage takes how long.
fn phases(item: &Simulation, style: Style) -> String {
    let row = |name: &str, values: [Option<Seconds>; 6]| {
        let values = values.map(|value| value.map_or_else(|| "-".to_owned(), hundredths));
        std::iter::once(name.to_owned()).chain(values).collect::<Vec<_>>()
    };
    let of =
        |name: &str, spread: &Spread| std::iter::once(name.to_owned()).chain(censored(spread, hundredths)).collect();
    let mut rows: Vec<_> = item
        .phases
        .iter()
        .filter(|phase| phase.max.is_some_and(|max| !max.0.is_zero()))
        .map(|phase| row(phase.name, [phase.min, phase.mean, phase.p50, phase.p95, phase.p99, phase.max]))
        .collect();
    // Of those in which someone took over: there the story did not end before.
    rows.push(of("takeover", &Spread { censored_share: 0.0, ..item.takeover_seconds }));
    rows.push(of("no leader", &item.leaderless_seconds));
    if item.overlap_seconds.max.is_some_and(|max| max.0.as_millis() >= 5) {
        rows.push(of("two leaders", &item.overlap_seconds));
    }
    rows.push(of("outage", &item.outage_seconds));
    let right = |rows: &mut Vec<Vec<String>>| {
        for column in 1..7 {
            let widest = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
            rows.iter_mut().for_each(|row| row[column] = format!("{:>widest$}", row[column]));
        }
    };
    right(&mut rows);
    let header = ["SECONDS", "MIN", "MEAN", "P50", "P95", "P99", "MAX"];
    let mut text = grid::draw(&header, rows, &[], true, style);
    let share = item.takeover_seconds.share;
    if share < 1.0 {
        let own = match item.by_self_share {
            own if own > 0.0 && item.parameters.elector.is_none() => "; it comes back by itself".to_owned(),
            own if own > 0.0 => format!("; in {} the old leader starts again first", percent(own)),
            _ => String::new(),
        };
        text.push_str(&style.wrap(&format!("another takes over in {} of the trials{own}", percent(share)), 0));
    }
    text
}

/// The numbers of a distribution; `>` marks those of trials whose story ended before what they measure.
pub(super) fn censored(spread: &Spread, told: fn(Seconds) -> String) -> [String; 6] {
    let over = spread.censored_share;
    let all = [
        (spread.min, over >= 1.0),
        (spread.mean, over > 0.0),
        (spread.p50, over >= 0.5),
        (spread.p95, over >= 0.05),
        (spread.p99, over >= 0.01),
        (spread.max, over > 0.0),
    ];
    all.map(|(value, over)| match value {
        None => "-".to_owned(),
        Some(value) if over => format!(">{}", told(value)),
        Some(value) => told(value),
    })
}

fn tale(lines: &[Line], style: Style) -> String {
    let actor = lines.iter().map(|line| line.actor.len()).max().unwrap_or(0);
    let mut text = String::new();
    // What happens to the same at the same moment is one line.
    for moment in lines.chunk_by(|one, next| one.at_seconds == next.at_seconds && one.actor == next.actor) {
        let events: Vec<_> = moment.iter().map(|line| line.event.as_str()).collect();
        let indent = 8 + 3 + actor + 2;
        let events = style.wrap(&events.join(", "), indent);
        let at = hundredths(moment[0].at_seconds);
        text.push_str(&format!("{at:>8}s  {:<actor$}  {}", moment[0].actor, events.trim_start()));
    }
    text
}

fn balance(item: &Simulation) -> String {
    let limit = |limit: Option<Limit>| match limit {
        None => "unknown with this latency".to_owned(),
        Some(Limit::UpTo(seconds)) => format!("up to {}s", plain(seconds)),
        Some(Limit::Unlimited(word)) => word.to_owned(),
    };
    let tolerates = item.tolerates;
    format!(
        "tolerates: API outage {} (connections refused), clock skew {}; costs: {} writes a minute",
        limit(tolerates.api_outage_seconds),
        limit(tolerates.clock_skew_seconds),
        (item.cost.writes_per_minute * 1000.0).round() / 1000.0
    )
}

fn warnings(warnings: &[Warning], style: Style) -> String {
    warnings.iter().map(|warning| marked(&warning.message, style)).collect()
}

/// Something to know, with a mark before it.
fn marked(message: &str, style: Style) -> String {
    let mark = if style.colour { "\x1b[33m!\x1b[0m" } else { "!" };
    format!("{mark} {}", style.wrap(message, 2).trim_start())
}

/// A share in words: never 0 % of what was seen, nor 100 % of what was not.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p <= 0.0 => "none".to_owned(),
        p if p < 0.1 => "less than 0.1%".to_owned(),
        p if p > 99.9 && p < 100.0 => "more than 99.9%".to_owned(),
        p => format!("{}%", (p * 10.0).round() / 10.0),
    }
}

/// Two decimals.
pub(super) fn hundredths(seconds: Seconds) -> String {
    // The moment before the fault is no time after it: no minus for nothing.
    let told = format!("{:.2}", seconds.0.as_secs_f64());
    if told == "-0.00" { "0.00".to_owned() } else { told }
}

/// As many decimals as it takes.
pub(super) fn plain(seconds: Seconds) -> String {
    // As in JSON, to the millisecond, and what is tolerated never more than it is.
    (seconds.0.as_millis() as f64 / 1000.0).to_string()
}

/// `100 000`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut told = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            told.push(' ');
        }
        told.push(digit);
    }
    told
}
