//! The transfer itself, and what is seen of it afterwards.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::after::{After, missed};
use super::conduct::{Run, conduct};
use super::live::Live;
use super::prepare::Ready;
use super::record::{self, Begun};
use crate::cli::transfer::Transfer as Args;
use crate::clock::local_now;
use crate::cluster::{Consent, Reader, Writer};
use crate::error::{Error, Exit, Result};
use crate::model::lease::FENCE_PREFIX;
use crate::report::transfer::{Outcome, Transfer, doubt, refusal};
use crate::terminal::{Interrupts, Progress, Terminal};
use crate::transfer::plan::Plan;
use crate::transfer::{Doubt, End, Why, micros};

/// Does it.
pub(super) async fn act(
    ready: Ready,
    consent: Consent,
    args: &Args,
    terminal: &Terminal,
    interrupts: &mut Interrupts,
) -> (Transfer, Exit) {
    let Ready { reader: patient, election, wish, plan, mut item, at: _ } = ready;
    let mut reader = patient.clone();
    let lease = plan.lease.duration.and_then(|duration| Duration::try_from(duration).ok()).unwrap_or_default();
    // A request that hangs must not keep the fence from being renewed.
    reader.timeout = reader.timeout.min((lease / 3).max(Duration::from_secs(1)));
    if let Err(error) = still_there(&reader, &plan).await {
        item.outcome = Outcome::Refused;
        item.reason = Some(error.message);
        return (item, error.exit);
    }
    let at = reader.now().at;
    let begun = Begun { id: id(&plan.lease.uid, at), at, who: reader.whoami().await.ok(), why: args.reason.clone() };
    let writer = Writer::new(reader.clone(), consent);
    if args.require_audit
        && let Err(error) = record::begin(&patient, &writer, &plan, &begun).await
    {
        // Where the ring may have been written, something was changed.
        item.outcome = if error.exit == Exit::Indeterminate { Outcome::Unknown } else { Outcome::Refused };
        item.reason = Some(format!("it could not be recorded: {}", error.message));
        return (item, if error.exit == Exit::Indeterminate { error.exit } else { Exit::Refused });
    }
    let mut live = Live::new(terminal, &plan, micros(local_now()));
    let fence = format!("{FENCE_PREFIX}{}", begun.id);
    let annotation = annotation(&begun, &item);
    let run = conduct(&reader, &writer, &plan, &fence, &annotation, interrupts, &mut live).await;
    live.finish();
    let mut exit = judge(&run, &plan.by_itself, &mut item);
    item.id = (run.touched || args.require_audit).then(|| begun.id.clone());
    item.measured = run.moments.seen(plan.setup, plan.assumed.request).map(Into::into);
    if let Some(identity) = &run.leader {
        let looking = After::look(&patient, &election, identity, interrupts);
        let after = Progress::during("looking at the next leader".to_owned(), looking).await;
        let (now, leader) = (micros(local_now()), after.leader());
        live.line(now, "verify", format!("{} leads: it has renewed the Lease by itself", leader.name()));
        // Where nobody in particular was wanted, and nobody was named yet, another will do.
        let another_will_do = item.outcome == Outcome::MovedElsewhere && wish.wanted.to.is_none() && !run.handed;
        if item.outcome == Outcome::Done || another_will_do {
            (item.outcome, item.reason, exit) = match (missed(&wish.wanted, &plan, &after), after.not_serving()) {
                (Some(why), _) => (Outcome::MovedElsewhere, Some(why), Exit::MovedElsewhere),
                (None, Some(why)) => (Outcome::FollowUpFailed, Some(why), Exit::FollowUpFailed),
                (None, None) => (Outcome::Done, None, Exit::Success),
            };
        }
        item.leader = Some(leader);
    }
    item.steps = std::mem::take(&mut live.lines);
    if (run.touched || args.require_audit)
        && let Err(error) = record::end(&patient, &writer, &plan, &begun, &item).await
    {
        terminal.say(format_args!("warning: the transfer could not be recorded: {}", error.message));
    }
    (item, exit)
}

/// A plan is of the moment at which it was made: who is to lead, or who leads, may have gone while a person read it.
async fn still_there(reader: &Reader, plan: &Plan) -> Result<()> {
    let parties = [plan.to.as_ref().and_then(|to| to.pod.as_deref()), plan.from.pod.as_deref()];
    for pod in parties.into_iter().flatten() {
        let same = reader.pod(&pod.key).await?.is_some_and(|now| {
            let restarted = now.restarts() != pod.restarts();
            let same = now.terminating() == pod.terminating() && now.ready == pod.ready;
            now.uid == pod.uid && same && !now.finished && !restarted
        });
        if !same {
            return Err(Error::refused(format!("{} is no more what it was: plan again", pod.key.name)));
        }
    }
    Ok(())
}

/// An id that no other transfer has.
fn id(lease: &str, at: Timestamp) -> String {
    let random = RandomState::new().hash_one((lease, at));
    format!("{:08x}", random >> 32)
}

/// What stands beside the fence, for whoever finds it.
fn annotation(begun: &Begun, item: &Transfer) -> String {
    json!({
        "id": begun.id,
        "from": item.from.identity,
        "to": item.to.as_ref().and_then(|to| to.identity.as_deref()),
        "who": begun.who,
        "startedAt": format!("{:.3}", begun.at),
    })
    .to_string()
}

/// How it ended.
fn judge(run: &Run, by_itself: &str, item: &mut Transfer) -> Exit {
    let trouble = run.trouble.as_ref().map(|error| error.message.clone());
    let (outcome, exit, why) = match run.end {
        End::Done(_) => (Outcome::Done, Exit::Success, None),
        End::Already => (Outcome::Already, Exit::Success, None),
        End::Interrupted => (Outcome::Declined, run.interrupted.unwrap_or(Exit::Interrupted), None),
        End::Elsewhere(_) => (Outcome::MovedElsewhere, Exit::MovedElsewhere, None),
        End::Refused(Why::Time) => (Outcome::Refused, Exit::Unknown, Some(refusal(Why::Time).to_owned())),
        End::Refused(why) => (Outcome::Refused, Exit::Refused, Some(refusal(why).to_owned())),
        End::Unknown(why) => {
            let alone = matches!(why, Doubt::Interrupted | Doubt::Denied | Doubt::Time);
            let told = if alone { format!("{}; {by_itself}", doubt(why)) } else { doubt(why).to_owned() };
            (Outcome::Unknown, Exit::Indeterminate, Some(told))
        }
    };
    let blames = !matches!(run.end, End::Done(_) | End::Already | End::Interrupted | End::Elsewhere(_));
    item.outcome = outcome;
    item.reason = match (why, trouble.filter(|_| blames)) {
        (Some(why), Some(trouble)) => Some(format!("{why} ({trouble})")),
        (why, _) => why,
    };
    exit
}
