//! `hactl preflight` beside kubeconform, which reads the same manifests and compares them with a schema, and how both grow.
//!
//! kubeconform comes from its Go module, the schemas from the testbed's API server, so that nothing is fetched meanwhile.

mod manifests;
mod schemas;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::contest::{Entry, take_turns};
use crate::measure::{self, run};
use crate::say;
use crate::support::{Component, Testbed, programs};
use crate::table::{self, Aim, Row, grouped, megabytes, titled};
use crate::tool::{Tool, hactl};

const KUBECONFORM: &str = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0";
const ROUNDS: usize = 9;

/// Files, each of three documents.
const FILES: usize = 1000;
const MORE: [usize; 3] = [100, 3000, 10_000];

/// Prints it all.
pub(crate) fn compare() {
    say("preflight: building kubeconform, and asking a control plane for its schemas");
    let kubeconform = build();
    let testbed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let schemas = schemas::write(&testbed);
    drop(testbed);
    let floor = measure::floor();

    say(&format!("preflight: {FILES} files"));
    let folder = manifests::write(FILES);
    let rows = rows(
        ROUNDS,
        vec![judging(&folder, "table"), judging(&folder, "json"), conforming(&kubeconform, &schemas, &folder)],
    );
    print!("{}", table::table(&words(FILES), &rows));

    let mut growth = Vec::new();
    for files in MORE {
        say(&format!("preflight: {files} files"));
        let folder = manifests::write(files);
        let tools =
            vec![judging(&folder, "table"), judging(&folder, "json"), conforming(&kubeconform, &schemas, &folder)];
        growth.push((files, self::rows(3, tools)));
        fs::remove_dir_all(&folder).expect("a folder of this benchmark");
    }
    let head = ["", "hactl ms", "peak MB", "hactl json ms", "peak MB", "kubeconform ms", "peak MB"];
    let lines = growth.iter().map(|(files, rows)| {
        let cells = rows.iter().flat_map(|row| [table::millis(row.wall()), megabytes(row.peak())]);
        std::iter::once(words(*files)).chain(cells).collect()
    });
    print!("{}", titled("Growth", &head, lines));
    println!(
        "\n  Milliseconds; MB are millions of bytes; less than {} MB cannot be told.\n  \
         hactl judges what belongs together, kubeconform each document by its schema. JSON has every result that passed, too.",
        megabytes(floor)
    );
    print!("{}", table::aims(&aims(&rows, &growth)));
}

fn words(files: usize) -> String {
    let number = |count: usize| grouped(u64::try_from(count).unwrap_or_default());
    format!("{} files, {} documents", number(files), number(3 * files))
}

/// kubeconform, as it is released.
fn build() -> PathBuf {
    // In this order: whoever lacks Go is told what to do.
    let folder = programs::go();
    let built = Command::new("go").args(["install", "-trimpath", KUBECONFORM]).env("GOBIN", folder).status();
    assert!(built.is_ok_and(|status| status.success()), "building {KUBECONFORM}");
    folder.join("kubeconform")
}

fn judging(folder: &Path, format: &str) -> Tool {
    let args = ["preflight", "--fail-on", "never", "-o", format].map(Into::into);
    let name = format!("hactl preflight -o {format}");
    Tool::new(&name, &hactl(), args.into_iter().chain([folder.as_os_str().to_owned()]))
}

fn conforming(program: &Path, schemas: &Path, folder: &Path) -> Tool {
    let args = ["-schema-location".into(), schemas.as_os_str().to_owned()];
    Tool::new("kubeconform 0.8.0", program, args.into_iter().chain([folder.as_os_str().to_owned()]))
}

fn rows(rounds: usize, tools: Vec<Tool>) -> Vec<Row> {
    let entries = tools.into_iter().map(|tool| Entry::new(tool.name.clone(), 1, move || run(&tool).0)).collect();
    take_turns(rounds, entries).into_iter().map(|timed| timed.row).collect()
}

fn aims(rows: &[Row], growth: &[(usize, Vec<Row>)]) -> Vec<Aim> {
    let [wall, other] = [&rows[0], &rows[2]].map(|row| row.wall().as_secs_f64());
    let peak = rows[0].peak();
    let most = growth.iter().filter(|(files, _)| *files == MORE[2]).map(|(_, rows)| rows[0].wall().as_secs_f64());
    let grown = most.fold(0.0, f64::max) / wall;
    vec![
        Aim { words: "3 000 documents: 150 ms, or less", measured: format!("{:.0} ms", wall * 1e3), met: wall <= 0.15 },
        Aim { words: "3 000 documents: 40 MB, or less", measured: megabytes(peak), met: peak <= 40_000_000 },
        Aim { words: "no more time than kubeconform", measured: format!("{:.2}", wall / other), met: wall <= other },
        Aim {
            words: "ten times the documents: 11 times the time, or less",
            measured: format!("{grown:.1}"),
            met: grown <= 11.0,
        },
    ]
}
