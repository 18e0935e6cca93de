//! From the name of an image to the program that it stands for.

use std::path::PathBuf;

use crate::support::programs;

/// The program, or `None` for an image that cannot be pulled. Registry and tag do not matter.
pub(super) fn program(image: &str) -> Option<PathBuf> {
    match name(image) {
        name @ ("manager" | "client-go") => Some(programs::go().join(name)),
        // No dot may stand in the name of a Cargo package.
        name @ ("kube-lease-manager-0.13" | "kube-lease-manager-0.8" | "kubert") => {
            Some(programs::electors().join(name.replace('.', "_")))
        }
        // It elects with this library, and needs a Kafka for all else.
        "klag-exporter" => Some(programs::electors().join("kube-lease-manager-0_8")),
        // For Pods that only have to exist: `args: ["infinity"]`.
        "sleep" => Some("/bin/sleep".into()),
        "sh" => Some("/bin/sh".into()),
        _ => None,
    }
}

/// `kubert` of `registry:5000/team/kubert:1.0@sha256:…`.
pub(crate) fn name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(['@', ':']).next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn registry_tag_and_digest_do_not_matter() {
        for image in ["kubert", "kubert:1", "localhost:5000/kubert", "example.com/a/b/kubert:1@sha256:00"] {
            assert_eq!(name(image), "kubert", "{image}");
        }
    }
}
