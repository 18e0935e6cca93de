//! klag-exporter's arguments, as its parser takes them: `-c`/`--config` and `-l`/`--log-level`, each once, and nothing else
//! (klag-exporter 0.1.29, `Args` in `src/main.rs`; clap 4).

/// What it looks for where nothing is said, in the folder that it is started in.
const DEFAULT: &str = "config.toml";

/// The folder that the image starts it in (`WORKDIR` in `Dockerfile.release`).
const FOLDER: &str = "/app";

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine<'a> {
    /// Where its configuration is.
    pub config: &'a str,
    /// Which of the arguments says so; `None` where none does.
    pub at: Option<usize>,
    /// How many arguments from there say it: two where the path stands by itself.
    pub words: usize,
}

/// Why it ends with its usage instead of starting: which argument, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which of the arguments.
    pub at: usize,
    /// A part of a sentence.
    pub why: &'static str,
}

/// Reads its arguments.
///
/// # Errors
///
/// One that it does not take.
pub fn read<'a>(arguments: &[&'a str]) -> Result<CommandLine<'a>, Refused> {
    let mut told = CommandLine { config: DEFAULT, at: None, words: 0 };
    let mut level = false;
    let mut at = 0;
    while let Some(&word) = arguments.get(at) {
        if matches!(word, "-h" | "--help" | "-V" | "--version") {
            return Err(Refused { at, why: "it tells about itself, and ends" });
        }
        let Some((config, attached)) = option(word) else {
            return Err(Refused { at, why: "it takes no such argument, and ends" });
        };
        let (value, words) = match attached {
            Some(value) => (value, 1),
            None => {
                let next = arguments.get(at + 1).copied().filter(|next| !next.starts_with('-') || *next == "-");
                (next.ok_or(Refused { at, why: "nothing follows it, and it ends" })?, 2)
            }
        };
        if if config { told.at.is_some() } else { level } {
            return Err(Refused { at, why: "it takes that only once, and ends" });
        }
        if config {
            told = CommandLine { config: value, at: Some(at), words };
        } else {
            level = true;
        }
        at += words;
    }
    Ok(told)
}

/// The path as a container sees it, which may have a folder of its own (`workingDir`).
#[must_use]
pub fn absolute(config: &str, folder: Option<&str>) -> String {
    if config.starts_with('/') {
        return config.to_owned();
    }
    let folder = folder.filter(|folder| !folder.is_empty()).unwrap_or(FOLDER).trim_end_matches('/');
    format!("{folder}/{}", config.trim_start_matches("./"))
}

/// Whether a word is `--config` or `--log-level`, and what is attached to it.
fn option(word: &str) -> Option<(bool, Option<&str>)> {
    for (config, long, short) in [(true, "--config", "-c"), (false, "--log-level", "-l")] {
        if let Some(rest) = word.strip_prefix(long) {
            return match rest.strip_prefix('=') {
                None if rest.is_empty() => Some((config, None)),
                attached => attached.map(|value| (config, Some(value))),
            };
        }
        if let Some(rest) = word.strip_prefix(short).filter(|_| !word.starts_with("--")) {
            let attached = rest.strip_prefix('=').unwrap_or(rest);
            return Some((config, Some(attached).filter(|_| !rest.is_empty())));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_its_configuration_is() {
        for (arguments, config, at, words) in [
            (&[][..], "config.toml", None, 0),
            (&["--config", "/a.toml"], "/a.toml", Some(0), 2),
            (&["--config=/a.toml"], "/a.toml", Some(0), 1),
            (&["-l", "debug", "-c", "a.toml"], "a.toml", Some(2), 2),
            (&["-c/a.toml"], "/a.toml", Some(0), 1),
            (&["-c=/a.toml", "--log-level=info"], "/a.toml", Some(0), 1),
            (&["--log-level", "warn"], "config.toml", None, 0),
        ] {
            assert_eq!(read(arguments), Ok(CommandLine { config, at, words }), "{arguments:?}");
        }
    }

    #[test]
    fn what_it_does_not_take() {
        for (arguments, at) in [
            (&["--leader-elect"][..], 0),
            (&["/app/klag-exporter", "--config", "/a.toml"], 0),
            (&["-config", "/a.toml"], 1),
            (&["--config"], 0),
            (&["--config", "--log-level"], 0),
            (&["-c", "/a.toml", "--config", "/b.toml"], 2),
            (&["--configfile=/a.toml"], 0),
            (&["--version"], 0),
            (&[""], 0),
        ] {
            assert_eq!(read(arguments).map_err(|refused| refused.at), Err(at), "{arguments:?}");
        }
    }

    #[test]
    fn a_path_is_in_the_folder_that_it_starts_in() {
        assert_eq!(absolute("config.toml", None), "/app/config.toml");
        assert_eq!(absolute("./config.toml", Some("/etc/klag/")), "/etc/klag/config.toml");
        assert_eq!(absolute("/a.toml", Some("/etc")), "/a.toml");
    }
}
