//! What a simulation is asked, in the words of the command line: `outage=11s:reset`, `write=holder`.

use std::fmt;
use std::str::FromStr;

use super::fault::{Fault, Lasting, Met, NodeLoss, Outage, Restart, Tampering};
use crate::model::Micros;
use crate::model::near::nearest;
use crate::model::setting::parse_duration;

/// Longer than this nothing is asked for: a day.
pub const LONGEST: Micros = Micros::from_secs(24 * 3600);

/// Shorter than this nothing is asked for: no election is that quick.
const SHORTEST: Micros = Micros::from_millis(1);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The leader's process is gone, and does not come back.
    Crash,
    /// Its container is started again in place, so long after.
    CrashRestart(Micros),
    /// It ends gracefully and gives the Lease up.
    Release,
    /// It ends gracefully and does not.
    Stop,
    /// It cannot reach the API, for so long or to the end.
    Partition(Option<Micros>, Met),
    /// It stands still for so long.
    Freeze(Micros),
    /// Nobody can reach the API.
    Outage(Micros, Met),
    /// The same, for a time that is drawn exponentially with this mean.
    AnyOutage(Micros, Met),
    /// Its node is gone, and a Deployment's controller replaces its Pod once it is evicted.
    NodeLoss,
    /// Someone else writes to the Lease.
    Write(WhatIf),
}

/// What someone else writes to the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatIf {
    /// A standby as the holder.
    Holder,
    /// An empty holder.
    Clear,
    /// A null holder.
    ClearNull,
    /// Nothing: it is deleted.
    Delete,
    /// A lease duration of a second.
    ShortDuration,
    /// A lease duration of an hour.
    LongDuration,
}

/// The names of the faults, as they are suggested.
const FAULTS: &[&str] = &["crash", "crash-restart", "release", "stop", "partition", "freeze", "outage", "node-loss"];

/// The writes by name.
const WRITES: &[(&str, WhatIf)] = &[
    ("holder", WhatIf::Holder),
    ("clear", WhatIf::Clear),
    ("clear-null", WhatIf::ClearNull),
    ("delete", WhatIf::Delete),
    ("short-duration", WhatIf::ShortDuration),
    ("long-duration", WhatIf::LongDuration),
];

impl Question {
    /// The fault of the simulated world, in a story that ends that long after it.
    #[must_use]
    pub fn fault(self, horizon: Micros) -> Fault {
        let restart = |after| Restart { after, same_identity: true };
        match self {
            Self::Crash => Fault::Crash,
            Self::NodeLoss => Fault::NodeLoss(NodeLoss::of_deployment(NodeLoss::GRACE, NodeLoss::TOLERATION)),
            Self::CrashRestart(after) => Fault::CrashRestart(restart(after)),
            Self::Release | Self::Stop => Fault::Shutdown,
            Self::Partition(lasting, met) => Fault::Partition(Outage { lasting: lasting.unwrap_or(horizon), met }),
            Self::Freeze(lasting) => Fault::Freeze(lasting),
            Self::Outage(lasting, met) => Fault::Outage(Outage { lasting, met }),
            Self::AnyOutage(mean, met) => Fault::DrawnOutage(Lasting::Exponential(mean), met),
            Self::Write(what) => Fault::Write(what.tampering()),
        }
    }

    /// Whether it asks for a Lease that is given up, or kept, at a graceful end; elsewhere the library's habit counts.
    #[must_use]
    pub fn releases(self) -> Option<bool> {
        match self {
            Self::Release => Some(true),
            Self::Stop => Some(false),
            _ => None,
        }
    }

    /// How long it lasts by itself.
    #[must_use]
    pub fn lasting(self) -> Micros {
        match self {
            Self::CrashRestart(time) | Self::Freeze(time) | Self::Outage(time, _) | Self::Partition(Some(time), _) => {
                time
            }
            _ => Micros::ZERO,
        }
    }

    /// The moment of it: whom it hits, and what happens.
    #[must_use]
    pub fn event(self) -> (String, &'static str) {
        let (actor, what) = match self {
            Self::Crash | Self::CrashRestart(_) => ("leader", "crashes"),
            Self::Release | Self::Stop => ("leader", "is asked to end"),
            Self::Partition(..) => ("leader", "is cut off from the API"),
            Self::Freeze(_) => ("leader", "stands still"),
            Self::Outage(..) | Self::AnyOutage(..) => ("API", "cannot be reached"),
            Self::NodeLoss => ("leader", "is lost with its node"),
            Self::Write(WhatIf::Holder) => ("someone", "writes standby-1 as the holder"),
            Self::Write(WhatIf::Clear) => ("someone", "empties the holder"),
            Self::Write(WhatIf::ClearNull) => ("someone", "sets the holder to null"),
            Self::Write(WhatIf::Delete) => ("someone", "deletes the Lease"),
            Self::Write(WhatIf::ShortDuration) => ("someone", "sets the lease duration to 1 s"),
            Self::Write(WhatIf::LongDuration) => ("someone", "sets the lease duration to 3600 s"),
        };
        (actor.to_owned(), what)
    }

    /// It as a clause: `the leader crashes`.
    #[must_use]
    pub fn clause(self) -> String {
        let met = |met| match met {
            Met::Refused => "refused",
            Met::Reset => "reset",
            Met::Hang => "never answered",
        };
        match self {
            Self::Crash => "the leader crashes, and its Pod does not come back".to_owned(),
            Self::CrashRestart(after) => {
                format!("the leader crashes, and its container is started again after {after}")
            }
            Self::Release => "the leader ends gracefully and releases the Lease".to_owned(),
            Self::Stop => "the leader ends gracefully and does not release the Lease".to_owned(),
            Self::Partition(lasting, how) => {
                let long = lasting.map_or_else(|| "for good".to_owned(), |time| format!("for {time}"));
                format!("the leader cannot reach the API {long} (connections are {})", met(how))
            }
            Self::Freeze(lasting) => format!("the leader's process stands still for {lasting}"),
            Self::Outage(lasting, how) => {
                format!("nobody can reach the API for {lasting} (connections are {})", met(how))
            }
            Self::AnyOutage(mean, how) => {
                format!("nobody can reach the API for {mean} on average (connections are {})", met(how))
            }
            Self::NodeLoss => "the leader's node is lost; its Pod is replaced once it is evicted".to_owned(),
            Self::Write(WhatIf::Holder) => "someone writes a standby's name into holderIdentity".to_owned(),
            Self::Write(WhatIf::Clear) => "someone empties holderIdentity".to_owned(),
            Self::Write(WhatIf::ClearNull) => "someone sets holderIdentity to null".to_owned(),
            Self::Write(WhatIf::Delete) => "someone deletes the Lease".to_owned(),
            Self::Write(WhatIf::ShortDuration) => "someone sets leaseDurationSeconds to 1".to_owned(),
            Self::Write(WhatIf::LongDuration) => "someone sets leaseDurationSeconds to 3600".to_owned(),
        }
    }
}

impl WhatIf {
    fn tampering(self) -> Tampering {
        match self {
            Self::Holder => Tampering::Holder,
            Self::Clear => Tampering::Clear,
            Self::ClearNull => Tampering::ClearNull,
            Self::Delete => Tampering::Delete,
            Self::ShortDuration => Tampering::Duration(1),
            Self::LongDuration => Tampering::Duration(3600),
        }
    }
}

impl fmt::Display for Question {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = |met| match met {
            Met::Refused => "",
            Met::Reset => ":reset",
            Met::Hang => ":hang",
        };
        let typed = |time: Micros| time.to_string().replace(' ', "");
        match self {
            Self::Crash => f.write_str("crash"),
            Self::CrashRestart(after) => write!(f, "crash-restart={}", typed(*after)),
            Self::Release => f.write_str("release"),
            Self::Stop => f.write_str("stop"),
            Self::Partition(None, how) => write!(f, "partition{}", met(*how)),
            Self::Partition(Some(lasting), how) => write!(f, "partition={}{}", typed(*lasting), met(*how)),
            Self::Freeze(lasting) => write!(f, "freeze={}", typed(*lasting)),
            Self::Outage(lasting, how) => write!(f, "outage={}{}", typed(*lasting), met(*how)),
            Self::AnyOutage(mean, how) => write!(f, "outage~{}{}", typed(*mean), met(*how)),
            Self::NodeLoss => f.write_str("node-loss"),
            Self::Write(what) => write!(f, "{what}"),
        }
    }
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = WRITES.iter().find(|(_, write)| write == self).unwrap_or(&WRITES[0]);
        write!(f, "write={name}")
    }
}

impl FromStr for Question {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (head, met) = match text.split_once(':') {
            Some((head, met)) => (head, Some(met)),
            None => (text, None),
        };
        let (name, value) = match head.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (head, None),
        };
        let alone = |question: Self| match value {
            None => Ok(question),
            Some(_) => Err(format!("{name} takes no value: say {name} alone")),
        };
        let needed = |example: &str| {
            value.ok_or_else(|| format!("how long does it last? say {name}={example}")).and_then(lasting)
        };
        let how = met.map_or(Ok(Met::Refused), way);
        let question = match name {
            "crash" => alone(Self::Crash)?,
            "crash-restart" => Self::CrashRestart(value.map_or(Ok(Micros::SECOND), lasting)?),
            "release" => alone(Self::Release)?,
            "stop" => alone(Self::Stop)?,
            "partition" => Self::Partition(value.map(lasting).transpose()?, how.clone()?),
            "freeze" => Self::Freeze(needed("25s")?),
            "outage" => Self::Outage(needed("11s")?, how.clone()?),
            "node-loss" => alone(Self::NodeLoss)?,
            "write" => return Err("a write is no fault: say --what-if write=...".to_owned()),
            _ => {
                return Err(match nearest(name, FAULTS.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("expected one of {}", FAULTS.join(", ")),
                });
            }
        };
        match (met, question) {
            (None, _) | (_, Self::Partition(..) | Self::Outage(..)) => Ok(question),
            _ => Err(format!("only partition and outage are met in different ways, {name} is not")),
        }
    }
}

impl FromStr for WhatIf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = || WRITES.iter().map(|(name, _)| *name);
        let expected = || format!("expected write= and one of {}", names().collect::<Vec<_>>().join(", "));
        let name = text.strip_prefix("write=").unwrap_or(text);
        let found = WRITES.iter().find(|(known, _)| *known == name).map(|(_, write)| *write);
        found.ok_or_else(|| match nearest(name, names()) {
            Some(near) => format!("did you mean write={near}?"),
            None => expected(),
        })
    }
}

fn way(text: &str) -> Result<Met, String> {
    match text {
        "refused" => Ok(Met::Refused),
        "reset" => Ok(Met::Reset),
        "hang" => Ok(Met::Hang),
        _ => Err(format!("a connection is refused, reset or hang, not {text}")),
    }
}

fn lasting(text: &str) -> Result<Micros, String> {
    time(text)
}

/// A time above zero, of a day at most.
///
/// # Errors
/// What was expected.
pub fn time(text: &str) -> Result<Micros, String> {
    match parse_duration(text).map(Micros::from) {
        Some(time) if time > LONGEST => Err("longer than a day".to_owned()),
        Some(time) if Micros::ZERO < time && time < SHORTEST => Err("shorter than a millisecond".to_owned()),
        Some(time) if time > Micros::ZERO => Ok(time),
        _ => Err("expected a duration above zero, such as 15s, 500ms, 1m30s, or a number of seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_back_as_it_is_told() {
        let all = "crash crash-restart=1s crash-restart=2.5s release stop partition partition=20s partition:hang \
                   partition=20s:reset freeze=25s outage=11s outage=11s:reset outage=0.5s:hang node-loss";
        for text in all.split_whitespace() {
            assert_eq!(text.parse::<Question>().map(|question| question.to_string()), Ok(text.to_owned()));
        }
        let same = |one: &str, other: &str| assert_eq!(one.parse::<Question>(), other.parse());
        same("crash-restart", "crash-restart=1s");
        same("outage=11s:refused", "outage=11");
        same("freeze=1m30s", "freeze=90s");
        for (name, write) in WRITES {
            assert_eq!(format!("write={name}").parse(), Ok(*write));
            assert_eq!(Question::Write(*write).to_string(), format!("write={name}"));
        }
    }

    #[test]
    fn what_is_no_fault_is_told_what_was_meant() {
        let error = |text: &str| text.parse::<Question>().unwrap_err();
        assert_eq!(error("crahs"), "did you mean crash?");
        assert_eq!(error("freeze"), "how long does it last? say freeze=25s");
        assert_eq!(error("crash=3s"), "crash takes no value: say crash alone");
        assert!(error("outage=11s:slow").contains("refused, reset or hang"));
        assert!(error("crash:reset").contains("crash is not"));
        assert!(error("outage=0s").contains("above zero"));
        assert!(error("freeze=2000h").contains("longer than a day"));
        assert!(error("write=holder").contains("--what-if"));
        assert!(error("meteor").starts_with("expected one of crash, "));
        assert_eq!("write=hodler".parse::<WhatIf>().unwrap_err(), "did you mean write=holder?");
        assert_eq!("holder".parse(), Ok(WhatIf::Holder));
        assert!("write=nothing".parse::<WhatIf>().is_err());
    }
}
