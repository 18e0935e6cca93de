//! What to do, from the environment.

use std::{
    env,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use crate::Failure;

/// The durations that a library's users have by default.
pub struct Defaults {
    /// Seconds, for `LEASE_DURATION`.
    pub lease_duration: u64,
    /// Seconds, for `GRACE_PERIOD`.
    pub grace_period: u64,
}

pub(crate) struct Config {
    pub(crate) lease_name: String,
    pub(crate) namespace: String,
    pub(crate) identity: String,
    /// The number of Leases, each with an elector of its own.
    pub(crate) count: u64,
    /// The time over which their starts are spread: electors that start together keep the same phase.
    pub(crate) stagger: Duration,
    pub(crate) lease_duration: Duration,
    pub(crate) grace_period: Duration,
    /// Both libraries release when they are dropped, so that is the default.
    pub(crate) release_on_cancel: bool,
    /// A leader that has lost its Lease acts for so long beyond that.
    pub(crate) linger: Duration,
    /// The address for HTTP, if any.
    pub(crate) listen: Option<String>,
    /// A standby answers 503 to `/ready`.
    pub(crate) ready_when_leading: bool,
}

impl Config {
    pub(crate) fn from_env(defaults: Defaults) -> Result<Self, Failure> {
        let default_listen = || format!("{}:8080", var("POD_IP").as_deref().unwrap_or("127.0.0.1"));
        let config = Self {
            lease_name: var("LEASE_NAME").ok_or("LEASE_NAME is not set")?,
            namespace: var("LEASE_NAMESPACE").unwrap_or_else(|| "default".into()),
            identity: var("IDENTITY").or_else(|| var("HOSTNAME")).ok_or("neither IDENTITY nor HOSTNAME is set")?,
            count: number("COUNT", 1)?,
            stagger: Duration::from_secs(number("STAGGER", 0)?),
            lease_duration: Duration::from_secs(number("LEASE_DURATION", defaults.lease_duration)?),
            grace_period: Duration::from_secs(number("GRACE_PERIOD", defaults.grace_period)?),
            linger: Duration::from_secs(number("LINGER", 0)?),
            release_on_cancel: choice("RELEASE_ON_CANCEL", "true", "false")?,
            listen: Some(var("LISTEN").unwrap_or_else(default_listen)).filter(|listen| listen != "off"),
            ready_when_leading: !choice("READY_WHEN", "always", "leading")?,
        };
        // As klag-exporter checks it: neither library does, and kube-lease-manager
        // would renew without a pause.
        if config.lease_duration <= config.grace_period {
            return Err("LEASE_DURATION must be longer than GRACE_PERIOD".into());
        }
        Ok(config)
    }

    /// When the elector with this number is to start: each has a part of the stagger to itself, and a random place in it.
    pub(crate) fn start_of(&self, number: u32) -> Duration {
        // The keys of a new state are random.
        let place = RandomState::new().hash_one(number) as f64 / u64::MAX as f64;
        self.stagger.mul_f64((f64::from(number) + place) / self.count as f64)
    }

    /// The names of the Leases to compete for.
    pub(crate) fn leases(&self) -> Vec<String> {
        match self.count {
            1 => vec![self.lease_name.clone()],
            count => (0..count).map(|i| format!("{}-{i}", self.lease_name)).collect(),
        }
    }
}

/// An empty variable counts as absent.
fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str, default: u64) -> Result<u64, Failure> {
    let Some(value) = var(name) else {
        return Ok(default);
    };
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{name}={value} is not a positive whole number").into()),
    }
}

/// True for the first word, which is the default, and false for the second.
fn choice(name: &str, first: &str, second: &str) -> Result<bool, Failure> {
    match var(name) {
        None => Ok(true),
        Some(value) if value == first => Ok(true),
        Some(value) if value == second => Ok(false),
        Some(value) => Err(format!("{name}={value} is neither {first} nor {second}").into()),
    }
}
