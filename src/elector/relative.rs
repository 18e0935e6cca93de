//! For the model checker: what is on its way, in terms of "now".

use super::{Answer, Request};
use crate::model::write::relative::{Frame, Relative};

impl Relative for Request {
    fn relate(&mut self, frame: &mut Frame) {
        if let Self::Write(_, write) = self {
            write.relate(frame);
        }
    }
}

impl Relative for Answer {
    fn relate(&mut self, frame: &mut Frame) {
        match self {
            Self::Found(spec, version) => {
                spec.relate(frame);
                version.relate(frame);
            }
            Self::Written(version) => version.relate(frame),
            Self::Rejected(_) | Self::Failed(_) => {}
        }
    }
}
