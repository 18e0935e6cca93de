//! Whether somebody agrees: the one place where consent to a write is made.

use crate::cluster::Consent;
use crate::error::{Error, Result};
use crate::terminal::{Answer, confirm};

/// Asks, unless the command line has said `--yes` already. `None` is a no.
///
/// # Errors
/// Where it has to be asked, and nobody is there.
pub(super) async fn agree(yes: bool, question: String) -> Result<Option<Consent>> {
    if yes {
        return Ok(Some(Consent::by_flag()));
    }
    match confirm(question).await {
        Answer::Yes => Ok(Consent::by_answer(true)),
        Answer::No => Ok(None),
        Answer::Nobody => Err(Error::usage("this has to be confirmed, and there is no terminal to ask at")
            .hint("look at the plan with --dry-run=client, then run it with --yes")),
    }
}
