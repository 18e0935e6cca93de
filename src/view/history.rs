//! The past of an Election for people: a sentence for each thing that happened.

use super::Style;
use crate::model::elector::hostname_of;
use crate::report::history::Item;

/// Between two columns.
const GAP: usize = 2;

/// A table: when, from where, and what. The sentences take more lines where the terminal is narrow.
#[must_use]
pub fn table(items: &[Item], with_headers: bool, style: Style) -> String {
    let mut text = String::new();
    let width = |header: &str, cells: &dyn Fn(&Item) -> usize| {
        let header = if with_headers { header.len() } else { 0 };
        items.iter().map(cells).chain([header]).max().unwrap_or_default() + GAP
    };
    let (when, source) = (width("TIME", &|item| time(item).len()), width("SOURCE", &|item| item.source.len()));
    if with_headers {
        text.push_str(&format!("{:when$}{:source$}WHAT\n", "TIME", "SOURCE"));
    }
    let room = style.width.map(|width| width.saturating_sub(when + source).max(NARROWEST));
    for item in items {
        let lines = style.wrap(&sentence(&cut(item, room, style), style), when + source);
        text.push_str(&format!("{:when$}{:source$}{}", time(item), item.source, lines.trim_start()));
    }
    text
}

/// An identity is not cut to less.
const NARROWEST: usize = 20;

/// Where there is not room for everything, an identity goes by its host, which mostly is a Pod, and the middle of what is
/// still too long goes.
fn cut(item: &Item, room: Option<usize>, style: Style) -> Item {
    let mut item = item.clone();
    let Some(room) = room else { return item };
    for identity in [&mut item.from, &mut item.to, &mut item.who].into_iter().flatten() {
        *identity = style.fit(hostname_of(identity).unwrap_or(identity), room);
    }
    item
}

/// One line: what `-w` prints for each new thing.
#[must_use]
pub fn line(item: &Item, style: Style) -> String {
    format!("{:.3} {} {}\n", item.at.0, item.source, sentence(item, Style { width: None, ..style }))
}

fn time(item: &Item) -> String {
    format!("{:.0}", item.at.0)
}

/// What happened, in one sentence.
fn sentence(item: &Item, style: Style) -> String {
    let result = item.result.as_deref().unwrap_or("begun");
    let sentence = match item.source {
        "annotation" => transfer(item, result, style),
        "event" => said(item, result),
        "managedFields" => format!("{} wrote {}", known(item.who.as_ref()), known(item.note.as_ref())),
        _ => return state(item, result, style),
    };
    match &item.note {
        Some(note) if item.source != "managedFields" => format!("{sentence} ({note})"),
        _ => sentence,
    }
}

/// `web-1 -> web-0 by hand-over: done, nobody led for 4.9s; jane: kernel patch`.
fn transfer(item: &Item, result: &str, style: Style) -> String {
    let method = item.method.as_ref().map_or_else(String::new, |method| format!(" by {method}"));
    let gap = item.leaderless_seconds.map_or_else(String::new, |gap| format!(", nobody led for {gap}"));
    let mut text = match (&item.from, item.method.as_deref()) {
        (None, Some("repair")) => {
            let leader = item.to.as_ref().map_or_else(String::new, |to| format!(", {to} leads"));
            format!("repair: {result}{leader}{gap}")
        }
        _ => format!("{}{method}: {result}{gap}", change(item, style)),
    };
    match (&item.who, &item.why) {
        (Some(who), Some(why)) => text.push_str(&format!("; {who}: {why}")),
        (Some(words), None) | (None, Some(words)) => text.push_str(&format!("; {words}")),
        (None, None) => {}
    }
    text
}

/// What an Event says; client-go's own name who came or went.
fn said(item: &Item, result: &str) -> String {
    match (item.from.as_ref().or(item.to.as_ref()), &item.who, &item.why) {
        (Some(identity), ..) => format!("{identity} {result}"),
        (None, Some(who), Some(reason)) => format!("{who}: {reason}: {result}"),
        (None, Some(word), None) | (None, None, Some(word)) => format!("{word}: {result}"),
        (None, None, None) => result.to_owned(),
    }
}

/// What the Lease itself shows.
fn state(item: &Item, result: &str, style: Style) -> String {
    let note = item.note.as_ref().map_or_else(String::new, |note| format!(", {note}"));
    match (result, &item.to, &item.from, &item.id) {
        ("acquired", Some(to), ..) => format!("{to} holds the Lease since then{note}"),
        ("expired", _, Some(from), _) => format!("the Lease of {from} ran out{note}"),
        (_, _, _, Some(id)) => format!("transfer {id}, {}: {result}", change(item, style)),
        _ => format!("the Lease was {result}{note}"),
    }
}

fn change(item: &Item, style: Style) -> String {
    let arrow = if style.unicode { "→" } else { "->" };
    format!("{} {arrow} {}", known(item.from.as_ref()), known(item.to.as_ref()))
}

fn known(text: Option<&String>) -> &str {
    text.map_or("?", String::as_str)
}

#[cfg(test)]
mod tests;
