//! What hactl has done to an Election, as it stands on the Election's own Lease: a ring of the last transfers.
//!
//! It is an annotation, so that it is there for everyone who may read the Lease, and outlives the Events, which an API
//! server forgets after an hour. Others can write it too: whatever stands there is read as far as it can be, counted
//! where it cannot, and written back as it was.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Micros;

/// The annotation: a JSON array, the newest last.
pub const HISTORY_ANNOTATION: &str = "hactl.dev/history";

/// So many entries are kept: the oldest go first.
pub const MOST_ENTRIES: usize = 20;

/// So many bytes are kept at most. All annotations of an object together may take 256 KiB
/// (`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`, `TotalAnnotationSizeLimitB`), and every elector sends them
/// back with each renewal.
pub const MOST_BYTES: usize = 16 * 1024;

/// A text takes at most so many bytes of the annotation, and so does the reason that a person gave.
const LONGEST: usize = 512;
const LONGEST_REASON: usize = 2048;

/// One transfer, or one repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its id, which stands in its Events too.
    pub id: String,
    /// When it began, by the API server's clock.
    pub at: Timestamp,
    /// When its outcome was known.
    #[serde(default)]
    pub finished: Option<Timestamp>,
    /// Who asked for it, as the API server knows them.
    #[serde(default)]
    pub who: Option<String>,
    /// Why, in that person's own words: anything can stand here.
    #[serde(default)]
    pub why: Option<String>,
    /// The identity that led before.
    #[serde(default)]
    pub from: Option<String>,
    /// The identity that led afterwards.
    #[serde(default)]
    pub to: Option<String>,
    /// By which method (`hand-over`, `evict`, `prefer`, `repair`).
    #[serde(default)]
    pub method: Option<String>,
    /// For how long nobody led.
    #[serde(default, rename = "leaderlessSeconds")]
    pub leaderless: Option<Between>,
    /// What came of it, in the word of the result's `outcome`.
    #[serde(default)]
    pub result: Option<String>,
}

/// A duration that was measured: not less than one, not more than the other. In JSON numbers of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// At least.
    #[serde(serialize_with = "seconds", deserialize_with = "from_seconds")]
    pub min: Micros,
    /// At most.
    #[serde(serialize_with = "seconds", deserialize_with = "from_seconds")]
    pub max: Micros,
}

/// The entries of a Lease, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// As they stand there: fields that a later hactl has added are not lost.
    raw: Vec<Value>,
}

impl Ring {
    /// Reads the annotation, whatever stands there.
    #[must_use]
    pub fn parse(annotation: &str) -> Self {
        let raw = match serde_json::from_str(annotation) {
            Ok(Value::Array(entries)) => entries,
            Ok(other) => vec![other],
            Err(_) if annotation.trim().is_empty() => Vec::new(),
            // What is no JSON is kept as a text, and is one entry that cannot be read.
            Err(_) => vec![Value::String(annotation.to_owned())],
        };
        Self { raw }
    }

    /// The entries that can be read, in their order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.raw.iter().filter_map(|entry| Entry::deserialize(entry).ok()).collect()
    }

    /// How many cannot be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.raw.len() - self.entries().len()
    }

    /// The annotation with one more entry, which takes the place of an earlier one with its id: a transfer is written
    /// down when it begins, and again when its outcome is known.
    ///
    /// The oldest go where there are too many; the new one always fits, its texts are cut.
    #[must_use]
    pub fn with(&self, entry: Entry) -> String {
        let mut raw: Vec<&Value> = self.raw.iter().filter(|old| old["id"] != *entry.id).collect();
        // A tree of texts and numbers, every one of which is valid JSON.
        let entry = serde_json::to_value(entry.cut()).unwrap_or_default();
        raw.push(&entry);
        let mut kept = &raw[raw.len().saturating_sub(MOST_ENTRIES)..];
        loop {
            let text = serde_json::to_string(kept).unwrap_or_default();
            if text.len() <= MOST_BYTES || kept.len() <= 1 {
                return text;
            }
            kept = &kept[1..];
        }
    }
}

impl Entry {
    /// The same with texts that fit.
    fn cut(mut self) -> Self {
        self.id = cut(self.id, LONGEST);
        self.why = self.why.map(|why| cut(why, LONGEST_REASON));
        for text in [&mut self.who, &mut self.from, &mut self.to, &mut self.method, &mut self.result] {
            *text = text.take().map(|text| cut(text, LONGEST));
        }
        self
    }
}

/// The beginning of a text, in so many bytes of JSON.
fn cut(text: String, most: usize) -> String {
    // The worst that JSON makes of a character is \u0000.
    let escaped = |c: char| if c.is_control() || matches!(c, '"' | '\\') { 6 } else { c.len_utf8() };
    if text.chars().map(escaped).sum::<usize>() <= most {
        return text;
    }
    let mut left = most - '…'.len_utf8();
    let fits = |c: &char| {
        let fits = escaped(*c) <= left;
        left = left.saturating_sub(escaped(*c));
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let round = |time: Micros| super::health::words(time.into());
        let (min, max) = (round(self.min), round(self.max));
        if min == max { f.write_str(&min) } else { write!(f, "{min} to {max}") }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn seconds<S: Serializer>(time: &Micros, serializer: S) -> Result<S::Ok, S::Error> {
    let millis = (*time).min(LONGEST_GAP).get() / 1000;
    serializer.serialize_f64(Micros::from_millis(millis).as_secs_f64())
}

/// Longer than anybody watches: what is beyond is no number of seconds.
const LONGEST_GAP: Micros = Micros::from_secs(365 * 24 * 3600);

fn from_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Micros, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    if !(0.0..=LONGEST_GAP.as_secs_f64()).contains(&seconds) {
        return Err(serde::de::Error::custom("not a number of seconds"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most a year")]
    Ok(Micros::from_millis((seconds * 1e3).round() as i64))
}

#[cfg(test)]
mod tests;
