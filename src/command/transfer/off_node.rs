//! `hactl transfer --off-node`: everything that is led from a node, one election after the other.

use futures::future::OptionFuture;

use super::act::act;
use super::prepare::{Prepared, Ready, allowed, prepare};
use super::rehearse::rehearse;
use super::{agree, ended};
use crate::cli::Global;
use crate::cli::transfer::{DryRun, Output, Transfer as Args};
use crate::clock::generated_at;
use crate::cluster::{Consent, Reader, Scope};
use crate::command::End;
use crate::command::look::look_at;
use crate::command::one::connect_one;
use crate::error::{Exit, Result};
use crate::model::Election;
use crate::report::transfer::{Outcome, Transfer, TransferResultList};
use crate::terminal::{Interrupts, Progress, Terminal};
use crate::transfer::rights;
use crate::view::{machine, transfer as view};

/// The worst first, where several transfers end differently.
const WORST: [Exit; 8] = [
    Exit::Indeterminate,
    Exit::FollowUpFailed,
    Exit::MovedElsewhere,
    Exit::Refused,
    Exit::Interrupted,
    Exit::Terminated,
    Exit::Unknown,
    Exit::Success,
];

/// One of them: ready, or ended before it began.
enum Step {
    Ready(Box<Ready>),
    Ended(Box<Transfer>, Exit),
}

/// Runs it.
pub(super) async fn run(
    node: &str,
    args: &Args,
    global: &Global,
    terminal: &Terminal,
    mut interrupts: Interrupts,
) -> Result<Exit> {
    let (reader, steps) = tokio::select! {
        planned = plan(node, args, global, terminal) => planned?,
        exit = interrupts.next() => return Ok(exit),
    };
    let context = reader.context.clone();
    let ready = steps.iter().filter(|step| matches!(step, Step::Ready(_))).count();
    let moves = ready > 0 && args.dry_run == DryRun::None;
    if args.output == Output::Table || moves {
        describe(&steps, node, context.as_deref(), moves, terminal)?;
    }
    if !moves {
        let done = steps.into_iter().map(|step| match step {
            Step::Ready(ready) => (ready.item, Exit::Success),
            Step::Ended(item, exit) => (*item, exit),
        });
        return tell(args, context, done.collect(), terminal, args.dry_run != DryRun::None);
    }
    let in_context = context.as_ref().map_or_else(String::new, |context| format!(" in context {context}"));
    let question = format!("Move {ready} elections{in_context} off node {node}, one after the other?");
    let agreed = tokio::select! {
        agreed = agree(args, question) => agreed?,
        exit = interrupts.next() => return Ok(exit),
    };
    if agreed.is_none() {
        return Ok(Exit::Declined);
    }
    drop(interrupts);
    let mut done: Vec<(Transfer, Exit)> = Vec::new();
    for step in steps {
        // Whoever interrupts one of them wants none of the others; and where one is in doubt, no more are put at risk.
        let stopped = done.iter().any(|(_, exit)| matches!(exit, Exit::Indeterminate | Exit::Interrupted));
        done.push(match step {
            Step::Ready(ready) if stopped => {
                let why = "not begun: an earlier one is in doubt".to_owned();
                (Transfer { outcome: Outcome::Declined, reason: Some(why), ..ready.item }, Exit::Success)
            }
            Step::Ready(ready) => again(*ready, args, terminal).await,
            Step::Ended(item, exit) => (*item, exit),
        });
    }
    tell(args, context, done, terminal, false)
}

/// Plans once more, for meanwhile the others were moved, and then does it.
async fn again(ready: Ready, args: &Args, terminal: &Terminal) -> (Transfer, Exit) {
    let Ready { reader, election, .. } = ready;
    let again: OptionFuture<_> = found(&reader, Some(&election), None)
        .await
        .ok()
        .and_then(|mut all| all.pop())
        .map(|election| prepare(args, reader, election))
        .into();
    match again.await {
        None => (Transfer::of(&election, Outcome::Refused, Some("it is gone".to_owned())), Exit::Refused),
        Some(Ok(Prepared::Already(_, item))) => (*item, Exit::Success),
        Some(Ok(Prepared::Ready(ready))) => {
            terminal.say(format_args!("{}:", view::place(&ready.item)));
            // The person has agreed to all of them at once.
            act(*ready, Consent::by_flag(), args, terminal).await
        }
        Some(Err(refusal)) => (*refusal.item, refusal.error.exit),
    }
}

/// The elections in a namespace, or in all; or one of them, as it is by now.
async fn found(reader: &Reader, one: Option<&Election>, namespace: Option<&String>) -> Result<Vec<Election>> {
    let scope = Scope {
        namespace: one.map(|election| election.namespace.clone()).or(namespace.cloned()),
        lease: one.and_then(Election::lease_name).map(str::to_owned),
        exact: one.is_some(),
        ..Scope::default()
    };
    Ok(look_at(reader, &scope, None).await?.elections)
}

async fn plan(node: &str, args: &Args, global: &Global, terminal: &Terminal) -> Result<(Reader, Vec<Step>)> {
    let reader = connect_one(global, "a transfer is of one cluster").await?;
    allowed(&reader, &rights::to_look(global.namespace.as_deref().unwrap_or_default())).await?;
    let looking = found(&reader, None, global.namespace.as_ref());
    let mut all = Progress::during(format!("reading {}", reader.server), looking).await?;
    all.retain(|election| election.holder.node.as_deref() == Some(node));
    let mut steps = Vec::new();
    for election in all {
        let fallback = Transfer::of(&election, Outcome::Refused, None);
        steps.push(match prepare(args, reader.clone(), election).await {
            Ok(Prepared::Already(_, item)) => Step::Ended(item, Exit::Success),
            Ok(Prepared::Ready(ready)) => match args.dry_run {
                DryRun::Server => match rehearse(&ready).await {
                    Ok(()) => Step::Ready(ready),
                    Err(error) => {
                        Step::Ended(Box::new(Transfer { reason: Some(error.message), ..fallback }), error.exit)
                    }
                },
                _ => Step::Ready(ready),
            },
            Err(refusal) => {
                terminal.say(format_args!("warning: {}: {}", view::place(&refusal.item), refusal.error.message));
                Step::Ended(refusal.item, refusal.error.exit)
            }
        });
    }
    Ok((reader, steps))
}

/// What is going to be done: one line for each, or each plan where that is the result.
fn describe(steps: &[Step], node: &str, context: Option<&str>, moves: bool, terminal: &Terminal) -> Result<()> {
    if steps.is_empty() {
        terminal.say(format_args!("nothing is led from node {node}"));
    }
    for step in steps {
        let Step::Ready(ready) = step else { continue };
        if moves {
            let to = ready.item.to.as_ref().map_or("whoever is first", |to| to.name());
            let method = ready.item.method.unwrap_or("-");
            let from = ready.item.from.name();
            terminal.say(format_args!("{}  {from} to {to} ({method})", view::place(&ready.item)));
        } else {
            let text = view::plan(&ready.item, context, terminal.style);
            ended(terminal.result(&format!("{text}\n")).map(|()| Exit::Success).map_err(End::from))?;
        }
    }
    Ok(())
}

fn tell(
    args: &Args,
    context: Option<String>,
    done: Vec<(Transfer, Exit)>,
    terminal: &Terminal,
    planned: bool,
) -> Result<Exit> {
    let exit = WORST.into_iter().find(|exit| done.iter().any(|(_, one)| one == exit)).unwrap_or(Exit::Success);
    let items: Vec<_> = done.into_iter().map(|(item, _)| item).collect();
    let list = |items| TransferResultList::new(generated_at(), context, items);
    let text = match args.output {
        Output::Json => machine::json(&list(items)),
        Output::Yaml => machine::yaml(&list(items)),
        // The plans were the result.
        Output::Table if planned => String::new(),
        Output::Table => items.iter().map(|item| view::result(item, terminal.style)).collect(),
    };
    ended(terminal.result(&text).map(|()| exit).map_err(End::from))
}
