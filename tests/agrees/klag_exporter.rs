//! The Lease of a klag-exporter whose `lease_namespace` is empty, as HA0803 says it: whatever is asked for it is refused.

use http::Request;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::{Api, Error};

use crate::support::{Testbed, block_on};

#[test]
fn a_lease_without_a_namespace_is_never_made() {
    let testbed = Testbed::shared();
    block_on(async {
        // As kube-lease-manager asks: in the namespace that it was given (0.8.0, `src/state.rs`).
        let api: Api<Lease> = Api::namespaced(testbed.client(), "");
        let mut lease = Lease::default();
        lease.metadata.name = Some("klag-exporter".to_owned());
        let made = api.create(&PostParams::default(), &lease).await;
        let Err(Error::Api(status)) = &made else { panic!("{made:?}") };
        assert!(status.code == 422 && status.message.contains("metadata.namespace: Required value"), "{status:?}");
        let request = Request::get("/apis/coordination.k8s.io/v1/namespaces//leases/klag-exporter").body(Vec::new());
        let read = testbed.client().request_text(request.expect("a request")).await;
        assert!(matches!(&read, Err(Error::Api(status)) if status.code == 400), "{read:?}");
    });
}
