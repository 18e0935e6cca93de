//! A fence that another transfer left behind: it is cleared as `hactl repair` clears it, once it is proved that nobody
//! leads; then whoever takes the Lease is who was wanted, or is moved like any leader.

use std::time::Duration;

use jiff::Timestamp;

use super::act::act;
use super::after::After;
use super::off_node::found;
use super::prepare::{Prepared, Refusal, allowed, prepare, wish};
use super::{fresh, refuse, tell};
use crate::cli::transfer::{DryRun, Transfer as Args};
use crate::clock::local_now;
use crate::cluster::{Consent, Pen, Reader, Rehearsal};
use crate::command::agree::agree;
use crate::command::repair::known::Known;
use crate::command::repair::prepare as repair;
use crate::command::repair::{act::act as write, prepare::decide};
use crate::error::{Error, Exit, Result};
use crate::model::Election;
use crate::model::elector::hostname_of;
use crate::model::lease::Tenure;
use crate::report::Seconds;
use crate::report::role::Role;
use crate::report::transfer::{CLEARING, Line, Outcome, PartyItem, Transfer};
use crate::terminal::{Interrupts, Terminal};
use crate::transfer::repair::Problem;
use crate::transfer::rights;
use crate::view::transfer as view;

/// How long it is waited for the proof that nobody leads, if nothing else is said.
const PROVED_WITHIN: Duration = Duration::from_secs(120);

/// What became of the fence.
pub(super) enum Left {
    /// Somebody took the Lease before anything was written.
    Healed(Box<Election>),
    /// The run is over.
    Ended(Exit),
}

/// What is cleared, and who may lead then.
struct Cleared<'a> {
    args: &'a Args,
    reader: &'a Reader,
    election: Election,
    item: Transfer,
}

/// Whether hactl's fence stands there, and has run out.
pub(super) fn behind(reader: &Reader, election: &Election) -> bool {
    let now = reader.now().at;
    election.lease.as_ref().is_some_and(|lease| lease.tenure(now) == Tenure::Fenced { expired: true })
}

/// Clears it, and goes on from whoever leads then.
///
/// # Errors
///
/// Where nothing was begun, in the words of `hactl transfer`.
pub(super) async fn clear(
    args: &Args,
    reader: &Reader,
    election: Election,
    whole: bool,
    terminal: &Terminal,
    interrupts: &mut Interrupts,
) -> Result<Left> {
    let context = election.context.clone();
    let planned = tokio::select! {
        planned = plan(args, reader, &election, whole) => planned,
        exit = interrupts.next() => return Ok(Left::Ended(exit)),
    };
    let (ready, item) = match planned {
        Ok(Some(planned)) => planned,
        Ok(None) => {
            let now = found(reader, Some(&election), None).await?;
            return match now.into_iter().next() {
                Some(now) => Ok(Left::Healed(Box::new(now))),
                None => Err(Error::refused("the Lease is gone")),
            };
        }
        Err(error) => {
            let item = Transfer::of(&election, Outcome::Refused, Some(error.message.clone()));
            return refuse(args, Refusal { context, item: Box::new(item), error }, terminal).map(Left::Ended);
        }
    };
    if args.dry_run != DryRun::None {
        return tell(args, context, item, Exit::Success, terminal).map(Left::Ended);
    }
    terminal.say(view::plan(&item, context.as_deref(), terminal.style).trim_end());
    let in_context = context.as_ref().map_or_else(String::new, |context| format!(" in context {context}"));
    let question = format!("Clear the fence in {}{in_context}, so that somebody leads again?", view::place(&item));
    let agreed = tokio::select! {
        agreed = agree(args.yes, question) => agreed?,
        exit = interrupts.next() => return Ok(Left::Ended(exit)),
    };
    let Some(consent) = agreed else {
        let item = Transfer { outcome: Outcome::Declined, ..item };
        return tell(args, context, item, Exit::Declined, terminal).map(Left::Ended);
    };
    let cleared = Cleared { args, reader, election, item };
    let (item, exit) = cleared.run(ready, consent, terminal, interrupts).await;
    tell(args, context, item, exit, terminal).map(Left::Ended)
}

/// What is written, and how that is told; `None` where the fence has gone meanwhile.
async fn plan(
    args: &Args,
    reader: &Reader,
    election: &Election,
    whole: bool,
) -> Result<Option<(Box<repair::Ready>, Transfer)>> {
    let Some(lease) = election.lease.as_ref() else { return Ok(None) };
    let from = led_before(election);
    if let Some(guard) = args.from.as_deref().filter(|guard| !is(guard, &from)) {
        return Err(Error::refused(format!("{guard} did not lead before the fence: {} did", from.name())));
    }
    if args.require_audit {
        return Err(Error::refused("a fence was left behind, and its clearing is recorded only afterwards")
            .hint("clear it first with: hactl repair"));
    }
    let key = lease.key.clone();
    let mut needed = rights::to_look(&election.namespace);
    needed.extend(rights::to_repair(&key));
    allowed(reader, &needed).await?;
    let named = args.elector.map(|elector| (elector.name, elector.times));
    let known = Known::of(election.clone(), whole, named);
    let patience = args
        .timeout
        .map_or(PROVED_WITHIN, |timeout| Duration::from_micros(u64::try_from(timeout.get()).unwrap_or_default()));
    let ready = match decide(reader.clone(), key, known, Some(patience)).await? {
        repair::Prepared::Ready(ready) if ready.repair.problem == Problem::Fence => ready,
        repair::Prepared::Ready(_) | repair::Prepared::Sound(..) => return Ok(None),
        repair::Prepared::Refused(_, item) if item.problem == Some(Problem::Fence.as_str()) => {
            let (evidence, reason) = (item.evidence.unwrap_or_default(), item.reason.unwrap_or_default());
            let error = Error::refused(format!("{evidence}; {reason}"));
            return Err(if item.advice.is_empty() { error } else { error.hint(item.advice.join("\n")) });
        }
        repair::Prepared::Refused(..) => return Ok(None),
    };
    if !ready.anyone {
        return Err(Error::refused(format!("{}, and no Pod of its workload runs", ready.repair.evidence)));
    }
    if args.dry_run == DryRun::Server
        && let Err(unwritten) = Rehearsal::new(reader.clone()).patch(&ready.key, &ready.patch).await
    {
        return Err(Error { exit: Exit::Refused, ..unwritten.failure().error.clone() });
    }
    let proof = ready.item.precondition.as_ref().map_or("", |precondition| precondition.why.as_str());
    let then = match &args.to {
        Some(to) => format!("if that is not {to}, it is moved there afterwards, as any leader is"),
        None if !wish(args).wanted.anyone() => {
            "if that is where nobody is to lead, it is moved afterwards, as any leader is".to_owned()
        }
        None => "the Lease is free to all of them".to_owned(),
    };
    let item = Transfer {
        method: Some(CLEARING),
        method_reason: Some(format!("{}: it is cleared ({proof})", ready.repair.evidence)),
        from,
        to_reason: Some(then),
        roles: Role::of(&needed),
        longest_seconds: Some(Seconds(ready.repair.within)),
        timeout_seconds: Some(Seconds(ready.repair.within)),
        undo: Some("nothing to undo: what is cleared is free to every candidate".to_owned()),
        ..Transfer::of(election, Outcome::Planned, None)
    };
    Ok(Some((ready, item)))
}

/// Who led before the fence, as its annotation says.
fn led_before(election: &Election) -> PartyItem {
    let identity = election.transfer().and_then(|transfer| transfer.from.clone());
    let host = identity.as_deref().map(|identity| hostname_of(identity).unwrap_or(identity));
    let pod = election.candidates.iter().map(|one| &one.pod).find(|pod| Some(pod.key.name.as_str()) == host);
    let node = pod.and_then(|pod| pod.node.clone());
    PartyItem { pod: pod.map(|pod| pod.key.name.clone()), node, identity }
}

/// Whether this is the one that is meant: by its identity or its Pod.
fn is(text: &str, party: &PartyItem) -> bool {
    party.identity.as_deref() == Some(text) || party.pod.as_deref() == Some(text.strip_prefix("pod/").unwrap_or(text))
}

impl Cleared<'_> {
    async fn run(
        mut self,
        ready: Box<repair::Ready>,
        consent: Consent,
        terminal: &Terminal,
        interrupts: &mut Interrupts,
    ) -> (Transfer, Exit) {
        let begun = local_now();
        let (repaired, exit) = write(*ready, consent, self.args.reason.clone(), terminal, interrupts).await;
        self.item.id = repaired.id;
        self.item.outcome = repaired.outcome;
        self.item.reason = repaired.reason;
        self.item.steps = repaired.steps;
        let Some(identity) = repaired.leader else { return (self.item, exit) };
        let after = After::look(self.reader, &self.election, &identity, interrupts).await;
        let leader = after.leader();
        self.item.leader = Some(leader.clone());
        // Who led before the fence may be the first to look.
        let guarded = self.args.from.as_deref().is_some_and(|from| !is(from, &leader));
        let anyone = wish(self.args).wanted.anyone();
        if anyone && (guarded || self.args.from.is_none()) {
            return match after.not_serving() {
                Some(why) => self.ended(Outcome::FollowUpFailed, Some(why), Exit::FollowUpFailed),
                None => (self.item, Exit::Success),
            };
        }
        self.then(begun, guarded, terminal, interrupts).await
    }

    fn ended(self, outcome: Outcome, reason: Option<String>, exit: Exit) -> (Transfer, Exit) {
        (Transfer { outcome, reason, ..self.item }, exit)
    }

    fn elsewhere(self, why: String) -> (Transfer, Exit) {
        self.ended(Outcome::MovedElsewhere, Some(why), Exit::MovedElsewhere)
    }

    /// Somebody leads; is it who was wanted, or has it to be moved?
    async fn then(
        self,
        begun: Timestamp,
        guarded: bool,
        terminal: &Terminal,
        interrupts: &mut Interrupts,
    ) -> (Transfer, Exit) {
        let args = Args { from: self.args.from.clone().filter(|_| !guarded), ..self.args.clone() };
        let planning = async {
            match found(self.reader, Some(&self.election), None).await?.into_iter().next() {
                Some(now) => prepare(&args, self.reader.clone(), now).await.map_err(|refusal| refusal.error),
                None => Err(Error::refused("the Lease is gone")),
            }
        };
        let planned = tokio::select! {
            planned = planning => planned,
            _ = interrupts.next() => {
                let why = "the fence is cleared; interrupted before the leadership was moved on".to_owned();
                return self.ended(Outcome::Unknown, Some(why), Exit::Indeterminate);
            }
        };
        let ready = match planned {
            Ok(Prepared::Already(..)) => return (self.item, Exit::Success),
            Ok(Prepared::Ready(_)) if guarded => {
                let why = format!("only {} was to be moved away", self.args.from.as_deref().unwrap_or_default());
                return self.elsewhere(why);
            }
            Ok(Prepared::Ready(ready)) => ready,
            Err(error) => return self.elsewhere(format!("it was not moved on: {}", error.message)),
        };
        terminal.say(view::plan(&ready.item, self.election.context.as_deref(), terminal.style).trim_end());
        let question =
            format!("Move the leadership of {} away from {}?", view::place(&ready.item), ready.item.from.name());
        let agreed = tokio::select! {
            agreed = agree(args.yes, question) => agreed.ok().flatten(),
            _ = interrupts.next() => None,
        };
        let Some(consent) = agreed else { return self.elsewhere("it was not to be moved on".to_owned()) };
        let ready = match fresh(&args, ready).await {
            Ok(ready) => ready,
            Err(refusal) => return self.elsewhere(format!("it was not moved on: {}", refusal.error.message)),
        };
        let earlier = local_now().duration_since(begun);
        let (item, exit) = act(*ready, consent, &args, terminal, interrupts).await;
        // Steps alone may be of what others did.
        if item.id.is_some() {
            return (self.with(item, earlier), exit);
        }
        let why = item.reason.unwrap_or_default();
        self.elsewhere(format!("it was not moved on: {why}"))
    }

    /// What was done before is told too.
    fn with(self, item: Transfer, earlier: jiff::SignedDuration) -> Transfer {
        let later =
            item.steps.into_iter().map(|line| Line { at_seconds: Seconds(line.at_seconds.0 + earlier), ..line });
        Transfer { steps: self.item.steps.into_iter().chain(later).collect(), ..item }
    }
}
