//! What really happened on one Lease, measured as the simulator measures.

use hactl::model::Micros;
use hactl::sim::Trial;

/// What an election came to after the fault, really or in the simulator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Course {
    /// When another started to act, if the old leader did not start again first.
    pub(crate) takeover: Option<Micros>,
    /// Whether it did.
    pub(crate) by_self: bool,
    /// How long nobody acted.
    pub(crate) leaderless: Micros,
    /// How long two acted at once.
    pub(crate) overlap: Micros,
    /// Whether there was not exactly one in the end.
    pub(crate) censored: bool,
}

impl From<Trial> for Course {
    fn from(trial: Trial) -> Self {
        let Trial { takeover, by_self, leaderless, overlap, censored, .. } = trial;
        Self { takeover, by_self, leaderless, overlap, censored }
    }
}

/// A replica begins or ends to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// By the machine's clock, which all processes share.
    pub(crate) at: Micros,
    /// The first is the leader that is hurt.
    pub(crate) replica: usize,
    pub(crate) acts: bool,
}

/// Who acts at that time.
pub(crate) fn acting(turns: &[Turn], at: Micros) -> Vec<usize> {
    let mut acting = Vec::new();
    for turn in turns.iter().filter(|turn| turn.at <= at) {
        acting.retain(|replica| *replica != turn.replica);
        if turn.acts {
            acting.push(turn.replica);
        }
    }
    acting
}

/// What came to pass from the fault until the horizon after it. The turns are in order of time.
pub(crate) fn course(turns: &[Turn], fault: Micros, horizon: Micros) -> Course {
    let mut acting = acting(turns, fault);
    let mut course = Course::default();
    let end = fault + horizon;
    let mut since = fault;
    let later = turns.iter().filter(|turn| turn.at > fault && turn.at < end).copied();
    for turn in later.map(Some).chain([None]) {
        let at = turn.map_or(end, |turn| turn.at);
        match acting.len() {
            0 => course.leaderless += at - since,
            1 => {}
            _ => course.overlap += at - since,
        }
        since = at;
        let Some(turn) = turn else { break };
        let acted = acting.contains(&turn.replica);
        acting.retain(|replica| *replica != turn.replica);
        if turn.acts {
            acting.push(turn.replica);
        }
        if turn.acts && !acted && course.takeover.is_none() && !course.by_self {
            match turn.replica {
                0 => course.by_self = true,
                _ => course.takeover = Some(turn.at - fault),
            }
        }
    }
    course.censored = acting.len() != 1;
    course
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = Micros::SECOND;

    fn turns(turns: &[(i64, usize, bool)]) -> Vec<Turn> {
        turns.iter().map(|(at, replica, acts)| Turn { at: SECOND * *at, replica: *replica, acts: *acts }).collect()
    }

    #[test]
    fn a_freeze_is_a_gap_and_then_two() {
        let turns = turns(&[(0, 0, true), (10, 0, false), (17, 1, true), (20, 0, true), (24, 0, false)]);
        let course = course(&turns, SECOND * 10, SECOND * 20);
        assert_eq!(course.takeover, Some(SECOND * 7));
        assert_eq!((course.leaderless, course.overlap), (SECOND * 7, SECOND * 4));
        assert!(!course.by_self && !course.censored);
        assert_eq!(acting(&turns, SECOND * 22), [1, 0]);
    }

    #[test]
    fn who_comes_back_first_is_no_takeover() {
        let turns = turns(&[(0, 0, true), (3, 0, false), (5, 0, true), (9, 1, true)]);
        let course = course(&turns, SECOND * 2, SECOND * 8);
        assert!(course.by_self && course.takeover.is_none() && course.censored);
        assert_eq!((course.leaderless, course.overlap), (SECOND * 2, SECOND));
    }

    #[test]
    fn what_comes_after_the_horizon_does_not_count() {
        let turns = turns(&[(0, 0, true), (2, 0, false), (9, 1, true)]);
        let course = course(&turns, SECOND * 2, SECOND * 5);
        assert_eq!((course.takeover, course.leaderless, course.censored), (None, SECOND * 5, true));
    }
}
