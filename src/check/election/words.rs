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
];

/// What stands before a name that then turns it off: `--skip-leader-election`.
const NOT: &[&str] = &["skip", "without", "ignore", "disable"];

/// These only as the first word: names of programs end so, too.
const NO: &[&str] = &["no", "not"];

/// `--leader-elect`, `-enable-leader-election`, `MANAGER_LEADER_ELECT`, `LEADER_ELECTION_DISABLE`.
pub(in crate::check) fn switch(name: &str) -> Option<Switch> {
    let plain = plain(name);
    let ends = |names: &[&str]| names.iter().any(|known| plain.ends_with(known));
    let negated = || {
        let own = ON.iter().filter_map(|known| plain.strip_suffix(known));
        own.min_by_key(|before| before.len())
            .is_some_and(|before| NO.contains(&before) || NOT.iter().any(|not| before.ends_with(not)))
    };
    match () {
        () if ends(OFF) || negated() => Some(Switch::Off),
        // Who waits for an election need not take part in it.
        () if plain.contains("waitfor") => None,
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

/// What a setting of an election may be called.
#[derive(Debug)]
pub(in crate::check) struct Name {
    /// What the name ends with, behind a word that says that it is about an election.
    tails: &'static [&'static str],
    /// Names that say by themselves what they are about.
    alone: &'static [&'static str],
}

/// What a bare number counts, by the name of the setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Unit {
    /// The name does not say.
    Unsaid,
    Seconds,
    Milliseconds,
}

/// What a name says that it is about, before its tail.
const TOPICS: &[&str] = &["leaderelect", "leaderelection", "leaderelector", "leadership", "leader"];

/// The Lease's name: client-go's lock, controller-runtime's `LeaderElectionID`, component-base's `resourceName`.
pub(in crate::check) const LEASE: Name = Name {
    tails: &["id", "name", "resourcename", "leasename", "lockname", "leaselockname", "electionid"],
    alone: &["leasename", "leaselockname", "electionid"],
};

/// Its namespace.
pub(in crate::check) const NAMESPACE: Name = Name {
    tails: &["namespace", "resourcenamespace", "leasenamespace", "locknamespace", "leaselocknamespace"],
    alone: &["leasenamespace", "leaselocknamespace"],
};

/// What kind of lock it is: a Lease, or what there was before.
pub(in crate::check) const LOCK: Name =
    Name { tails: &["resourcelock", "type", "resourcelocktype", "locktype"], alone: &["leaderelectionresourcelock"] };

/// As whom a replica takes part.
pub(in crate::check) const IDENTITY: Name = Name {
    tails: &["identity", "holderidentity", "leaseidentity", "leaseholderidentity"],
    alone: &["leaseholderidentity", "leaseidentity", "holderidentity"],
};

/// The lease duration.
pub(in crate::check) const LEASE_DURATION: Name =
    Name { tails: &["leaseduration", "duration", "lockleaseduration"], alone: &["leaseduration"] };

/// The renew deadline.
pub(in crate::check) const RENEW_DEADLINE: Name = Name {
    tails: &["renewdeadline", "renewaldeadline", "leaserenewdeadline", "deadline"],
    alone: &["renewdeadline", "renewaldeadline", "leaserenewdeadline"],
};

/// The retry period.
pub(in crate::check) const RETRY_PERIOD: Name =
    Name { tails: &["retryperiod", "leaseretryperiod"], alone: &["retryperiod", "leaseretryperiod"] };

/// The grace period of kube-lease-manager.
pub(in crate::check) const GRACE_PERIOD: Name = Name { tails: &["graceperiod", "leasegraceperiod"], alone: &[] };

/// How often klag-exporter asks Kafka.
pub(in crate::check) const POLL_INTERVAL: Name = Name { tails: &[], alone: &["exporterpollinterval"] };

/// How a name ends that says what a number counts.
const UNITS: &[(&str, Unit)] = &[
    ("milliseconds", Unit::Milliseconds),
    ("millis", Unit::Milliseconds),
    ("inseconds", Unit::Seconds),
    ("seconds", Unit::Seconds),
    ("secs", Unit::Seconds),
    ("sec", Unit::Seconds),
];

/// How a name fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Fit {
    pub(in crate::check) unit: Unit,
    /// Whether it says what it is about. Another name may be about something else in a program that elects too.
    pub(in crate::check) topical: bool,
}

impl Name {
    /// How a name fits, if it does.
    pub(in crate::check) fn fits(&self, name: &str) -> Option<Fit> {
        let plain = plain(name);
        let unit = UNITS.iter().find_map(|(end, unit)| Some((plain.strip_suffix(end)?, *unit)));
        let (stem, unit) = unit.unwrap_or((&plain, Unit::Unsaid));
        let tail = |tail: &&str| {
            let before = stem.strip_suffix(tail);
            before.is_some_and(|before| TOPICS.iter().any(|topic| before.ends_with(topic)))
        };
        let topical = self.tails.iter().any(tail);
        (topical || self.alone.contains(&stem)).then_some(Fit { unit, topical })
    }
}
