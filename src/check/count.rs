//! How many of so many: a number, or a percentage.

use crate::model::node::{Node, Value};

/// A number of Pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Number(i64),
    Percent(i64),
}

/// A number of replicas; `None` where there is none, or it is beyond the 32 bits of the API, which then refuses the object.
pub(super) fn replicas(node: &Node) -> Option<i64> {
    node.int().and_then(|number| i32::try_from(number).ok()).map(i64::from)
}

impl Count {
    /// What stands there; `None` where it is neither, or one that the API server refuses: below 0, or beyond what it counts
    /// in (`k8s.io/kubernetes/pkg/apis/apps/validation`, `ValidatePositiveIntOrPercent`).
    pub(super) fn read(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Int(_) => replicas(node).filter(|number| *number >= 0).map(Self::Number),
            Value::Text(text) => {
                let digits =
                    text.strip_suffix('%').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
                digits.parse::<i32>().ok().map(|percent| Self::Percent(percent.into()))
            }
            _ => None,
        }
    }

    /// Of so many, rounded up (`k8s.io/apimachinery/pkg/util/intstr`, `GetScaledValueFromIntOrPercent`).
    pub(super) const fn up(self, of: i64) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => percent.saturating_mul(of).saturating_add(99).div_euclid(100),
        }
    }

    /// Of so many, rounded down.
    pub(super) const fn down(self, of: i64) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => percent.saturating_mul(of).div_euclid(100),
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
