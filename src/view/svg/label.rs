//! Labels that keep out of each other's way, though nobody knows the reader's fonts.

use unicode_width::UnicodeWidthChar;

/// The size of a chart's text, in the picture's units.
pub(super) const SIZE: f64 = 12.0;

/// From one line of labels to the next.
pub(super) const LINE: f64 = 15.0;

/// Between two labels of a line.
const GAP: f64 = 6.0;

/// How wide a text is at most, in a size: as wide as in DejaVu Sans, the widest of the usual fonts for screens.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '\u{a0}' => 0.34,
        'f' | 'r' | 't' | 'I' | '-' | '/' | '(' | ')' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        'A'..='Z' => 0.72,
        '\u{2212}' | '\u{2192}' => 0.84,
        ' '..='~' => 0.64,
        c => c.width().unwrap_or_default() as f64 * 0.84,
    };
    text.chars().map(wide).sum::<f64>() * size
}

/// A text on lines that are no wider than this; a word alone may be.
pub(super) fn wrap(text: &str, size: f64, widest: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= widest => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Where on its line a label stands, seen from what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Right,
    Left,
    /// Wherever there is room.
    Somewhere,
}

/// A label in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// What it is about.
    pub(super) x: f64,
    /// Where it begins.
    pub(super) from: f64,
    /// On which line; 0 is next to what it is about.
    pub(super) line: usize,
    /// Its lines, from top to bottom.
    pub(super) text: Vec<String>,
    pub(super) side: Side,
}

/// Lines for labels, between a left and a right end.
pub(super) struct Lines {
    ends: [f64; 2],
    /// What no label should stand upon.
    barrier: Option<f64>,
    taken: Vec<Vec<[f64; 2]>>,
}

/// Labels that were placed in some order: what it cost, and where each came to stand.
struct Try {
    cost: f64,
    taken: Vec<Vec<[f64; 2]>>,
    placed: Vec<(usize, Placed)>,
}

/// A label that has to be placed.
struct Label {
    x: f64,
    broken: Vec<(Vec<String>, f64)>,
}

/// Widths that a label may be broken to, in parts of all there is.
const BREAKS: [f64; 5] = [0.62, 0.45, 0.32, 0.24, 0.12];

/// Narrower than this none is broken.
const NARROWEST: f64 = 96.0;

impl Lines {
    pub(super) fn new(left: f64, right: f64, barrier: Option<f64>) -> Self {
        Self { ends: [left, right], barrier, taken: Vec::new() }
    }

    /// How many lines there are by now.
    pub(super) fn count(&self) -> usize {
        self.taken.len()
    }

    /// Places labels, each with what it is about, so that none covers another nor, where that can be, the line that
    /// leads to another: in the order that comes out best.
    pub(super) fn place(&mut self, labels: &[(f64, String)]) -> Vec<Placed> {
        let broken: Vec<_> = labels.iter().map(|(x, text)| Label { x: *x, broken: self.broken(text) }).collect();
        let mut best: Option<Try> = None;
        for order in orders(labels.len()) {
            let mut lines = Self { taken: self.taken.clone(), ..*self };
            let (mut cost, mut placed) = (0.0, Vec::new());
            for number in order {
                let (more, label) = lines.one(number, &broken, &placed);
                cost += more;
                placed.push((number, label));
            }
            if best.as_ref().is_none_or(|best| cost < best.cost - 1e-9) {
                best = Some(Try { cost, taken: lines.taken, placed });
            }
        }
        let Some(Try { taken, mut placed, .. }) = best else { return Vec::new() };
        self.taken = taken;
        placed.sort_by_key(|(number, _)| *number);
        placed.into_iter().map(|(_, label)| label).collect()
    }

    /// A text in all the ways that it may be broken, each with its width.
    fn broken(&self, text: &str) -> Vec<(Vec<String>, f64)> {
        let [left, right] = self.ends;
        let mut all: Vec<(Vec<String>, f64)> = Vec::new();
        for part in BREAKS {
            let text = wrap(text, SIZE, ((right - left) * part).max(NARROWEST));
            if all.last().is_none_or(|(last, _)| *last != text) {
                let wide = text.iter().map(|line| width(line, SIZE)).fold(0.0, f64::max);
                all.push((text, wide));
            }
        }
        all
    }

    /// One more, where it costs the least, and what it costs there.
    fn one(&mut self, number: usize, all: &[Label], placed: &[(usize, Placed)]) -> (f64, Placed) {
        let ([left, right], Label { x, broken }) = (self.ends, &all[number]);
        let x = *x;
        let mut best = (f64::INFINITY, 0, Side::Somewhere, x, 0);
        for (way, (text, wide)) in broken.iter().enumerate() {
            let beside = [(Side::Right, x + 4.0), (Side::Left, x - 4.0 - wide)];
            let inside = |(_, from): &(Side, f64)| *from >= left && from + wide <= right;
            let somewhere = (Side::Somewhere, (right - wide).min(x).max(left));
            for (side, from) in beside.into_iter().filter(inside).chain([somewhere]) {
                let line = self.free(x, [from, from + wide], text.len());
                let upon = |at: f64| (from - 1.0..from + wide + 1.0).contains(&at);
                // The lines to others that it would cover: how far they reach is known of those that are placed.
                let covers = |(other, label): &(usize, &Label)| {
                    let reach = placed.iter().find(|(known, _)| known == other).map(|(_, label)| label.line);
                    (label.x - x).abs() > 0.5 && upon(label.x) && reach.is_none_or(|reach| reach >= line)
                };
                let cost = line as f64
                    + 1.2 * text.len() as f64
                    + 1.5 * all.iter().enumerate().filter(covers).count() as f64
                    + if self.barrier.is_some_and(upon) { 3.0 } else { 0.0 }
                    + if side == Side::Somewhere { 6.0 } else { 0.0 };
                if cost < best.0 - 1e-9 {
                    best = (cost, line, side, from, way);
                }
            }
        }
        let (cost, line, side, from, way) = best;
        let (text, wide) = &broken[way];
        self.take(line, text.len(), [from, from + wide]);
        (0..line).for_each(|above| self.take(above, 1, [x - 1.0, x + 1.0]));
        (cost, Placed { x, from, line, text: text.clone(), side })
    }

    /// The first line from which on so many are free there, and the way to them as well.
    fn free(&self, x: f64, span: [f64; 2], lines: usize) -> usize {
        let free = |line: usize, [from, to]: [f64; 2]| {
            let taken = self.taken.get(line).map_or(&[][..], Vec::as_slice);
            taken.iter().all(|[start, end]| to + GAP <= *start || from >= end + GAP)
        };
        let way = |line: usize| (0..line).all(|above| free(above, [x - 1.0 + GAP, x + 1.0 - GAP]));
        let fits = |line: usize| (line..line + lines).all(|line| free(line, span));
        let last = self.taken.len();
        (0..last).find(|line| fits(*line) && way(*line)).unwrap_or(last)
    }

    fn take(&mut self, line: usize, lines: usize, span: [f64; 2]) {
        self.taken.resize(self.taken.len().max(line + lines), Vec::new());
        self.taken[line..line + lines].iter_mut().for_each(|taken| taken.push(span));
    }
}

/// The orders in which so many labels are tried: all, or where these are too many, from right to left.
fn orders(labels: usize) -> Vec<Vec<usize>> {
    if labels > 5 {
        return vec![(0..labels).rev().collect()];
    }
    let mut orders = vec![Vec::new()];
    for _ in 0..labels {
        let longer = |order: &Vec<usize>| {
            let rest = (0..labels).rev().filter(|number| !order.contains(number));
            rest.map(|number| order.iter().copied().chain([number]).collect()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_characters() {
        assert!(width("選挙", 10.0) > 2.0 * width("ab", 10.0) && width("ab", 10.0) > width("il", 10.0));
        assert_eq!(wrap("one two three four", 10.0, 50.0), ["one two", "three", "four"]);
    }

    #[test]
    fn no_label_stands_upon_the_barrier_where_there_is_room() {
        let labels = [(80.0, "to the left of it".to_owned()), (104.0, "to the right of it".to_owned())];
        let placed = Lines::new(-60.0, 300.0, Some(100.0)).place(&labels);
        assert_eq!(placed.iter().map(|label| label.side).collect::<Vec<_>>(), [Side::Left, Side::Right]);
    }

    #[test]
    fn no_label_covers_another() {
        let labels: Vec<_> =
            [10.0, 12.0, 12.5, 150.0, 290.0, 299.0].map(|x| (x, "a label of some length".into())).into();
        let mut lines = Lines::new(0.0, 300.0, None);
        let placed = lines.place(&labels);
        let span = |label: &Placed| {
            let wide = label.text.iter().map(|line| width(line, SIZE)).fold(0.0, f64::max);
            ([label.from, label.from + wide], label.line..label.line + label.text.len())
        };
        for (number, one) in placed.iter().enumerate() {
            let ([from, to], rows) = span(one);
            assert!(from >= 0.0 && to <= 300.0 && rows.end <= lines.count(), "{one:?}");
            for other in &placed[..number] {
                let ([start, end], others) = span(other);
                let apart = to <= start || end <= from || rows.end <= others.start || others.end <= rows.start;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn labels_at_the_right_end_do_not_cover_the_lines_to_others() {
        let labels = [(250.0, "p95 29.34 s".to_owned()), (262.0, "p99 30.33 s".into()), (270.0, "max 30.93 s".into())];
        let placed = Lines::new(0.0, 300.0, None).place(&labels);
        assert_eq!(
            placed.iter().map(|label| (label.line, label.side)).collect::<Vec<_>>(),
            [(0, Side::Left), (1, Side::Left), (2, Side::Left)]
        );
        assert_eq!((orders(0).len(), orders(3).len(), orders(9).len()), (1, 6, 1));
    }

    #[test]
    fn what_is_alone_stands_next_to_what_it_is_about() {
        let placed = Lines::new(0.0, 300.0, None).place(&[(10.0, "short".to_owned()), (200.0, "short".to_owned())]);
        assert_eq!(placed.iter().map(|label| label.line).collect::<Vec<_>>(), [0, 0]);
    }
}
