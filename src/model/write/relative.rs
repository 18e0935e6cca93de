//! For the model checker: what stands in a state is put in terms of "now", so that two moments that differ in nothing but
//! the date are one state, and there are finitely many.
//!
//! Times are shifted by whole seconds, because client-go compares whole seconds. What is long past is all the same
//! moment. Versions keep nothing but their order.

use super::{Change, Fields, Place, Spec, Stored, Version, Write};
use crate::model::Micros;

/// What "now" is made to be, but for the fraction of a second.
pub(crate) const BASE: Micros = Micros::from_secs(1_000);
/// What is longer ago than this is long ago, and no elector or protocol of a model waits for as long.
pub(crate) const LONG_AGO: Micros = Micros::from_secs(60);
/// Later than this is never.
const FAR: Micros = Micros::from_secs(1_000_000_000);

/// What is done to each time and version that stands in a state.
pub(crate) enum Frame {
    /// The versions are gathered.
    Gather(Vec<Version>),
    /// Times are shifted, and the versions are replaced by their numbers in the sorted list.
    Shift { now: Micros, by: Micros, versions: Vec<Version> },
}

impl Frame {
    pub(crate) const PAST: Micros = Micros::new(BASE.get() - LONG_AGO.get());

    /// A time that is compared with others.
    pub(crate) fn time(&mut self, time: &mut Micros) {
        if let Self::Shift { by, .. } = self
            && *time < FAR
        {
            *time = (*time - *by).max(Self::PAST);
        }
    }

    /// A time of which it only matters whether it has come.
    pub(crate) fn due(&mut self, time: &mut Micros) {
        self.time(time);
        if let Self::Shift { now, by, .. } = self
            && *time <= *now - *by
        {
            *time = Self::PAST;
        }
    }

    /// What is set before it is read again, and so does not matter.
    pub(crate) fn forget(&self, time: &mut Micros) {
        if matches!(self, Self::Shift { .. }) {
            *time = Self::PAST;
        }
    }
}

/// A part of a state.
pub(crate) trait Relative {
    fn relate(&mut self, frame: &mut Frame);
}

impl Relative for Version {
    fn relate(&mut self, frame: &mut Frame) {
        match frame {
            Frame::Gather(versions) => versions.push(*self),
            Frame::Shift { versions, .. } => {
                let number = versions.binary_search(self).expect("it was gathered");
                *self = Self(u32::try_from(number).expect("a few"));
            }
        }
    }
}

impl Relative for Micros {
    fn relate(&mut self, frame: &mut Frame) {
        frame.time(self);
    }
}

impl<T: Relative> Relative for Option<T> {
    fn relate(&mut self, frame: &mut Frame) {
        if let Some(inner) = self {
            inner.relate(frame);
        }
    }
}

impl<T: Relative> Relative for Change<T> {
    fn relate(&mut self, frame: &mut Frame) {
        if let Self::Set(inner) = self {
            inner.relate(frame);
        }
    }
}

impl Relative for Spec {
    fn relate(&mut self, frame: &mut Frame) {
        self.acquired.relate(frame);
        self.renewed.relate(frame);
    }
}

impl Relative for Fields {
    fn relate(&mut self, frame: &mut Frame) {
        self.acquired.relate(frame);
        self.renewed.relate(frame);
    }
}

impl Relative for Stored {
    fn relate(&mut self, frame: &mut Frame) {
        self.spec.relate(frame);
        self.version.relate(frame);
    }
}

impl Relative for Write {
    fn relate(&mut self, frame: &mut Frame) {
        match self {
            Self::Create(spec) => spec.relate(frame),
            Self::Put { spec, version } => {
                spec.relate(frame);
                version.relate(frame);
            }
            Self::Apply { fields, version, .. } | Self::Patch { fields, version } => {
                fields.relate(frame);
                version.relate(frame);
            }
            Self::Delete { version } => version.relate(frame),
        }
    }
}

impl Relative for Place {
    fn relate(&mut self, frame: &mut Frame) {
        self.lease.relate(frame);
        let mut revision = Version(self.revision);
        revision.relate(frame);
        self.revision = revision.0;
    }
}

impl Place {
    /// An annotation changes: the version does, and nothing else that is kept here.
    pub(crate) fn touch(&mut self) {
        if let Some(lease) = &mut self.lease {
            self.revision += 1;
            lease.version = Version(self.revision);
        }
    }
}
