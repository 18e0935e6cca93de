//! What every picture and every page has to be, whatever the report.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};

use super::Shown;
use super::sample::{HOSTILE, bare, comparison, crash, hostile, overlapping, settings, simulation, tuning};

/// Reports of every kind, the odd ones too.
fn reports() -> Vec<(&'static str, Box<dyn Shown>)> {
    let mut alike = settings(&[10.0]);
    alike.push(alike[0].clone());
    let mut tail = crash();
    tail.takeover_seconds.max = Some(super::sample::seconds(9000.0));
    let mut point = crash();
    point.distribution.iter_mut().for_each(|histogram| histogram.counts = vec![1000]);
    vec![
        ("crash", Box::new(simulation(crash()))),
        ("two leaders", Box::new(simulation(overlapping()))),
        ("bare", Box::new(simulation(bare()))),
        ("hostile", Box::new(simulation(hostile()))),
        ("a long tail", Box::new(simulation(tail))),
        ("a single time", Box::new(simulation(point))),
        ("comparison", Box::new(comparison(None, settings(&[15.0, 30.0, 137.0])))),
        ("comparison of nothing", Box::new(comparison(None, Vec::new()))),
        ("comparison of hostile ones", Box::new(comparison(None, vec![hostile(), bare()]))),
        ("sweep", Box::new(comparison(Some("lease-duration"), settings(&[5.0, 10.0, 30.0])))),
        ("sweep of one", Box::new(comparison(Some("lease-duration"), alike))),
        ("sweep of nothing", Box::new(comparison(Some("grace-period"), settings(&[5.0])))),
        ("tuning", Box::new(tuning(settings(&[5.0, 10.0, 15.0, 20.0])))),
        ("tuning of unknown bounds", Box::new(tuning(vec![bare(), crash()]))),
        ("tuning in vain", Box::new(tuning(Vec::new()))),
    ]
}

/// Parses as XML: what an HTML parser would forgive is not forgiven.
fn parse<'t>(name: &str, text: &'t str) -> Document<'t> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"))
}

fn check(name: &str, document: &Document) {
    let mut ids = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        assert!(!["script", "link", "img", "iframe", "use", "image"].contains(&node.tag_name().name()), "{name}");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(!key.starts_with("on") && !["href", "src"].contains(&key), "{name}: {key}={value}");
            assert!(!value.contains("NaN") && !value.contains("inf"), "{name}: {key}={value}");
            assert!(!value.contains("://"), "{name}: {key}={value}");
            assert!(key != "id" || ids.insert(value.to_owned()), "{name}: id {value} twice");
        }
    }
    for node in document.descendants() {
        let named = node.attribute("aria-labelledby").into_iter().flat_map(str::split_whitespace);
        let filled = node.attribute("fill").and_then(|fill| fill.strip_prefix("url(#")?.strip_suffix(')'));
        assert!(named.chain(filled).all(|id| ids.contains(id)), "{name}: {ids:?}");
    }
}

#[test]
fn every_picture_is_a_document_that_can_be_read_aloud() {
    for (name, report) in reports() {
        let text = report.svg();
        let document = parse(name, &text);
        check(name, &document);
        let svg = document.root_element();
        assert_eq!((svg.tag_name().name(), svg.attribute("role")), ("svg", Some("img")), "{name}");
        for part in ["title", "desc"] {
            let found = svg.children().find(|child| child.has_tag_name(("http://www.w3.org/2000/svg", part)));
            assert!(found.is_some(), "{name}: {part}");
        }
        assert_eq!(text.matches("://").count(), 1, "{name}: only the namespace is an address");
    }
}

#[test]
fn every_page_is_complete_in_itself() {
    for (name, report) in reports() {
        let text = report.html();
        assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{name}");
        let document = parse(name, &text);
        check(name, &document);
        let charts = document.descendants().filter(|node| node.tag_name().name() == "svg").count();
        assert!(charts == 2 || name == "tuning in vain", "{name}: {charts}");
        assert_eq!(text.matches("://").count(), charts, "{name}: only the namespace of SVG is an address");
        assert!(text.contains("default-src 'none'") || text.contains("default-src &#39;none&#39;"), "{name}");
    }
}

#[test]
fn the_same_report_is_the_same_bytes() {
    for ((name, one), (_, other)) in reports().into_iter().zip(reports()) {
        assert_eq!((one.svg(), one.html()), (other.svg(), other.html()), "{name}");
    }
}

#[test]
fn names_stay_text() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (name, report) in reports().into_iter().filter(|(name, _)| name.contains("hostile")) {
        for text in [report.svg(), report.html()] {
            assert!(!text.contains("<script"), "{name}");
            let document = parse(name, &text);
            // A label may be broken to lines; nothing of it is lost.
            let all: Vec<_> = document.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
            assert!(words(&all.join(" ")).contains(&words(HOSTILE)), "{name}: {all:?}");
        }
    }
}

#[test]
fn warnings_come_before_everything_else() {
    let page = simulation(overlapping()).html();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in {page}"));
    assert!(at("</h1>") < at("Two leaders act at once"));
    assert!(at("Two leaders act at once") < at("class=\"figures\"") && at("class=\"figures\"") < at("<svg"));
    assert!(!simulation(crash()).html().contains("What to know"));
}

#[test]
fn every_value_says_where_it_comes_from() {
    let page = simulation(crash()).html();
    let document = parse("page", &page);
    let rows = document.descendants().filter(|node| node.has_tag_name("tr"));
    let cells = |row: Node| {
        row.children().filter(Node::is_element).filter_map(|cell| cell.text().map(str::to_owned)).collect::<Vec<_>>()
    };
    let rows: Vec<_> = rows.map(cells).collect();
    let row = |name: &str| rows.iter().rfind(|row| row.first().is_some_and(|first| first == name)).cloned();
    let expected = |name: &str, value: &str, source: &str| vec![name.to_owned(), value.to_owned(), source.to_owned()];
    assert_eq!(row("lease duration"), Some(expected("lease duration", "15\u{a0}s", "lease")));
    assert_eq!(row("renew deadline"), Some(expected("renew deadline", "10\u{a0}s", "default")));
    assert_eq!(row("retry period"), Some(expected("retry period", "2\u{a0}s", "flag")));
    assert_eq!(row("grace period"), None);
}

#[test]
fn the_picture_shows_what_was_measured() {
    let svg = simulation(overlapping()).svg();
    for text in ["no leader 17.00\u{a0}s", "two leaders 10.00\u{a0}s", "p50 17.00\u{a0}s", "max 23.80\u{a0}s", "crash"]
    {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!simulation(crash()).svg().contains("two leaders"));
}
