//! Questions to the person: on stderr, and only where somebody is there to answer.

use std::io::{self, IsTerminal};

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

/// Asks whether to go on; without a word it is no.
pub async fn confirm(question: String) -> Answer {
    // Some CI systems give their jobs a terminal that nobody sits at.
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    if ci || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Answer::Nobody;
    }
    // Reading keys blocks, and signals have to be heard meanwhile.
    let asked = tokio::task::spawn_blocking(move || {
        Confirm::new().with_prompt(question).default(false).wait_for_newline(true).interact_on_opt(&Term::stderr())
    });
    match asked.await {
        Ok(Ok(Some(true))) => Answer::Yes,
        _ => Answer::No,
    }
}
