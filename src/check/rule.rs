//! The rules: a file for each family.

mod arguments;
mod autoscaler;
mod budget;
mod election;
mod electors;
mod files;
mod given;
mod handover;
pub(super) mod identity;
pub(super) mod klag;
mod leading;
mod nodes;
pub(super) mod now;
mod overlap;
mod paste;
mod placement;
mod probes;
mod resetting;
mod resources;
pub(super) mod rights;
mod services;
mod spread;
mod strategy;
#[cfg(test)]
mod tests;
pub(super) mod timing;
mod volumes;
mod webhooks;

use serde_json::Value;

use super::catalogue::Check;

/// Leaders and their standbys.
pub(super) const LEADERS: &[Check] = &[
    election::SEVERAL_ELECT,
    election::HAS_STANDBY,
    autoscaler::LEAVES_TWO,
    autoscaler::SAYS_ALONE,
    arguments::ALL_READ,
    election::IS_PASSED,
    files::IS_MOUNTED,
    autoscaler::IS_AIMED,
    strategy::ONE_AT_A_TIME,
];

/// Drains and roll-outs.
pub(super) const DRAINS: &[Check] = &[
    budget::LEAVES_ROOM,
    budget::SELECTS,
    leading::ROLLS,
    budget::ONE_EACH,
    budget::SAYS_ONE,
    budget::NAMES_ITS_PODS,
    budget::IS_THERE,
    leading::LIVES,
    handover::HAS_TIME,
    strategy::KEEPS_SOME,
    placement::APART,
    strategy::IN_PLACE,
    overlap::OWN_PODS,
    spread::IS_SPREAD,
    spread::COUNTS_ITSELF,
    spread::MAY_MOVE,
];

/// What Pods stand on.
pub(super) const FOUNDATIONS: &[Check] = &[
    volumes::SECOND_POD,
    volumes::ONE_USER,
    resources::REQUESTED,
    resources::BOUNDED,
    resources::UNTHROTTLED,
    resources::SAME_IMAGE,
];

/// Whom requests come to.
pub(super) const TRAFFIC: &[Check] = &[
    probes::IS_ANSWERED,
    probes::IS_ASKED,
    services::SELECTS,
    services::ONE_WORKLOAD,
    services::HAS_PORT,
    webhooks::IS_THERE,
    webhooks::STANDS_BY,
    webhooks::LETS_ITSELF,
    webhooks::LETS_LEASES,
];

/// What to paste.
fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_default()
}
