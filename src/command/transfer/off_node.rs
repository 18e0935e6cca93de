//! `hactl transfer --off-node`: everything that is led from a node, one election after the other.

use super::act::act;
use super::prepare::{Prepared, Ready, allowed, prepare};
use super::rehearse::rehearse;
use super::{agree, told};
use crate::cli::Global;
use crate::cli::transfer::{DryRun, Output, Transfer as Args};
use crate::clock::generated_at;
use crate::cluster::{Consent, Reader, Scope};
use crate::command::look::look_at;
use crate::command::one::connect_one;
use crate::error::{Error, Exit, Result};
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
    Exit::Unknown,
    Exit::Interrupted,
    Exit::Terminated,
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
    let plans: String = steps
        .iter()
        .filter_map(|step| match step {
            Step::Ready(ready) => Some(view::plan(&ready.item, context.as_deref(), terminal.style) + "\n"),
            Step::Ended(..) => None,
        })
        .collect();
    if steps.is_empty() {
        terminal.say(format_args!("nothing is led from node {node}"));
    }
    if !moves {
        let planned = args.dry_run != DryRun::None;
        let done: Vec<_> = steps.into_iter().map(Step::ended).collect();
        return Ok(tell(args, context, done, terminal, planned.then_some(plans)));
    }
    terminal.say(plans.trim_end());
    let in_context = context.as_ref().map_or_else(String::new, |context| format!(" in context {context}"));
    let question = format!("Move {ready} elections{in_context} off node {node}, one after the other, as said above?");
    let agreed = tokio::select! {
        agreed = agree(args.yes, question) => agreed?,
        exit = interrupts.next() => return Ok(exit),
    };
    let Some(consent) = agreed else {
        let declined =
            steps.into_iter().map(Step::ended).map(|(item, _)| Transfer { outcome: Outcome::Declined, ..item });
        let declined = declined.map(|item| (item, Exit::Success)).collect();
        tell(args, context, declined, terminal, None);
        return Ok(Exit::Declined);
    };
    let mut done: Vec<(Transfer, Exit)> = Vec::new();
    let mut stopped = None;
    for step in steps {
        done.push(match step {
            Step::Ended(item, exit) => (*item, exit),
            Step::Ready(ready) if stopped.is_some() => {
                let why = "not begun: the run was ended before, or is in doubt".to_owned();
                (Transfer { outcome: Outcome::Declined, reason: Some(why), ..ready.item }, Exit::Success)
            }
            Step::Ready(ready) => {
                let (item, exit) = again(*ready, consent.clone(), args, terminal, &mut interrupts).await;
                let ends = matches!(exit, Exit::Indeterminate | Exit::Interrupted | Exit::Terminated);
                stopped = ends.then_some(exit);
                (item, exit)
            }
        });
    }
    // Whoever interrupts after something was moved has not interrupted before anything was changed.
    let changed = done.iter().any(|(item, _)| item.id.is_some());
    let exit = tell(args, context, done, terminal, None);
    Ok(if changed && stopped.is_some() { Exit::Indeterminate } else { exit })
}

impl Step {
    fn ended(self) -> (Transfer, Exit) {
        match self {
            Self::Ready(ready) => (ready.item, Exit::Success),
            Self::Ended(item, exit) => (*item, exit),
        }
    }
}

/// Plans once more, for meanwhile the others were moved, and then does it, if it is still what was agreed to.
async fn again(
    ready: Ready,
    consent: Consent,
    args: &Args,
    terminal: &Terminal,
    interrupts: &mut Interrupts,
) -> (Transfer, Exit) {
    let Ready { reader, election, plan, item, .. } = ready;
    let refused = |error: Error| {
        let outcome = if error.exit == Exit::Refused { Outcome::Refused } else { Outcome::Unknown };
        (Transfer { outcome, reason: Some(error.message), ..item.clone() }, error.exit)
    };
    let planning = async {
        match found(&reader, Some(&election), None).await?.into_iter().next() {
            Some(now) => prepare(args, reader.clone(), now).await.map_err(|refusal| refusal.error),
            None => Err(Error::refused("the Lease is gone")),
        }
    };
    let planned = tokio::select! {
        planned = planning => planned,
        exit = interrupts.next() => return (Transfer { outcome: Outcome::Declined, ..item }, exit),
    };
    match planned {
        Ok(Prepared::Already(_, item)) => (*item, Exit::Success),
        Ok(Prepared::Ready(ready)) if ready.plan.ends(&plan) => {
            terminal.say(format_args!("{}:", view::place(&ready.item)));
            act(*ready, consent, args, terminal, interrupts).await
        }
        Ok(Prepared::Ready(_)) => refused(Error::refused("what was agreed to is not so any more")),
        Err(error) => refused(error),
    }
}

/// The elections in a namespace, or in all; or one of them, as it is by now.
///
/// # Errors
///
/// Where not all could be read that tells where they are led from.
pub(super) async fn found(
    reader: &Reader,
    one: Option<&Election>,
    namespace: Option<&String>,
) -> Result<Vec<Election>> {
    let name = one.and_then(Election::lease_name);
    let scope = Scope {
        namespace: one.map(|election| election.namespace.clone()).or(namespace.cloned()),
        lease: name.map(str::to_owned),
        exact: one.is_some(),
        ..Scope::default()
    };
    let found = look_at(reader, &scope, None).await?;
    if let Some(part) = found.unread.iter().find(|part| part.starts_with("pods")) {
        return Err(Error::unknown(part.clone()));
    }
    let mut elections = found.elections;
    elections.retain(|election| name.is_none() || election.lease_name() == name);
    Ok(elections)
}

async fn plan(node: &str, args: &Args, global: &Global, terminal: &Terminal) -> Result<(Reader, Vec<Step>)> {
    let reader = connect_one(global, "a transfer is of one cluster").await?;
    allowed(&reader, &rights::to_look(global.namespace.as_deref().unwrap_or_default())).await?;
    if !reader.has_node(node).await? {
        return Err(Error::usage(format!("there is no node {node}")).hint("list them with: kubectl get nodes"));
    }
    let looking = found(&reader, None, global.namespace.as_ref());
    let mut all = Progress::during(format!("reading {}", reader.server), looking).await?;
    all.retain(|election| election.holder.node.as_deref() == Some(node));
    let mut steps = Vec::new();
    for election in all {
        let fallback = Transfer::of(&election, Outcome::Refused, None);
        // To plan the one before may have taken its time.
        let Some(election) = found(&reader, Some(&election), None).await?.into_iter().next() else { continue };
        steps.push(match prepare(args, reader.clone(), election).await {
            Ok(Prepared::Already(_, item)) => Step::Ended(item, Exit::Success),
            Ok(Prepared::Ready(ready)) => match args.dry_run {
                DryRun::Server => match rehearse(&ready).await {
                    Ok(()) => Step::Ready(ready),
                    Err(error) => {
                        Step::Ended(Box::new(Transfer { reason: Some(error.message), ..fallback }), error.exit)
                    }
                },
                DryRun::None | DryRun::Client => Step::Ready(ready),
            },
            Err(refusal) => {
                terminal.say(format_args!("warning: {}: {}", view::place(&refusal.item), refusal.error.message));
                Step::Ended(refusal.item, refusal.error.exit)
            }
        });
    }
    Ok((reader, steps))
}

/// The result on stdout, and the exit code; `plans` where the plans are the result.
fn tell(
    args: &Args,
    context: Option<String>,
    done: Vec<(Transfer, Exit)>,
    terminal: &Terminal,
    plans: Option<String>,
) -> Exit {
    let exit = WORST.into_iter().find(|exit| done.iter().any(|(_, one)| one == exit)).unwrap_or(Exit::Success);
    let items: Vec<_> = done.into_iter().map(|(item, _)| item).collect();
    let list = |items| TransferResultList::new(generated_at(), context, items);
    let text = match args.output {
        Output::Json => machine::json(&list(items)),
        Output::Yaml => machine::yaml(&list(items)),
        Output::Table => plans.unwrap_or_else(|| items.iter().map(|item| view::result(item, terminal.style)).collect()),
    };
    told(&text, exit, terminal)
}
