//! For the model checker: a process's state in terms of "now".

use super::{At, Elector};
use crate::model::Micros;
use crate::model::write::relative::{Frame, Relative};

impl Relative for Elector {
    fn relate(&mut self, frame: &mut Frame) {
        match &mut self.at {
            At::Resting(until) | At::Repeating(_, until) => until.relate(frame),
            At::Start | At::Calling(_) | At::Gone => {}
        }
        self.seen.acquired.relate(frame);
        self.seen_at.relate(frame);
        if let (Some(read), Frame::Shift { by, .. }) = (&mut self.read, &*frame) {
            let by = by.whole_seconds();
            for seconds in [&mut read.acquired, &mut read.renewed].into_iter().flatten() {
                *seconds = (*seconds - by).max(Frame::PAST.whole_seconds());
            }
        }
        self.limit.relate(frame);
        if matches!(self.at, At::Resting(_)) {
            // The next try begins with all of these.
            self.forget(frame);
        }
        self.begun.monotonic.relate(frame);
        self.begun.wall.relate(frame);
        self.acquired.relate(frame);
        self.tick.relate(frame);
        self.call_limit.relate(frame);
        self.version.relate(frame);
    }
}

impl Elector {
    fn forget(&mut self, frame: &mut Frame) {
        for time in [&mut self.begun.monotonic, &mut self.begun.wall, &mut self.call_limit] {
            frame.forget(time);
        }
        if self.limit == Micros::NEVER {
            frame.forget(&mut self.tick);
        }
        if !self.holds() {
            // Only who believes it holds the Lease writes without a look.
            self.version = None;
        }
        self.acquired = None;
        self.transitions = 0;
        self.repeats = 0;
    }
}
