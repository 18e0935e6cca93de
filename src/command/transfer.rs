//! `hactl transfer`: moves leadership, and says before what it will cost and after what it did cost.

mod act;
mod after;
mod conduct;
mod foresee;
mod left;
mod live;
mod measure;
mod off_node;
mod pod;
mod prepare;
mod record;
mod rehearse;

use std::time::Duration;

use super::agree::agree;
use super::one::{connect_one, find_whole, namespace};
use crate::cli::Global;
use crate::cli::transfer::{DryRun, Output, Transfer as Args};
use crate::clock::{generated_at, local_now};
use crate::cluster::Reader;
use crate::error::{Error, Exit, Result};
use crate::model::Election;
use crate::report::transfer::{Outcome, Transfer, TransferResult};
use crate::terminal::{Interrupts, Stop, Terminal};
use crate::transfer::rights;
use crate::view::{machine, transfer as view};
use act::act;
use left::Left;
use off_node::found;
use prepare::{Prepared, Ready, Refusal, allowed, prepare};
use rehearse::rehearse;

/// A plan that is older than this is made anew before it is carried out.
const STALE: Duration = Duration::from_secs(30);

/// Runs `hactl transfer`.
///
/// # Errors
///
/// Where nothing was begun: what was read, asked or allowed was not enough.
pub async fn run(args: &Args, global: &Global, terminal: Terminal) -> Result<Exit> {
    let mut interrupts = Interrupts::listen();
    if let Some(node) = &args.off_node {
        return off_node::run(node, args, global, &terminal, interrupts).await;
    }
    let looking = async {
        let reader = connect_one(global, "a transfer is of one cluster").await?;
        let Some(target) = &args.target else {
            return Err(Error::usage("which Election is meant has to be said"));
        };
        allowed(&reader, &rights::to_look(&namespace(&reader, global))).await?;
        let (election, whole) = find_whole(&reader, target, global, &terminal).await?;
        Ok((reader, election, whole))
    };
    let found = tokio::select! {
        found = looking => found,
        exit = interrupts.next() => return Ok(exit),
    };
    let (reader, mut election, whole) = match found {
        Ok(found) => found,
        Err(error) => return refuse(args, error.into(), &terminal),
    };
    if left::behind(&reader, &election) {
        election = match left::clear(args, &reader, election, whole, &terminal, &mut interrupts).await? {
            Left::Healed(election) => *election,
            Left::Ended(exit) => return Ok(exit),
        };
    }
    usual(args, reader, election, &terminal, &mut interrupts).await
}

/// Someone leads, and is moved.
async fn usual(
    args: &Args,
    reader: Reader,
    election: Election,
    terminal: &Terminal,
    interrupts: &mut Interrupts,
) -> Result<Exit> {
    let prepared = tokio::select! {
        prepared = prepare(args, reader, election) => prepared,
        exit = interrupts.next() => return Ok(exit),
    };
    let ready = match prepared {
        Ok(Prepared::Ready(ready)) => ready,
        Ok(Prepared::Already(context, item)) => return tell(args, context, *item, Exit::Success, terminal),
        Err(refusal) => return refuse(args, refusal, terminal),
    };
    let context = ready.election.context.clone();
    let rehearsed = tokio::select! {
        rehearsed = rehearse(&ready), if args.dry_run == DryRun::Server => rehearsed,
        exit = interrupts.next(), if args.dry_run == DryRun::Server => return Ok(exit),
        else => Ok(()),
    };
    if let Err(error) = rehearsed {
        let item = Transfer { outcome: Outcome::Refused, reason: Some(error.message.clone()), ..ready.item };
        return refuse(args, Refusal { context, item: Box::new(item), error }, terminal);
    }
    if args.dry_run != DryRun::None {
        return tell(args, context, ready.item, Exit::Success, terminal);
    }
    terminal.say(view::plan(&ready.item, context.as_deref(), terminal.style).trim_end());
    let in_context = context.as_ref().map_or_else(String::new, |context| format!(" in context {context}"));
    let (place, victim) = (view::place(&ready.item), ready.item.from.name());
    let question = format!("Move the leadership of {place}{in_context} away from {victim}?");
    let agreed = tokio::select! {
        agreed = agree(args.yes, question) => agreed?,
        exit = interrupts.next() => return Ok(exit),
    };
    let Some(consent) = agreed else {
        let item = Transfer { outcome: Outcome::Declined, ..ready.item };
        return tell(args, context, item, Exit::Declined, terminal);
    };
    let ready = match fresh(args, ready).await {
        Ok(ready) => ready,
        Err(refusal) => return refuse(args, refusal, terminal),
    };
    let (item, exit) = act(*ready, consent, args, terminal, interrupts).await;
    tell(args, context, item, exit, terminal)
}

/// A plan that a person has thought about for long is made once more: what they agreed to has to be still so.
async fn fresh(args: &Args, ready: Box<Ready>) -> std::result::Result<Box<Ready>, Refusal> {
    let passed = local_now().duration_since(ready.at);
    if passed.unsigned_abs() < STALE {
        return Ok(ready);
    }
    let Ready { reader, election, plan, item, .. } = *ready;
    let context = election.context.clone();
    let now = found(&reader, Some(&election), None).await?;
    let again = match now.into_iter().next() {
        Some(now) => prepare(args, reader, now).await?,
        None => return Err(Error::refused("the Lease is gone").into()),
    };
    match again {
        Prepared::Ready(again) if again.plan.agrees(&plan) => Ok(again),
        _ => {
            let error = Error::refused("what was agreed to is not so any more").hint("look at the new plan");
            let item = Transfer { outcome: Outcome::Refused, reason: Some(error.message.clone()), ..item };
            Err(Refusal { context, item: Box::new(item), error })
        }
    }
}

/// The result on stdout, and the exit code.
fn tell(args: &Args, context: Option<String>, item: Transfer, exit: Exit, terminal: &Terminal) -> Result<Exit> {
    let result = TransferResult::new(generated_at(), context, item);
    let text = match args.output {
        Output::Json => machine::json(&result),
        Output::Yaml => machine::yaml(&result),
        Output::Table if result.item.outcome == Outcome::Planned => {
            view::plan(&result.item, result.context.as_deref(), terminal.style)
        }
        Output::Table => view::result(&result.item, terminal.style),
    };
    Ok(told(&text, exit, terminal))
}

/// Writes the result. What was done stays done where nobody reads of it.
fn told(text: &str, exit: Exit, terminal: &Terminal) -> Exit {
    match terminal.result(text) {
        Err(Stop::Failed(why)) => {
            terminal.say(format_args!("error: the result could not be written: {why}"));
            if exit == Exit::Success { Exit::FollowUpFailed } else { exit }
        }
        Ok(()) | Err(Stop::Unread) => exit,
    }
}

/// A refusal: in words, and for a script that reads documents as one.
fn refuse(args: &Args, refusal: Refusal, terminal: &Terminal) -> Result<Exit> {
    let Refusal { context, item, error } = refusal;
    if error.exit != Exit::Refused || args.output == Output::Table {
        return Err(error);
    }
    terminal.say(error.rendered().to_string().trim_end());
    tell(args, context, *item, Exit::Refused, terminal)
}
