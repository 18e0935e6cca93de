//! The README says what the program does: its exit codes, its commands, its flags.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hactl::error::Exit;

use crate::support::hactl;

/// Programs that the README tells the reader to run, and whose flags are none of hactl's; behind `--` stand the
/// arguments of one that cargo runs.
const OTHERS: &[&str] = &[
    "--", "bash", "brew", "cargo", "curl", "cut", "docker", "git", "go", "grep", "head", "helm", "install", "jq",
    "kubectl", "ln", "rustup", "sh", "tar", "watch", "xargs",
];

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md")
}

/// What hactl prints for these arguments and `--help`.
fn help(args: &[String]) -> String {
    let output = hactl().args(args).args(["--help"]).run();
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
    output.stdout
}

/// The rows of the first table behind a heading, without its header.
fn table(markdown: &str, heading: &str) -> Vec<Vec<String>> {
    let lines = markdown.lines().skip_while(|line| line.trim() != heading).skip(1);
    let section = lines.take_while(|line| !line.starts_with('#')).skip_while(|line| !line.starts_with('|'));
    let rows = section.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The commands in a help text: name by name, without `help`.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| line.trim() != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The `--flags` of a text.
fn flags(text: &str) -> BTreeSet<String> {
    let in_flag = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut flags = BTreeSet::new();
    for (i, _) in text.match_indices("--") {
        let before = text[..i].chars().next_back();
        let name: String = text[i + 2..].chars().take_while(|c| in_flag(*c)).collect();
        let name = name.trim_end_matches('-');
        if before.is_none_or(|c| !in_flag(c)) && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            flags.insert(format!("--{name}"));
        }
    }
    flags
}

/// A README without what belongs to other programs: in fenced blocks and in code spans, what begins with their names.
fn about_hactl(markdown: &str) -> String {
    let mut text = String::new();
    let mut fenced = false;
    let mut goes_on = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            (fenced, goes_on) = (!fenced, false);
        } else if fenced {
            // What a `\` continues belongs to the same command.
            let others = if goes_on { true } else { is_others(line) };
            goes_on = others && line.ends_with('\\');
            if !others {
                text.push_str(line);
                text.push('\n');
            }
        } else {
            let spans = line.split('`').enumerate();
            text.extend(spans.filter(|(i, span)| i % 2 == 0 || !is_others(span)).map(|(_, span)| format!("{span} ")));
            text.push('\n');
        }
    }
    text
}

/// Whether another program is run: the first one of a line counts, less variables and a prompt.
fn is_others(command: &str) -> bool {
    let mut words =
        command.split_whitespace().skip_while(|word| *word == "$" || (word.contains('=') && !word.starts_with('-')));
    let Some(first) = words.next() else { return false };
    // `kubectl hactl` and `kubectl leader` are hactl.
    let plugin = first == "kubectl" && words.next().is_some_and(|word| ["hactl", "leader"].contains(&word));
    OTHERS.contains(&first.rsplit('/').next().unwrap_or(first)) && !plugin
}

#[test]
fn the_table_of_exit_codes_is_the_programs() {
    let told = table(&readme(), "## Exit codes");
    let real: Vec<_> =
        Exit::TABLE.iter().map(|(exit, meaning)| vec![exit.code().to_string(), (*meaning).to_owned()]).collect();
    assert_eq!(told, real);
}

#[test]
fn every_exit_code_is_in_the_table_once() {
    let codes: Vec<u8> = Exit::TABLE.iter().map(|(exit, _)| exit.code()).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    // A `|` would end the cell.
    assert!(Exit::TABLE.iter().all(|(_, meaning)| !meaning.contains('|') && !meaning.ends_with('.')));
}

#[test]
fn every_command_is_named() {
    let (readme, commands) = (readme(), commands(&help(&[])));
    assert!(!commands.is_empty(), "the help names no commands");
    let missing: Vec<_> = commands.iter().filter(|name| !readme.contains(&format!("hactl {name}"))).collect();
    assert!(missing.is_empty(), "README.md does not name {missing:?}");
}

#[test]
fn every_flag_that_is_named_exists() {
    let mut known = flags(&help(&[]));
    for command in commands(&help(&[])) {
        known.extend(flags(&help(&[command])));
    }
    assert!(known.contains("--request-timeout"), "the help is not read: {known:?}");
    let unknown: Vec<_> = flags(&about_hactl(&readme())).into_iter().filter(|flag| !known.contains(flag)).collect();
    assert!(unknown.is_empty(), "README.md names flags that no command has: {unknown:?}");
}

#[test]
fn tables_are_read() {
    let text = "# X\n| no | x |\n|---|---|\n| 9 | y |\n## Exit codes\nWords.\n\n| code | meaning |\n|---|---|\n| 0 | good |\n| 1 | `a` b |\n\n| z | z |\n";
    assert_eq!(table(text, "## Exit codes"), [["0", "good"], ["1", "`a` b"]]);
    assert_eq!(table(text, "## Elsewhere"), [[""; 0]; 0]);
}

#[test]
fn commands_are_read() {
    let help = "Words\n\nUsage: x\n\nCommands:\n  status  Show\n            more words\n  can-i   Ask\n  help    Print\n\nOptions:\n  -h";
    assert_eq!(commands(help), ["status", "can-i"]);
}

#[test]
fn flags_are_read() {
    let read = |text: &str| flags(text).into_iter().collect::<Vec<_>>();
    assert_eq!(read("--a-b=c, (--for=healthy) `--as-group`, --x."), ["--a-b", "--as-group", "--for", "--x"]);
    assert_eq!(read("a---b |---|--- -- - x--y"), [""; 0]);
}

#[test]
fn what_others_do_is_left_out() {
    let about = |text: &str| flags(&about_hactl(text)).into_iter().collect::<Vec<_>>();
    let text = "Run `cargo install --locked hactl` (`-- --keep`), then `hactl status --wide` or `--exit-code`.\n\
                ```sh\n$ cargo test --all \\\n  --more\nhactl status --watch\nRUST_LOG=x kubectl get --raw /\n\
                kubectl hactl status --selector x\nA=b hactl --color never\n```\nAnd --prose.\n";
    let wanted = ["--color", "--exit-code", "--prose", "--selector", "--watch", "--wide"];
    assert_eq!(about(text), wanted);
}
