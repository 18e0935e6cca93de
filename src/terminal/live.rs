//! A picture that is drawn over and over in the same place.

use unicode_width::UnicodeWidthChar;

use super::{Stop, Terminal};

/// Draws over what it drew before.
#[derive(Debug, Default)]
pub struct Redraw {
    lines: usize,
    last: String,
}

impl Redraw {
    /// Draws `text` in the place of the text before; what does not fit the terminal's height is counted instead.
    ///
    /// # Errors
    ///
    /// [`Stop`] where nobody reads any more.
    pub fn draw(&mut self, terminal: &Terminal, text: &str) -> Result<(), Stop> {
        let (width, height) =
            terminal_size::terminal_size().map_or((80, 24), |(w, h)| (usize::from(w.0), usize::from(h.0)));
        let text = fit(text, width.max(1), height.max(3) - 1);
        if text == self.last {
            return Ok(());
        }
        // Up to the first line of the old picture, then clear to the end of the screen: no flicker, no scrolling.
        let home = if self.lines > 0 { format!("\x1b[{}A\r\x1b[J", self.lines) } else { String::new() };
        terminal.result(&format!("{home}{text}"))?;
        self.lines = text.lines().map(|line| rows(line, width.max(1))).sum();
        self.last = text;
        Ok(())
    }
}

/// How many rows of the terminal a line takes; colours take none.
fn rows(line: &str, width: usize) -> usize {
    let (mut columns, mut colour) = (0_usize, false);
    for c in line.chars() {
        match c {
            '\x1b' => colour = true,
            'm' if colour => colour = false,
            _ if colour => {}
            _ => columns += c.width().unwrap_or_default(),
        }
    }
    columns.max(1).div_ceil(width)
}

fn fit(text: &str, width: usize, height: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let taken: Vec<usize> = lines
        .iter()
        .scan(0, |taken, line| {
            *taken += rows(line, width);
            Some(*taken)
        })
        .collect();
    if taken.last().is_none_or(|all| *all <= height) {
        return text.to_owned();
    }
    let shown = taken.iter().take_while(|rows| **rows < height).count();
    let mut fitted: String = lines[..shown].iter().map(|line| format!("{line}\n")).collect();
    fitted.push_str(&format!("({} more lines)\n", lines.len() - shown));
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        assert_eq!(fit("a\nb\n", 80, 2), "a\nb\n");
        assert_eq!(fit("a\nb\nc\n", 80, 2), "a\n(2 more lines)\n");
        assert_eq!(fit("aaaaa\nb\nc\n", 4, 3), "aaaaa\n(2 more lines)\n");
    }

    #[test]
    fn a_wrapped_line_takes_its_rows_and_a_colour_none() {
        assert_eq!([rows("", 4), rows("abcd", 4), rows("abcde", 4), rows("\x1b[31mab\x1b[0m", 2)], [1, 1, 2, 1]);
    }
}
