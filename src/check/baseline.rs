//! What was there before: only what is new counts.
//!
//! A finding is known again by its check, its object, its field and its sentence, all without their numbers: lines may
//! move, and a list may grow. Where several look the same, as many as there were are known.

use std::collections::HashMap;

use serde::Deserialize;

use super::verdict::{Outcome, Verdict, Waiver};
use crate::model::object::Origin;

/// The kind of the document that holds one.
pub const KIND: &str = "CheckBaseline";

/// Findings that are known, each by its fingerprint, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Document {
    kind: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    fingerprint: String,
}

impl Baseline {
    /// What findings come to.
    #[must_use]
    pub fn of(verdicts: &[Verdict<'_>]) -> Self {
        let found = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Fail);
        Self::counted(found.map(fingerprint))
    }

    /// What stands in a document.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn parse(json: &str) -> Result<Self, String> {
        let document: Document =
            serde_json::from_str(json).map_err(|error| format!("no baseline: line {}", error.line()))?;
        if document.kind != KIND {
            return Err(format!("a {}, and no {KIND}", document.kind));
        }
        Ok(Self::counted(document.items.into_iter().map(|item| item.fingerprint)))
    }

    fn counted(fingerprints: impl Iterator<Item = String>) -> Self {
        let mut known = HashMap::new();
        for fingerprint in fingerprints {
            *known.entry(fingerprint).or_insert(0) += 1;
        }
        Self { known }
    }

    /// What is known does not count.
    pub fn waive(mut self, verdicts: &mut [Verdict<'_>]) {
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.outcome == Outcome::Fail) {
            if let Some(left @ 1..) = self.known.get_mut(&fingerprint(verdict)) {
                *left -= 1;
                (verdict.outcome, verdict.waiver) = (Outcome::Skipped, Some(Waiver::Baseline));
            }
        }
    }
}

/// What a finding is known by again: 32 hexadecimal digits.
#[must_use]
pub fn fingerprint(verdict: &Verdict<'_>) -> String {
    let object = &verdict.spot.object;
    // An object keeps its name where its file is called otherwise; a document has nothing but its file.
    let file = match &object.origin {
        Origin::File { path, .. } if object.kind.is_empty() => path,
        _ => "",
    };
    let (field, message) = (without_numbers(&verdict.spot.field), without_numbers(&verdict.message));
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let parts = [verdict.check.id, &object.kind, namespace, &object.name, file, &field, &message];
    format!("{:032x}", fnv(parts.join("\0").as_bytes()))
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// FNV-1a of 128 bits (<http://www.isthe.com/chongo/tech/comp/fnv>): the same on every machine and in every version.
fn fnv(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::super::{Scene, catalogue, judge};
    use super::*;
    use crate::model::node::{Mark, Node};
    use crate::model::object::Object;

    /// A budget that says both of its numbers, with other objects before it.
    fn found(name: &str, line: u32, min: u32) -> Vec<Verdict<'static>> {
        let budget = serde_json::json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {"minAvailable": min, "maxUnavailable": 1, "selector": {"matchLabels": {"app": "x"}}},
        });
        let origin = Origin::File { path: "a.yaml".into(), source: None, mark: Mark { line, column: 1 } };
        let objects = [Object::new(Node::from(&budget), origin).expect("an object")];
        let mut all = judge(&Scene::new(&objects), catalogue::named("HA0205"));
        all.retain(|verdict| verdict.outcome == Outcome::Fail);
        assert_eq!(all.len(), 1);
        all
    }

    fn left(baseline: &Baseline, mut verdicts: Vec<Verdict<'_>>) -> usize {
        baseline.clone().waive(&mut verdicts);
        assert!(verdicts.iter().all(|verdict| (verdict.outcome == Outcome::Skipped) == verdict.waiver.is_some()));
        verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Fail).count()
    }

    #[test]
    fn what_moved_is_known_and_what_is_new_is_not() {
        let baseline = Baseline::of(&found("x", 1, 1));
        assert_eq!(left(&baseline, found("x", 1, 1)), 0);
        assert_eq!(left(&baseline, found("x", 900, 12)), 0, "lines and numbers move");
        assert_eq!(left(&baseline, found("y", 1, 1)), 1, "another object");
        let twice = [found("x", 1, 1), found("x", 50, 1)].concat();
        assert_eq!(left(&baseline, twice.clone()), 1, "one was known, not two");
        assert_eq!(left(&Baseline::of(&twice), twice), 0);
        assert_eq!(left(&Baseline::default(), found("x", 1, 1)), 1);
    }

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        // https://www.rfc-editor.org/rfc/rfc9923, FNV-1a of 128 bits.
        assert_eq!(format!("{:032x}", fnv(b"")), "6c62272e07bb014262b821756295c58d");
        assert_eq!(format!("{:032x}", fnv(b"a")), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(fingerprint(&found("x", 1, 1)[0]), "dff0c54ec1d31396ff803c1da2f811ba");
    }

    #[test]
    fn a_document_that_is_no_baseline_is_refused() {
        for (json, why) in [
            ("", "no baseline: line 1"),
            ("{}", "no baseline: line 1"),
            (r#"{"kind": "CheckReport", "items": []}"#, "a CheckReport, and no CheckBaseline"),
        ] {
            assert_eq!(Baseline::parse(json), Err(why.to_owned()), "{json}");
        }
        let known = Baseline::parse(r#"{"kind": "CheckBaseline", "items": [{"fingerprint": "f", "id": "x"}]}"#);
        assert_eq!(known, Ok(Baseline::counted(["f".to_owned()].into_iter())));
    }
}
