//! JSON, YAML and names: what scripts read.

use serde::Serialize;

use crate::report::election_list::ElectionList;

/// One JSON document, indented as kubectl indents.
#[must_use]
pub fn json(report: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    // Neither can fail: the reports are trees of strings and numbers, and the sink is memory.
    let _ = report.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter));
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

/// One JSON document on one line.
#[must_use]
pub fn json_line(report: &impl Serialize) -> String {
    serde_json::to_string(report).map(|json| json + "\n").unwrap_or_default()
}

/// One YAML document.
#[must_use]
pub fn yaml(report: &impl Serialize) -> String {
    serde_saphyr::to_string(report).unwrap_or_default()
}

/// One name a line, as kubectl takes it back: `lease.coordination.k8s.io/NAME`.
#[must_use]
pub fn names(list: &ElectionList) -> String {
    list.items
        .iter()
        .filter_map(|item| item.lease.as_ref())
        .map(|lease| format!("lease.coordination.k8s.io/{lease}\n"))
        .collect()
}
