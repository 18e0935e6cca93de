//! What a protocol has to know beforehand: values, decided by the plan from what was read and measured.

use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Spec};

/// The terms of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Who leads, and is to lead no more.
    pub from: Identity,
    /// Who is to lead; `None` for whoever comes first.
    pub to: Option<Identity>,
    /// hactl's own identity in the Lease, which no other transfer has.
    pub fence: Identity,
    /// By which method.
    pub way: Way,
    /// `leaseDurationSeconds` of what hactl writes: the Lease's own.
    pub duration: i32,
    /// What frees the Lease for anyone, once the old leader is provably off.
    pub freeing: Freeing,
    /// Whether the old leader's replacement has its identity, as in a StatefulSet: then only what was read before the
    /// replacement existed is known to be the old leader's.
    pub returns: bool,
    /// So long after the old leader's process has ended, what it has sent has arrived. It matters where electors' writes
    /// name no version: a release that is late would take the Lease from whoever holds it by then.
    pub stragglers: Micros,
    /// Whether a controller names the next leader: then the first date under a name is the controller's, and only another
    /// is the leader's own.
    pub chosen: bool,
    /// After how long, from its beginning, a run ends at the latest.
    pub timeout: Micros,
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Fence, wait for the proof that the old leader is off, hand over.
    HandOver {
        /// How the Lease is kept from everyone meanwhile.
        fence: Fence,
        /// What proves that the old leader is off.
        proof: Proof,
    },
    /// End the old leader's Pod, and write nothing before its containers are reported terminated.
    Evict,
    /// Name a preferred holder, and leave the rest to the controller of a coordinated election.
    Prefer,
}

/// How the Lease is kept from everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fence {
    /// Dated by hactl, and renewed so often as long as hactl lives: it outlasts any wait, and heals by itself when hactl
    /// does not. For electors that take over once a record has not *changed* for its duration.
    Renewed(Micros),
    /// Only the holder's name is taken out. For electors that go by the record's own date, and whose leader renews it
    /// without looking at the name.
    Named,
}

/// What proves that the old leader is off. (That the process that led has ended does, always.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// client-go: the fence has stood for so long.
    Elapsed {
        /// Two renew deadlines, a retry period, and what requests take.
        wait: Micros,
        /// For so long the old leader is sure to look once more before it gives up: it would find itself back.
        undo: Micros,
    },
    /// kube-lease-manager: the old leader has dated the fence as if it were its own record, and reads it next.
    Acknowledged {
        /// How long after a renewal comes the next.
        interval: Micros,
        /// The fence is written no nearer than this to a renewal: the leader could otherwise read it between its write
        /// and its read, and would give up without a trace. Nor does the next leader's name stand there sooner after the
        /// acknowledgement: by then the old one has read the fence.
        rest: Micros,
        /// So long after its last renewal the record counts no more: a leader that was silent until then is cut off, and
        /// may act for ever.
        within: Micros,
        /// Whether the old leader can be asked whether it leads.
        ask: bool,
    },
    /// kubert: so long after the old leader's last renewal it has found the fence, or its own claim has run out.
    Renewal {
        /// So long.
        wait: Micros,
        /// For so long after it, the old leader is sure to look once more.
        undo: Micros,
    },
}

/// What frees a Lease for anyone. No single record is free to every elector, and some lock everyone out for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freeing {
    /// An empty holder.
    Empty,
    /// A null holder.
    Null,
    /// Everything null but the transitions.
    Cleared,
    /// None is known to be safe: the record is left to run out.
    Nothing,
}

impl Way {
    /// The same, where the old leader can be asked whether it leads, and its no is waited for.
    #[must_use]
    pub(super) fn asking(self) -> Self {
        match self {
            Self::HandOver { fence, proof: Proof::Acknowledged { interval, rest, within, .. } } => {
                Self::HandOver { fence, proof: Proof::Acknowledged { interval, rest, within, ask: true } }
            }
            other => other,
        }
    }
}

impl Terms {
    /// The fence, over this record, at this time of the API server's clock.
    pub(super) fn fenced(&self, over: &Spec, wall: Micros) -> Fields {
        let holder = Change::Set(self.fence);
        match self.way {
            Way::HandOver { fence: Fence::Renewed(_), .. } => {
                Fields { holder, renewed: self.dated(over, wall), ..Fields::default() }
            }
            _ => Fields { holder, ..Fields::default() },
        }
    }

    /// The old leader's name put back.
    pub(super) fn restored(&self, over: &Spec, wall: Micros) -> Fields {
        Fields { holder: Change::Set(self.from), ..self.fenced(over, wall) }
    }

    /// The next leader's record: those who find their name in a Lease count no transition and keep its dates, so they
    /// have to be right already. One of kube-lease-manager that read the fence, as one does that has just started, sleeps
    /// until the old leader's last date has run out. So do all others, and by that date they would take the Lease from
    /// each other: by hactl's later one they find it held.
    pub(super) fn handed(&self, to: Identity, over: &Spec, wall: Micros) -> Fields {
        let now = self.dated(over, wall);
        Fields {
            holder: Change::Set(to),
            duration: Change::Set(self.duration),
            acquired: now,
            renewed: now,
            transitions: Change::Set(over.transitions.unwrap_or(0).saturating_add(1)),
            preferred: Change::Keep,
        }
    }

    /// The record that anyone may take; `None` where no such record is known. Who takes it counts the transition.
    pub(super) fn freed(&self) -> Option<Fields> {
        match self.freeing {
            Freeing::Empty => Some(Fields { holder: Change::Set(Identity::EMPTY), ..Fields::default() }),
            Freeing::Null => Some(Fields { holder: Change::Null, ..Fields::default() }),
            Freeing::Cleared => Some(Fields::RELEASED),
            Freeing::Nothing => None,
        }
    }

    /// Now, and never earlier than what stands there.
    fn dated(&self, over: &Spec, wall: Micros) -> Change<Micros> {
        Change::Set(over.renewed.map_or(wall, |stored| wall.max(stored + Micros::TICK)))
    }
}
