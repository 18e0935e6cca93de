//! A Snapshot that is kept up to date, and what was seen of each Lease on the way.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::election::{Election, elections};
use super::health::{FLAPPING_WINDOW, Now};
use super::memory::Memory;
use super::snapshot::Object;
use super::{Key, Kind, LeaseRecord, Snapshot};

/// Intervals and skews are told from so many last renewals.
const SAMPLES: usize = 9;

/// A cluster as it is being watched.
#[derive(Debug, Default)]
pub struct Live {
    /// The objects.
    pub snapshot: Snapshot,
    tracks: BTreeMap<Key, Track>,
    /// When the Leases were listed, and when single ones were read after that.
    listed: Option<Timestamp>,
    again: BTreeMap<Key, Timestamp>,
    now: Option<Timestamp>,
}

/// What was seen of one Lease.
#[derive(Clone, Debug, Default)]
struct Track {
    holder: Option<String>,
    /// Since when nobody holds it, if that was seen.
    free_since: Option<Timestamp>,
    renewed: Option<Timestamp>,
    changes: VecDeque<Timestamp>,
    intervals: VecDeque<SignedDuration>,
    /// How far renewTime was ahead of the server's clock when the renewal was seen, and the error of that clock.
    skews: VecDeque<(SignedDuration, SignedDuration)>,
}

impl Live {
    /// Takes a new list of one kind, which was asked for at the instant `began`.
    pub fn list(&mut self, kind: Kind, objects: Vec<Object>, began: Timestamp, now: Now) {
        if kind == Kind::Leases {
            self.listed = Some(began);
            self.again.clear();
        }
        self.snapshot.unread.remove(&kind);
        self.snapshot.clear(kind);
        for object in objects {
            if let Object::Lease(lease) = &object {
                // How long ago a listed renewal happened is not known: it shows no skew.
                self.track(lease, now, false);
            }
            self.snapshot.insert(object);
        }
        if kind == Kind::Leases {
            let leases = &self.snapshot.leases;
            self.tracks.retain(|key, _| leases.contains_key(key));
        }
    }

    /// Takes an object that was added or changed.
    pub fn put(&mut self, object: Object, now: Now) {
        if let Object::Lease(lease) = &object {
            self.track(lease, now, true);
        }
        self.snapshot.insert(object);
    }

    /// Takes a Lease that was read again, after the instant `began`.
    pub fn read_again(&mut self, key: &Key, lease: Option<LeaseRecord>, began: Timestamp, now: Now) {
        match lease {
            Some(lease) => {
                self.track(&lease, now, false);
                self.again.insert(key.clone(), began);
                self.snapshot.insert(Object::Lease(lease));
            }
            None => {
                self.tracks.remove(key);
                self.again.remove(key);
                self.snapshot.leases.remove(key);
            }
        }
    }

    /// Forgets a kind that may not be read any more.
    pub fn unread(&mut self, kind: Kind, why: String) {
        self.snapshot.clear(kind);
        self.snapshot.unread.insert(kind, why);
    }

    /// Takes out an object that is gone.
    pub fn gone(&mut self, object: &Object) {
        if let Object::Lease(lease) = object {
            self.tracks.remove(&lease.key);
            self.again.remove(&lease.key);
        }
        self.snapshot.remove(object);
    }

    /// The Elections at an instant.
    pub fn elections(&mut self, now: Now, all_kinds: bool) -> Vec<Election> {
        self.now = Some(now.at);
        elections(&self.snapshot, now, all_kinds, self)
    }

    /// How far the holder's clock is ahead of the server's, and how sure that is.
    ///
    /// A renewal is seen some time after it was dated, never before: the largest difference is the nearest to the truth.
    #[must_use]
    pub fn skew(&self, lease: &Key) -> Option<(SignedDuration, SignedDuration)> {
        self.tracks.get(lease)?.skews.iter().copied().max()
    }

    fn track(&mut self, lease: &LeaseRecord, now: Now, fresh: bool) {
        let track = self.tracks.entry(lease.key.clone()).or_default();
        let holder = lease.holder.clone().filter(|holder| !holder.is_empty());
        if track.holder.is_some() && holder.is_some() && track.holder != holder {
            remember(&mut track.changes, now.at);
            track.skews.clear();
            track.intervals.clear();
        } else if let (Some(before), Some(after)) = (track.renewed, lease.renewed)
            && after > before
            && fresh
        {
            remember(&mut track.intervals, after.duration_since(before));
        }
        if let Some(renewed) = lease.renewed.filter(|renewed| fresh && track.renewed != Some(*renewed)) {
            remember(&mut track.skews, (renewed.duration_since(now.at), now.error));
        }
        track.free_since = match (&holder, &track.holder, track.free_since) {
            (Some(_), ..) => None,
            (None, _, Some(since)) => Some(since),
            (None, Some(_), None) => Some(now.at),
            (None, None, None) => None,
        };
        track.holder = holder.or(track.holder.take());
        track.renewed = lease.renewed;
    }
}

fn remember<T>(samples: &mut VecDeque<T>, sample: T) {
    samples.push_back(sample);
    while samples.len() > SAMPLES {
        samples.pop_front();
    }
}

impl Memory for Live {
    /// An event tells nothing about when the server sent it: only what was asked for counts.
    fn current_at(&self, lease: &Key) -> Option<Timestamp> {
        self.again.get(lease).copied().or(self.listed)
    }

    fn last_holder(&self, lease: &Key) -> Option<&str> {
        self.tracks.get(lease)?.holder.as_deref()
    }

    fn free_since(&self, lease: &Key) -> Option<Timestamp> {
        self.tracks.get(lease)?.free_since
    }

    fn changes(&self, lease: &Key) -> i64 {
        let recent = |at: &&Timestamp| self.now.is_some_and(|now| now.duration_since(**at) < FLAPPING_WINDOW);
        let changes = self.tracks.get(lease).map_or(0, |track| track.changes.iter().filter(recent).count());
        i64::try_from(changes).unwrap_or(i64::MAX)
    }

    /// The median: one late renewal says nothing about the interval.
    fn interval(&self, lease: &Key) -> Option<SignedDuration> {
        let mut intervals: Vec<_> = self.tracks.get(lease)?.intervals.iter().copied().collect();
        intervals.sort_unstable();
        intervals.get(intervals.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::health::Health;
    use super::super::health::tests::web;
    use super::super::wire::tests::{lease, pod};
    use super::*;

    fn now(seconds: i64) -> Now {
        let start: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        Now { at: start + SignedDuration::from_secs(seconds), error: SignedDuration::ZERO }
    }

    fn renewed(holder: &str, seconds: i64) -> Object {
        let at = now(seconds).at;
        Object::Lease(lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l"}},
                "spec":{{"holderIdentity":"{holder}","leaseDurationSeconds":15,"renewTime":"{at}"}}}}"#
        )))
    }

    #[test]
    fn renewals_tell_the_interval_and_the_skew() {
        let (mut live, key) = (Live::default(), Key::new("n", "l"));
        live.list(Kind::Leases, vec![renewed("a", 0)], now(1).at, now(1));
        assert_eq!((live.interval(&key), live.skew(&key)), (None, None));
        for second in [1, 3, 5, 8, 10] {
            live.put(renewed("a", second), now(second - 3));
        }
        assert_eq!(live.interval(&key), Some(SignedDuration::from_secs(2)));
        assert_eq!(live.skew(&key), Some((SignedDuration::from_secs(3), SignedDuration::ZERO)));
    }

    #[test]
    fn three_changes_in_ten_minutes_are_flapping() {
        let mut live = Live::default();
        for (i, holder) in ["a", "b", "a", "b"].into_iter().enumerate() {
            live.put(renewed(holder, i as i64), now(i as i64));
        }
        let reasons = |live: &mut Live, at| live.elections(now(at), false).remove(0).reasons.join("; ");
        assert!(reasons(&mut live, 4).contains("flapping: 3 changes"), "{}", reasons(&mut live, 4));
        live.put(renewed("b", 700), now(700));
        assert!(!reasons(&mut live, 701).contains("flapping"));
    }

    #[test]
    fn what_ran_out_unseen_is_not_called_expired() {
        let (mut live, key) = (Live::default(), Key::new("n", "l"));
        live.list(Kind::Leases, vec![renewed("a", 0)], now(1).at, now(1));
        live.put(renewed("a", 2), now(2));
        // Expires at 17; nothing was heard since 2.
        let election = live.elections(now(40), false).remove(0);
        assert!(election.unconfirmed && election.health == Health::Unknown, "{election:?}");
        assert!(election.reasons.concat().contains("looks expired for 23s, but the API server could not be asked"));
        let Object::Lease(unchanged) = renewed("a", 2) else { panic!("a Lease") };
        live.read_again(&key, Some(unchanged), now(40).at, now(40));
        let election = live.elections(now(41), false).remove(0);
        assert!(!election.unconfirmed && election.health == Health::Orphaned, "{election:?}");
        // Renewed, it may run out unseen once more.
        live.put(renewed("a", 50), now(50));
        assert!(live.elections(now(70), false).remove(0).unconfirmed);
        live.read_again(&key, None, now(71).at, now(71));
        assert!(live.elections(now(72), false).is_empty());
    }

    #[test]
    fn a_release_between_two_terms_of_one_holder_is_no_change() {
        let mut live = Live::default();
        live.put(renewed("a", 0), now(0));
        live.put(renewed("", 1), now(1));
        live.put(renewed("a", 2), now(2));
        live.elections(now(3), false);
        assert_eq!(live.changes(&Key::new("n", "l")), 0);
    }

    #[test]
    fn a_lease_that_was_gone_begins_anew() {
        let mut live = Live::default();
        live.put(renewed("a", 0), now(0));
        live.gone(&renewed("a", 0));
        assert!(live.elections(now(1), false).is_empty());
        live.put(renewed("b", 1), now(1));
        live.elections(now(2), false);
        assert_eq!(live.changes(&Key::new("n", "l")), 0);
    }

    #[test]
    fn the_renewal_that_was_seen_first_is_the_nearest_to_the_truth() {
        let mut live = Live::default();
        let seen = |second, millis| Now { at: now(second).at - SignedDuration::from_millis(millis), ..now(second) };
        live.put(renewed("a", 2), seen(2, 2_400));
        live.put(renewed("a", 4), seen(4, 3_000));
        live.put(renewed("a", 6), seen(6, 2_400));
        let skew = live.skew(&Key::new("n", "l")).map(|(ahead, _)| ahead);
        assert_eq!(skew, Some(SignedDuration::from_secs(3)));
    }

    #[test]
    fn another_holder_has_another_clock_and_another_interval() {
        let (mut live, key) = (Live::default(), Key::new("n", "l"));
        live.put(renewed("a", 2), now(0));
        live.put(renewed("a", 4), now(2));
        live.put(renewed("b", 5), now(5));
        assert_eq!((live.interval(&key), live.skew(&key).map(|(ahead, _)| ahead.as_secs())), (None, Some(0)));
    }

    #[test]
    fn what_was_read_again_tells_no_interval() {
        let (mut live, key) = (Live::default(), Key::new("n", "l"));
        live.put(renewed("a", 0), now(0));
        let Object::Lease(later) = renewed("a", 20) else { panic!("a Lease") };
        live.read_again(&key, Some(later), now(20).at, now(20));
        assert_eq!(live.interval(&key), None);
    }

    #[test]
    fn who_held_it_last_tells_whose_lease_it_is() {
        let mut live = Live::default();
        live.put(Object::Pod(pod(&web("aaaaa", "n1", true, ""))), now(0));
        live.put(renewed("web-7d4b9-aaaaa", 0), now(0));
        live.put(renewed("", 1), now(1));
        let election = live.elections(now(2), false).remove(0);
        assert_eq!(election.workload.map(|workload| workload.to_string()).as_deref(), Some("deploy/web"));
    }

    #[test]
    fn a_new_list_says_what_is_current() {
        let (mut live, key) = (Live::default(), Key::new("n", "l"));
        live.list(Kind::Leases, vec![renewed("a", 0)], now(15).at, now(16));
        assert!(live.elections(now(40), false).remove(0).unconfirmed, "it ran out when it was asked for");
        let Object::Lease(again) = renewed("a", 10) else { panic!("a Lease") };
        live.read_again(&key, Some(again), now(20).at, now(20));
        live.list(Kind::Leases, vec![renewed("a", 10)], now(50).at, now(51));
        assert!(!live.elections(now(52), false).remove(0).unconfirmed);
        live.list(Kind::Leases, Vec::new(), now(60).at, now(60));
        live.list(Kind::Leases, vec![renewed("b", 61)], now(61).at, now(61));
        live.elections(now(62), false);
        assert_eq!(live.changes(&key), 0, "it is another Lease");
    }

    #[test]
    fn a_skew_of_long_ago_is_forgotten() {
        let mut live = Live::default();
        live.put(renewed("a", 10), now(0));
        for second in 11..20 {
            live.put(renewed("a", second), now(second));
        }
        assert_eq!(live.skew(&Key::new("n", "l")).map(|(ahead, _)| ahead), Some(SignedDuration::ZERO));
    }
}
