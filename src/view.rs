//! WORDS OUT: report → text. Nothing here touches a stream.

pub mod check;
pub mod detail;
pub mod failover;
mod grid;
pub mod history;
mod html;
pub mod line;
pub mod machine;
mod markup;
pub mod repair;
mod svg;
pub mod table;
pub mod transfer;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::health::{Health, words};
use crate::model::timing::Known;
use crate::report::election_list::Item;

/// How text is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal; `None` where nothing may be cut.
    pub width: Option<usize>,
    /// Whether colours may be used. They never carry meaning alone.
    pub colour: bool,
    /// Whether other than ASCII characters may be used.
    pub unicode: bool,
}

impl Style {
    /// The word for a verdict, coloured if that is wanted.
    #[must_use]
    pub fn health(self, health: Health) -> String {
        let word = health.as_str();
        let colour = match health {
            Health::Healthy => "32",
            Health::AtRisk | Health::Draining | Health::Released | Health::NeverHeld => "33",
            Health::NoLeader | Health::Orphaned => "31",
            Health::Unknown => "35",
        };
        if self.colour { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.to_owned() }
    }

    /// `text` in at most `width` columns: the middle goes, because a name differs at its end.
    #[must_use]
    pub fn fit(self, text: &str, width: usize) -> String {
        if columns(text) <= width {
            return text.to_owned();
        }
        let mark = if self.unicode { "…" } else { "~" };
        let kept = width.saturating_sub(1);
        let tail = kept / 2 + kept % 2;
        let head: String = within(text.chars(), kept - tail).collect();
        let tail: Vec<char> = within(text.chars().rev(), tail).collect();
        format!("{head}{mark}{}", tail.iter().rev().collect::<String>())
    }
}

impl Style {
    /// `text` behind `indent` blanks, and on as many lines as the width asks for; with a final newline.
    #[must_use]
    pub fn wrap(self, text: &str, indent: usize) -> String {
        let width = self.width.unwrap_or(usize::MAX).max(indent + 20);
        let (mut lines, mut column) = (String::new(), 0);
        for word in text.split(' ') {
            let length = columns(word);
            if column > 0 && column + 1 + length <= width {
                lines.push(' ');
                column += 1 + length;
            } else {
                lines.push_str(if column > 0 { "\n" } else { "" });
                lines.extend(std::iter::repeat_n(' ', indent));
                column = indent + length;
            }
            lines.push_str(word);
        }
        lines.push('\n');
        lines
    }
}

/// The terminal's columns that a text takes.
fn columns(text: &str) -> usize {
    text.width()
}

/// The first of these characters, as many as fit.
fn within(text: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    text.scan(0, move |taken, c| {
        *taken += c.width().unwrap_or_default();
        (*taken <= width).then_some(c)
    })
}

/// Who leads, as one word: the Pod where it is known, else the identity.
fn leader(item: &Item) -> &str {
    item.holder.pod.as_deref().or(item.holder.identity.as_deref()).unwrap_or("-")
}

/// How long ago it was renewed.
fn renewed(item: &Item) -> String {
    match item.renewed_seconds_ago {
        None => "-".to_owned(),
        Some(ago) if ago.0.is_negative() => format!("in {}", words(ago.0)),
        Some(ago) => words(ago.0),
    }
}

/// How long until it expires, or that it has.
fn expires(item: &Item) -> String {
    match item.expires_in_seconds {
        None => "-".to_owned(),
        Some(left) if left.0.is_negative() => format!("-{}", words(left.0)),
        Some(left) => words(left.0),
    }
}

/// Standbys that count, of all.
fn standbys(item: &Item) -> String {
    item.standbys.map_or_else(|| "?".to_owned(), |(counting, all)| format!("{counting}/{all}"))
}

/// A value of the timing: `15s`, `10s?` where it is inferred, `?` where it is not known.
fn known(known: Known) -> String {
    match known.value {
        None => "?".to_owned(),
        Some(value) => {
            let text = words(value);
            let text = text.replace(".0s", "s").replace("m 0s", "m").replace("h 0m", "h");
            if known.inferred() { format!("{text}?") } else { text }
        }
    }
}

/// Where an Election is, for one line of text; with its context where there are several.
fn place(item: &Item, several_contexts: bool) -> String {
    let name = item.lease.as_deref().or_else(|| item.workload.as_ref().map(|w| w.short.as_str())).unwrap_or("-");
    match item.context.as_ref().filter(|_| several_contexts) {
        Some(context) => format!("{context}:{}/{name}", item.namespace),
        None => format!("{}/{name}", item.namespace),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::model::health::Now;
    use crate::model::health::tests::{HELD, at, election_after, web, world};
    use crate::model::timing::Source;

    /// A Lease that a Pod renewed two seconds ago, so many seconds later.
    pub(in crate::view) fn led(seconds_later: i64) -> Item {
        let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, "")];
        let now = Now { at: at(-seconds_later).parse().expect("a time"), error: SignedDuration::ZERO };
        Item::new(&election_after(&world(HELD, &[&pods[0], &pods[1]]), seconds_later), now)
    }

    #[test]
    fn a_lease_is_told_by_its_pod_and_its_ages() {
        let told = |item: &Item| [leader(item).to_owned(), renewed(item), expires(item), standbys(item)];
        assert_eq!(told(&led(0)), ["web-7d4b9-aaaaa", "2.0s", "13.0s", "1/1"]);
        assert_eq!(told(&led(14)), ["web-7d4b9-aaaaa", "16.0s", "-1.0s", "1/1"]);
        assert_eq!(told(&led(-5)), ["web-7d4b9-aaaaa", "in 3.0s", "18.0s", "1/1"]);
        let mut item = led(0);
        item.holder.identity = Some("an identity".to_owned());
        assert_eq!(leader(&item), "web-7d4b9-aaaaa");
        item.holder.pod = None;
        assert_eq!(leader(&item), "an identity");
    }

    #[test]
    fn a_timing_is_round_and_what_is_inferred_is_marked() {
        let told = |seconds, source| known(Known::new(SignedDuration::from_secs(seconds), source));
        let all =
            [told(15, Source::Lease), told(10, Source::Default), told(120, Source::Args), told(3600, Source::Env)];
        assert_eq!(all, ["15s", "10s?", "2m", "1h"]);
        assert_eq!(known(Known::default()), "?");
    }

    #[test]
    fn the_middle_of_a_long_name_goes() {
        let unicode = Style { unicode: true, ..Style::default() };
        assert_eq!(unicode.fit("aggregator-6f9c-x2v7p", 21), "aggregator-6f9c-x2v7p");
        assert_eq!(unicode.fit("aggregator-6f9c-x2v7p", 12), "aggre…-x2v7p");
        assert_eq!(Style::default().fit("aggregator-6f9c-x2v7p", 12), "aggre~-x2v7p");
        assert_eq!(unicode.fit("abc", 1), "…");
    }

    #[test]
    fn a_long_reason_takes_more_lines() {
        let narrow = Style { width: Some(24), ..Style::default() };
        assert_eq!(narrow.wrap("one two three four five six", 2), "  one two three four\n  five six\n");
        assert_eq!(narrow.wrap("short", 2), "  short\n");
        assert_eq!(Style::default().wrap(&"long ".repeat(50), 2).lines().count(), 1);
    }
}
