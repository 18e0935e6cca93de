//! From the failure of a write to whether anything was changed, and what to do next.

use hyper_util::client::legacy::Error as ConnectionError;
use kube::client::AuthError;
use kube::core::Status;

use super::super::act::{Refused, Unwritten};
use super::super::{Failure, Reader};
use crate::error::{Error, Exit};
use crate::model::Key;

/// What is written to.
pub(in crate::cluster) struct Subject<'a> {
    deed: Deed,
    key: &'a Key,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Patch,
    Evict,
    Delete,
    Record,
}

impl<'a> Subject<'a> {
    pub(in crate::cluster) fn patched(key: &'a Key) -> Self {
        Self { deed: Deed::Patch, key }
    }
    pub(in crate::cluster) fn evicted(key: &'a Key) -> Self {
        Self { deed: Deed::Evict, key }
    }
    pub(in crate::cluster) fn deleted(key: &'a Key) -> Self {
        Self { deed: Deed::Delete, key }
    }
    pub(in crate::cluster) fn recorded(key: &'a Key) -> Self {
        Self { deed: Deed::Record, key }
    }

    fn name(&self) -> String {
        let kind = match self.deed {
            Deed::Patch => "Lease",
            Deed::Evict | Deed::Delete => "Pod",
            Deed::Record => "an Event about",
        };
        format!("{kind} {}", self.key)
    }

    /// What would have happened: `Pod n/p was evicted`.
    fn done(&self) -> String {
        let done = match self.deed {
            Deed::Patch => "was changed",
            Deed::Evict => "was evicted",
            Deed::Delete => "was deleted",
            Deed::Record => "was stored",
        };
        format!("{} {done}", self.name())
    }

    /// The command that shows whether it has happened.
    fn look(&self, reader: &Reader) -> String {
        let Key { namespace, name } = self.key;
        let context = reader.context.as_ref().map_or_else(String::new, |context| format!(" --context {context}"));
        match self.deed {
            Deed::Patch => format!("hactl status{context} -n {namespace} lease/{name}"),
            Deed::Evict | Deed::Delete => format!("kubectl get{context} -n {namespace} pod/{name}"),
            Deed::Record => format!("kubectl get{context} -n {namespace} events"),
        }
    }
}

/// A write that was not answered in time.
pub(in crate::cluster) fn silent(reader: &Reader, subject: &Subject<'_>) -> Unwritten {
    unknown(super::silent(&reader.name(), reader.timeout), reader, subject)
}

/// A write that failed.
pub(in crate::cluster) fn unwritten(error: &kube::Error, reader: &Reader, subject: &Subject<'_>) -> Unwritten {
    let failure = super::request(error, &reader.name());
    match error {
        kube::Error::Api(status) => match refused(status, subject.deed) {
            Some(why) => Unwritten::Refused { failure: in_words(&why, failure, reader, subject), why },
            None => unknown(failure, reader, subject),
        },
        error if never_sent(error) => Unwritten::Never(failure),
        _ => unknown(failure, reader, subject),
    }
}

/// Whether it failed before there was a connection to send it on. Everything later may have reached the server.
fn never_sent(error: &kube::Error) -> bool {
    matches!(error, kube::Error::BuildRequest(_))
        || super::find::<AuthError>(error).is_some()
        || super::find::<ConnectionError>(error).is_some_and(ConnectionError::is_connect)
}

/// What the server has against it; `None` where its answer does not say that nothing was done.
fn refused(status: &Status, deed: Deed) -> Option<Refused> {
    let causes = status.details.as_ref().map_or(&[][..], |details| &details.causes);
    let said = |words: &str| status.message.contains(words);
    Some(match status.code {
        404 if deed != Deed::Record => Refused::Gone,
        // `k8s.io/apiserver/pkg/registry/rest/delete.go` says "UID in precondition", the eviction "the UID in the
        // precondition". Any other conflict is one between writers.
        409 if matches!(deed, Deed::Evict | Deed::Delete) && said("UID in ") => Refused::Gone,
        409 if deed != Deed::Record => Refused::Stale,
        // The uid of a stored object never changes: it is another of the same name.
        422 if deed == Deed::Patch && causes.iter().any(|cause| cause.field == "metadata.uid") => Refused::Gone,
        429 => match causes.iter().find(|cause| cause.reason == "DisruptionBudget") {
            Some(cause) => Refused::Budget(words(&status.message, &cause.message)),
            None => Refused::Overloaded,
        },
        500 if deed == Deed::Evict && said("more than one PodDisruptionBudget") => {
            Refused::Budget(words(&status.message, ""))
        }
        403 => Refused::Forbidden,
        400 | 422 => Refused::Invalid,
        // A proxy may lose patience with a request that it has handed on.
        408 | 499 => return None,
        400..500 => Refused::Other,
        _ => return None,
    })
}

/// The server's own words, in one line.
fn words(message: &str, cause: &str) -> String {
    let message = super::first_sentence(message);
    if cause.is_empty() { message } else { format!("{message}: {}", super::first_sentence(cause)) }
}

/// A refusal in words; nothing was changed.
fn in_words(why: &Refused, failure: Failure, reader: &Reader, subject: &Subject<'_>) -> Failure {
    let (what, look) = (subject.name(), subject.look(reader));
    let error = match why {
        Refused::Stale => Error::unknown(format!("{what} has changed since it was read")).hint(format!("look: {look}")),
        Refused::Gone => {
            Error::unknown(format!("{what} is gone, or another has taken its name")).hint(format!("look: {look}"))
        }
        Refused::Budget(words) => Error::refused(format!("{what} may not be evicted: {words}")),
        Refused::Forbidden => forbidden(&failure),
        Refused::Overloaded | Refused::Invalid | Refused::Other => failure.error,
    };
    Failure { error, ..failure }
}

/// An authorizer says who cannot do what; an admission webhook or a policy says something of its own.
fn forbidden(failure: &Failure) -> Error {
    let error = Error { exit: Exit::Refused, ..failure.error.clone() };
    if !failure.short.starts_with("forbidden: ") {
        return error;
    }
    error.hint(match failure.short.contains(" cannot ") {
        true => "ask for the right, or act as someone else with --as",
        false => "a rule of this cluster is against it (an admission webhook, for instance): ask whoever runs it",
    })
}

fn unknown(failure: Failure, reader: &Reader, subject: &Subject<'_>) -> Unwritten {
    let message = format!("{}: whether {} is not known", failure.error.message, subject.done());
    let error = Error::indeterminate(message).hint(format!("look before anything else: {}", subject.look(reader)));
    Unwritten::Unknown(Failure { error, ..failure })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, message: &str) -> Status {
        Status { message: message.to_owned(), ..Status::failure(message, "").with_code(code) }
    }

    fn caused(code: u16, reason: &str, field: &str) -> Status {
        let details = serde_json::json!({"causes": [{"reason": reason, "field": field, "message": "needs 1"}]});
        status(code, "no.").with_details(serde_json::from_value(details).expect("details"))
    }

    #[test]
    fn what_a_refusal_means_depends_on_what_was_asked() {
        let uid = status(409, "Precondition failed: UID in precondition: a, UID in object meta: b");
        let conflict = status(409, "the object has been modified");
        let taken = caused(422, "FieldValueInvalid", "metadata.uid");
        for (status, deed, expected) in [
            (&uid, Deed::Delete, Refused::Gone),
            (&uid, Deed::Evict, Refused::Gone),
            (&conflict, Deed::Evict, Refused::Stale),
            (&conflict, Deed::Patch, Refused::Stale),
            (&conflict, Deed::Record, Refused::Other),
            (&taken, Deed::Patch, Refused::Gone),
            (&taken, Deed::Record, Refused::Invalid),
            (&status(404, ""), Deed::Patch, Refused::Gone),
            (&status(404, ""), Deed::Record, Refused::Other),
            (&status(429, "busy"), Deed::Evict, Refused::Overloaded),
            (&caused(429, "DisruptionBudget", ""), Deed::Evict, Refused::Budget("no: needs 1".to_owned())),
            (&status(401, ""), Deed::Patch, Refused::Other),
        ] {
            assert_eq!(refused(status, deed), Some(expected), "{status:?}");
        }
    }

    #[test]
    fn an_answer_that_does_not_tell_is_no_refusal() {
        for code in [408, 499, 500, 502, 503, 504] {
            assert_eq!(refused(&status(code, "etcdserver: request timed out"), Deed::Patch), None, "{code}");
        }
    }
}
