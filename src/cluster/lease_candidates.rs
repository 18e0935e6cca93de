//! Who stands in a coordinated election.

use kube::api::ListParams;
use kube::core::Request;
use tokio::time::Instant;

use super::list::fetch;
use super::{Failure, Reader};
use crate::error::{Error, Result};
use crate::model::Key;
use crate::model::lease_candidate::LeaseCandidate;
use crate::model::wire::{Page, WireLeaseCandidate};

/// The versions in which LeaseCandidates look alike, the newer first: from Kubernetes 1.33 and 1.32 on. Neither is served
/// unless someone has asked for it.
const VERSIONS: [&str; 2] = ["v1beta1", "v1alpha2"];

/// Objects on a page.
const PAGE: u32 = 500;

/// A namespace has a handful: those of dead processes are deleted within the hour. Beyond this something is wrong there.
const MOST: usize = 5_000;

/// The candidates for one Lease; `None` where the API server serves none at all.
///
/// They are chosen here, and not by the server: it knows no field selector for the Lease's name (kube-apiserver 1.36.3:
/// `"spec.leaseName" is not a known field selector`).
///
/// # Errors
///
/// Where they cannot be read.
pub async fn lease_candidates(reader: &Reader, lease: &Key) -> Result<Option<Vec<LeaseCandidate>>> {
    let until = Instant::now() + reader.timeout;
    for version in VERSIONS {
        let path = format!("/apis/coordination.k8s.io/{version}/namespaces/{}/leasecandidates", lease.namespace);
        match all(reader, &Request::new(path), until).await {
            Ok(mut candidates) => {
                candidates.retain(|candidate| candidate.lease == lease.name);
                return Ok(Some(candidates));
            }
            Err(Failure { status: Some(404), .. }) => {}
            Err(failure) => return Err(failure.error),
        }
    }
    Ok(None)
}

async fn all(reader: &Reader, request: &Request, until: Instant) -> Result<Vec<LeaseCandidate>, Failure> {
    let mut candidates = Vec::new();
    let mut next = None;
    loop {
        let params = ListParams { limit: Some(PAGE), continue_token: next, ..ListParams::default() };
        let page: Page<WireLeaseCandidate> = fetch(reader, until, &|| request.list(&params)).await?;
        candidates.extend(page.items.into_iter().map(LeaseCandidate::from));
        if page.metadata.next.is_empty() {
            return Ok(candidates);
        }
        if candidates.len() >= MOST {
            let error = Error::unknown(format!("there are more than {MOST} LeaseCandidates in the namespace"));
            return Err(Failure { status: None, short: error.message.clone(), error, retry_after: None });
        }
        next = Some(page.metadata.next);
    }
}
