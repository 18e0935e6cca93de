//! For the model checker: a process's state in terms of "now".

use super::{At, Elector};
use crate::model::write::relative::{Frame, Relative};

impl Relative for Elector {
    fn relate(&mut self, frame: &mut Frame) {
        self.expiry.relate(frame);
        match &mut self.at {
            At::Sleeping(until, _) => {
                until.relate(frame);
                frame.forget(&mut self.limit);
            }
            At::Start | At::Calling(_) | At::Gone => self.limit.relate(frame),
        }
    }
}
