//! Reports as pictures: SVG documents that read well in light and in dark, on paper, and by a screen reader.
//!
//! Same report, same bytes: coordinates have fixed decimals, and nothing comes from anywhere but the report.

mod axis;
mod comparison;
mod histogram;
mod label;
mod palette;
mod part;
mod sweep;
mod timeline;
mod tuning;

use super::markup::{Markup, Number};
use crate::report::Seconds;
use axis::Axis;
use label::{LINE, Placed, Side, wrap};

pub(super) use comparison::comparison;
pub(super) use palette::style;
pub(super) use sweep::sweep;
pub(super) use timeline::timeline as simulation;
pub(super) use tuning::tuning;

/// What a picture is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A document of its own.
    Document,
    /// A page that says what it shows, on a wide screen or on paper.
    Wide,
    /// The same on a phone.
    Narrow,
}

/// To the left and to the right of everything.
const MARGIN: f64 = 12.0;

/// The size of a title.
const TITLE: f64 = 16.0;

impl Frame {
    fn width(self) -> f64 {
        match self {
            Self::Document | Self::Wide => 960.0,
            Self::Narrow => 340.0,
        }
    }

    /// The left and right ends of what is drawn.
    fn ends(self) -> [f64; 2] {
        // What stands in a page keeps its left edge.
        [if self == Self::Document { MARGIN } else { 0.5 }, self.width() - MARGIN]
    }

    /// The space for names to the left of an axis.
    fn names(self) -> f64 {
        if self == Self::Narrow { 76.0 } else { 104.0 }
    }

    /// How far the marks of an axis are from each other at least.
    fn apart(self) -> f64 {
        if self == Self::Narrow { 44.0 } else { 64.0 }
    }

    /// What its ids begin with: a page holds several pictures.
    fn id(self) -> &'static str {
        match self {
            Self::Document => "chart",
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

/// A picture that grows downwards.
struct Picture {
    frame: Frame,
    body: Markup,
    /// Down to where it is drawn.
    y: f64,
}

impl Picture {
    fn new(frame: Frame) -> Self {
        Self { frame, body: Markup::default(), y: if frame == Frame::Document { MARGIN } else { 4.0 } }
    }

    /// The title and what is below it, where no page says them.
    fn head(&mut self, title: &str, below: &[String]) {
        if self.frame != Frame::Document {
            return;
        }
        let [left, right] = self.frame.ends();
        for line in wrap(title, TITLE * 1.12, right - left) {
            self.y += TITLE * 1.3;
            self.text([left, self.y], "strong", Some(TITLE), &line);
        }
        for line in below.iter().flat_map(|text| wrap(text, label::SIZE, right - left)) {
            self.y += LINE + 2.0;
            self.text([left, self.y], "mute", None, &line);
        }
        self.y += 14.0;
    }

    fn text(&mut self, [x, y]: [f64; 2], class: &str, size: Option<f64>, text: &str) {
        let (x, y) = (Number(x), Number(y));
        match size {
            None => self.body.leaf("text", &[("class", &class), ("x", &x), ("y", &y)], text),
            Some(size) => {
                let size = Number(size);
                self.body.leaf("text", &[("class", &class), ("x", &x), ("y", &y), ("font-size", &size)], text)
            }
        };
    }

    /// A text that ends here, or with `middle` one that has its middle here.
    fn text_to(&mut self, [x, y]: [f64; 2], class: &str, anchor: &str, text: &str) {
        let (x, y) = (Number(x), Number(y));
        self.body.leaf("text", &[("class", &class), ("x", &x), ("y", &y), ("text-anchor", &anchor)], text);
    }

    /// A label, its first line here: next to what it is about, whichever side it is on.
    fn label(&mut self, label: &Placed, y: f64, class: &str) {
        for (number, text) in label.text.iter().enumerate() {
            let y = y + number as f64 * LINE;
            match label.side {
                Side::Left => self.text_to([label.x - 4.0, y], class, "end", text),
                Side::Right | Side::Somewhere => self.text([label.from, y], class, None, text),
            }
        }
    }

    fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(Number);
        self.body.empty("line", &[("class", &class), ("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)]);
    }

    /// A rectangle; one that is too small to be seen becomes as wide as a line.
    fn bar(&mut self, class: &str, [from, to]: [f64; 2], y: f64, height: f64) {
        let wide = (to - from).max(1.5);
        let [x, y, width, height] = [from, y, wide, height].map(Number);
        let place: [(&'static str, &dyn std::fmt::Display); 5] =
            [("class", &class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)];
        self.body.empty("rect", &place);
    }

    /// The same, hatched as where two lead is.
    fn hatched(&mut self, [from, to]: [f64; 2], y: f64, height: f64) {
        self.bar("both", [from, to], y, height);
        let fill = format!("url(#{}-hatch)", self.frame.id());
        let [x, y, width, height] = [from, y, (to - from).max(1.5), height].map(Number);
        self.body.empty("rect", &[("fill", &fill), ("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
    }

    fn path(&mut self, class: &str, points: &[[f64; 2]], closed: bool) {
        let mut path = String::new();
        for (number, [x, y]) in points.iter().enumerate() {
            let letter = if number == 0 { "M" } else { "L" };
            path.push_str(&format!("{letter}{} {}", Number(*x), Number(*y)));
        }
        path.push_str(if closed { "Z" } else { "" });
        self.body.empty("path", &[("class", &class), ("d", &path)]);
    }

    fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64, title: &str) {
        let [x, y, radius] = [x, y, radius].map(Number);
        self.body.element("circle", &[("class", &class), ("cx", &x), ("cy", &y), ("r", &radius)], |circle| {
            circle.leaf("title", &[], title);
        });
    }

    /// An axis with its marks, and what it counts.
    fn marks(&mut self, axis: &Axis, ticks: &[(f64, String)], what: &str) {
        let bottom = self.y;
        self.line("axis", [axis.places[0], bottom], [axis.places[1], bottom]);
        for (number, label) in ticks {
            let x = axis.at(*number);
            self.line("axis", [x, bottom], [x, bottom + 4.0]);
            // At the edge there is no room for its other half.
            let half = label::width(label, label::SIZE) / 2.0;
            let anchor = match x {
                x if x < half => "start",
                x if x + half > self.frame.width() => "end",
                _ => "middle",
            };
            self.text_to([x, bottom + 17.0], "mute", anchor, label);
        }
        self.text_to([axis.places[1], bottom + 34.0], "mute", "end", what);
        self.y = bottom + 40.0;
    }

    /// The lines of an axis, behind everything else that is drawn there.
    fn grid(&mut self, axis: &Axis, [top, bottom]: [f64; 2]) {
        for (number, _) in axis.ticks(self.frame.apart()) {
            let x = axis.at(number);
            self.line("grid", [x, top], [x, bottom]);
        }
    }

    /// The document.
    fn finish(self, title: &str, description: &str) -> String {
        let Self { frame, body, y } = self;
        let (width, height) = (Number(frame.width()), Number((y + MARGIN).ceil()));
        let (id, body) = (frame.id(), body.finish());
        let (view, labels) = (format!("0 0 {width} {height}"), format!("{id}-title {id}-description"));
        let class = if frame == Frame::Document { "chart".to_owned() } else { format!("chart {id}") };
        let mut svg = Markup::default();
        let attributes: [(&'static str, &dyn std::fmt::Display); 7] = [
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("class", &class),
            ("viewBox", &view),
            ("width", &width),
            ("height", &height),
            ("role", &"img"),
            ("aria-labelledby", &labels),
        ];
        svg.element("svg", &attributes, |svg| {
            svg.leaf("title", &[("id", &format!("{id}-title"))], title);
            svg.leaf("desc", &[("id", &format!("{id}-description"))], description);
            if frame == Frame::Document {
                svg.element("style", &[], |css| {
                    css.raw(&style());
                });
                svg.empty("rect", &[("class", &"ground"), ("width", &"100%"), ("height", &"100%")]);
            }
            part::hatch(svg, id);
            svg.raw(&body);
        });
        svg.finish()
    }
}

/// Seconds as a number.
fn number(seconds: Seconds) -> f64 {
    seconds.0.as_secs_f64()
}
