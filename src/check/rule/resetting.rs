//! What to paste for other settings of an election: the words, variables or lines of a file that set them, and nothing else.

use serde_json::{Map, Value, json};

use super::super::election::Elector;
use super::super::election::said::{self, Place, Said};
use super::super::election::timing::{self, Span};
use super::super::election::words::Unit;
use super::{paste, yaml};
use crate::model::Micros;

/// What sets these times instead; `None` where that is not in one object, or may hold a secret.
pub(in crate::check) fn times(elector: &Elector<'_>, changes: &[(&Span<'_>, Micros)]) -> Option<String> {
    let changed = changes.iter().filter(|(span, time)| span.value != timing::Value::Time(*time));
    let changes: Option<Vec<_>> = changed.map(|(span, time)| Some((span.said()?, written(span, *time)?))).collect();
    settings(elector, &changes?)
}

/// What sets these instead, each to this text.
pub(in crate::check) fn settings(elector: &Elector<'_>, changes: &[(&Said<'_>, String)]) -> Option<String> {
    let (first, _) = changes.first()?;
    if changes.iter().any(|(said, _)| !std::ptr::eq(said.object, first.object)) {
        return None;
    }
    if matches!(first.place, Place::File { .. }) { in_files(changes) } else { in_container(elector, changes) }
}

/// A time as it was written before: `15s`, or a number.
fn written(span: &Span<'_>, time: Micros) -> Option<String> {
    let said = span.said()?;
    let bare = said.text.as_deref().is_some_and(|text| text.parse::<f64>().is_ok());
    let number = match said.fit.unit {
        Unit::Milliseconds => time.get() / 1000,
        Unit::Seconds | Unit::Unsaid => time.whole_seconds(),
    };
    let refused = matches!(span.value, timing::Value::Nonsense(_));
    Some(if said.fit.unit == Unit::Unsaid && (!bare || refused) { format!("{number}s") } else { number.to_string() })
}

fn in_container(elector: &Elector<'_>, said: &[(&Said<'_>, String)]) -> Option<String> {
    let mut fields = Map::new();
    for (said, new) in said {
        if matches!(said.place, Place::Variable) {
            let entry = json!({"name": said.name, "value": new, "valueFrom": null});
            fields.entry("env").or_insert_with(|| json!([])).as_array_mut()?.push(entry);
            continue;
        }
        let (list, index) = paste::place(&said.field)?;
        if !fields.contains_key(list) {
            fields.insert(list.to_owned(), Value::Array(paste::words(&elector.program, list)?));
        }
        let word = fields.get_mut(list)?.get_mut(index)?;
        // The word is the flag with its value, or the value alone.
        let flag = word.as_str().filter(|word| word.starts_with('-')).and_then(|word| word.split_once('='));
        *word = json!(flag.map_or_else(|| new.clone(), |(name, _)| format!("{name}={new}")));
    }
    paste::container(&elector.program, Value::Object(fields))
}

fn in_files(said: &[(&Said<'_>, String)]) -> Option<String> {
    let mut data: Map<String, Value> = Map::new();
    for (said, new) in said {
        let Place::File { key, text, .. } = said.place else { return None };
        if paste::may_be_secret(text) {
            return None;
        }
        let before = data.get(key).and_then(Value::as_str).unwrap_or(text);
        let after = replaced(before, said.name.rsplit('.').next()?, said.text.as_deref()?, new)?;
        data.insert(key.to_owned(), json!(after));
    }
    Some(yaml(&json!({"data": data})))
}

/// A text in which a name is set to something else; `None` where it is not set so just once.
fn replaced(text: &str, name: &str, old: &str, new: &str) -> Option<String> {
    // Between two quotes, or nowhere at all.
    if old.is_empty() {
        return None;
    }
    let place = said::place(text, name, old)?;
    Some(format!("{}{new}{}", &text[..place], &text[place + old.len()..]))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn a_line_is_changed_where_it_is_plain_which() {
        let change = |text: &str| replaced(text, "leaseDuration", "15s", "30s");
        assert_eq!(change("a:\n  leaseDuration: 15s # x\n"), Some("a:\n  leaseDuration: 30s # x\n".to_owned()));
        assert_eq!(change("{leaseDuration: \"15s\", b: 15s}"), Some("{leaseDuration: \"30s\", b: 15s}".to_owned()));
        assert_eq!(change("leaseDuration = '15s'"), Some("leaseDuration = '30s'".to_owned()));
        assert_eq!(change("a: {leaseDuration: 15s}\nb: {leaseDuration: 15s}"), None, "which of them?");
        assert_eq!(replaced("leaseDuration: \"\"\n", "leaseDuration", "", "30s"), None, "not behind the quotes");
        assert_eq!(change("myleaseDuration: 15s\nleaseDuration: 15sec"), None);
    }
}
