//! Questions to the person: on stderr, and only where somebody is there to answer.

use std::io::{self, IsTerminal, Write};

use dialoguer::Confirm;
use dialoguer::console::Term;

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No, or nothing.
    No,
    /// Nobody is there to be asked.
    Nobody,
}

/// What stands behind a question: ` [y/N] yes`.
const ANSWERS: usize = 10;

/// Asks whether to go on; without a word it is no.
pub async fn confirm(question: String) -> Answer {
    // Some CI systems give their jobs a terminal that nobody sits at.
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    if ci || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Answer::Nobody;
    }
    // It names things out of a cluster, which may hold what a terminal obeys.
    let question = question.replace(char::is_control, "\u{fffd}");
    // A prompt that takes more than a line is drawn twice when it is answered.
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| width.0.into());
    let question = if question.chars().count() + ANSWERS < width {
        question
    } else {
        let _ = writeln!(io::stderr(), "{question}");
        "Go on?".to_owned()
    };
    // Reading keys blocks, and signals have to be heard meanwhile.
    #[cfg(unix)]
    let _settings = Settings::keep();
    let asked = tokio::task::spawn_blocking(move || {
        let (confirm, terminal) = (Confirm::new().with_prompt(question).default(false), Term::stderr());
        let answer = confirm.wait_for_newline(true).interact_on_opt(&terminal);
        // It is hidden while it is asked, and stays so where that is interrupted.
        let _ = terminal.show_cursor();
        answer
    });
    match asked.await {
        Ok(Ok(Some(true))) => Answer::Yes,
        // The signal that came with it is heard by whoever waits for one.
        Ok(Err(dialoguer::Error::IO(error))) if error.kind() == io::ErrorKind::Interrupted => {
            std::future::pending().await
        }
        _ => Answer::No,
    }
}

/// The terminal's settings. Keys are read one by one, unechoed: a run that a signal ends meanwhile would leave it so.
#[cfg(unix)]
struct Settings(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Settings {
    fn keep() -> Self {
        Self(rustix::termios::tcgetattr(io::stdin()).ok())
    }
}

#[cfg(unix)]
impl Drop for Settings {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(settings) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, settings);
        }
    }
}
