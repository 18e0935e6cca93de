//! A check's page, for a terminal and as Markdown, and the list of all checks.

use crate::report::check_report::Explanation;
use crate::view::{Style, columns, grid};

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

/// Markdown as it is used in the pages: headings, paragraphs, lists, tables, and examples.
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
    let mut rows = Vec::new();
    for line in markdown.lines() {
        let is_row = !fenced && line.starts_with('|');
        if !is_row {
            text.push_str(&table(&std::mem::take(&mut rows), style));
        }
        if is_row {
            end(&mut paragraph, &mut text);
            rows.push(cells(line));
        } else if line.starts_with("```") {
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
    text.push_str(&table(&rows, style));
    text
}

/// The cells of a table's row.
fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// A table's rows as columns, the last of which takes more lines where it has to.
fn table(rows: &[Vec<&str>], style: Style) -> String {
    let is_rule = |row: &[&str]| row.iter().all(|cell| cell.bytes().all(|byte| matches!(byte, b'-' | b':')));
    let width = |at: usize| {
        let cells = rows.iter().filter(|row| !is_rule(row)).filter_map(|row| row.get(at));
        cells.map(|cell| columns(cell)).max().unwrap_or_default()
    };
    let mut text = String::new();
    for row in rows {
        let Some((last, firsts)) = row.split_last() else { continue };
        let mut line = "  ".to_owned();
        let rule = |at: usize| "-".repeat(width(at));
        for (at, cell) in firsts.iter().enumerate() {
            let cell = if is_rule(row) { rule(at) } else { (*cell).to_owned() };
            line.push_str(&format!("{cell}{:gap$}", "", gap = width(at) + 2 - columns(&cell)));
        }
        let indent = columns(&line);
        let last = match is_rule(row) {
            true => rule(firsts.len())
                .chars()
                .take(style.width.map_or(usize::MAX, |all| all.saturating_sub(indent)))
                .collect(),
            false => (*last).to_owned(),
        };
        text.push_str(&line);
        text.push_str(style.wrap(&last, indent).trim_start());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_columns() {
        let markdown = "before\n| path | what it is |\n|---|:--|\n| `/a` | one |\n| `/long` | so many words that they take two lines |\nafter\n";
        let expected = "\
before
  path     what it is
  -------  ---------------------
  `/a`     one
  `/long`  so many words that
           they take two lines
after
";
        assert_eq!(plain(markdown, Style { width: Some(32), ..Style::default() }), expected);
        assert_eq!(plain("```\n| a |\n```\n", Style::default()), "  | a |\n", "an example stays as it is");
    }
}
