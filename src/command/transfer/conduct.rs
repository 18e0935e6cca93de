//! Runs the protocol on a cluster: tells it what is seen, does what it asks for, and times both.

mod request;
mod seen;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, pending};
use tokio::time::Instant;

pub(super) use self::request::ask;

use self::request::Answered;
use super::pod::OldPod;
use crate::clock::local_now;
use crate::cluster::{Pen, Reader, follow_one};
use crate::elector::Now;
use crate::error::{Error, Exit};
use crate::model::wire::{WireLease, WirePod};
use crate::model::{LeaseRecord, Micros};
use crate::terminal::Interrupts;
use crate::transfer::moments::Moments;
use crate::transfer::plan::Plan;
use crate::transfer::{Awaited, Doubt, End, Input, Machine, Names, Output, Step, Told, micros};

/// How often what is left to wait is shown anew.
const TICK: Duration = Duration::from_millis(200);

/// How a run went.
#[derive(Debug)]
pub(super) struct Run {
    /// How it ended.
    pub(super) end: End,
    /// Who leads, where that was seen.
    pub(super) leader: Option<String>,
    /// Whether anything was changed, or may have been.
    pub(super) touched: bool,
    /// Whether the next leader's name was written.
    pub(super) handed: bool,
    /// What was seen when.
    pub(super) moments: Moments,
    /// The last request that came to nothing.
    pub(super) trouble: Option<Error>,
    /// How the person, or the system, ended it, if that is so.
    pub(super) interrupted: Option<Exit>,
}

/// Who hears how it goes.
pub(super) trait Audience {
    /// Something happened.
    fn tell(&mut self, told: Told, who: Option<&str>, moments: &Moments, now: Micros);
    /// Something is waited for, until that time where it is known.
    fn wait(&mut self, awaited: Awaited, left: Option<Micros>);
}

/// Runs it.
pub(super) async fn conduct<P: Pen>(
    reader: &Reader,
    pen: &P,
    plan: &Plan,
    fence: &str,
    annotation: &str,
    interrupts: &mut Interrupts,
    audience: &mut impl Audience,
) -> Run {
    let mut names = Names::new(fence.to_owned(), &plan.lease);
    let machine = Machine::new(names.terms(plan));
    let stage = Stage {
        reader,
        pen,
        plan,
        annotation,
        names,
        machine,
        lease: (*plan.lease).clone(),
        pod: plan.from.pod.as_deref().map(OldPod::new),
        moments: Moments::default(),
        trouble: None,
        handed: false,
        polls: 0,
    };
    stage.run(interrupts, audience).await
}

struct Stage<'a, P> {
    reader: &'a Reader,
    pen: &'a P,
    plan: &'a Plan,
    annotation: &'a str,
    names: Names,
    machine: Machine,
    /// The newest that was seen of the Lease.
    lease: LeaseRecord,
    pod: Option<OldPod>,
    moments: Moments,
    trouble: Option<Error>,
    handed: bool,
    polls: u32,
}

type Flight<'a> = Pin<Box<dyn Future<Output = Answered> + 'a>>;

impl<'a, P: Pen> Stage<'a, P> {
    async fn run(mut self, interrupts: &mut Interrupts, audience: &mut impl Audience) -> Run {
        let mut leases = follow_one::<WireLease>(self.reader, &self.plan.lease.key);
        let mut pods = self.pod.as_ref().map(|pod| follow_one::<WirePod>(self.reader, &pod.key));
        let mut flight: Option<Flight<'a>> = None;
        let mut output = self.step(Input::Wake, audience);
        let mut interrupted = None;
        let mut poll: Flight<'a> = self.poll();
        let end = loop {
            if let Some(end) = output.end {
                break end;
            }
            if let Some(request) = output.request {
                flight = Some(self.send(&request));
            }
            let wake = match output.wake {
                Some(wake) => Either::Left(tokio::time::sleep_until(self.instant(wake))),
                None => Either::Right(pending()),
            };
            let input = tokio::select! {
                answered = async { match &mut flight { Some(flight) => flight.await, None => pending().await } } => {
                    flight = None;
                    Some(Input::Answer(self.hear(answered)))
                }
                Some(change) = leases.next() => self.see_lease(change),
                Some(change) = async { match &mut pods { Some(pods) => pods.next().await, None => pending().await } } => {
                    self.see_pod(change)
                }
                () = wake => Some(Input::Wake),
                polled = &mut poll => {
                    poll = self.poll();
                    self.see_polled(polled)
                }
                // Twice is now.
                exit = interrupts.next() => {
                    if interrupted.is_some() {
                        break if self.machine.touched() { End::Unknown(Doubt::Interrupted) } else { End::Interrupted };
                    }
                    interrupted = Some(exit);
                    Some(Input::Interrupt)
                }
                () = tokio::time::sleep(TICK) => None,
            };
            let (awaited, until) = self.machine.awaits();
            audience.wait(awaited, until.map(|until| until - monotonic()));
            if let Some(input) = input {
                output = self.step(input, audience);
            } else {
                output.request = None;
            }
        };
        self.ended(end, interrupted)
    }

    fn ended(mut self, end: End, interrupted: Option<Exit>) -> Run {
        let leader = match end {
            End::Done(who) | End::Elsewhere(who) => {
                self.moments.led = Some((self.lease.renewed.map(micros), monotonic()));
                self.names.text(who).map(str::to_owned)
            }
            _ => None,
        };
        let now = self.reader.now();
        let moments = self.moments.by_the_server(micros(now.at) - monotonic(), now.error.into());
        Run {
            end,
            leader,
            touched: self.machine.touched(),
            handed: self.handed,
            moments,
            trouble: self.trouble,
            interrupted,
        }
    }

    fn wall(&self) -> Micros {
        micros(self.reader.now().at)
    }

    fn instant(&self, wake: Micros) -> Instant {
        let left = u64::try_from((wake - monotonic()).get()).unwrap_or(0);
        Instant::now() + Duration::from_micros(left)
    }

    fn step(&mut self, input: Input, audience: &mut impl Audience) -> Output {
        let now = Now { monotonic: monotonic(), wall: self.wall() };
        let output = self.machine.step(now, input);
        if let Some(told) = output.told {
            self.note(told, now.monotonic);
            let who = match told {
                Told::Foreign(who) => who.and_then(|who| self.names.text(who)),
                _ => None,
            };
            audience.tell(told, who, &self.moments, now.monotonic);
        }
        output
    }

    /// Keeps what the measurement needs.
    fn note(&mut self, told: Told, now: Micros) {
        let wall = self.wall();
        let moments = &mut self.moments;
        match told {
            Told::Stored(step @ (Step::HandOver | Step::Free)) => {
                moments.open = Some(now);
                self.handed |= step == Step::HandOver;
            }
            Told::Stored(Step::Fence | Step::Prefer) | Told::Evicting => {
                moments.began.get_or_insert(now);
                if let (Told::Stored(_), Some(pod)) = (told, &mut self.pod) {
                    pod.fence(self.reader.now().at);
                }
            }
            Told::Acknowledged => moments.acknowledged = Some((self.lease.renewed.map_or(wall, micros), now)),
            Told::Ended => {
                let finished = self.pod.as_ref().and_then(OldPod::finished);
                moments.ended = Some((finished.map(micros), now));
            }
            Told::Released => moments.open = Some(now),
            Told::Stored(Step::Renew | Step::TakeBack | Step::Relent)
            | Told::Ending
            | Told::Denied
            | Told::Lost
            | Told::Foreign(_) => {}
        }
    }
}

/// The local clock as the protocol's monotonic one: it runs on the monotonic clock from the start of the process.
fn monotonic() -> Micros {
    micros(local_now())
}
