//! A person at a terminal is asked first. The terminal is a real one: a pseudo-terminal, whose other end is read and typed
//! at here.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use tokio::process::Child;

use super::{App, PATIENCE};
use crate::support::wait::try_until;
use crate::support::{Signal, block_on, send_signal};

/// Both ends of a terminal, and what was shown on it.
struct Screen {
    person: File,
    program: OwnedFd,
    shown: Arc<Mutex<String>>,
}

impl Screen {
    fn open() -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&person).and_then(|()| unlockpt(&person)).expect("its other end may be opened");
        let path = ptsname(&person, Vec::new()).expect("its other end has a name");
        let program = open(path.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other end");
        let shown = Arc::new(Mutex::new(String::new()));
        let person = File::from(person);
        let (mut screen, keeps) = (person.try_clone().expect("one more file descriptor"), Arc::clone(&shown));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                keeps.lock().expect("nobody panics with it").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { person, program, shown }
    }

    fn shows(&self, words: &str) -> bool {
        self.shown.lock().expect("nobody panics with it").contains(words)
    }

    fn shown(&self) -> String {
        self.shown.lock().expect("nobody panics with it").clone()
    }

    fn type_in(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).expect("the terminal is open");
    }

    /// Whether it echoes what is typed, and reads whole lines.
    fn is_sane(&self) -> bool {
        let modes = tcgetattr(&self.program).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }
}

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
