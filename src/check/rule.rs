//! The rules: a file for each family.

pub(super) mod budget;
pub(super) mod rights;

use serde_json::Value;

/// What to paste.
fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_default()
}
