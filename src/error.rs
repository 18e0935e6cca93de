//! Every way to fail: a sentence, what to do next, and an exit code.
//!
//! The exit codes are one table for every command and every output format; the README prints the same table and
//! a test compares the two. `main` turns an [`Exit`] into the process's status; nothing else ends the process.

use std::fmt;

/// How a run ended. One table for every command and every output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Success; healthy; yes; already so.
    Success = 0,
    /// The answer is no: not healthy under `--exit-code`, or `--wait` not met in time.
    No = 1,
    /// Wrong usage: bad flag or value, unknown context, name not found or ambiguous.
    Usage = 2,
    /// Unknown: unreachable, broken kubeconfig or login plugin, forbidden, timed out. Nothing was changed.
    Unknown = 3,
    /// Refused by a safety rule, or a right is missing, before anything was changed.
    Refused = 10,
    /// The person said no.
    Declined = 11,
    /// Something was changed and the outcome could not be confirmed in time.
    Indeterminate = 12,
    /// Leadership moved, but not to the wanted target.
    MovedElsewhere = 13,
    /// Moved as wanted, but a follow-up failed.
    FollowUpFailed = 14,
    /// Interrupted before anything was changed.
    Interrupted = 130,
    /// Terminated before anything was changed.
    Terminated = 143,
}

impl Exit {
    /// Every exit code with its meaning, in the words of the README's table.
    pub const TABLE: &[(Exit, &str)] = &[
        (Exit::Success, "success; healthy; yes; verdict pass; already so"),
        (
            Exit::No,
            "the answer is no: findings at or above `--fail-on`, `status --exit-code` on anything but Healthy, `--wait` not met in time though the server answers",
        ),
        (
            Exit::Usage,
            "wrong usage: bad flag or value, unknown context, name not found or ambiguous; or a confirmation is needed and there is no terminal",
        ),
        (
            Exit::Unknown,
            "unknown: server unreachable, broken kubeconfig or login plugin, forbidden, timed out, or a check could not look; nothing was changed",
        ),
        (Exit::Refused, "refused by a safety rule, or a right is missing; nothing was changed"),
        (Exit::Declined, "the person said no"),
        (Exit::Indeterminate, "something was changed and the outcome could not be confirmed in time"),
        (Exit::MovedElsewhere, "leadership moved, but not to the wanted target"),
        (Exit::FollowUpFailed, "moved as wanted, but a follow-up failed"),
        (Exit::Interrupted, "interrupted, before anything was changed"),
        (Exit::Terminated, "terminated, before anything was changed"),
    ];

    /// The process's status.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// A failure as the user meets it.
///
/// `message` is one sentence without a full stop that names the thing it is about; `hint` is what to do next.
/// Neither ever holds a value out of a Secret, a token, or a line quoted from a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The code that the process ends with if this failure ends the run.
    pub exit: Exit,
    /// What went wrong.
    pub message: String,
    /// What the user can do next.
    pub hint: Option<String>,
}

/// The result of anything that can fail with a sentence for the user.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The user asked for something that does not exist or makes no sense (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The answer could not be had; nothing was changed (exit 3).
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(Exit::Unknown, message)
    }

    /// A safety rule or a missing right is against it; nothing was changed (exit 10).
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// Something may have been changed, and it is not known whether it was (exit 12).
    pub fn indeterminate(message: impl Into<String>) -> Self {
        Self::new(Exit::Indeterminate, message)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// Adds what the user can do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The failure as it is printed on stderr, with a final newline.
    #[must_use]
    pub fn rendered(&self) -> impl fmt::Display + '_ {
        struct Rendered<'a>(&'a Error);
        impl fmt::Display for Rendered<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                writeln!(f, "error: {}", self.0.message)?;
                if let Some(hint) = &self.0.hint {
                    writeln!(f, " hint: {}", hint.replace('\n', "\n       "))?;
                }
                Ok(())
            }
        }
        Rendered(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_a_sentence_and_what_to_do_next() {
        let error = Error::usage("no Lease \"x\"").hint("list them with: hactl status\nor look elsewhere");
        assert_eq!(
            error.rendered().to_string(),
            "error: no Lease \"x\"\n hint: list them with: hactl status\n       or look elsewhere\n"
        );
    }
}
