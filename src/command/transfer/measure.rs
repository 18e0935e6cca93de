//! Watches the leader renew, before anything is decided: that it is alive, how often it does, how its clock goes.

use std::time::Duration;

use futures::StreamExt;
use jiff::SignedDuration;
use tokio::time::{Instant, timeout_at};

use crate::clock::local_now;
use crate::cluster::{Change, Reader, follow_one};
use crate::error::{Error, Result};
use crate::model::live::Live;
use crate::model::memory::Memory;
use crate::model::snapshot::Object;
use crate::model::wire::WireLease;
use crate::model::{LeaseRecord, Micros};
use crate::terminal::{Progress, Waiting};
use crate::transfer::plan::Measured;

/// How many renewals are watched: one interval, and two looks at its clock.
const RENEWALS: usize = 2;

/// The API server's clock is to be known this well, where a protocol goes by dates: a tenth of kubert's grace period.
const CLOCK: SignedDuration = SignedDuration::from_millis(50);

/// A leader that has not renewed for so long beyond its lease duration does not.
const SLACK: Duration = Duration::from_secs(5);

/// Watches the Lease until its leader has renewed twice; `by_date` says whether its elector goes by dates.
///
/// # Errors
///
/// Where it does not, or another leads by then.
pub(super) async fn measure(reader: &Reader, lease: &LeaseRecord, by_date: bool) -> Result<Measured> {
    if by_date {
        let settling = reader.settle_clock(&lease.key, CLOCK);
        Progress::during("reading the API server's clock".to_owned(), settling).await?;
    }
    let duration = lease.duration.unwrap_or(SignedDuration::from_secs(60));
    let patience = Duration::try_from(duration).unwrap_or(Duration::from_secs(60)) * 2 + SLACK;
    let deadline = Instant::now() + patience;
    let mut changes = follow_one::<WireLease>(reader, &lease.key);
    let (mut live, mut seen, mut trouble) = (Live::default(), 0, None);
    let mut waiting = Waiting::new();
    while seen < RENEWALS {
        waiting.show(format!("watching the leader renew: {seen} of {RENEWALS}"));
        let Ok(Some(change)) = timeout_at(deadline, changes.next()).await else {
            let error = Error::refused(format!("the leader was not seen to renew its Lease within {patience:?}"))
                .hint("is it alive? look with: hactl status -w");
            return Err(trouble.unwrap_or(error));
        };
        let now = reader.now();
        match change {
            Change::Listed(kind, objects, at) => live.list(kind, objects, at, now),
            Change::Put(object) => {
                if let Object::Lease(new) = &object {
                    if new.holder != lease.holder {
                        let who = new.holder.as_deref().filter(|who| !who.is_empty()).unwrap_or("nobody");
                        return Err(Error::refused(format!("the leader has just changed: {who} holds the Lease now")));
                    }
                    let before = live.snapshot.leases.get(&new.key).and_then(|before| before.renewed);
                    seen += usize::from(before.is_some() && new.renewed > before);
                }
                live.put(object, now);
            }
            Change::Gone(_) => return Err(Error::refused("the Lease was deleted just now")),
            Change::Lost(_, error) | Change::Unread(_, _, error) => trouble = Some(error),
            Change::Found(_) => trouble = None,
        }
    }
    waiting.finish();
    let skew = live.skew(&lease.key).map(|(ahead, error)| Micros::from(ahead.abs() + error));
    let interval = live.interval(&lease.key).map(Micros::from);
    Ok(Measured { interval, skew, round_trip: round_trip(reader, lease).await?, ..Measured::default() })
}

/// The longest that a few reads of the Lease take.
pub(super) async fn round_trip(reader: &Reader, lease: &LeaseRecord) -> Result<Micros> {
    let mut longest = Micros::ZERO;
    for _ in 0..3 {
        let began = local_now();
        reader.lease(&lease.key).await?;
        longest = longest.max(Micros::from(local_now().duration_since(began)));
    }
    Ok(longest)
}
