//! `hactl repair`: brings back an election that is stuck, once it is proved that nobody leads.

pub(super) mod act;
pub(super) mod known;
pub(super) mod prepare;
mod record;

use super::agree::agree;
use super::{End, ended};
use crate::cli::Global;
use crate::cli::repair::{Output, Repair as Args};
use crate::cli::transfer::DryRun;
use crate::clock::generated_at;
use crate::cluster::{Pen, Rehearsal};
use crate::error::{Exit, Result};
use crate::report::repair::{Item, RepairResult};
use crate::report::transfer::Outcome;
use crate::terminal::{Interrupts, Terminal};
use crate::view::{machine, repair as view};
use act::act;
use prepare::{Prepared, prepare};

/// Runs `hactl repair`.
///
/// # Errors
///
/// Where what was read, asked or allowed was not enough to tell.
pub async fn run(args: &Args, global: &Global, terminal: Terminal) -> Result<Exit> {
    let mut interrupts = Interrupts::listen();
    let prepared = tokio::select! {
        prepared = prepare(args, global, &terminal) => prepared?,
        exit = interrupts.next() => return Ok(exit),
    };
    let ready = match prepared {
        Prepared::Sound(context, item) => return tell(args, context, item, Exit::Success, &terminal),
        Prepared::Refused(context, item) => return refuse(args, context, item, &terminal),
        Prepared::Ready(ready) => ready,
    };
    let context = ready.reader.context.clone();
    if args.dry_run == DryRun::Server {
        let rehearsal = Rehearsal::new(ready.reader.clone());
        if let Err(unwritten) = rehearsal.patch(&ready.key, &ready.patch).await {
            let reason = Some(unwritten.failure().error.message.clone());
            return refuse(args, context, Item { outcome: Outcome::Refused, reason, ..ready.item }, &terminal);
        }
    }
    if args.dry_run != DryRun::None {
        return tell(args, context, ready.item, Exit::Success, &terminal);
    }
    terminal.say(view::plan(&printable(&ready.item), context.as_deref(), terminal.style).trim_end());
    let in_context = context.as_ref().map_or_else(String::new, |context| format!(" in context {context}"));
    let question = format!("Write this to {}{in_context}?", view::place(&ready.item));
    let agreed = tokio::select! {
        agreed = agree(args.yes, question) => agreed?,
        exit = interrupts.next() => return Ok(exit),
    };
    let Some(consent) = agreed else {
        let item = Item { outcome: Outcome::Declined, ..ready.item };
        return tell(args, context, item, Exit::Declined, &terminal);
    };
    let (item, exit) = act(*ready, consent, args.reason.clone(), &terminal, &mut interrupts).await;
    tell(args, context, item, exit, &terminal)
}

/// The result on stdout, and the exit code.
fn tell(args: &Args, context: Option<String>, item: Item, exit: Exit, terminal: &Terminal) -> Result<Exit> {
    let result = RepairResult::new(generated_at(), context, item);
    let text = match args.output {
        Output::Json => machine::json(&result),
        Output::Yaml => machine::yaml(&result),
        Output::Table => {
            let (item, context) = (printable(&result.item), result.context.as_deref());
            match item.outcome {
                Outcome::Planned => view::plan(&item, context, terminal.style),
                _ => view::result(&item, terminal.style),
            }
        }
    };
    ended(terminal.result(&text).map(|()| exit).map_err(End::from))
}

/// A refusal: for people with all that is known, for a script as a document.
fn refuse(args: &Args, context: Option<String>, item: Item, terminal: &Terminal) -> Result<Exit> {
    if args.output == Output::Table && item.problem.is_some() {
        terminal.say(view::plan(&printable(&item), context.as_deref(), terminal.style).trim_end());
    }
    tell(args, context, item, Exit::Refused, terminal)
}

fn printable(item: &Item) -> Item {
    let mut item = item.clone();
    item.make_printable();
    item
}
