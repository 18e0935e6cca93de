//! The colours, in light and in dark: told apart by the colour-blind too, and never the only thing that tells.
//!
//! Written out for each class, without CSS variables: programs that draw SVG but are no browser know none.

use std::fmt::Write;

/// What a class is drawn like: its property, in light and in dark, and what else there is to it.
struct Paint {
    class: &'static str,
    property: &'static str,
    light: &'static str,
    dark: &'static str,
    other: &'static str,
}

const fn paint(
    class: &'static str,
    property: &'static str,
    light: &'static str,
    dark: &'static str,
    other: &'static str,
) -> Paint {
    Paint { class, property, light, dark, other }
}

/// The ground that everything stands on.
const GROUND: Paint = paint("ground", "fill", "#ffffff", "#0d1117", "");

/// Text.
const TEXTS: &[Paint] = &[
    paint("ink", "fill", "#1f2328", "#e6edf3", ""),
    paint("strong", "fill", "#1f2328", "#e6edf3", "font-weight:600"),
    paint("mute", "fill", "#57606a", "#9da7b1", ""),
    paint("alarm", "fill", "#a4251a", "#ff9188", "font-weight:600"),
    paint("first-text", "fill", "#0a58a0", "#6cb6ff", "font-weight:600"),
    paint("limit-text", "fill", "#7d4e00", "#e3b341", ""),
];

/// Everything else.
const SHAPES: &[Paint] = &[
    paint("grid", "stroke", "#e4e8ec", "#21262d", "stroke-width:1"),
    paint("axis", "stroke", "#818b98", "#6e7681", "stroke-width:1"),
    paint("rest", "stroke", "#c4ccd4", "#3d444d", "stroke-width:1"),
    paint("lead", "stroke", "#818b98", "#6e7681", "stroke-width:1"),
    // Who led at the fault, and who leads after it.
    paint("first", "fill", "#0a66b7", "#58a6ff", ""),
    paint("next", "fill", "#11806a", "#3fb99b", ""),
    paint("first-line", "stroke", "#0a66b7", "#58a6ff", "stroke-width:2;fill:none"),
    paint("fault", "stroke", "#1f2328", "#e6edf3", "stroke-width:1.5;stroke-dasharray:4 3"),
    paint("cross", "stroke", "#1f2328", "#e6edf3", "stroke-width:2.5;stroke-linecap:round"),
    paint("nobody", "fill", "#6e7781", "#8b949e", "fill-opacity:.18"),
    paint("both", "fill", "#cf3b2b", "#f85149", "fill-opacity:.14"),
    paint("hatch", "stroke", "#cf3b2b", "#f85149", "stroke-width:1.5;stroke-opacity:.55"),
    paint("spread", "fill", "#9aa5b1", "#57626e", ""),
    paint("mark", "stroke", "#1f2328", "#e6edf3", "stroke-width:1.5"),
    paint("band", "fill", "#0a66b7", "#58a6ff", "fill-opacity:.30"),
    paint("tail", "fill", "#0a66b7", "#58a6ff", "fill-opacity:.14"),
    paint("most", "stroke", "#57606a", "#9da7b1", "stroke-width:1.5;stroke-dasharray:2 3;fill:none"),
    paint("two", "stroke", "#cf3b2b", "#f85149", "stroke-width:2;stroke-dasharray:6 3;fill:none"),
    paint("limit", "stroke", "#9a6700", "#d29922", "stroke-width:1.5;stroke-dasharray:8 3;fill:none"),
    paint("other", "stroke", "#818b98", "#6e7681", "stroke-width:1.2;fill:none"),
];

/// The style of a chart, for its own document or for a page that holds several.
pub(in crate::view) fn style() -> String {
    let all = || std::iter::once(&GROUND).chain(TEXTS).chain(SHAPES);
    let mut css = ".chart{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;\
                   font-size:12px;font-variant-numeric:tabular-nums}\n"
        .to_owned();
    for Paint { class, property, light, other, .. } in all() {
        let _ = writeln!(css, ".chart .{class}{{{property}:{light};{other}}}");
    }
    css.push_str("@media (prefers-color-scheme:dark){\n");
    for Paint { class, property, dark, .. } in all() {
        let _ = writeln!(css, ".chart .{class}{{{property}:{dark}}}");
    }
    css.push_str("}\n");
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_can_be_read_and_shapes_be_seen() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        for Paint { class, light, dark, .. } in TEXTS {
            // WCAG 2.2, 1.4.3.
            assert!(contrast(light, GROUND.light) >= 4.5 && contrast(dark, GROUND.dark) >= 4.5, "{class}");
        }
        for Paint { class, light, dark, .. } in SHAPES.iter().filter(|p| !["grid", "rest", "spread"].contains(&p.class))
        {
            // WCAG 2.2, 1.4.11.
            assert!(contrast(light, GROUND.light) >= 3.0 && contrast(dark, GROUND.dark) >= 3.0, "{class}");
        }
    }

    #[test]
    fn each_class_is_painted_in_both_schemes() {
        let css = style();
        let (light, dark) = css.split_once("@media").expect("a dark part");
        for Paint { class, .. } in std::iter::once(&GROUND).chain(TEXTS).chain(SHAPES) {
            let rule = format!(".chart .{class}{{");
            assert_eq!((light.matches(&rule).count(), dark.matches(&rule).count()), (1, 1), "{class}");
        }
    }
}
