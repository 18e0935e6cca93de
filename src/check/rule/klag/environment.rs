//! What is known of the variables of klag-exporter's container.

use std::borrow::Cow;

use super::Klag;
use crate::check::election::file;
use crate::system::klag_exporter::config::Variable;

/// What is known of one, the Pod's namespace among them.
pub(super) fn variable<'k>(klag: &'k Klag<'_>, name: &str) -> Variable<'k> {
    match file::variable(&klag.program, name) {
        Variable::Open if is_namespace(klag, name) => {
            klag.namespace.map_or(Variable::Open, |it| Variable::Set(Cow::Borrowed(it)))
        }
        known => known,
    }
}

/// Whether a variable is the Pod's own namespace.
pub(super) fn is_namespace(klag: &Klag<'_>, name: &str) -> bool {
    let entries = klag.program.container.get("env").list().iter();
    let last = entries.rev().find(|entry| entry.get("name").text() == Some(name));
    last.is_some_and(|entry| entry.at("valueFrom.fieldRef.fieldPath").text() == Some("metadata.namespace"))
}
