//! A check's page, for a terminal and as Markdown, and the list of all checks.

use crate::report::check_report::Explanation;
use crate::view::{Style, grid};

/// The columns of a page where nobody says how wide it may be, and at most.
const WIDTH: usize = 80;
const WIDEST: usize = 100;

/// The page as text: paragraphs fit the terminal, examples stay as they are.
#[must_use]
pub fn explanation(check: &Explanation, style: Style) -> String {
    let style = Style { width: Some(style.width.map_or(WIDTH, |width| width.min(WIDEST))), ..style };
    let mut text = style.wrap(&format!("{}  {}", check.id, check.title), 0);
    text.push_str(&format!("{}, of {}: {}\n\n", check.severity, check.family.id, check.family.title));
    text.push_str(&plain(check.page.trim_end(), style));
    text.push_str(&format!("\n{}\n\n", heading("Suppress", style)));
    text.push_str(&indented(check.suppress.trim_end()));
    text.push_str(&format!("\nor for a whole run: --skip {0}, or --downgrade {0} to count it as less\n", check.id));
    text
}

/// The page as Markdown, with its title and how it is suppressed.
#[must_use]
pub fn page(check: &Explanation) -> String {
    format!(
        "# {}: {}\n\n{}, of {}: {}\n\n{}\n\n## Suppress\n\n```yaml\n{}```\n",
        check.id,
        check.title,
        check.severity,
        check.family.id,
        check.family.title,
        check.page.trim_end(),
        check.suppress
    )
}

/// All checks, a line each.
#[must_use]
pub fn catalogue(checks: &[Explanation], style: Style) -> String {
    let row = |check: &Explanation| [check.id, check.severity, check.title].map(str::to_owned).to_vec();
    grid::draw(&["ID", "SEVERITY", "TITLE"], checks.iter().map(row).collect(), &["TITLE"], true, style)
}

/// Markdown as it is used in the pages: headings, paragraphs, lists, and examples.
fn plain(markdown: &str, style: Style) -> String {
    let (mut text, mut paragraph, mut fenced) = (String::new(), String::new(), false);
    let end = |paragraph: &mut String, text: &mut String| {
        if !paragraph.is_empty() {
            let is_item = paragraph.starts_with("- ");
            let wrapped = style.wrap(paragraph.trim_start_matches("- "), if is_item { 2 } else { 0 });
            text.push_str(&if is_item { wrapped.replacen("  ", "- ", 1) } else { wrapped });
            paragraph.clear();
        }
    };
    for line in markdown.lines() {
        if line.starts_with("```") {
            end(&mut paragraph, &mut text);
            fenced = !fenced;
        } else if fenced || (paragraph.is_empty() && line.starts_with("    ")) {
            text.push_str(&indented(line));
        } else if let Some(title) = line.strip_prefix("## ") {
            end(&mut paragraph, &mut text);
            text.push_str(&format!("{}\n", heading(title, style)));
        } else if line.is_empty() {
            end(&mut paragraph, &mut text);
            text.push('\n');
        } else {
            if line.starts_with("- ") {
                end(&mut paragraph, &mut text);
            }
            let gap = if paragraph.is_empty() { "" } else { " " };
            paragraph.push_str(&format!("{gap}{}", line.trim()));
        }
    }
    end(&mut paragraph, &mut text);
    text
}

fn heading(title: &str, style: Style) -> String {
    if style.colour { format!("\x1b[1m{title}\x1b[0m") } else { title.to_uppercase() }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {}\n", line.replace('\t', "        ")) })
        .collect()
}
