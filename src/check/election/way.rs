//! As whom a program goes to the API server: as its Pod's ServiceAccount, or as a kubeconfig makes it.

use super::super::program::Program;
use super::super::scene::Scene;
use super::super::workload::Workload;
use super::{file, words};

/// Whether a program is told of a kubeconfig, or of an API server: by a flag, a variable, or a file that it reads. It is then
/// nobody knows who, and maybe elsewhere. An empty name is none (client-go `tools/clientcmd`, `BuildConfigFromFlags`).
pub(in crate::check) fn is_its_own<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>) -> bool {
    let other = |name: &str| {
        let plain = words::plain(name);
        plain.contains("kubeconfig") || plain == "master"
    };
    program.flags().all.iter().any(|flag| other(flag.name) && flag.value().is_some_and(|value| !value.is_empty()))
        || program.environment.all().any(|one| other(&one.name) && one.value.as_deref() != Some(""))
        || file::read(scene, workload, program).iter().any(|file| names_one(file.text))
}

/// Whether a text sets a kubeconfig: `clientConnection: {kubeconfig: /etc/kc}` (`k8s.io/component-base/config/v1alpha1`).
fn names_one(text: &str) -> bool {
    ["ubeconfig", "ubeConfig", "ube-config", "ube_config"].iter().any(|name| {
        text.match_indices(name).any(|(at, _)| {
            // What the name goes on with: `kubeconfigPath`.
            let rest = text[at + name.len()..].trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
            let rest = rest.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
            let set = rest.strip_prefix([':', '=']).map(|set| set.trim_start_matches([' ', '\t', '"', '\'']));
            set.is_some_and(|set| set.starts_with(['/', '.', '~', '$']) || set.starts_with(char::is_alphanumeric))
                && !set.is_some_and(|set| set.starts_with("null"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::names_one;

    #[test]
    fn a_file_may_name_a_kubeconfig() {
        for text in [
            "clientConnection:\n  kubeconfig: /etc/kc\n",
            "{\"clientConnection\":{\"kubeconfig\":\"/etc/kc\"}}",
            "kubeConfigPath = \"kc\"",
        ] {
            assert!(names_one(text), "{text}");
        }
        for text in
            ["clientConnection:\n  kubeconfig: \"\"\n", "kubeconfig: null", "kubeconfig:\nqps: 5", "# kubeconfig"]
        {
            assert!(!names_one(text), "{text}");
        }
    }
}
