//! Who acted from when to when: what the electors' processes themselves say.

use std::sync::Arc;

use hactl::model::Micros;

use crate::support::kubelet::{Change, RunningPod};

/// The turns of all processes of an election.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    /// In order of time: when, whose (a Pod's uid), and whether it acts from then on.
    turns: Vec<(Micros, String, bool)>,
}

impl Journal {
    /// From the Pods' own lines. A process that was killed cannot tell; `killed` says when, and of which Pod.
    pub(crate) fn of(pods: &[Arc<RunningPod>], killed: &[(Micros, String)]) -> Self {
        let mut turns = Vec::new();
        for pod in pods {
            for event in pod.events() {
                let acts = match event.event {
                    Change::Start => true,
                    Change::Stop | Change::Up => false,
                    Change::Error => continue,
                };
                turns.push((Micros::new(event.at.as_microsecond()), pod.uid.clone(), acts));
            }
        }
        turns.extend(killed.iter().map(|(at, uid)| (*at, uid.clone(), false)));
        turns.sort_by_key(|(at, ..)| *at);
        Self { turns }
    }

    /// The Pods that act at that time, by uid.
    pub(crate) fn acting(&self, at: Micros) -> Vec<&str> {
        let mut acting = Vec::new();
        for (_, uid, acts) in self.turns.iter().filter(|(since, ..)| *since <= at) {
            acting.retain(|other| other != uid);
            if *acts {
                acting.push(uid.as_str());
            }
        }
        acting
    }

    /// How long two or more acted.
    pub(crate) fn overlap(&self, from: Micros, to: Micros) -> Micros {
        let spans = self.spans(from, to).into_iter().filter(|(.., count)| *count > 1);
        spans.fold(Micros::ZERO, |sum, (start, end, _)| sum + (end - start))
    }

    /// When nobody acted.
    pub(crate) fn gaps(&self, from: Micros, to: Micros) -> Vec<(Micros, Micros)> {
        let mut gaps: Vec<(Micros, Micros)> = Vec::new();
        for (start, end, _) in self.spans(from, to).into_iter().filter(|(start, end, count)| *count == 0 && end > start)
        {
            match gaps.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => gaps.push((start, end)),
            }
        }
        gaps
    }

    /// Who started to act in that time, in order.
    pub(crate) fn starts(&self, from: Micros, to: Micros) -> Vec<(Micros, &str)> {
        let within = self.turns.iter().filter(|(at, _, acts)| *acts && *at > from && *at <= to);
        within.map(|(at, uid, _)| (*at, uid.as_str())).collect()
    }

    /// From each turn to the next, how many act.
    fn spans(&self, from: Micros, to: Micros) -> Vec<(Micros, Micros, usize)> {
        let within = self.turns.iter().map(|(at, ..)| *at).filter(|at| *at > from && *at < to);
        let times: Vec<_> = std::iter::once(from).chain(within).chain([to]).collect();
        times.windows(2).map(|pair| (pair[0], pair[1], self.acting(pair[0]).len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(turns: &[(i64, &str, bool)]) -> Journal {
        let turns = turns.iter().map(|(at, who, acts)| (Micros::from_secs(*at), (*who).to_owned(), *acts)).collect();
        Journal { turns }
    }

    #[test]
    fn gaps_and_overlaps_are_seen() {
        let secs = Micros::from_secs;
        let moved = journal(&[(0, "a", true), (10, "a", false), (12, "b", true)]);
        assert_eq!(moved.gaps(secs(5), secs(20)), [(secs(10), secs(12))]);
        assert_eq!(moved.overlap(secs(5), secs(20)), Micros::ZERO);
        assert_eq!(moved.acting(secs(11)), [""; 0]);
        assert_eq!(moved.starts(secs(5), secs(20)), [(secs(12), "b")]);
        let two = journal(&[(0, "a", true), (10, "b", true), (13, "a", false), (15, "b", false)]);
        assert_eq!(two.overlap(secs(5), secs(20)), secs(3));
        assert_eq!(two.gaps(secs(5), secs(20)), [(secs(15), secs(20))]);
    }
}
