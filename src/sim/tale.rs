//! A trial's moments as a [`Timeline`]: in words, and as spans of acting.

use super::plan::Plan;
use super::{Moment, What};
use crate::model::Micros;
use crate::model::timeline::{Acting, Event, Timeline};

/// Tells a trial's story, from the last renewal before the fault on.
#[must_use]
pub fn timeline(moments: &[Moment], plan: &Plan) -> Timeline {
    let mut timeline = Timeline::default();
    let acting = |actor, from| Acting { actor, from, until: None };
    let mut faults = 0;
    for moment in moments {
        let (at, who) = (moment.at, replica(moment.replica, plan.standbys));
        match moment.what {
            // Who leads at the fault has acted since before it.
            What::Fault if faults == 0 => timeline.acting.push(acting(who.clone(), Micros::ZERO - Micros::NEVER)),
            What::Started if at >= Micros::ZERO && !timeline.acts(&who) => {
                timeline.acting.push(acting(who.clone(), at))
            }
            What::Stopped | What::Exited => timeline.ends(&who, at),
            _ => {}
        }
        let (actor, what) = match moment.what {
            // How it came to lead is another story.
            What::Started | What::Acquired if at < Micros::ZERO => continue,
            What::Fault => {
                faults += 1;
                plan.question.event()
            }
            What::Expired => ("Lease".to_owned(), "runs out, by what stands in it"),
            What::Tampered => continue,
            what => (who, words(what)),
        };
        timeline.events.push(Event { at, actor, what: what.to_owned() });
    }
    timeline
}

/// Replicas beyond the standbys are Pods that came later.
fn replica(number: usize, standbys: u8) -> String {
    match number {
        0 => "leader".to_owned(),
        standby if standby <= usize::from(standbys) => format!("standby-{standby}"),
        _ => "new Pod".to_owned(),
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
