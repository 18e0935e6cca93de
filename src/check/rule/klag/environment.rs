//! What is known of the variables of klag-exporter's container.

use std::borrow::Cow;

use super::Klag;
use crate::system::klag_exporter::config::Variable;

/// What the kubelet and the image give to every container.
const ALWAYS: &[&str] = &["HOME", "HOSTNAME", "PATH"];

/// What is known of one.
pub(super) fn variable<'k>(klag: &'k Klag<'_>, name: &str) -> Variable<'k> {
    match klag.program.environment.get(name) {
        Some(variable) => match &variable.value {
            Some(value) => Variable::Set(Cow::Borrowed(value)),
            None if is_namespace(klag, name) => match klag.namespace {
                Some(namespace) => Variable::Set(Cow::Borrowed(namespace)),
                None => Variable::Open,
            },
            None => Variable::Open,
        },
        // Services give variables to every container of their namespace, and the API server's to those of any.
        None if klag.program.environment.open || ALWAYS.contains(&name) || name.contains("_SERVICE_") => Variable::Open,
        None => Variable::Unset,
    }
}

/// Whether a variable is the Pod's own namespace.
pub(super) fn is_namespace(klag: &Klag<'_>, name: &str) -> bool {
    let entries = klag.program.container.get("env").list().iter();
    let last = entries.rev().find(|entry| entry.get("name").text() == Some(name));
    last.is_some_and(|entry| entry.at("valueFrom.fieldRef.fieldPath").text() == Some("metadata.namespace"))
}
