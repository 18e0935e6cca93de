//! Which name was meant.

/// The likeness that clap asks for in its own suggestions.
const ALIKE: f64 = 0.8;

/// How alike two names are, if they are at all.
#[must_use]
pub fn likeness(wanted: &str, name: &str) -> Option<f64> {
    let likeness = strsim::jaro_winkler(wanted, name);
    (likeness > ALIKE).then_some(likeness)
}

/// The name that comes closest, if one comes close.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = names.into_iter().filter_map(|name| Some((likeness(wanted, name)?, name)));
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
