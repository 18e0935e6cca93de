//! A failover as a story: dated events, and the phases between them. Simulated and real ones are told alike.

use super::Micros;

/// A failover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Who acted, from when to when.
    pub acting: Vec<Acting>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, counted from the fault.
    pub at: Micros,
    /// To whom, or by whom: `leader` for who led at the fault, `standby-1`, `API`, `Lease`.
    pub actor: String,
    /// What, in words.
    pub what: String,
}

/// A span of time in which someone acted as the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Who.
    pub actor: String,
    /// From when, counted from the fault; before it for who led then.
    pub from: Micros,
    /// Until when; `None` where it still does at the end.
    pub until: Option<Micros>,
}

impl Timeline {
    /// Whether someone acts at the end of what is told so far.
    #[must_use]
    pub fn acts(&self, actor: &str) -> bool {
        self.acting.iter().any(|span| span.actor == actor && span.until.is_none())
    }

    /// Someone acts no more.
    pub fn ends(&mut self, actor: &str, at: Micros) {
        let open = self.acting.iter_mut().filter(|span| span.actor == actor && span.until.is_none());
        open.for_each(|span| span.until = Some(at));
    }
}
