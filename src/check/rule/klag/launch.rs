//! Whether klag-exporter finds its configuration.

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::paste;
use super::{File, Klag, Launch};

pub(super) const FINDS: Check = Check {
    id: "HA0801",
    severity: Severity::Error,
    title: "klag-exporter finds its configuration",
    page: include_str!("../../pages/HA0801.md"),
    judge: finds,
};

fn finds(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let object = klag.workload.object;
        match &klag.launch {
            Launch::Unknown => verdicts.skip(object, "what it is started with cannot be read"),
            Launch::Refused(refused) => {
                let argument = &klag.program.arguments[refused.at];
                // Only its name: what it is set to may be a secret.
                let name = argument.text.split('=').next().unwrap_or_default();
                let message = format!("klag-exporter does not start with the argument {name}: {}", refused.why);
                verdicts.fail(object, argument.field.as_str(), message);
            }
            Launch::Looks { path, at, words } => looks(&klag, path, *at, *words, verdicts),
        }
    }
}

fn looks(klag: &Klag<'_>, path: &str, at: Option<usize>, words: usize, verdicts: &mut Verdicts<'_>) {
    let object = klag.workload.object;
    if klag.file().is_some() {
        return verdicts.pass(object);
    }
    if klag.covered(path) {
        return verdicts.skip(object, format!("whether {path} is there cannot be known from what was given"));
    }
    let meant = klag.meant();
    // In its own images no configuration is.
    if meant.is_none() && !klag.is_published() {
        return verdicts.skip(object, format!("whether its image has {path} cannot be known"));
    }
    let said = if at.is_some() { "is told of" } else { "looks for" };
    let instead = meant.map(|file| format!(", and {} of {} is mounted at {}", file.key, file.config_map, file.path));
    let message = format!(
        "klag-exporter {said} {path}, where nothing is mounted{}: it ends when it starts, again and again",
        instead.unwrap_or_default()
    );
    let field = match (at, meant) {
        (Some(at), _) => klag.program.arguments[at].field.clone(),
        (None, Some(file)) => file.field.clone(),
        (None, None) => klag.program.path.clone(),
    };
    let failed = verdicts.fail(object, field, message);
    if let Some(fix) = meant.and_then(|file| told(klag, file, at, words)) {
        failed.fix(fix);
    }
}

/// It is told of the file that is there.
fn told(klag: &Klag<'_>, file: &File<'_>, at: Option<usize>, words: usize) -> Option<String> {
    let word = format!("--config={}", file.path);
    match at {
        Some(at) => paste::word(&klag.program, &klag.program.arguments[at].field, &[&word], words),
        None => paste::added(&klag.program, &word),
    }
}

impl Klag<'_> {
    /// Whether anything is mounted over a path, whatever that holds. What names a file and is not in its volume is told by
    /// HA0108.
    fn covered(&self, path: &str) -> bool {
        let named = matches!(self.launch, Launch::Looks { at: Some(_), .. });
        self.program.container.get("volumeMounts").list().iter().any(|mount| {
            let Some(at) = mount.get("mountPath").text().map(|at| at.trim_end_matches('/')) else { return false };
            let over = path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            // A folder whose files are all known, and the file is none of them.
            let known = self.files.iter().any(|file| file.path.starts_with(&format!("{at}/")));
            over && (named || !known)
        })
    }
}
