//! THE PERSON: what is written where. stdout is the result, stderr is the conversation.
//!
//! Nothing else prints. Writing to a reader that has gone away (`hactl … | head`) is no failure: it ends the run.

mod file;
mod interrupts;
mod live;
mod progress;
mod prompt;
mod waiting;

use std::io::{self, IsTerminal, Write};

use crate::error::Exit;
use crate::view::Style;

pub use file::write;
pub use interrupts::Interrupts;
pub use live::Redraw;
pub use progress::{Counting, Progress};
pub use prompt::{Answer, confirm};
pub use waiting::Waiting;

/// When colours are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The process's two streams.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// How results are to look.
    pub style: Style,
    /// Whether stdout is a terminal.
    pub interactive: bool,
}

impl Terminal {
    /// Looks at the streams and the environment.
    #[must_use]
    pub fn detect(colour: Colour) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let interactive = io::stdout().is_terminal();
        // https://no-color.org and https://bixense.com/clicolors.
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if set("NO_COLOR") => false,
            Colour::Auto => set("FORCE_COLOR") || set("CLICOLOR_FORCE") || (interactive && !dumb),
        };
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let style = Style { width: width.filter(|_| interactive), colour, unicode: unicode() };
        Self { style, interactive: interactive && !dumb }
    }

    /// Writes a result.
    ///
    /// # Errors
    ///
    /// [`Stop::Unread`] where nobody reads any more, [`Stop::Failed`] where it cannot be written.
    pub fn result(&self, text: &str) -> Result<(), Stop> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::Unread,
            _ => Stop::Failed(error.to_string()),
        })
    }

    /// Says something to the person.
    pub fn say(&self, text: impl std::fmt::Display) {
        // Names and messages out of a cluster may hold what a terminal obeys; of hactl's own nothing is.
        let obeyed = |c: char| c.is_control() && c != '\n';
        let text = text.to_string().replace(obeyed, "\u{fffd}");
        // Where stderr is closed there is nobody to tell.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Why a result goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nobody reads it any more: the run ends, and that is no failure.
    Unread,
    /// It could not be written.
    Failed(String),
}

/// What a bug looks like to the user: where it is and what to do, never a stack, and never the message, which could
/// hold anything.
#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "main's panic hook: in a release build nothing runs after it"
)]
pub fn report_bug(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let _ = writeln!(
        io::stderr(),
        "error: hactl has a bug at {place}\n hint: please report it with the command that you ran"
    );
    std::process::exit(Exit::Unknown.code().into())
}

/// Whether the locale takes more than ASCII.
fn unicode() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
