//! What is seen meanwhile: by watches, and by looks beside them.

use std::time::Duration;

use super::request::Answered;
use super::{Flight, Stage};
use crate::cluster::{Change, Pen};
use crate::model::LeaseRecord;
use crate::model::snapshot::Object;
use crate::transfer::{Input, Sight};

/// How often the Lease and the Pod are read beside their watches: a watch may be silent for long before that shows.
const POLL: Duration = Duration::from_secs(1);

impl<'a, P: Pen> Stage<'a, P> {
    /// The next look at the Lease or the Pod, whichever comes to mind: both are watched too.
    pub(super) fn poll(&mut self) -> Flight<'a> {
        let (reader, key) = (self.reader, self.plan.lease.key.clone());
        self.polls += 1;
        let pod = self.pod.as_ref().filter(|_| self.polls.is_multiple_of(2)).map(|pod| pod.key.clone());
        Box::pin(async move {
            tokio::time::sleep(POLL).await;
            match pod {
                Some(pod) => Answered::Pod(reader.pod(&pod).await),
                None => Answered::Lease(reader.lease(&key).await),
            }
        })
    }

    /// What it shows. That something is not there is the watch's to say: it knows what it was like before.
    pub(super) fn see_polled(&mut self, polled: Answered) -> Option<Input> {
        let now = self.reader.now().at;
        match polled {
            Answered::Lease(Ok(Some(lease))) => Some(Input::Lease(Some(self.newest(lease)))),
            Answered::Pod(Ok(Some(pod))) => self.pod.as_mut().map(|old| Input::Pod(old.see(Some(&pod), now))),
            _ => None,
        }
    }

    /// A Lease that was read or written, if it is the newest so far.
    pub(super) fn newest(&mut self, lease: LeaseRecord) -> Sight {
        let sight = self.names.sight(&lease);
        if sight.version >= self.names.sight(&self.lease).version {
            self.lease = lease;
        }
        sight
    }

    pub(super) fn see_lease(&mut self, change: Change) -> Option<Input> {
        match change {
            Change::Listed(_, objects, _) => {
                let lease = objects.into_iter().find_map(|object| match object {
                    Object::Lease(lease) => Some(lease),
                    _ => None,
                });
                Some(Input::Lease(lease.map(|lease| self.newest(lease))))
            }
            Change::Put(Object::Lease(lease)) => Some(Input::Lease(Some(self.newest(lease)))),
            Change::Gone(Object::Lease(_)) => Some(Input::Lease(None)),
            Change::Lost(_, error) | Change::Unread(_, _, error) => {
                self.trouble = Some(error);
                None
            }
            _ => None,
        }
    }

    pub(super) fn see_pod(&mut self, change: Change) -> Option<Input> {
        let now = self.reader.now().at;
        let old = self.pod.as_mut()?;
        let body = match change {
            Change::Listed(_, objects, _) => {
                let pod = objects.iter().find_map(|object| match object {
                    Object::Pod(pod) => Some(pod),
                    _ => None,
                });
                old.see(pod, now)
            }
            Change::Put(Object::Pod(pod)) => old.see(Some(&pod), now),
            Change::Gone(Object::Pod(pod)) => old.gone(&pod, now),
            _ => return None,
        };
        Some(Input::Pod(body))
    }
}
