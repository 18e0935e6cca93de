//! klag-exporter's configuration, as klag-exporter 0.1.29 reads it (`src/config.rs`): variables are put in their places
//! first, then it is read as TOML, and what is not said has a default.
//!
//! In comes the text of the file, and what is known of the variables of its container. Out come the settings that decide
//! about leadership and probes, each with its place; why klag-exporter would end at its start, if it would; and the names
//! that it passes over though they look like one of its own.

mod leadership;
mod place;
mod reader;
mod strangers;
mod variables;

#[cfg(test)]
mod tests;

pub use leadership::{KEYS, Leadership};
pub use strangers::Stranger;
pub use variables::{Variable, substitute};

use crate::model::node::Mark;
use reader::Reader;
use variables::Substituted;

/// What klag-exporter's file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `exporter.http_host`: the address it listens on.
    pub http_host: Setting<String>,
    /// `exporter.http_port`.
    pub http_port: Setting<u16>,
    /// `exporter.leadership`.
    pub leadership: Leadership,
    /// Why it would end when it starts, in the order in which it stands in the file. What such a fault is about has its
    /// default above.
    pub faults: Vec<Fault>,
    /// Why it would end when it starts to elect: the timing of its Lease.
    pub timing: Option<Fault>,
    /// What it passes over, though it looks like a setting of its own.
    pub strangers: Vec<Stranger>,
    /// The variables that nobody sets and that have no other value in the file, each once: they are empty.
    pub unset: Vec<Fault>,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// Its value; `None` where it depends on variables whose values are not known.
    pub value: Option<T>,
    /// Where it stands in the file; `None` where it is not there, and has its default.
    pub mark: Option<Mark>,
    /// The variable whose value it is, if it is nothing but that.
    pub variable: Option<String>,
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place in the file.
    pub mark: Mark,
    /// What it is about: a setting (`exporter.leadership.enabled`) or a variable. Empty where it is about the file.
    pub about: String,
    /// What is wrong: a part of a sentence, in which no value is told but those of leadership.
    pub says: String,
}

/// Why it cannot be known what a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no TOML: klag-exporter ends when it starts.
    Broken(Fault),
    /// Whether it is TOML depends on variables whose values are not known: these.
    Open(Vec<String>),
}

/// Reads klag-exporter's file. What a variable is is asked by its name.
///
/// # Errors
///
/// It is no TOML, or that cannot be known.
pub fn read<'v>(text: &str, variable: impl Fn(&str) -> Variable<'v>) -> Result<Config, Unread> {
    let substituted = Substituted::new(text, variable);
    let document = toml_span::parse(&substituted.text).map_err(|error| {
        let at = substituted.origin(error.span.start);
        let on_the_way = substituted.is_open_near(error.span.start);
        if on_the_way {
            return Unread::Open(substituted.open().map(str::to_owned).collect());
        }
        let says = match substituted.unset_near(error.span.start) {
            Some(name) => format!("it is no TOML where {name}, which is not set, stands for a value"),
            None => format!("it is no TOML: {error}"),
        };
        Unread::Broken(Fault { mark: place::of(text, at), about: String::new(), says })
    })?;
    let mut reader = Reader::new(text, &substituted);
    let root = reader.table("", Some(&document));
    if root.get("exporter").is_none() {
        reader.fault(&document, "exporter", "there is no [exporter], which it needs".to_owned());
    }
    let exporter = reader.table("exporter", root.get("exporter"));
    reader.common(&exporter);
    let section = reader.table("exporter.leadership", exporter.get("leadership"));
    let (leadership, timing) = Leadership::read(&mut reader, section);
    reader.clusters(&document, root.get("clusters"));
    let (http_host, http_port) = reader.address(&exporter);
    let mut strangers = strangers::among(&reader, &root, &exporter);
    strangers.sort_by_key(|stranger| stranger.mark);
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| fault.mark);
    let unset = substituted.unset().map(|(name, at)| Fault {
        mark: place::of(text, at),
        about: name.to_owned(),
        says: format!("{name} is not set, and empty in its place"),
    });
    Ok(Config { http_host, http_port, leadership, faults, timing, strangers, unset: unset.collect() })
}

impl<T> Setting<T> {
    /// What nothing is said of.
    const fn default(value: T) -> Self {
        Self { value: Some(value), mark: None, variable: None }
    }

    /// Whether the file says it.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        self.mark.is_some()
    }
}
