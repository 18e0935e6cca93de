//! An elector that uses kubert's lease in the way linkerd's policy controller does.

use std::process::ExitCode;

use elector_contract::{Defaults, Elector, Failure};
use k8s_openapi::api::coordination::v1::Lease;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use kubert_library::lease::{ClaimParams, LeaseManager};
use serde_json::json;
use tokio::select;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // linkerd's, and the library's own.
    let defaults = Defaults { lease_duration: 30, grace_period: 1 };
    elector_contract::run(defaults, compete).await
}

async fn compete(elector: Elector) -> Result<(), Failure> {
    let result = hold(&elector).await;
    elector.set_acting(false);
    if let Err(error) = &result {
        elector.error(error);
    }
    result
}

async fn hold(elector: &Elector) -> Result<(), Failure> {
    let api: Api<Lease> = Api::namespaced(Client::try_default().await?, &elector.namespace);
    ensure_lease(&api, &elector.lease).await?;

    let params = ClaimParams { lease_duration: elector.lease_duration, renew_grace_period: elector.grace_period };
    let manager = LeaseManager::init(api, &elector.lease).await?;
    let (mut claims, mut task) = manager.spawn(&elector.identity, params).await?;
    loop {
        let claim = claims.borrow_and_update().clone();
        let acting = claim.is_current_for(&elector.identity);
        elector.set_acting(acting);
        select! {
            biased;
            () = elector.shutdown() => break,
            // It gives up after some errors: nobody renews any more.
            ended = &mut task => {
                ended??;
                return Err("the lease task ended".into());
            }
            Ok(()) = claims.changed() => {}
            // A claim ends by itself, without any message.
            () = claim.expire(), if acting => {}
        }
    }

    // The library vacates the Lease when nobody listens any more.
    drop(claims);
    task.await??;
    Ok(())
}

/// The library wants the Lease to exist. Resource version 0 matches none that
/// does, so one apply both looks and creates. As in linkerd any refusal (409 or
/// 422, by the server's version) counts as "it exists"; if not, the library says
/// so next.
async fn ensure_lease(api: &Api<Lease>, name: &str) -> Result<(), kube::Error> {
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": name, "resourceVersion": "0" },
    });
    match api.patch(name, &PatchParams::apply("kubert"), &Patch::Apply(lease)).await {
        Err(kube::Error::Api(status)) if status.code < 500 => Ok(()),
        other => other.map(drop),
    }
}
