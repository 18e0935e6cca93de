//! Reports as pages: one file each that needs nothing else, for a phone, a wide screen and paper, in light and in dark.
//!
//! A page is its sections, one after the other: what to know first, then the picture, then the numbers. Its own content
//! security policy keeps out whatever would be loaded or run.

mod look;
mod part;
mod several;
mod simulation;
mod system;

use super::markup::Markup;
use super::svg;
use look::STYLE;

pub(super) use several::{comparison, sweep, tuning};
pub(super) use simulation::simulation;

/// No script, no request, no frame: styles alone.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A page: its title, the lines below it, and its sections.
fn page(title: &str, below: &[String], sections: &dyn Fn(&mut Markup)) -> String {
    let mut html = Markup::default();
    html.raw("<!DOCTYPE html>\n").element("html", &[("lang", &"en")], |html| {
        html.element("head", &[], |head| {
            head.empty("meta", &[("charset", &"utf-8")])
                .empty("meta", &[("http-equiv", &"Content-Security-Policy"), ("content", &POLICY)])
                .empty("meta", &[("name", &"viewport"), ("content", &"width=device-width, initial-scale=1")])
                .empty("meta", &[("name", &"color-scheme"), ("content", &"light dark")])
                .leaf("title", &[], title)
                .element("style", &[], |css| {
                    css.raw(STYLE).raw(&svg::style());
                });
        });
        html.element("body", &[], |body| {
            body.element("main", &[], |main| {
                main.element("header", &[], |header| {
                    header.leaf("h1", &[], title);
                    for line in below.iter().filter(|line| !line.is_empty()) {
                        header.leaf("p", &[("class", &"below")], line);
                    }
                });
                sections(main);
            });
        });
    });
    html.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_no_markup() {
        // Written as they are, and read by parsers of XML as well.
        assert!(![STYLE, &svg::style()].concat().contains(['<', '&']));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
