//! A picture that is drawn over and over in the same place.

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
        let height = terminal_size::terminal_size().map_or(24, |(_, height)| usize::from(height.0)).max(3);
        let text = fit(text, height - 1);
        if text == self.last {
            return Ok(());
        }
        // Up to the first line of the old picture, then clear to the end of the screen: no flicker, no scrolling.
        let home = if self.lines > 0 { format!("\x1b[{}A\r\x1b[J", self.lines) } else { String::new() };
        terminal.result(&format!("{home}{text}"))?;
        self.lines = text.lines().count();
        self.last = text;
        Ok(())
    }
}

fn fit(text: &str, height: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= height {
        return text.to_owned();
    }
    let shown = height.saturating_sub(1);
    let mut fitted: String = lines[..shown].iter().map(|line| format!("{line}\n")).collect();
    fitted.push_str(&format!("({} more lines)\n", lines.len() - shown));
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        assert_eq!(fit("a\nb\n", 2), "a\nb\n");
        assert_eq!(fit("a\nb\nc\n", 2), "a\n(2 more lines)\n");
    }
}
