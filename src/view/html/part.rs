//! Sections that several pages have.

use crate::view::markup::Markup;
use crate::view::svg::Frame;

/// A clause with a capital letter.
pub(super) fn sentence(clause: &str) -> String {
    let mut rest = clause.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// What to know, before anything else.
pub(super) fn warnings(main: &mut Markup, warnings: impl IntoIterator<Item = String>) {
    let mut warnings = warnings.into_iter().peekable();
    if warnings.peek().is_none() {
        return;
    }
    main.element("section", &[("class", &"warnings"), ("aria-labelledby", &"warnings")], |section| {
        section.leaf("h2", &[("id", &"warnings")], "What to know").element("ul", &[], |list| {
            for warning in warnings {
                list.leaf("li", &[], warning);
            }
        });
    });
}

/// A picture, once for a wide screen and paper, and once for a phone.
pub(super) fn figure(main: &mut Markup, draw: impl Fn(Frame) -> String, caption: &str) {
    main.element("figure", &[], |figure| {
        figure.raw(&draw(Frame::Wide)).raw(&draw(Frame::Narrow)).leaf("figcaption", &[], caption);
    });
}

/// Names with their values.
pub(super) fn values<'v>(parent: &mut Markup, class: &str, all: impl IntoIterator<Item = (&'v str, String, String)>) {
    parent.element("dl", &[("class", &class)], |list| {
        for (name, value, below) in all {
            list.element("div", &[], |pair| {
                pair.leaf("dt", &[], name).element("dd", &[], |dd| {
                    dd.text(value);
                    if !below.is_empty() {
                        dd.leaf("small", &[], below);
                    }
                });
            });
        }
    });
}

/// A cell: a text, and what stands small below it.
pub(super) type Cell = (String, String);

/// A table whose first column names its rows; one that is too wide scrolls by itself.
pub(super) fn table(parent: &mut Markup, name: &str, header: &[&str], rows: &[Vec<Cell>]) {
    let attributes: [(&'static str, &dyn std::fmt::Display); 4] =
        [("class", &"scroll"), ("role", &"region"), ("tabindex", &"0"), ("aria-label", &name)];
    parent.element("div", &attributes, |region| {
        region.element("table", &[], |table| {
            table.element("thead", &[], |head| {
                head.element("tr", &[], |row| {
                    for name in header {
                        row.leaf("th", &[("scope", &"col")], name);
                    }
                });
            });
            table.element("tbody", &[], |body| {
                for row in rows {
                    body.element("tr", &[], |tr| cells(tr, row));
                }
            });
        });
    });
}

fn cells(row: &mut Markup, cells: &[Cell]) {
    for (number, (text, below)) in cells.iter().enumerate() {
        let inside = |cell: &mut Markup| {
            cell.text(text);
            if !below.is_empty() {
                cell.leaf("small", &[], below);
            }
        };
        match number {
            0 => row.element("th", &[("scope", &"row")], inside),
            _ => row.element("td", &[], inside),
        };
    }
}

/// A cell with nothing below its text.
pub(super) fn cell(text: impl Into<String>) -> Cell {
    (text.into(), String::new())
}

/// A section with its heading.
pub(super) fn section(main: &mut Markup, id: &str, heading: &str, inside: impl FnOnce(&mut Markup)) {
    main.element("section", &[("aria-labelledby", &id)], |section| {
        section.leaf("h2", &[("id", &id)], heading);
        inside(section);
    });
}
