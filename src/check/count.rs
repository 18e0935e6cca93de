//! How many of so many: a number, or a percentage.

use crate::model::node::{Node, Value};

/// A number of Pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Number(i64),
    Percent(i64),
}

impl Count {
    /// What stands there; `None` where it is neither.
    pub(super) fn read(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Int(number) => Some(Self::Number(*number)),
            Value::Text(text) => text.strip_suffix('%')?.parse().ok().map(Self::Percent),
            _ => None,
        }
    }

    /// Of so many, rounded up (`k8s.io/apimachinery/pkg/util/intstr`, `GetScaledValueFromIntOrPercent`).
    pub(super) const fn up(self, of: i64) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => (percent * of + 99).div_euclid(100),
        }
    }

    /// Of so many, rounded down.
    pub(super) const fn down(self, of: i64) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => (percent * of).div_euclid(100),
        }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}
