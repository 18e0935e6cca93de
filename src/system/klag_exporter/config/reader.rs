//! Values of the kinds that klag-exporter asks for, and what is wrong with those that are not.

use core::net::SocketAddr;
use std::ops::Range;

use toml_span::value::{Table, ValueInner};
use toml_span::{Span, Value};

use super::variables::Substituted;
use super::{Fault, Setting, place};
use crate::model::node::Mark;

/// Reads values, and keeps what is wrong with them.
pub(super) struct Reader<'t> {
    text: &'t str,
    substituted: &'t Substituted,
    pub(super) faults: Vec<Fault>,
}

/// A table, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Part<'d> {
    path: &'static str,
    table: Option<&'d Table<'d>>,
}

impl<'d> Part<'d> {
    pub(super) fn get(&self, key: &str) -> Option<&'d Value<'d>> {
        self.table?.get(key)
    }

    /// Its keys, with their places, and what they hold.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'d str, Span, &'d Value<'d>)> + use<'d> {
        let entries = self.table.into_iter().flatten();
        entries.map(|(key, value)| (&*key.name, key.span, value))
    }
}

/// What a whole number must be.
const SHORT: &str = "a whole number from 0 to 65535";
const WORD: &str = "a whole number from 0 to 4294967295";

/// The lists of regular expressions of a cluster.
const FILTERS: &[&str] = &["group_whitelist", "group_blacklist", "topic_whitelist", "topic_blacklist"];

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, substituted: &'t Substituted) -> Self {
        Self { text, substituted, faults: Vec::new() }
    }

    /// Where a part of the text that was made stands in the file.
    pub(super) fn mark(&self, span: Span) -> Mark {
        place::of(self.text, self.substituted.origin(span.start))
    }

    pub(super) fn fault(&mut self, value: &Value<'_>, about: &str, says: String) {
        let mark = self.mark(value.span);
        self.faults.push(Fault { mark, about: about.to_owned(), says });
    }

    /// A table; nothing is in it where it is not there, or is something else.
    pub(super) fn table<'d>(&mut self, path: &'static str, value: Option<&'d Value<'d>>) -> Part<'d> {
        let Some(value) = value else { return Part { path, table: None } };
        if value.as_table().is_none() && !self.substituted.is_open_bare(&range(value)) {
            self.wrong_kind(value, path, "a table");
        }
        Part { path, table: value.as_table() }
    }

    pub(super) fn bool(&mut self, part: &Part<'_>, key: &str, default: bool) -> Setting<bool> {
        self.setting(part, key, "true or false", default, |value| value.as_bool())
    }

    pub(super) fn u32(&mut self, part: &Part<'_>, key: &str, default: u32) -> Setting<u32> {
        self.setting(part, key, WORD, default, |value| u32::try_from(value.as_integer()?).ok())
    }

    /// Text; `default` where it is not there.
    pub(super) fn text(&mut self, part: &Part<'_>, key: &str, default: &str) -> Setting<String> {
        self.setting(part, key, "text", default.to_owned(), |value| value.as_str().map(str::to_owned))
    }

    /// One of these words.
    pub(super) fn word(&mut self, part: &Part<'_>, key: &str, words: &'static [&'static str]) {
        let said = self.text(part, key, words[0]);
        let (Some(word), Some(value)) = (said.value, part.get(key)) else { return };
        if !words.contains(&&*word) {
            let known: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let says = format!("{key} is \"{}\", and {} is all that it knows", shown(&word), known.join(" or "));
            self.fault(value, &named(part.path, key), says);
        }
    }

    /// What decides nothing here, but ends klag-exporter where it is wrong.
    pub(super) fn common(&mut self, exporter: &Part<'_>) {
        self.word(exporter, "granularity", &["topic", "partition"]);
        let interval = self.text(exporter, "poll_interval", "30s");
        let (Some(interval), Some(value)) = (interval.value, exporter.get("poll_interval")) else { return };
        // humantime's `parse_duration` takes no number without its unit but 0.
        if interval.is_empty() || (interval.bytes().all(|byte| byte.is_ascii_digit()) && interval != "0") {
            let says = format!("poll_interval is \"{}\", without a unit: \"30s\"", shown(&interval));
            self.fault(value, "exporter.poll_interval", says);
        }
    }

    /// Where it listens. It panics where that is no address: `localhost` is none (`HttpServer::new` in
    /// `src/http/server.rs`).
    pub(super) fn address(&mut self, exporter: &Part<'_>) -> (Setting<String>, Setting<u16>) {
        let mut host = self.text(exporter, "http_host", "0.0.0.0");
        let port = |value: &ValueInner<'_>| u16::try_from(value.as_integer()?).ok();
        let port = self.setting(exporter, "http_port", SHORT, 8000, port);
        if let (Some(address), Some(value)) = (&host.value, exporter.get("http_host"))
            && host.is_said()
            && format!("{address}:0").parse::<SocketAddr>().is_err()
        {
            let says = format!("http_host is \"{}\", which is no IP address", shown(address));
            self.fault(value, "exporter.http_host", says);
            host = Setting::default("0.0.0.0".to_owned());
        }
        (host, port)
    }

    /// What it is to watch: one at the least, each with a name and an address.
    pub(super) fn clusters(&mut self, root: &Value<'_>, clusters: Option<&Value<'_>>) {
        let none = "there are no [[clusters]], of which it needs one";
        let Some(clusters) = clusters else { return self.fault(root, "clusters", none.to_owned()) };
        let Some(all) = clusters.as_array() else { return self.wrong_kind(clusters, "clusters", "a list of tables") };
        if all.is_empty() {
            self.fault(clusters, "clusters", none.to_owned());
        }
        for value in all {
            let cluster = self.table("clusters", Some(value));
            if cluster.table.is_none() {
                continue;
            }
            for key in ["name", "bootstrap_servers"] {
                self.text(&cluster, key, "");
                let (at, is) = match cluster.get(key) {
                    None => (value, "missing"),
                    Some(said) if said.as_str() == Some("") => (said, "empty"),
                    Some(_) => continue,
                };
                self.fault(at, &named("clusters", key), format!("{key} of a cluster is {is}"));
            }
            for key in FILTERS {
                self.filter(&cluster, key);
            }
            for key in ["consumer_properties", "labels"] {
                self.texts(&cluster, key);
            }
        }
    }

    /// A list of regular expressions. Of what makes one wrong only that is known which is seen most: `*` by itself.
    fn filter(&mut self, cluster: &Part<'_>, key: &str) {
        let Some(value) = cluster.get(key) else { return };
        let about = named(cluster.path, key);
        let Some(entries) = value.as_array() else { return self.wrong_kind(value, &about, "a list of text") };
        for entry in entries {
            match entry.as_str() {
                None => self.wrong_kind(entry, &about, "text"),
                Some(text) if text.starts_with(['*', '+', '?']) => {
                    let says = format!("{key} has a regular expression with nothing that its first sign could repeat");
                    self.fault(entry, &about, says);
                }
                Some(_) => {}
            }
        }
    }

    /// A table of nothing but text.
    fn texts(&mut self, cluster: &Part<'_>, key: &'static str) {
        let inner = self.table(key, cluster.get(key));
        for (name, _, value) in inner.entries() {
            if value.as_str().is_none() {
                self.wrong_kind(value, &named(key, name), "text");
            }
        }
    }

    /// A setting of a kind: whether a value is one is told by `take`, which gives nothing where it is another.
    fn setting<T>(
        &mut self,
        part: &Part<'_>,
        key: &str,
        expected: &str,
        default: T,
        take: impl Fn(&ValueInner<'_>) -> Option<T>,
    ) -> Setting<T> {
        let Some(value) = part.get(key) else { return Setting::default(default) };
        let (mark, range) = (Some(self.mark(value.span)), range(value));
        let variable = self.substituted.whole(&range).map(str::to_owned);
        let taken = take(value.as_ref());
        if self.substituted.is_open_bare(&range) || (taken.is_some() && self.substituted.is_open(&range)) {
            return Setting { value: None, mark, variable };
        }
        if taken.is_none() {
            self.wrong_kind(value, &named(part.path, key), expected);
        }
        Setting { value: Some(taken.unwrap_or(default)), mark, variable }
    }

    fn wrong_kind(&mut self, value: &Value<'_>, about: &str, expected: &str) {
        if self.substituted.is_open_bare(&range(value)) {
            return;
        }
        let key = about.rsplit('.').next().unwrap_or(about);
        let is = match value.as_ref() {
            ValueInner::Integer(_) => "a whole number",
            ValueInner::Boolean(_) => "a truth value",
            ValueInner::Float(_) => "a fraction",
            ValueInner::String(_) => "text",
            ValueInner::Array(_) => "a list",
            ValueInner::Table(_) => "a table",
        };
        let says = match value.as_ref() {
            ValueInner::Integer(number) if expected != "text" => format!("{key} is {number}, and has to be {expected}"),
            _ => format!("{key} is {is}, and has to be {expected}"),
        };
        self.fault(value, about, says);
    }
}

/// Its name from the root.
fn named(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn range(value: &Value<'_>) -> Range<usize> {
    value.span.start..value.span.end
}

/// A word of a file, for a sentence: not more of it than a name may have.
fn shown(word: &str) -> String {
    word.chars().take(63).collect()
}
