//! For the model checker: a process's state in terms of "now".

use super::{At, Claim, Elector};
use crate::model::write::relative::{Frame, Relative};

impl Relative for Claim {
    fn relate(&mut self, frame: &mut Frame) {
        self.expiry.relate(frame);
    }
}

impl Relative for Elector {
    fn relate(&mut self, frame: &mut Frame) {
        self.claim.relate(frame);
        self.version.relate(frame);
        self.told.relate(frame);
        match &mut self.at {
            At::Resting(until) | At::Retrying(until) => {
                until.relate(frame);
                frame.forget(&mut self.limit);
                frame.forget(&mut self.written);
            }
            At::Start | At::Calling(_) | At::Gone => {
                self.limit.relate(frame);
                self.written.relate(frame);
            }
        }
    }
}
