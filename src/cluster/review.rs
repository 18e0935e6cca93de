//! Which rights are missing: the API server is asked for each.
//!
//! A review stores nothing and everyone may ask about oneself (`system:basic-user`): it is a read, sent as a POST.

use futures::future::try_join_all;
use futures::stream::{self, StreamExt};
use k8s_openapi::api::authorization::v1::{SelfSubjectAccessReview, SubjectAccessReview};
use kube::Resource;
use kube::api::PostParams;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Reader;
use super::list::fetch;
use crate::error::{Error, Result};
use crate::model::review::{Answers, Question};
use crate::model::{Key, Right};

/// So many reviews are on their way at once: there may be hundreds of Elections.
const AT_ONCE: usize = 16;

#[derive(Deserialize)]
struct Review {
    status: Verdict,
}

#[derive(Deserialize)]
struct Verdict {
    /// No wherever it is not yes: also where an authorizer could not make up its mind.
    #[serde(default)]
    allowed: bool,
}

/// The rights that are missing, in the order of `rights`.
///
/// # Errors
///
/// Where one of the reviews fails: a right that could not be asked about is no right.
pub async fn missing(reader: &Reader, rights: &[Right]) -> Result<Vec<Right>> {
    let allowed = try_join_all(rights.iter().map(|right| allowed(reader, right))).await?;
    Ok(rights.iter().zip(allowed).filter(|(_, allowed)| !allowed).map(|(right, _)| right.clone()).collect())
}

/// What the API server says of what others may do. `None` where it does not tell: whoever asks needs the right to create
/// `subjectaccessreviews`.
pub async fn answers(reader: &Reader, questions: &[Question]) -> Option<Answers> {
    let asked = questions.iter().map(|question| async move {
        let Question { account, right } = question;
        let Key { namespace, name } = account;
        // As the token of a ServiceAccount is taken (`k8s.io/apiserver/pkg/authentication/serviceaccount`).
        let who = json!({
            "user": format!("system:serviceaccount:{namespace}:{name}"),
            "groups": ["system:serviceaccounts", format!("system:serviceaccounts:{namespace}"), "system:authenticated"],
        });
        let path = SubjectAccessReview::url_path(&(), None);
        let allowed = ask(reader, "SubjectAccessReview", path, who, right).await?;
        Ok::<_, Error>((question.clone(), allowed))
    });
    // All of them have as long as one: what is answered until then counts, and also what came before a refusal.
    let asked = stream::iter(asked).buffer_unordered(AT_ONCE).take_until(tokio::time::sleep(reader.timeout));
    let mut asked = std::pin::pin!(asked);
    let mut answers = Answers::new();
    while let Some(Ok((question, allowed))) = asked.next().await {
        answers.insert(question, allowed);
    }
    (!answers.is_empty() || questions.is_empty()).then_some(answers)
}

async fn allowed(reader: &Reader, right: &Right) -> Result<bool> {
    ask(reader, "SelfSubjectAccessReview", SelfSubjectAccessReview::url_path(&(), None), json!({}), right).await
}

/// Sends one review; `spec` says who is asked about.
async fn ask(reader: &Reader, kind: &str, path: String, mut spec: Value, right: &Right) -> Result<bool> {
    let Right { verb, group, resource, subresource, namespace, name } = right;
    spec["resourceAttributes"] = json!({
        "verb": verb, "group": group, "resource": resource, "subresource": subresource,
        "namespace": namespace, "name": name,
    });
    let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let body = body.to_string().into_bytes();
    let reviews = kube::core::Request::new(path);
    let until = Instant::now() + reader.timeout;
    let review: Review = fetch(reader, until, &|| reviews.create(&PostParams::default(), body.clone()))
        .await
        .map_err(|failure| failure.error)?;
    Ok(review.status.allowed)
}
