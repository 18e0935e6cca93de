//! A trial's moments as a [`Timeline`]: in words, and as spans of acting.

use super::plan::Plan;
use super::question::Question;
use super::{Moment, What};
use crate::model::Micros;
use crate::model::timeline::{Acting, Event, Timeline};

/// Tells a trial's story, from the last renewal before the fault on.
#[must_use]
pub fn timeline(moments: &[Moment], plan: &Plan) -> Timeline {
    let mut timeline = Timeline::default();
    let acting = |actor, from| Acting { actor, from, until: None };
    let old = moments.iter().find(|moment| moment.what == What::Fault).map_or(0, |moment| moment.replica);
    let (mut faults, mut hit) = (0, Micros::ZERO);
    for (number, moment) in moments.iter().enumerate() {
        let (at, who) = (moment.at, name(moment.replica, old, plan.standbys));
        match moment.what {
            // Who leads at the fault has acted since before it.
            What::Fault if faults == 0 => timeline.acting.push(acting(who.clone(), Micros::ZERO - Micros::NEVER)),
            What::Started if at >= Micros::ZERO && !timeline.acts(&who) => {
                timeline.acting.push(acting(who.clone(), at))
            }
            // Whose work has ended already may hear of it again.
            What::Stopped if at >= Micros::ZERO && !timeline.acts(&who) => continue,
            What::Stopped | What::Exited => timeline.ends(&who, at),
            // Who stood still did not act, though it never knew.
            What::Thawed if timeline.acts(&who) => {
                timeline.ends(&who, hit);
                timeline.acting.push(acting(who.clone(), at));
            }
            _ => {}
        }
        let (actor, what) = match moment.what {
            // How it came to lead is another story.
            What::Started | What::Stopped | What::Acquired if at < Micros::ZERO => continue,
            What::Fault => {
                (faults, hit) = (faults + 1, at);
                if plan.steals() { ("standbys".to_owned(), "clocks are put ahead") } else { plan.question.event() }
            }
            // Once it was taken over, a clock that is behind says so again and again.
            What::Expired if timeline.acting.len() > 1 => continue,
            What::Expired => ("Lease".to_owned(), "runs out, by what stands in it"),
            What::Tampered => continue,
            // Whoever goes by its own observation may have seen the last renewal late.
            What::Looked if !takes_now(&moments[number..]) => {
                (who, "looks; by its own count the Lease is not over yet")
            }
            what => (who, words(what)),
        };
        timeline.events.push(Event { at, actor, what: what.to_owned() });
    }
    if let Some(back) = back(plan.question) {
        let position = timeline.events.partition_point(|event| event.at <= back.at);
        timeline.events.insert(position, back);
    }
    timeline
}

/// Whether who looks takes the Lease at once.
fn takes_now(moments: &[Moment]) -> bool {
    let Some(look) = moments.first() else { return false };
    let same = moments.iter().skip(1).filter(|moment| moment.replica == look.replica);
    same.take_while(|moment| moment.at - look.at < Micros::SECOND / 20)
        .any(|moment| matches!(moment.what, What::Acquired | What::Freed | What::Started))
}

/// When the API is there again.
fn back(question: Question) -> Option<Event> {
    let (at, actor, what) = match question {
        Question::Outage(lasting, _) => (lasting, "API", "can be reached again"),
        Question::Partition(Some(lasting), _) => (lasting, "leader", "could reach the API again"),
        _ => return None,
    };
    Some(Event { at, actor: actor.to_owned(), what: what.to_owned() })
}

/// The leader is who led at the fault; replicas beyond the standbys are Pods that came later.
fn name(number: usize, old: usize, standbys: u8) -> String {
    match number {
        _ if number == old => "leader".to_owned(),
        _ if number > usize::from(standbys) => "new Pod".to_owned(),
        _ if number < old => format!("standby-{}", number + 1),
        _ => format!("standby-{number}"),
    }
}

fn words(what: What) -> &'static str {
    match what {
        What::Fault => "the fault",
        What::Renewed => "renews the Lease",
        What::Failed => "fails to reach the API for the first time",
        What::Expired => "runs out",
        What::Looked => "looks for the first time since the Lease ran out",
        What::Acquired => "takes the Lease",
        What::Named => "is named as the holder",
        What::Preferred => "is preferred: the holder is to give up",
        What::Released => "releases the Lease",
        What::Freed => "clears the Lease that has run out",
        What::Tampered => "is written to",
        What::Started => "acts as the leader",
        What::Stopped => "stops acting",
        What::Exited => "ends",
        What::Restarted => "is started again",
        What::Joined => "starts",
        What::Thawed => "goes on",
    }
}
