//! What people look at: each report of failovers as text, as a picture, and as a page.

use super::{Style, compared, swept, text, tuned};
use crate::report::failover::{FailoverComparison, FailoverSimulation, FailoverTuning};
use crate::view::{html, svg};

/// A report that can be shown.
pub trait Shown {
    /// For a terminal.
    fn text(&self, style: Style) -> String;

    /// A picture: an SVG document.
    fn svg(&self) -> String;

    /// A page: an HTML document that needs nothing else.
    fn html(&self) -> String;
}

impl Shown for FailoverSimulation {
    fn text(&self, style: Style) -> String {
        text(&self.item, style)
    }

    fn svg(&self) -> String {
        svg::simulation(&self.item, svg::Frame::Document)
    }

    fn html(&self) -> String {
        html::simulation(&self.item)
    }
}

impl Shown for FailoverComparison {
    fn text(&self, style: Style) -> String {
        if self.swept.is_some() { swept(self, style) } else { compared(self, style) }
    }

    fn svg(&self) -> String {
        let draw = if self.swept.is_some() { svg::sweep } else { svg::comparison };
        draw(self, svg::Frame::Document)
    }

    fn html(&self) -> String {
        if self.swept.is_some() { html::sweep(self) } else { html::comparison(self) }
    }
}

impl Shown for FailoverTuning {
    fn text(&self, style: Style) -> String {
        tuned(self, style)
    }

    fn svg(&self) -> String {
        svg::tuning(self, svg::Frame::Document)
    }

    fn html(&self) -> String {
        html::tuning(self)
    }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
