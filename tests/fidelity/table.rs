//! What was seen beside what was expected, as a table in Markdown.

use hactl::model::Micros;

use crate::campaign::Samples;
use crate::cell::Cell;
use crate::measure::Course;
use crate::verdict::{Comparison, QUANTITIES};

/// A cell's row.
pub(crate) struct Row<'c> {
    cell: &'c Cell,
    seen: Vec<Course>,
    model: &'c [Course],
    broken: Vec<String>,
    worst: Comparison,
    differs: bool,
}

impl<'c> Row<'c> {
    /// With the samples of both stages, and what decided.
    pub(crate) fn new(
        cell: &'c Cell,
        model: &'c [Course],
        samples: [Option<&Samples>; 2],
        worst: Comparison,
        differs: bool,
    ) -> Self {
        let samples = || samples.iter().flatten();
        let seen = samples().flat_map(|samples| &samples.courses).copied().collect();
        let broken = samples().flat_map(|samples| &samples.broken).cloned().collect();
        Self { cell, seen, model, broken, worst, differs }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn failure(&self) -> Option<String> {
        let Self { cell, broken, worst, .. } = self;
        if !broken.is_empty() {
            return Some(format!("{cell}: out of bounds: {}", broken.join("; ")));
        }
        self.differs.then(|| format!("{cell}: {}: p = {:.1e}", worst.what, worst.p))
    }
}

/// All rows.
pub(crate) fn table(rows: &[Row<'_>]) -> String {
    let mut table = String::from(
        "| elector | what happens | n | another leads after, s | nobody leads, s | two lead, s | p | |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let [takeover, leaderless, overlap] =
            QUANTITIES.map(|(_, of)| format!("{} ({})", spread(&row.seen, of), spread(row.model, of)));
        let verdict = match row.failure() {
            None => "agrees",
            Some(_) if row.broken.is_empty() => "**differs**",
            Some(_) => "**out of bounds**",
        };
        let (elector, event, count, p) = (row.cell.elector, row.cell.event(), row.seen.len(), row.worst.p);
        table += &format!(
            "| {elector} | {event} | {count} | {takeover} | {leaderless} | {overlap} | {p:.3} | {verdict} |\n"
        );
    }
    table
}

/// The smallest, the median and the greatest; in how many, where not in all.
fn spread(courses: &[Course], of: fn(&Course) -> Option<Micros>) -> String {
    let mut values: Vec<_> = courses.iter().filter_map(of).map(Micros::as_secs_f64).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return "–".to_owned() };
    let median = values[values.len() / 2];
    let share = values.len() as f64 / courses.len() as f64;
    let of = if values.len() < courses.len() { format!(" in {:.0} %", share * 100.0) } else { String::new() };
    if *last < 0.0005 {
        return "0".to_owned();
    }
    format!("{first:.2} / {median:.2} / {last:.2}{of}")
}
