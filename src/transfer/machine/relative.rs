//! For the model checker: a transfer's state in terms of "now".

use super::{Fenced, Flight, Known, Machine, Taken};
use crate::model::write::relative::{Frame, Relative};
use crate::transfer::word::{Answer, Input, Request, Sight};

impl Relative for Sight {
    fn relate(&mut self, frame: &mut Frame) {
        self.spec.relate(frame);
        self.version.relate(frame);
    }
}

impl Relative for Fenced {
    fn relate(&mut self, frame: &mut Frame) {
        self.at.relate(frame);
        self.renewed.relate(frame);
        self.kept.relate(frame);
        self.acknowledged.relate(frame);
    }
}

impl Relative for Taken {
    fn relate(&mut self, frame: &mut Frame) {
        self.renewed.relate(frame);
    }
}

impl Relative for Machine {
    fn relate(&mut self, frame: &mut Frame) {
        if let Known::Seen(sight) = &mut self.lease {
            sight.relate(frame);
        }
        if let Some(Flight::Pod(version)) = &mut self.flight {
            version.relate(frame);
        }
        self.off.relate(frame);
        self.fence.relate(frame);
        self.taken.relate(frame);
        self.checked.relate(frame);
        frame.due(&mut self.pause);
        self.deadline.relate(frame);
    }
}

impl Relative for Request {
    fn relate(&mut self, frame: &mut Frame) {
        if let Self::Write { fields, version, .. } = self {
            fields.relate(frame);
            version.relate(frame);
        }
    }
}

impl Relative for Answer {
    fn relate(&mut self, frame: &mut Frame) {
        match self {
            Self::Lease(sight) => sight.relate(frame),
            Self::Written(sight) => sight.relate(frame),
            _ => {}
        }
    }
}

impl Relative for Input {
    fn relate(&mut self, frame: &mut Frame) {
        if let Self::Lease(sight) = self {
            sight.relate(frame);
        }
    }
}

impl Machine {
    /// Whether a watch that tells of this tells nothing new.
    pub(in crate::transfer) fn knows(&self, sight: &Sight) -> bool {
        matches!(self.lease, Known::Seen(known) if known.version >= sight.version)
    }
}
