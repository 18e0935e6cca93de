//! Suppression: an object says itself which checks do not count for it, why, and until when.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     hactl.dev/ignore: "HA0203: one replica by design; until=2027-01-31, HA0204: see the runbook"
//! ```
//!
//! Several stand behind each other with commas, or on lines of their own. A comma in a reason does no harm: an entry
//! begins with an id. Ids before the same colon share its reason. Without a reason, after its last day (in UTC), and for
//! an id that nobody knows, a suppression does nothing, and HA0005 fails.

use std::collections::HashMap;

use jiff::civil::Date;

use super::catalogue::Check;
use super::document::suppression;
use super::selection::{self, Unknown};
use super::verdict::{Name, Outcome, Spot, Verdict, Verdicts, Waiver};
use crate::model::object::Object;

/// The annotation.
pub const ANNOTATION: &str = "hactl.dev/ignore";

/// What one entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<'a> {
    /// An id or the prefix of a family.
    word: &'a str,
    reason: Option<&'a str>,
    /// What stands behind `until=`.
    until: Option<&'a str>,
}

/// Makes what is suppressed not count, and says of the suppressions themselves whether they are sound.
pub fn apply<'c>(objects: &[Object], verdicts: &mut Vec<Verdict<'c>>, today: Date) {
    let mut own = Verdicts::new(suppression());
    let mut waivers: HashMap<Name, Vec<(&'static Check, Waiver)>> = HashMap::new();
    for object in objects {
        let Some(field) = object.root.at("metadata.annotations").field(ANNOTATION) else { continue };
        let entries = entries(field.node.text().unwrap_or_default());
        let read: Vec<_> = entries.iter().map(|entry| entry.read(today)).collect();
        if read.iter().all(Result::is_ok) {
            own.pass(object);
        }
        for read in read {
            match read {
                Ok((checks, waiver)) => {
                    let all = checks.into_iter().map(|check| (check, waiver.clone()));
                    waivers.entry(Name::of(object)).or_default().extend(all);
                }
                Err(why) => {
                    own.fail(object, format!("metadata.annotations[{ANNOTATION}]"), why);
                    if let Some(Verdict { spot: Spot { mark, .. }, .. }) = own.given.last_mut() {
                        *mark = field.mark;
                    }
                }
            }
        }
    }
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.outcome == Outcome::Fail) {
        let own = waivers.get(&verdict.spot.object).into_iter().flatten();
        if let Some((_, waiver)) = own.into_iter().find(|(check, _)| check.id == verdict.check.id) {
            (verdict.outcome, verdict.waiver) = (Outcome::Skipped, Some(waiver.clone()));
        }
    }
    verdicts.append(&mut own.given);
}

impl Entry<'_> {
    /// The checks that it means, and why they do not count; or what is wrong with it.
    fn read(&self, today: Date) -> Result<(Vec<&'static Check>, Waiver), String> {
        let word = self.word;
        let checks = selection::named(word).map_err(|Unknown { near, .. }| match near.as_slice() {
            [] => format!("{ANNOTATION} names {word}, which is no check"),
            near => format!("{ANNOTATION} names {word}, which is no check: is it {}?", near.join(" or ")),
        })?;
        let Some(reason) = self.reason else {
            return Err(format!("{word} is suppressed without a reason, and so counts: write \"{word}: why\""));
        };
        let until = self.until.map(|until| {
            until.parse::<Date>().map_err(|_| format!("until={until} is no date: write it as until=2027-01-31"))
        });
        let until = until.transpose()?;
        if let Some(until) = until.filter(|until| *until < today) {
            return Err(format!("{word} was suppressed until {until}, and counts again: {reason}"));
        }
        Ok((checks, Waiver::Annotation { reason: reason.to_owned(), until }))
    }
}

/// What stands in an annotation.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in text.lines() {
        let first = entries.len();
        for entry in split(line) {
            let (word, told) = entry.split_once(':').unwrap_or((entry, ""));
            let (reason, until) = match told.rsplit_once("until=") {
                Some((reason, until)) => (reason.trim_end().trim_end_matches(';'), Some(until.trim())),
                None => (told, None),
            };
            let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
            entries.push(Entry { word: word.trim(), reason, until });
        }
        // Ids before the same colon share its reason.
        for i in (first..entries.len().saturating_sub(1)).rev() {
            if entries[i].reason.is_none() && entries[i].until.is_none() {
                (entries[i].reason, entries[i].until) = (entries[i + 1].reason, entries[i + 1].until);
            }
        }
    }
    entries
}

/// The entries of a line: a comma begins one where an id follows it.
fn split(line: &str) -> Vec<&str> {
    let (mut entries, mut begin) = (Vec::new(), 0);
    for (comma, _) in line.match_indices(',') {
        if begins_entry(&line[comma + 1..]) {
            entries.push(line[begin..comma].trim());
            begin = comma + 1;
        }
    }
    entries.push(line[begin..].trim());
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// Whether an id stands here, and behind it nothing, a colon or a comma.
fn begins_entry(text: &str) -> bool {
    let text = text.trim_start();
    let id = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (id, rest) = text.split_at(id);
    let digits = id.get(2..).filter(|_| id.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("HA")));
    let is_id = digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_id && (rest.trim_start().is_empty() || rest.trim_start().starts_with([':', ',']))
}

/// How a check is suppressed, for whoever reads its page.
#[must_use]
pub fn example(check: &Check) -> String {
    format!("metadata:\n  annotations:\n    {ANNOTATION}: \"{}: why; until=2027-01-31\"\n", check.id)
}

#[cfg(test)]
mod tests {
    use super::super::{Scene, catalogue, judge};
    use super::*;
    use crate::model::node::Node;
    use crate::model::object::Origin;

    fn told(text: &str) -> Vec<(&str, Option<&str>, Option<&str>)> {
        entries(text).into_iter().map(|Entry { word, reason, until }| (word, reason, until)).collect()
    }

    #[test]
    fn entries_stand_behind_each_other_or_on_lines() {
        assert_eq!(told("HA0203: why"), [("HA0203", Some("why"), None)]);
        assert_eq!(
            told(" HA0203: one, two; see HA0204; until=2027-01-31 , HA02: three\n\nHA0205:four"),
            [
                ("HA0203", Some("one, two; see HA0204"), Some("2027-01-31")),
                ("HA02", Some("three"), None),
                ("HA0205", Some("four"), None)
            ]
        );
        assert_eq!(told("HA0203, HA0204: why"), [("HA0203", Some("why"), None), ("HA0204", Some("why"), None)]);
        assert_eq!(told("HA0203\nHA0204: why"), [("HA0203", None, None), ("HA0204", Some("why"), None)]);
        assert_eq!(told("HA0203: until=2027-01-31"), [("HA0203", None, Some("2027-01-31"))]);
        assert_eq!(told("HA0203: as HA, 3 of them"), [("HA0203", Some("as HA, 3 of them"), None)]);
        assert_eq!(told(" ,, \n"), [(",,", None, None)]);
        assert_eq!(told(""), []);
    }

    /// What the suppression comes to for a budget of which HA0205 fails, on this day: the finding's reason, and what HA0005
    /// says.
    fn suppressed(annotation: &str) -> (Option<String>, Vec<String>) {
        let budget = serde_json::json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "x", "annotations": {ANNOTATION: annotation}},
            "spec": {"minAvailable": 1, "maxUnavailable": 1, "selector": {"matchLabels": {"app": "x"}}},
        });
        let objects = [Object::new(Node::from(&budget), Origin::Live).expect("an object")];
        let mut verdicts = judge(&Scene::new(&objects), catalogue::named("HA0205"));
        apply(&objects, &mut verdicts, "2026-11-21".parse().expect("a date"));
        let own = verdicts.iter().filter(|verdict| verdict.check.id == "HA0005");
        let own = own.filter(|verdict| verdict.outcome == Outcome::Fail).map(|verdict| verdict.message.to_string());
        let finding = verdicts.iter().find(|verdict| verdict.check.id == "HA0205").expect("a verdict");
        let reason = finding.waiver.as_ref().map(|waiver| match waiver {
            Waiver::Annotation { reason, .. } => reason.clone(),
            Waiver::Baseline => panic!("there is none"),
        });
        assert_eq!(finding.outcome == Outcome::Skipped, reason.is_some());
        (reason, own.collect())
    }

    #[test]
    fn a_reason_is_needed_and_a_date_is_kept() {
        let honoured = |reason: &str| (Some(reason.to_owned()), vec![]);
        assert_eq!(suppressed("HA0205: known"), honoured("known"));
        assert_eq!(suppressed("ha02: all of them"), honoured("all of them"));
        assert_eq!(suppressed("HA0205: until its last day; until=2026-11-21"), honoured("until its last day"));
        assert_eq!(suppressed("HA0201: another"), (None, vec![]));
        for (annotation, why) in [
            ("HA0205", "HA0205 is suppressed without a reason, and so counts: write \"HA0205: why\""),
            ("HA0205: until=2027-01-31", "HA0205 is suppressed without a reason, and so counts: write \"HA0205: why\""),
            ("HA0205: old; until=2026-11-20", "HA0205 was suppressed until 2026-11-20, and counts again: old"),
            ("HA0205: x; until=soon", "until=soon is no date: write it as until=2027-01-31"),
            ("everything: x", "hactl.dev/ignore names everything, which is no check"),
        ] {
            assert_eq!(suppressed(annotation), (None, vec![why.to_owned()]), "{annotation}");
        }
        let (left, said) = suppressed("HA0299: x");
        assert!(left.is_none() && said[0].starts_with("hactl.dev/ignore names HA0299, which is no check: is it HA02"));
        // One that is sound counts beside one that is not.
        let (reason, said) = suppressed("HA0205: known\nHA0201");
        assert_eq!((reason.as_deref(), said.len()), (Some("known"), 1));
    }
}
