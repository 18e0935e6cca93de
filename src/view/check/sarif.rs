//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>.
//!
//! A failure is a result of kind `fail`, what is unknown one of kind `open`; what is suppressed is there with its reason.
//! What passed or does not apply is left out: code scanning would show it as something to do.

use serde_json::{Value, json};

use super::is_finding;
use crate::report::check_report::{CheckReport, CheckResult, Explanation, Outcome, Suppression};
use crate::view::machine;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One document.
#[must_use]
pub fn sarif(report: &CheckReport) -> String {
    let told = report.results.iter().filter(|result| is_finding(result) || result.suppression.is_some());
    let results: Vec<_> = told.map(|told| result(told, &report.checks)).collect();
    let rules: Vec<_> = report.checks.iter().map(rule).collect();
    machine::json(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "hactl",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn rule(check: &Explanation) -> Value {
    let why = check.page.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    json!({
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": why},
        "help": {"text": check.page, "markdown": check.page},
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {"tags": [check.family.title]},
    })
}

fn result(result: &CheckResult, checks: &[Explanation]) -> Value {
    let unknown = result.outcome == Outcome::Unknown;
    let message = result.message.as_deref().unwrap_or(result.title);
    let object = result.object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
    let fix = result.fix.as_ref().map_or_else(String::new, |fix| format!("\n\nFix:\n{}", fix.trim_end()));
    let mut told = json!({
        "ruleId": result.id,
        "kind": if unknown { "open" } else { "fail" },
        // The standard: whatever is no failure has the level none.
        "level": if unknown { "none" } else { level(result.severity) },
        "message": {"text": format!("{object}{message}{fix}")},
    });
    if let Some(fingerprint) = &result.fingerprint {
        told["partialFingerprints"] = json!({"hactl/v1": fingerprint});
    }
    if let Some(index) = checks.iter().position(|check| check.id == result.id) {
        told["ruleIndex"] = json!(index);
    }
    if let Some(location) = location(result) {
        told["locations"] = json!([location]);
    }
    if let Some(suppression) = &result.suppression {
        told["suppressions"] = json!([self::suppression(suppression)]);
    }
    told
}

/// Where it stands, and what it stands in.
fn location(result: &CheckResult) -> Option<Value> {
    let mut location = json!({});
    let place = &result.place;
    match place.file.as_deref() {
        None => {}
        // The lines of what was rendered are not those of the template.
        Some("-") => {
            let source = place.source.as_deref().unwrap_or("stdin");
            location["physicalLocation"] = json!({"artifactLocation": {"uri": uri(source)}});
        }
        Some(file) => {
            location["physicalLocation"] = json!({"artifactLocation": {"uri": uri(file)}});
            if let Some(line) = place.line {
                let mut region = json!({"startLine": line});
                if let Some(column) = place.column {
                    region["startColumn"] = json!(column);
                }
                location["physicalLocation"]["region"] = region;
            }
        }
    }
    if let Some(object) = &result.object {
        let namespace = object.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
        let field = place.field.as_ref().map_or_else(String::new, |field| format!("/{field}"));
        location["logicalLocations"] = json!([{"name": object.name, "fullyQualifiedName": format!("{namespace}{object}{field}"), "kind": "resource"}]);
    }
    location.as_object().is_some_and(|location| !location.is_empty()).then_some(location)
}

fn suppression(suppression: &Suppression) -> Value {
    let by_annotation = suppression.by == "annotation";
    let until = suppression.until.as_ref().map_or_else(String::new, |until| format!(" (until {until})"));
    let reason = suppression.reason.as_deref().unwrap_or("known from the baseline");
    json!({
        "kind": if by_annotation { "inSource" } else { "external" },
        "status": "accepted",
        "justification": format!("{reason}{until}"),
    })
}

fn level(severity: &str) -> &'static str {
    match severity {
        "error" => "error",
        "warning" => "warning",
        _ => "note",
    }
}

/// A path as a reference (RFC 3986): relative ones stay so, and are the repository's.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
