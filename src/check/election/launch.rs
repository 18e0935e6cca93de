//! What klag-exporter is started with, and where it looks for its file.

use super::super::program::Program;
use crate::system::klag_exporter::command_line::{self, CommandLine, Refused};

/// Its image's name, and its program's.
pub(in crate::check) const NAME: &str = "klag-exporter";

/// What it is started with.
pub(in crate::check) enum Launch {
    /// It looks here, and that stands in so many of its arguments from this one.
    Looks { path: String, at: Option<usize>, words: usize },
    /// It does not take this argument.
    Refused(Refused),
    /// It cannot be known: a shell starts it, or a variable decides.
    Unknown,
}

impl Launch {
    pub(in crate::check) fn of(program: &Program<'_>) -> Self {
        // The image's own program is klag-exporter, and its own words are these (`Dockerfile.release`, 0.1.29).
        if program.executable.is_none() && program.container.get("args").list().is_empty() {
            return Self::Looks { path: "/app/config.toml".to_owned(), at: None, words: 0 };
        }
        if program.executable.as_deref().is_some_and(|name| name != NAME)
            || program.arguments.iter().any(|argument| argument.open)
        {
            return Self::Unknown;
        }
        let words: Vec<_> = program.arguments.iter().map(|argument| &*argument.text).collect();
        match command_line::read(&words) {
            Err(refused) => Self::Refused(refused),
            Ok(CommandLine { config, at, words }) => {
                let folder = program.container.get("workingDir").text();
                Self::Looks { path: command_line::absolute(config, folder), at, words }
            }
        }
    }
}
