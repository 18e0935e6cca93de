//! One simulation: who acts when in the trial in the middle, over the distribution of all, on one axis of time.

use super::label::{LINE, Lines, SIZE, wrap};
use super::part::{Sample, cross, legend, quantiles, range};
use super::{Axis, Frame, Picture, histogram, number};
use crate::model::Micros;
use crate::report::Seconds;
use crate::report::failover::{Line, Simulation, Track};
use crate::view::failover::{footing, headline, told};

/// The height of a bar.
const BAR: f64 = 14.0;

/// How much of an axis may lie before the fault, to show the last renewal.
const BEFORE: f64 = 0.45;

/// The picture.
pub(in crate::view) fn timeline(item: &Simulation, frame: Frame) -> String {
    let mut picture = Picture::new(frame);
    let title = headline(item);
    picture.head(&title, &[footing(item)]);
    let [left, right] = frame.ends();
    let axis = Axis { numbers: ends(item), places: [left + frame.names(), right - 6.0] };
    let spans = numbers_acting(&item.tracks, axis.numbers);

    // What lies behind is written first, so the height of everything has to be known: it is drawn twice.
    let mut dry = Picture::new(frame);
    dry.y = picture.y;
    let rows = draw(&mut dry, &axis, item, &spans);
    shade(&mut picture, &axis, &spans, rows);
    picture.grid(&axis, [rows[0], dry.y]);
    fault(&mut picture, &axis, rows);
    draw(&mut picture, &axis, item, &spans);
    picture.marks(&axis, &axis.ticks(frame.apart()), "seconds after the fault");
    key(&mut picture, item, &spans);
    let described = describe(item, &spans);
    picture.finish(&title, &described)
}

/// From when to when it has to be seen: the last renewal, all of the story, and the slowest trials; of a long tail the
/// beginning.
fn ends(item: &Simulation) -> [f64; 2] {
    let turns = item.tracks.iter().flat_map(|track| &track.spans).flat_map(|(from, until)| [*from, *until]);
    let turns = turns.flatten().map(|at| at.as_secs_f64());
    let told = item.timeline.iter().map(|line| number(line.at_seconds));
    let turn = turns.chain(told).fold(0.0, f64::max);
    let spread = item.distribution.as_ref().map(|histogram| histogram::spread_of(item, histogram));
    let of = |value: Option<Seconds>| value.map_or(0.0, number);
    let (p99, max) = spread.map_or((0.0, 0.0), |spread| (of(spread.p99), of(spread.max)));
    let outage = if goes_on(item) { &item.outage_seconds } else { spread.unwrap_or(&item.outage_seconds) };
    let longest = of(outage.max).min(of(outage.p99) * 1.6);
    let last = (turn * 1.06).max(max.min(p99 * 1.6)).max(if goes_on(item) { longest } else { 0.0 }).max(1.0);
    let last = last * 1.02;
    let before = item.timeline.iter().map(|line| -number(line.at_seconds));
    let before = before.filter(|before| *before > 0.0 && *before <= last * BEFORE).fold(0.0, f64::max);
    [-(before * 1.05).max(last * 0.05), last]
}

/// How many act, from when to when.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    from: f64,
    to: f64,
    acting: usize,
    /// Whether it goes on after that.
    open: bool,
}

/// The spans in which not exactly one acts.
fn numbers_acting(tracks: &[Track], [first, last]: [f64; 2]) -> Vec<Span> {
    let secs = |at: Option<Micros>, else_: f64| at.map_or(else_, |at| at.as_secs_f64()).clamp(first, last);
    let all: Vec<_> = tracks
        .iter()
        .flat_map(|track| &track.spans)
        .map(|(from, until)| [secs(*from, first), secs(*until, last)])
        .collect();
    let mut turns: Vec<f64> = all.iter().flatten().copied().chain([first, last]).collect();
    turns.sort_by(f64::total_cmp);
    turns.dedup();
    let mut spans: Vec<Span> = Vec::new();
    for pair in turns.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let acting = all.iter().filter(|[start, end]| *start <= from && *end >= to).count();
        match spans.last_mut().filter(|span| span.acting.min(2) == acting.min(2)) {
            Some(span) => (span.to, span.acting) = (to, span.acting.max(acting)),
            None => spans.push(Span { from, to, acting, open: false }),
        }
    }
    spans.iter_mut().for_each(|span| span.open = span.to >= last);
    spans.retain(|span| span.acting != 1);
    spans
}

fn named(span: &Span) -> String {
    let who = match span.acting {
        0 => "no leader".to_owned(),
        2 => "two leaders".to_owned(),
        many => format!("up to {many} leaders"),
    };
    if span.open { format!("{who} to the end") } else { format!("{who} {:.2}\u{a0}s", span.to - span.from) }
}

/// The rows of the story and the histogram; from where to where the shades reach.
fn draw(picture: &mut Picture, axis: &Axis, item: &Simulation, spans: &[Span]) -> [f64; 2] {
    let top = names(picture, axis, item, spans);
    let mut actors: Vec<&str> = Vec::new();
    let told = item.timeline.iter().filter(|line| axis.shows(number(line.at_seconds))).map(|line| &line.actor);
    for actor in told.chain(item.tracks.iter().map(|track| &track.actor)) {
        if !actors.contains(&actor.as_str()) {
            actors.push(actor);
        }
    }
    for actor in actors {
        row(picture, axis, item, actor);
    }
    let bottom = picture.y;
    if let Some(histogram) = &item.distribution {
        picture.y += 6.0;
        histogram::draw(picture, axis, item, histogram);
    }
    if goes_on(item) {
        outage(picture, axis, item);
    }
    [top, bottom]
}

/// Whether the outage goes on after someone took over: the new leader warms up, or the system has steps of its own.
fn goes_on(item: &Simulation) -> bool {
    let longer = |outage: Option<Seconds>, other: Option<Seconds>| match (outage, other) {
        (Some(outage), Some(other)) => number(outage) > number(other) + 0.01,
        _ => false,
    };
    longer(item.outage_seconds.p50, item.leaderless_seconds.p50)
        || longer(item.outage_seconds.p99, item.leaderless_seconds.p99)
}

/// How long the outage is, over all trials.
fn outage(picture: &mut Picture, axis: &Axis, item: &Simulation) {
    let [left, right] = picture.frame.ends();
    picture.line("axis", [axis.places[0], picture.y], [axis.places[1], picture.y]);
    picture.y += LINE + 6.0;
    picture.text([left, picture.y + LINE], "strong", None, "outage");
    for line in wrap(&quantiles(&item.outage_seconds).replace('\u{2002}', " "), SIZE, right - axis.at(0.0)) {
        picture.text([axis.at(0.0), picture.y], "ink", None, &line.replace(' ', "\u{2002}"));
        picture.y += LINE;
    }
    picture.y -= LINE - 5.0;
    let from_fault = Axis { numbers: [0.0, axis.numbers[1]], places: [axis.at(0.0), axis.places[1]] };
    range(picture, &from_fault, &item.outage_seconds, false);
    picture.y += 6.0;
}

/// The line above the rows: when the fault is, and where not exactly one leads.
fn names(picture: &mut Picture, axis: &Axis, item: &Simulation, spans: &[Span]) -> f64 {
    let [left, right] = picture.frame.ends();
    let mut lines = Lines::new(left, right, None);
    let mut labels = vec![(axis.at(0.0), item.parameters.fault.clone(), "strong")];
    labels.extend(spans.iter().map(|span| {
        let class = if span.acting == 0 { "ink" } else { "alarm" };
        (axis.at(span.from), named(span), class)
    }));
    // The fault and what begins with it are about the same: the fault comes first.
    labels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let all: Vec<_> = labels.iter().map(|(x, text, _)| (*x, text.clone())).collect();
    let placed = lines.place(&all);
    let top = picture.y + lines.count() as f64 * LINE + 6.0;
    for ((.., class), label) in labels.iter().zip(&placed) {
        let y = top - 8.0 - label.line as f64 * LINE;
        picture.line("lead", [label.x, y + 3.0], [label.x, top]);
        picture.label(label, y - (label.text.len() - 1) as f64 * LINE, class);
    }
    picture.y = top;
    top
}

/// Where not exactly one leads.
fn shade(picture: &mut Picture, axis: &Axis, spans: &[Span], [top, bottom]: [f64; 2]) {
    for span in spans {
        let place = [axis.at(span.from), axis.at(span.to)];
        if span.acting == 0 {
            picture.bar("nobody", place, top, bottom - top);
        } else {
            picture.hatched(place, top, bottom - top);
        }
    }
}

fn fault(picture: &mut Picture, axis: &Axis, [top, bottom]: [f64; 2]) {
    let x = axis.at(0.0);
    picture.line("fault", [x, top], [x, bottom]);
}

/// When someone acts, and what happens to it.
fn row(picture: &mut Picture, axis: &Axis, item: &Simulation, actor: &str) {
    let [left, right] = picture.frame.ends();
    let top = picture.y + 8.0;
    let middle = top + BAR / 2.0;
    for (number, line) in wrap(actor, SIZE, picture.frame.names() - 6.0).iter().enumerate() {
        picture.text([left, top + 11.0 + number as f64 * LINE], "strong", None, line);
    }
    picture.line("rest", [axis.places[0], middle], [axis.places[1], middle]);
    let track = item.tracks.iter().find(|track| track.actor == actor);
    for (from, until) in track.iter().flat_map(|track| &track.spans) {
        let from = from.map_or(axis.places[0], |from| axis.at(from.as_secs_f64()));
        let until = until.map_or(axis.places[1], |until| axis.at(until.as_secs_f64()));
        picture.bar(class(track), [from, until], top, BAR);
    }
    let moments = moments(&item.timeline, actor, axis);
    let labels: Vec<_> = moments.iter().map(|(at, text)| (axis.at(*at), text.clone())).collect();
    let mut lines = Lines::new(left, right, Some(axis.at(0.0)));
    let placed = lines.place(&labels);
    let first = top + BAR + SIZE + 2.0;
    for label in &placed {
        let y = first + label.line as f64 * LINE;
        picture.line("lead", [label.x, middle], [label.x, y]);
        picture.label(label, y, "ink");
    }
    if item.timeline.iter().find(|line| number(line.at_seconds) == 0.0).is_some_and(|line| line.actor == actor) {
        cross(picture, [axis.at(0.0), middle], 5.0);
    }
    picture.y = top + BAR + 6.0 + lines.count() as f64 * LINE;
}

/// The leader at the fault has a colour of its own.
fn class(track: Option<&Track>) -> &'static str {
    let led = track.is_some_and(|track| track.spans.iter().any(|(from, _)| from.is_none()));
    if led { "first" } else { "next" }
}

/// What happens to someone, at the same moment in one label.
fn moments(timeline: &[Line], actor: &str, axis: &Axis) -> Vec<(f64, String)> {
    let mut moments: Vec<(Seconds, String)> = Vec::new();
    let shown = |line: &&Line| line.actor == actor && axis.shows(number(line.at_seconds));
    for line in timeline.iter().filter(shown) {
        match moments.last_mut().filter(|(at, _)| told(*at) == told(line.at_seconds)) {
            Some((_, text)) => text.push_str(&format!(", {}", line.event)),
            None => moments.push((line.at_seconds, format!("{}\u{a0}{}", told(line.at_seconds), line.event))),
        }
    }
    moments.into_iter().map(|(at, text)| (number(at), text)).collect()
}

fn key(picture: &mut Picture, item: &Simulation, spans: &[Span]) {
    let led = item.tracks.iter().any(|track| class(Some(track)) == "next");
    let mut all = vec![(Sample::Cross, "the fault"), (Sample::Bar("first"), "the leader at the fault acts")];
    if led {
        all.push((Sample::Bar("next"), "another acts"));
    }
    if spans.iter().any(|span| span.acting == 0) {
        all.push((Sample::Bar("nobody"), "nobody acts"));
    }
    if spans.iter().any(|span| span.acting > 1) {
        all.push((Sample::Hatched, "two act at once"));
    }
    if goes_on(item) {
        all.extend([(Sample::Bar("tail"), "outage, to p50"), (Sample::Bar("first"), "p50 to p99")]);
    }
    if item.distribution.is_some() {
        all.push((Sample::Bar("spread"), "how many trials"));
    }
    legend(picture, &all);
}

/// What a screen reader says.
fn describe(item: &Simulation, spans: &[Span]) -> String {
    let mut parts = Vec::new();
    let spans: Vec<_> =
        spans.iter().map(|span| format!("{} from {:.2} s on", named(span), span.from.max(0.0))).collect();
    let typical = if spans.is_empty() { "always exactly one leader".to_owned() } else { spans.join(", ") };
    parts.push(format!("In a typical trial: {typical}."));
    if let Some(histogram) = &item.distribution {
        let spread = histogram::spread_of(item, histogram);
        let named = [("p50", spread.p50), ("p95", spread.p95), ("p99", spread.p99), ("max", spread.max)];
        let all = named.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {}", told(value))));
        parts.push(format!("The {} over all trials: {}.", histogram.of, all.collect::<Vec<_>>().join(", ")));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(actor: &str, spans: &[(Option<i64>, Option<i64>)]) -> Track {
        let at = |at: Option<i64>| at.map(|at| Micros::from_millis(at * 1000));
        Track { actor: actor.to_owned(), spans: spans.iter().map(|(from, until)| (at(*from), at(*until))).collect() }
    }

    fn acting(tracks: &[Track]) -> Vec<(f64, f64, usize)> {
        numbers_acting(tracks, [-5.0, 50.0]).iter().map(|span| (span.from, span.to, span.acting)).collect()
    }

    #[test]
    fn gaps_and_overlaps_are_found() {
        let crash = [track("leader", &[(None, Some(0))]), track("standby-1", &[(Some(18), None)])];
        assert_eq!(acting(&crash), [(0.0, 18.0, 0)]);
        let frozen =
            [track("leader", &[(None, Some(0)), (Some(25), Some(35))]), track("standby-1", &[(Some(17), None)])];
        assert_eq!(acting(&frozen), [(0.0, 17.0, 0), (25.0, 35.0, 2)]);
        let seamless = [track("leader", &[(None, Some(3))]), track("standby-1", &[(Some(3), None)])];
        assert_eq!(acting(&seamless), []);
        let nobody = [track("leader", &[(None, Some(0)), (Some(7), Some(7))])];
        assert_eq!(acting(&nobody), [(0.0, 50.0, 0)]);
        let three = [track("a", &[(None, None)]), track("b", &[(Some(1), Some(4))]), track("c", &[(Some(2), Some(3))])];
        assert_eq!(acting(&three), [(1.0, 4.0, 3)]);
    }
}
