//! `-o html` and `-o svg` in a real browser: on a phone and on a wide screen, in light and in dark.

use std::sync::LazyLock;

use serde_json::Value;

use super::failover;
use crate::support::browser::{Scheme, measure};

/// What is looked at: an end, two leaders, a write, an API outage, nobody, a system, and several of each kind.
const ALL: &[&str] = &[
    "--lease-duration 30s --grace-period 5s",
    "--fault freeze=25s --warmup 3s",
    "--what-if write=holder",
    "--fault outage=11s --api-latency 5ms..50ms",
    "--fault crash-restart --standbys 0",
    "--fault crash --standbys 0",
    "--api-errors 60%",
    "--system klag-exporter",
    "--system kubecost --fault node-loss",
    "--compare 15/10/2,30/20/4,kubert,10/8/4 --fault freeze=25s",
    "--compare 15/10/2,137/107/26",
    "--sweep lease-duration=5s..60s",
    "--sweep standbys=1..4 --fault freeze=25s",
    "--rto 15s",
    "--rto 25s --fault release",
    "--rto 1s",
];

const PROBE: &str = include_str!("probe.js");

/// A phone, a narrow window, and a wide screen.
const WIDTHS: [u32; 3] = [360, 720, 1280];

fn written(args: &str, format: &str) -> String {
    let out = failover(&format!("{args} --trials 300 -o {format}"));
    // Nothing is as quick as a second: that answer has a page, too.
    let code = if args == "--rto 1s" { 1 } else { 0 };
    assert_eq!((out.code, out.stderr.as_str()), (Some(code), ""), "{args}: {out:#?}");
    out.stdout
}

fn wrong(answer: &Value) -> Vec<&str> {
    answer["wrong"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

fn look(scheme: Scheme) {
    // Written once for both schemes.
    static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| ALL.iter().map(|args| written(args, "html")).collect());
    let pages = &*PAGES;
    let shown: Vec<_> = pages.iter().flat_map(|page| WIDTHS.map(|width| (page.as_str(), width))).collect();
    let answers = measure(&shown, scheme, PROBE);
    assert_eq!(answers.len(), ALL.len() * WIDTHS.len());
    for (answer, (args, width)) in answers.iter().zip(ALL.iter().flat_map(|args| WIDTHS.map(|width| (args, width)))) {
        assert_eq!(wrong(answer), Vec::<&str>::new(), "{args}, {width} px, {scheme:?}");
        let charts = u64::from(*args != "--rto 1s");
        assert_eq!(answer["charts"].as_u64(), Some(charts), "{args}: one picture, the one for this width");
        assert!(answer["looked"].as_u64() > Some(3) && answer["width"].as_u64() == Some(width.into()), "{answer}");
        assert_eq!(answer["dark"].as_bool(), Some(scheme == Scheme::Dark));
    }
}

#[test]
fn pages_read_well_in_light() {
    look(Scheme::Light);
}

#[test]
fn pages_read_well_in_dark() {
    look(Scheme::Dark);
}

#[test]
fn pictures_read_well_by_themselves() {
    let pictures: Vec<_> = ALL.iter().map(|args| written(args, "svg")).collect();
    // One picture a page: its style is its own.
    let pages: Vec<_> = pictures.iter().map(|svg| format!("<!DOCTYPE html><body>{svg}")).collect();
    let shown: Vec<_> = pages.iter().map(|page| (page.as_str(), 1000)).collect();
    for (answer, args) in measure(&shown, Scheme::Light, PROBE).iter().zip(ALL) {
        assert_eq!(wrong(answer), Vec::<&str>::new(), "{args}");
        assert_eq!(answer["charts"].as_u64(), Some(1), "{args}");
    }
}

#[test]
fn who_stands_still_does_not_act() {
    // client-go 15s/10s/2s: frozen for 25 s, the old leader goes on for its renew deadline.
    let picture = written("--fault freeze=25s", "svg");
    assert!(picture.contains(">two leaders 10.00\u{a0}s<"), "{picture}");
    assert!(picture.contains(">no leader 1"), "{picture}");
}

#[test]
fn the_same_question_is_the_same_picture() {
    for args in ["--fault outage=11s --threads", "--compare 15/10/2,30/20/4 --threads"] {
        for format in ["svg", "html"] {
            assert_eq!(written(&format!("{args} 1"), format), written(&format!("{args} 3"), format), "{args}");
        }
    }
}

#[test]
fn a_page_that_reads_badly_is_found_out() {
    let bad = "<!DOCTYPE html><html><style>html{background:#fff} p{color:#999} div{width:500px}</style><body>\
               <p>pale</p><div>wide</div><svg width=200 height=50><text x=0 y=20>one upon</text><text x=9 y=22>the \
               other</text><text x=190 y=40>beyond</text></svg></body></html>";
    let answer = &measure(&[(bad, 360)], Scheme::Light, PROBE)[0];
    for what in [
        "px too wide",
        "contrast 2.85: pale",
        "one upon the other: the other / one upon",
        "outside of its picture: beyond",
    ] {
        assert!(wrong(answer).iter().any(|wrong| wrong.contains(what)), "{what}: {answer:#}");
    }
}

#[test]
#[should_panic(expected = "Content Security Policy")]
fn a_page_that_would_load_anything_is_found_out() {
    let page = written("--fault crash", "html").replace("<main>", "<main><img src=\"picture.png\" alt=\"\"/>");
    measure(&[(&page, 360)], Scheme::Light, PROBE);
}

#[test]
#[should_panic(expected = "Content Security Policy")]
fn a_page_that_would_run_anything_is_found_out() {
    let page = written("--fault crash", "html").replace("<main>", "<main><script>document.title = 'ran'</script>");
    measure(&[(&page, 360)], Scheme::Light, PROBE);
}
