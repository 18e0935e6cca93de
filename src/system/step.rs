//! One step on the way from a fault to a system that serves: how long it takes, who says so, and what sets it.

use crate::model::Micros;

/// How much is known about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It stands in the source or in the documentation.
    Known,
    /// The default of a setting: what is configured may differ.
    Default,
    /// hactl's assumption: it depends on the cluster or on the data, or nobody has published it.
    Assumed,
}

impl Basis {
    /// The word in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Default => "default",
            Self::Assumed => "assumed",
        }
    }
}

/// What a value that the user gives makes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Nothing: it cannot be set.
    Fixed,
    /// It takes anything from nothing to that value: a wait for something periodic.
    UpTo,
    /// It takes exactly that value.
    Exactly,
    /// It takes that value, less up to so much that has passed before the fault.
    Less(Micros),
}

/// A step: it takes anything from `low` to `high`, all alike likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its stable name for machines, and the name of the flag that sets it.
    pub id: &'static str,
    /// Its short name for people.
    pub name: &'static str,
    /// What happens in it: one sentence.
    pub what: &'static str,
    /// At least.
    pub low: Micros,
    /// At most.
    pub high: Micros,
    /// What a given value makes of it.
    pub range: Range,
    /// What a given value is cut at: something else ends the step then.
    pub limit: Micros,
    /// How much is known about it.
    pub basis: Basis,
    /// Who says so.
    pub source: &'static str,
    /// Whether what follows waits for it. A step that does not is shown, and counts once it is set.
    pub counts: bool,
}

impl Step {
    /// A step that nobody can set.
    #[must_use]
    pub const fn fixed(id: &'static str, name: &'static str, low: Micros, high: Micros) -> Self {
        let (range, limit, basis) = (Range::Fixed, Micros::NEVER, Basis::Assumed);
        Self { id, name, what: "", low, high, range, limit, basis, source: "", counts: true }
    }

    /// A wait for something that happens every `period`.
    #[must_use]
    pub const fn up_to(id: &'static str, name: &'static str, period: Micros) -> Self {
        Self { range: Range::UpTo, ..Self::fixed(id, name, Micros::ZERO, period) }
    }

    /// A step that takes from `low` to `high`, or exactly what the user says.
    #[must_use]
    pub const fn between(id: &'static str, name: &'static str, low: Micros, high: Micros) -> Self {
        Self { range: Range::Exactly, ..Self::fixed(id, name, low, high) }
    }

    /// What is left of a period of which up to `passed` is over when the fault happens.
    #[must_use]
    pub fn rest(id: &'static str, name: &'static str, period: Micros, passed: Micros) -> Self {
        Self { range: Range::Less(passed), ..Self::fixed(id, name, period - passed, period) }
    }

    /// With what happens in it, as its source says.
    #[must_use]
    pub const fn known(self, what: &'static str, source: &'static str) -> Self {
        Self { what, source, basis: Basis::Known, ..self }
    }

    /// With what happens in it, as long as the setting has its default.
    #[must_use]
    pub const fn default(self, what: &'static str, source: &'static str) -> Self {
        Self { what, source, basis: Basis::Default, ..self }
    }

    /// With what happens in it, which takes as long as hactl assumes.
    #[must_use]
    pub const fn assumed(self, what: &'static str, source: &'static str) -> Self {
        Self { what, source, basis: Basis::Assumed, ..self }
    }

    /// With what a given value is cut at.
    #[must_use]
    pub const fn limited(self, limit: Micros) -> Self {
        Self { limit, ..self }
    }

    /// A step that nothing waits for, unless it is set.
    #[must_use]
    pub const fn aside(self) -> Self {
        Self { counts: false, ..self }
    }

    /// Whether the user can set it.
    #[must_use]
    pub fn is_setting(&self) -> bool {
        self.range != Range::Fixed
    }

    /// Sets it, if it can be set; it counts from then on. Nothing takes less than no time.
    pub fn set(&mut self, value: Micros) {
        let value = value.clamp(Micros::ZERO, self.limit);
        (self.low, self.high) = match self.range {
            Range::Fixed => return,
            Range::UpTo => (Micros::ZERO, value),
            Range::Exactly => (value, value),
            Range::Less(passed) => ((value - passed).max(Micros::ZERO), value),
        };
        self.counts = true;
    }
}

/// What the steps that count take together: at least, and at most.
#[must_use]
pub fn total(steps: &[Step]) -> (Micros, Micros) {
    let counted = || steps.iter().filter(|step| step.counts);
    (counted().map(|step| step.low).sum(), counted().map(|step| step.high).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: i64) -> Micros {
        Micros::from_secs(seconds)
    }

    fn set(mut step: Step, seconds: i64) -> (Micros, Micros) {
        step.set(secs(seconds));
        (step.low, step.high)
    }

    #[test]
    fn a_given_value_means_what_the_step_is() {
        assert_eq!(set(Step::fixed("a", "a", secs(1), secs(2)), 9), (secs(1), secs(2)));
        assert_eq!(set(Step::up_to("a", "a", secs(30)), 60), (secs(0), secs(60)));
        assert_eq!(set(Step::between("a", "a", secs(2), secs(30)), 9), (secs(9), secs(9)));
        assert_eq!(set(Step::rest("a", "a", secs(50), secs(10)), 40), (secs(30), secs(40)));
        assert_eq!(set(Step::rest("a", "a", secs(50), secs(10)), 4), (secs(0), secs(4)));
        assert_eq!(set(Step::up_to("a", "a", secs(1)).limited(secs(10)), 60), (secs(0), secs(10)));
        assert_eq!(set(Step::up_to("a", "a", secs(1)), -5), (secs(0), secs(0)));
    }

    #[test]
    fn a_step_that_nothing_waits_for_counts_once_it_is_set() {
        let mut steps = [Step::up_to("a", "a", secs(30)), Step::up_to("b", "b", secs(10)).aside()];
        assert_eq!(total(&steps), (secs(0), secs(30)));
        steps[1].set(secs(5));
        assert_eq!(total(&steps), (secs(0), secs(35)));
    }
}
