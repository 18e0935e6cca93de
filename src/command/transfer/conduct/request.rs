//! Requests: what the protocol asks for is done, and what came of it is told in its words.

use std::collections::BTreeMap;

use super::{Flight, Stage};
use crate::cluster::{Pen, Reader, Refused, Unwritten};
use crate::error::Error;
use crate::model::lease::TRANSFER_ANNOTATION;
use crate::model::{LeaseRecord, Pod};
use crate::system::Endpoint;
use crate::transfer::plan::Plan;
use crate::transfer::{Answer, No, Request, Step};

/// What came of a request, before the protocol hears of it.
pub(super) enum Answered {
    Lease(Result<Option<LeaseRecord>, Error>),
    Pod(Result<Option<Pod>, Error>),
    Written(Result<LeaseRecord, Unwritten>),
    Accepted(Result<(), Unwritten>),
    /// Who was to be named is gone.
    Targetless,
    /// Whether the old leader says that it leads.
    Leads(Option<bool>),
}

impl<'a, P: Pen> Stage<'a, P> {
    /// Begins a request.
    pub(super) fn send(&mut self, request: &Request) -> Flight<'a> {
        let (reader, pen) = (self.reader, self.pen);
        let key = self.plan.lease.key.clone();
        match request {
            Request::Lease => Box::pin(async move { Answered::Lease(reader.lease(&key).await) }),
            Request::Write { step, fields, .. } => {
                let mut patch = self.names.patch(&self.lease, fields);
                patch.annotations = self.annotations(*step);
                let to = self.plan.to.as_ref().and_then(|to| to.pod.clone()).filter(|_| *step == Step::HandOver);
                Box::pin(async move {
                    // It may have gone while the old leader was waited for.
                    match to {
                        Some(to) if gone(reader.pod(&to.key).await, &to) => Answered::Targetless,
                        _ => Answered::Written(pen.patch(&key, &patch).await),
                    }
                })
            }
            Request::Pod | Request::Evict => match &self.pod {
                Some(pod) => {
                    let (key, uid, forced) = (pod.key.clone(), pod.uid.clone(), self.plan.forced);
                    match request {
                        Request::Pod => Box::pin(async move { Answered::Pod(reader.pod(&key).await) }),
                        _ if forced => Box::pin(async move { Answered::Accepted(pen.delete(&key, &uid).await) }),
                        _ => Box::pin(async move { Answered::Accepted(pen.evict(&key, &uid).await) }),
                    }
                }
                None => Box::pin(async { Answered::Leads(None) }),
            },
            Request::Ask => {
                let plan = self.plan;
                Box::pin(async move { Answered::Leads(ask(reader, plan).await) })
            }
        }
    }

    /// The fence says whose it is, in the same write; whoever takes it away takes that along.
    fn annotations(&self, step: Step) -> BTreeMap<String, Option<String>> {
        let text = match step {
            Step::Fence => Some(self.annotation.to_owned()),
            Step::HandOver | Step::Free | Step::TakeBack => None,
            Step::Renew | Step::Prefer | Step::Relent => return BTreeMap::new(),
        };
        if text.is_none() && !self.lease.annotations.contains_key(TRANSFER_ANNOTATION) {
            return BTreeMap::new();
        }
        BTreeMap::from([(TRANSFER_ANNOTATION.to_owned(), text)])
    }

    /// What the protocol hears of it.
    pub(super) fn hear(&mut self, answered: Answered) -> Answer {
        match answered {
            Answered::Lease(Ok(lease)) => Answer::Lease(lease.map(|lease| self.newest(lease))),
            Answered::Written(Ok(lease)) => Answer::Written(self.newest(lease)),
            Answered::Accepted(Ok(())) => Answer::Accepted,
            Answered::Pod(Ok(pod)) => match &mut self.pod {
                Some(old) => Answer::Pod(old.see(pod.as_ref(), self.reader.now().at)),
                None => Answer::Lost,
            },
            Answered::Lease(Err(error)) | Answered::Pod(Err(error)) => {
                self.trouble = Some(error);
                Answer::Lost
            }
            Answered::Written(Err(unwritten)) | Answered::Accepted(Err(unwritten)) => {
                let answer = refusal(&unwritten);
                if answer != Answer::Refused(No::Stale) {
                    self.trouble = Some(unwritten.failure().error.clone());
                }
                answer
            }
            Answered::Targetless => Answer::Refused(No::Target),
            Answered::Leads(leads) => Answer::Leads(leads),
        }
    }
}

/// Whether the old leader says that it leads; `None` where it says nothing clear.
pub(in crate::command::transfer) async fn ask(reader: &Reader, plan: &Plan) -> Option<bool> {
    let (pod, Endpoint { port, path, field }) = plan.endpoint()?;
    reader.leads(pod, port, path, field).await
}

/// Whether a Pod is known to be gone, or going; one that cannot be read is not.
fn gone(read: Result<Option<Pod>, Error>, pod: &Pod) -> bool {
    match read {
        Ok(Some(now)) => now.uid != pod.uid || now.terminating() || now.finished,
        Ok(None) => true,
        Err(_) => false,
    }
}

/// What the protocol has to know of a write that was not done.
fn refusal(unwritten: &Unwritten) -> Answer {
    let no = match unwritten {
        Unwritten::Unknown(_) => return Answer::Lost,
        Unwritten::Never(_) => No::Later,
        Unwritten::Refused { why, .. } => match why {
            Refused::Stale => No::Stale,
            Refused::Gone => No::Gone,
            Refused::Budget(_) => No::Budget,
            Refused::Overloaded => No::Later,
            Refused::Forbidden | Refused::Invalid | Refused::Other => No::Never,
        },
    };
    Answer::Refused(no)
}
