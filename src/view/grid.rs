//! Rows and columns without lines, cut to the terminal's width where that is wanted.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{Style, columns};

/// Between two columns.
const GAP: usize = 2;

/// A column is never cut to less than this.
const NARROWEST: usize = 8;

/// Rows that are drawn together: a table of ten thousand rows is never held whole but as text.
const CHUNK: usize = 256;

/// Draws rows under their headers. Where the style has a width, the cells of `elastic` columns are cut to it.
pub(super) fn draw(
    headers: &[&str],
    rows: Vec<Vec<String>>,
    elastic: &[&str],
    with_headers: bool,
    style: Style,
) -> String {
    let mut widths: Vec<usize> = headers.iter().map(|header| if with_headers { header.len() } else { 0 }).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    if let Some(width) = style.width {
        cut(headers, &mut widths, elastic, width);
    }
    let (mut rows, mut text) = (rows.into_iter().peekable(), String::new());
    let mut header = with_headers.then_some(headers);
    while rows.peek().is_some() || header.is_some() {
        let fitted = rows.by_ref().take(CHUNK).map(|row| fit(row, &widths, style));
        text.push_str(&chunk(header.take(), fitted, &widths));
    }
    text
}

/// Cuts the elastic columns so that no row is wider than the terminal: always the widest one first.
fn cut(headers: &[&str], widths: &mut [usize], elastic: &[&str], width: usize) {
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * (widths.len().saturating_sub(1));
    while total(widths) > width {
        let can_give = (0..headers.len()).filter(|i| elastic.contains(&headers[*i]) && widths[*i] > NARROWEST);
        let Some(column) = can_give.max_by_key(|i| widths[*i]) else { break };
        widths[column] -= 1;
    }
}

fn fit(mut row: Vec<String>, widths: &[usize], style: Style) -> Vec<String> {
    for (cell, width) in row.iter_mut().zip(widths) {
        if columns(cell) > *width {
            *cell = style.fit(cell, *width);
        }
    }
    row
}

/// Some rows, in columns of at least these widths.
fn chunk(headers: Option<&[&str]>, rows: impl Iterator<Item = Vec<String>>, widths: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.unwrap_or_default().iter().copied());
    table.add_rows(rows);
    for ((i, column), width) in table.column_iter_mut().enumerate().zip(widths) {
        let gap = if i + 1 == widths.len() { 0 } else { GAP };
        let fixed = |width: usize| u16::try_from(width).unwrap_or(u16::MAX);
        column
            .set_padding((0, fixed(gap)))
            .set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(fixed(width + gap))));
    }
    let text = table.trim_fmt();
    // Without headers comfy-table draws an empty header line.
    let text = if headers.is_none() { text.trim_start_matches('\n') } else { &text };
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_table_is_one_table() {
        let row = |i: usize| vec![format!("name-{}", "x".repeat(i % 7)), i.to_string()];
        let text = draw(&["NAME", "N"], (0..1000).map(row).collect(), &[], true, Style::default());
        assert_eq!(text.lines().count(), 1001);
        let column = |line: &str| line.rfind(' ');
        assert!(text.lines().all(|line| column(line) == Some(12)), "{text}");
        let bare = draw(&["NAME", "N"], (0..300).map(row).collect(), &[], false, Style::default());
        assert_eq!(bare.lines().count(), 300);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let rows = || vec![vec!["選挙の指導者".to_owned(), "1".to_owned()], vec!["leader".to_owned(), "2".to_owned()]];
        let before_the_last = |line: &str| columns(&line[..line.len() - 1]);
        for (width, expected) in [(None, 14), (Some(12), 11)] {
            let style = Style { width, ..Style::default() };
            let text = draw(&["NAME", "N"], rows(), &["NAME"], true, style);
            assert!(text.lines().all(|line| before_the_last(line) == expected), "{text}");
        }
    }

    #[test]
    fn the_widest_names_are_cut_and_none_to_nothing() {
        let drawn = |width| {
            let row = vec!["a".repeat(20), "b".repeat(12), "c".repeat(12)];
            let style = Style { width: Some(width), ..Style::default() };
            draw(&["A", "B", "C"], vec![row], &["A", "B"], false, style)
        };
        assert_eq!(drawn(48), format!("{}  {}  {}\n", "a".repeat(20), "b".repeat(12), "c".repeat(12)));
        assert_eq!(drawn(42), format!("aaaaaa~aaaaaaa  {}  {}\n", "b".repeat(12), "c".repeat(12)));
        assert_eq!(drawn(20), format!("aaa~aaaa  bbb~bbbb  {}\n", "c".repeat(12)));
    }
}
