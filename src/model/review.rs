//! What the API server is asked about the rights of ServiceAccounts, and what it answers.

use std::collections::BTreeMap;

use super::{Key, Right};

/// Whether a ServiceAccount may do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The ServiceAccount.
    pub account: Key,
    /// What it would do.
    pub right: Right,
}

/// What was answered.
pub type Answers = BTreeMap<Question, bool>;
