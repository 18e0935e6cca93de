//! What leader election is called: in flags, in variables and in configuration files.

/// What a name turns, if it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Switch {
    On,
    Off,
}

/// How the names end that turn it on, and off, in small letters and without anything between words.
const ON: &[&str] = &[
    "leaderelect",
    "leaderelection",
    "leaderelectenabled",
    "leaderelectionenabled",
    "enableleaderelect",
    "enableleaderelection",
];
const OFF: &[&str] = &[
    "disableleaderelect",
    "disableleaderelection",
    "leaderelectdisable",
    "leaderelectdisabled",
    "leaderelectiondisable",
    "leaderelectiondisabled",
    "noleaderelect",
    "noleaderelection",
];

/// `--leader-elect`, `-enable-leader-election`, `MANAGER_LEADER_ELECT`, `LEADER_ELECTION_DISABLE`.
pub(in crate::check) fn switch(name: &str) -> Option<Switch> {
    let plain = plain(name);
    let ends = |names: &[&str]| names.iter().any(|known| plain.ends_with(known));
    match () {
        () if ends(OFF) => Some(Switch::Off),
        () if ends(ON) => Some(Switch::On),
        () => None,
    }
}

/// Whether a name has to do with leader election at all: `--leader-election-namespace`.
pub(in crate::check) fn about(name: &str) -> bool {
    let plain = plain(name);
    ["leaderelect", "leadership"].iter().any(|word| plain.contains(word))
}

/// In small letters, and without anything between words.
pub(in crate::check) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
