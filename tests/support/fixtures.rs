//! What tests put into a namespace: workloads with real electors, Leases of any shape, and any other object.

mod elector;
mod lease;

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, PostParams};
use serde_json::Value;

pub(crate) use self::elector::{ElectorDeployment, elector_deployment};
pub(crate) use self::lease::{LeaseFixture, Write, lease};
use super::testbed::Namespace;
use super::wait::block_on;

/// Creates an object in a namespace, from its manifest.
///
/// # Panics
/// If the server refuses it.
pub(crate) fn create(ns: &Namespace<'_>, manifest: Value) -> DynamicObject {
    let kind = manifest["kind"].as_str().expect("a manifest has a kind").to_owned();
    let api_version = manifest["apiVersion"].as_str().expect("a manifest has an apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &kind));
    let api: Api<DynamicObject> = Api::namespaced_with(ns.testbed().client(), ns.name(), &resource);
    let object: DynamicObject = serde_json::from_value(manifest).expect("a manifest is an object");
    block_on(api.create(&PostParams::default(), &object))
        .unwrap_or_else(|error| panic!("creating a {kind} in {}: {error}", ns.name()))
}
