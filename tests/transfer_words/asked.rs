//! A person at a terminal is asked first.

use tokio::process::Child;

use super::{App, PATIENCE};
use crate::support::screen::Screen;
use crate::support::wait::try_until;
use crate::support::{Signal, block_on, send_signal};

impl App<'_> {
    fn asked(&self, screen: &Screen) -> Child {
        let child = self.hactl(&[]).env("TERM", "xterm").spawn_at(&screen.program);
        let asks = || (screen.shows("[y/N]") && !screen.is_sane()).then_some(());
        assert!(try_until(PATIENCE, || async { asks() }).is_some(), "it does not ask: {:?}", screen.shown());
        child
    }
}

fn exit(mut child: Child) -> Option<i32> {
    block_on(async { tokio::time::timeout(PATIENCE, child.wait()).await })
        .expect("it ends")
        .expect("a child can be waited for")
        .code()
}

#[test]
fn a_person_says_no_says_nothing_or_yes() {
    let app = App::start(2);
    let before = app.facts();
    let mut screen = Screen::open();
    let no = app.asked(&screen);
    let question = format!("Move the leadership of {}/app in context", app.namespace.name());
    assert!(screen.shows(&question) && screen.shows(&format!("away from {}?", app.leader)), "{}", screen.shown());
    screen.type_in("n\n");
    assert_eq!((exit(no), app.facts() == before), (Some(11), true), "{}", screen.shown());
    assert!(screen.is_sane(), "{}", screen.shown());

    let screen = Screen::open();
    let ended = app.asked(&screen);
    send_signal(ended.id().expect("it runs"), Signal::TERM);
    assert_eq!((exit(ended), app.facts() == before), (Some(143), true), "{}", screen.shown());
    assert!(screen.is_sane(), "the terminal was left as the prompt needs it");

    let mut screen = Screen::open();
    let yes = app.asked(&screen);
    screen.type_in("y\n");
    assert_eq!(exit(yes), Some(0), "{}", screen.shown());
    assert!(screen.is_sane() && app.facts().holder != before.holder, "{}", screen.shown());
}
