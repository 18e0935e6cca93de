//! What a container's arguments and environment say about leader election.
//!
//! Only arguments and variables whose names have to do with it are kept: a Snapshot of a large cluster stays small,
//! and nothing else of a Pod's environment is ever held.

use jiff::SignedDuration;

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A command-line argument of a container.
    Args,
    /// A literal environment variable of a container.
    Env,
}

/// One argument or environment variable about leader election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it was found.
    pub origin: Origin,
    /// Its name in lower case, without leading dashes, `_` written as `-`.
    pub name: String,
    /// Its value; empty for a bare flag.
    pub value: String,
}

/// Beginnings of the words of names that are kept: `leader-elect`, `LEASE_NAME`, but not `RELEASE_NAME`.
const RELEVANT_WORDS: &[&str] = &["leader", "lease", "elect", "federat"];

/// Parts of names that are kept.
const RELEVANT_PARTS: &[&str] = &["renew-deadline", "renewal-deadline", "retry-period", "grace-period", "etl-bucket"];

/// Reads the arguments of one container (`command` and `args` in a row) in both spellings, `--name=value` and
/// `--name value`.
pub fn from_args<'a>(args: impl IntoIterator<Item = &'a str>) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let Some(flag) = arg.strip_prefix('-') else { continue };
        let flag = flag.trim_start_matches('-');
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value),
            None => (flag, args.peek().copied().filter(|next| !next.starts_with('-')).unwrap_or_default()),
        };
        settings.extend(relevant(Origin::Args, name, value));
    }
    settings
}

/// Reads one literal environment variable.
#[must_use]
pub fn from_env(name: &str, value: &str) -> Option<Setting> {
    relevant(Origin::Env, name, value)
}

fn about_election(word: &str) -> bool {
    RELEVANT_WORDS.iter().any(|start| word.starts_with(start))
}

fn relevant(origin: Origin, name: &str, value: &str) -> Option<Setting> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let word = name.split(['-', '.']).any(about_election);
    let kept = word || RELEVANT_PARTS.iter().any(|part| name.contains(part));
    kept.then(|| Setting { origin, name, value: value.to_owned() })
}

/// The first of `settings` that has one of `names`, alone or in a name about leader election
/// (`grace-period`, `leader-grace-period`, but not `shutdown-grace-period`), and whose value is a duration.
#[must_use]
pub fn duration(settings: &[Setting], names: &[&str]) -> Option<(SignedDuration, Origin)> {
    settings
        .iter()
        .filter(|setting| {
            let about = setting.name.split(['-', '.']).any(about_election);
            names.iter().any(|name| setting.name == *name || (about && setting.name.contains(name)))
        })
        .find_map(|setting| Some((parse_duration(&setting.value)?, setting.origin)))
}

/// Reads a duration as Go flags spell it (`15s`, `1m30s`, `1h`), or a bare number of seconds.
#[must_use]
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let duration = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(seconds.into()),
        Err(_) => text.parse().ok()?,
    };
    (duration > SignedDuration::ZERO).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_both_spellings() {
        let settings = from_args([
            "/manager",
            "--leader-elect",
            "--metrics-bind-address=:8443",
            "--leader-elect-renew-deadline=8s",
            "-leader-elect-retry-period",
            "1m30s",
        ]);
        let names: Vec<_> = settings.iter().map(|s| (s.name.as_str(), s.value.as_str())).collect();
        assert_eq!(
            names,
            [("leader-elect", ""), ("leader-elect-renew-deadline", "8s"), ("leader-elect-retry-period", "1m30s")]
        );
        assert_eq!(duration(&settings, &["renew-deadline"]), Some((SignedDuration::from_secs(8), Origin::Args)));
        assert_eq!(duration(&settings, &["retry-period"]), Some((SignedDuration::from_secs(90), Origin::Args)));
    }

    #[test]
    fn a_variable_that_is_not_about_election_is_not_kept() {
        assert_eq!(from_env("DATABASE_PASSWORD", "hunter2"), None);
        assert_eq!(from_env("RELEASE_NAME", "web"), None);
        let kept = from_env("LEASE_DURATION", "15").expect("kept");
        assert_eq!(kept.name, "lease-duration");
        assert_eq!(duration(&[kept], &["lease-duration"]), Some((SignedDuration::from_secs(15), Origin::Env)));
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in ["", "0", "-5s", "soon", "1.5.2s"] {
            assert_eq!(parse_duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_grace_period_of_something_else_is_none() {
        let grace = |arg| duration(&from_args([arg]), &["grace-period"]).map(|(value, _)| value.as_secs());
        assert_eq!(grace("--shutdown-grace-period=30s"), None);
        assert_eq!(grace("--grace-period=4s"), Some(4));
        assert_eq!(grace("--leader-grace-period=5s"), Some(5));
    }
}
