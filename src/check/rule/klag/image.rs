//! Whether klag-exporter's image can elect.

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::Klag;

pub(super) const ELECTS: Check = Check {
    id: "HA0808",
    severity: Severity::Warning,
    title: "klag-exporter's image is one that can elect",
    page: include_str!("../../pages/HA0808.md"),
    judge: elects,
};

fn elects(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((_, config)) = klag.read(verdicts) else { continue };
        let object = klag.workload.object;
        if config.leadership.enabled.value != Some(true) {
            verdicts.skip(object, "its leader election is off");
            continue;
        }
        let image = klag.program.container.get("image").text().unwrap_or_default();
        if !klag.is_published() {
            verdicts.pass(object);
            continue;
        }
        let message = format!(
            "leader election is on, and the image is {image}: klag-exporter's own releases (seen up to 0.1.29) are built \
             without it, and then each replica works as if it led. Its log says \"feature is not compiled in\", and several \
             Pods are Ready at a time"
        );
        verdicts.fail(object, format!("{}.image", klag.program.path), message);
    }
}
