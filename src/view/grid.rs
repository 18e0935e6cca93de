//! Rows and columns without lines, cut to the terminal's width where that is wanted.

use comfy_table::{ContentArrangement, Table, presets};

use super::Style;

/// Between two columns.
const GAP: usize = 2;

/// A column is never cut to less than this.
const NARROWEST: usize = 8;

/// Draws rows under their headers. Where the style has a width, the cells of `elastic` columns are cut to it.
pub(super) fn draw(
    headers: &[&str],
    mut rows: Vec<Vec<String>>,
    elastic: &[&str],
    with_headers: bool,
    style: Style,
) -> String {
    if let Some(width) = style.width {
        cut(headers, &mut rows, elastic, width, style);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if with_headers {
        table.set_header(headers.iter().copied());
    }
    table.add_rows(rows);
    let last = headers.len().saturating_sub(1);
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if i == last { 0 } else { u16::try_from(GAP).unwrap_or_default() }));
    }
    let mut text = table.trim_fmt();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Cuts the elastic columns so that no row is wider than the terminal: always the widest one first.
fn cut(headers: &[&str], rows: &mut [Vec<String>], elastic: &[&str], width: usize, style: Style) {
    let widest = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([headers[column].len()]).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..headers.len()).map(widest).collect();
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * (widths.len().saturating_sub(1));
    while total(&widths) > width {
        let can_give = (0..headers.len()).filter(|i| elastic.contains(&headers[*i]) && widths[*i] > NARROWEST);
        let Some(column) = can_give.max_by_key(|i| widths[*i]) else { break };
        widths[column] -= 1;
    }
    for row in rows {
        for (cell, width) in row.iter_mut().zip(&widths) {
            if cell.chars().count() > *width {
                *cell = style.fit(cell, *width);
            }
        }
    }
}
