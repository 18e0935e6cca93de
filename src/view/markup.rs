//! SVG and HTML by construction: whatever is written through here is well-formed, and data cannot become markup.

use std::fmt::{self, Display, Write};

/// The attributes of an element, in their order.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a dyn Display)];

/// A document that grows.
#[derive(Debug, Default)]
pub(super) struct Markup {
    text: String,
}

impl Markup {
    /// What has been written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An element with what `inside` writes.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.open(name, attributes, ">");
        inside(self);
        self.close(name)
    }

    /// An element with text in it.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: impl Display) -> &mut Self {
        self.open(name, attributes, ">");
        self.escaped(&text);
        self.close(name)
    }

    /// An element without anything in it: a shape, or one that HTML calls void.
    pub(super) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.open(name, attributes, "/>\n");
        self
    }

    /// Text, whatever stands in it.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        self.escaped(&text);
        self
    }

    /// Markup that is known to be well-formed.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    // One copy each, and not one inside of every function that draws: they would be much of the binary.
    #[inline(never)]
    fn open(&mut self, name: &'static str, attributes: Attributes<'_>, end: &str) {
        self.raw("<").raw(name);
        for (name, value) in attributes {
            self.raw(" ").raw(name).raw("=\"");
            self.escaped(value);
            self.raw("\"");
        }
        self.raw(end);
    }

    #[inline(never)]
    fn close(&mut self, name: &'static str) -> &mut Self {
        self.raw("</").raw(name).raw(">\n")
    }

    #[inline(never)]
    fn escaped(&mut self, text: &dyn Display) {
        // A String takes everything.
        let _ = write!(Escaped(&mut self.text), "{text}");
    }
}

/// A number in an attribute: always as many decimals, so that the same picture is always the same bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There is no -0.0.
        write!(f, "{:.1}", (self.0 * 10.0).round() / 10.0 + 0.0)
    }
}

/// Where special characters lose what is special about them.
struct Escaped<'t>(&'t mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(c),
                // XML 1.0 has no way to write these.
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => self.0.push(char::REPLACEMENT_CHARACTER),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_become_markup() {
        let hostile = "</p><script>alert(1)</script>\"' onload=x & ]]> \u{0}\u{1b}\u{ffff}";
        let mut markup = Markup::default();
        markup.element("p", &[("title", &hostile)], |p| {
            p.text(hostile);
        });
        let text = markup.finish();
        let parsed = roxmltree::Document::parse(&text).expect("well-formed");
        let shown = hostile.replace(['\u{0}', '\u{1b}', '\u{ffff}'], "\u{fffd}");
        let p = parsed.root_element();
        assert_eq!((p.attribute("title"), p.text()), (Some(shown.as_str()), Some(shown.as_str())));
        assert_eq!((p.attributes().count(), p.children().count()), (1, 1));
    }

    #[test]
    fn numbers_have_one_decimal_and_no_negative_zero() {
        let told = [0.0, -0.0, -0.04, 1.0, 2.25, -3.08].map(|number| Number(number).to_string());
        assert_eq!(told, ["0.0", "0.0", "0.0", "1.0", "2.3", "-3.1"]);
    }

    #[test]
    fn elements_close_in_their_order() {
        let mut markup = Markup::default();
        markup.element("g", &[("id", &"a")], |g| {
            g.empty("rect", &[("x", &Number(1.0))]).leaf("text", &[], "t");
        });
        assert_eq!(markup.finish(), "<g id=\"a\"><rect x=\"1.0\"/>\n<text>t</text>\n</g>\n");
    }
}
