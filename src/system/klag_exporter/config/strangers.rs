//! Names that klag-exporter passes over without a word, though they look like settings of its election: it refuses no
//! key that it does not know (klag-exporter 0.1.29, `src/config.rs` has no `deny_unknown_fields`).

use toml_span::{Span, Value};

use super::leadership::KEYS;
use super::reader::{Part, Reader};
use crate::model::near;
use crate::model::node::Mark;

/// A name that means nothing where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The place in the file.
    pub mark: Mark,
    /// The name from the root: `exporter.leadership.enable`.
    pub name: String,
    /// What was meant: `exporter.leadership.enabled`. `None` where nothing is near.
    pub meant: Option<String>,
    /// Whether it was to turn leader election on.
    pub turns_on: bool,
}

/// The section that settings of an election stand in.
const SECTION: &str = "exporter.leadership";

/// What settings of an election are called elsewhere, or for short.
const ALSO: &[(&str, &str)] = &[
    ("enable", "enabled"),
    ("name", "lease_name"),
    ("namespace", "lease_namespace"),
    ("duration", "lease_duration_secs"),
    ("leaseduration", "lease_duration_secs"),
    ("leasedurationseconds", "lease_duration_secs"),
    ("leaseseconds", "lease_duration_secs"),
    ("grace", "grace_period_secs"),
    ("graceperiod", "grace_period_secs"),
    ("graceperiodseconds", "grace_period_secs"),
    ("holderidentity", "identity"),
];

/// So alike is a slip of the fingers.
const ALIKE: f64 = 0.93;

/// The strangers of a file.
pub(super) fn among(reader: &Reader<'_>, root: &Part<'_>, exporter: &Part<'_>) -> Vec<Stranger> {
    let mut strangers = Vec::new();
    let mut tell = |span: Span, name: String, meant: Option<String>, turns_on: bool| {
        strangers.push(Stranger { mark: reader.mark(span), name, meant, turns_on });
    };
    let leadership = exporter.get("leadership").and_then(Value::as_table);
    for (key, value) in leadership.into_iter().flatten().filter(|(key, _)| !KEYS.contains(&&*key.name)) {
        let meant = meant(&key.name);
        let turns_on = meant == Some("enabled") && value.as_bool() == Some(true);
        tell(key.span, format!("{SECTION}.{}", key.name), meant.map(|meant| format!("{SECTION}.{meant}")), turns_on);
    }
    let inside = exporter.entries().map(|(key, span, value)| (format!("exporter.{key}"), key, span, value));
    let outside = root.entries().map(|(key, span, value)| (key.to_owned(), key, span, value));
    for (name, key, span, value) in inside.chain(outside).filter(|(name, ..)| name != SECTION && name != "exporter") {
        if let Some(table) = value.as_table().filter(|_| is_section(key)) {
            let turns_on = table.get("enabled").and_then(Value::as_bool) == Some(true);
            tell(span, name, Some(SECTION.to_owned()), turns_on);
            continue;
        }
        if astray(key) {
            tell(span, name, Some(format!("{SECTION}.{key}")), false);
            continue;
        }
        // What stands behind the head of another table is a part of that.
        let tables = value.as_array().map_or(std::slice::from_ref(value), |entries| &**entries);
        for (inner, _) in tables.iter().filter_map(Value::as_table).flatten().filter(|(inner, _)| astray(&inner.name)) {
            tell(inner.span, format!("{name}.{}", inner.name), Some(format!("{SECTION}.{}", inner.name)), false);
        }
    }
    strangers
}

/// A name without what names are divided by, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The key of the section that was meant.
fn meant(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    let same = KEYS.iter().find(|key| self::plain(key) == plain).copied();
    let also = || ALSO.iter().find(|(also, _)| *also == plain).map(|(_, key)| *key);
    let alike = |key: &&str| near::likeness(name, key).is_some_and(|likeness| likeness > ALIKE);
    same.or_else(also).or_else(|| near::nearest(name, KEYS.iter().copied().filter(alike)))
}

/// Whether a table was to be the section: `[leadership]`, `[exporter.leader_election]`.
fn is_section(name: &str) -> bool {
    let plain = plain(name);
    ["leader", "leaderelection", "leadership", "leaderelect"].contains(&&*plain)
        || near::likeness(&plain, "leadership").is_some_and(|likeness| likeness > ALIKE)
}

/// Whether it is a key of the section, and of nothing else.
fn astray(name: &str) -> bool {
    ["lease_name", "lease_namespace", "lease_duration_secs", "grace_period_secs"].contains(&name)
}
