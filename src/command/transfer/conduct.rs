//! Runs the protocol on a cluster: tells it what is seen, does what it asks for, and times both.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, pending};
use tokio::time::Instant;

use super::pod::OldPod;
use crate::clock::local_now;
use crate::cluster::{Change, Pen, Reader, Refused, Unwritten, follow_one};
use crate::elector::Now;
use crate::error::{Error, Exit};
use crate::model::lease::TRANSFER_ANNOTATION;
use crate::model::snapshot::Object;
use crate::model::wire::{WireLease, WirePod};
use crate::model::{LeaseRecord, Micros, Pod};
use crate::system::Endpoint;
use crate::terminal::Interrupts;
use crate::transfer::moments::Moments;
use crate::transfer::plan::Plan;
use crate::transfer::{Answer, Awaited, Doubt, End, Input, Machine, Names, No, Output, Request, Step, Told, micros};

/// How often what is left to wait is shown anew.
const TICK: Duration = Duration::from_millis(200);

/// How often the Lease and the Pod are read beside their watches: a watch may be silent for long before that shows.
const POLL: Duration = Duration::from_secs(1);

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

/// What came of a request, before the protocol hears of it.
enum Answered {
    Lease(Result<Option<LeaseRecord>, Error>),
    Pod(Result<Option<Pod>, Error>),
    Written(Result<LeaseRecord, Unwritten>),
    Accepted(Result<(), Unwritten>),
    /// Who was to be named is gone.
    Targetless,
    /// Whether the old leader says that it leads.
    Leads(Option<bool>),
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

    /// The next look at the Lease or the Pod, whichever comes to mind: both are watched too.
    fn poll(&mut self) -> Flight<'a> {
        let (reader, key) = (self.reader, self.plan.lease.key.clone());
        self.polls += 1;
        let pod = self.pod.as_ref().filter(|_| self.polls.is_multiple_of(2)).map(|pod| pod.key.clone());
        Box::pin(async move {
            tokio::time::sleep(POLL).await;
            match pod {
                Some(pod) => Answered::Pod(reader.pod(&pod).await),
                None => Answered::Lease(reader.lease(&key).await),
            }
        })
    }

    /// What it shows. That something is not there is the watch's to say: it knows what it was like before.
    fn see_polled(&mut self, polled: Answered) -> Option<Input> {
        match polled {
            Answered::Lease(Ok(Some(lease))) => Some(Input::Lease(Some(self.newest(lease)))),
            Answered::Pod(Ok(Some(pod))) => self.pod.as_mut().map(|old| Input::Pod(old.see(Some(&pod)))),
            _ => None,
        }
    }

    fn send(&mut self, request: &Request) -> Flight<'a> {
        let (reader, pen) = (self.reader, self.pen);
        let key = self.plan.lease.key.clone();
        match request {
            Request::Lease => Box::pin(async move { Answered::Lease(reader.lease(&key).await) }),
            Request::Write { step, fields, .. } => {
                let mut patch = self.names.patch(&self.lease, fields);
                patch.annotations = self.annotations(*step);
                let to = self.plan.to.as_ref().and_then(|to| to.pod.clone()).filter(|_| *step == Step::HandOver);
                Box::pin(async move {
                    // It may have gone while the old leader was waited for.
                    match to {
                        Some(to) if gone(reader.pod(&to.key).await, &to) => Answered::Targetless,
                        _ => Answered::Written(pen.patch(&key, &patch).await),
                    }
                })
            }
            Request::Pod | Request::Evict => match &self.pod {
                Some(pod) => {
                    let (key, uid, forced) = (pod.key.clone(), pod.uid.clone(), self.plan.forced);
                    match request {
                        Request::Pod => Box::pin(async move { Answered::Pod(reader.pod(&key).await) }),
                        _ if forced => Box::pin(async move { Answered::Accepted(pen.delete(&key, &uid).await) }),
                        _ => Box::pin(async move { Answered::Accepted(pen.evict(&key, &uid).await) }),
                    }
                }
                None => Box::pin(async { Answered::Leads(None) }),
            },
            Request::Ask => {
                let plan = self.plan;
                Box::pin(async move { Answered::Leads(ask(reader, plan).await) })
            }
        }
    }

    /// The fence says whose it is, in the same write; whoever takes it away takes that along.
    fn annotations(&self, step: Step) -> BTreeMap<String, Option<String>> {
        let text = match step {
            Step::Fence => Some(self.annotation.to_owned()),
            Step::HandOver | Step::Free | Step::TakeBack => None,
            Step::Renew | Step::Prefer | Step::Relent => return BTreeMap::new(),
        };
        if text.is_none() && !self.lease.annotations.contains_key(TRANSFER_ANNOTATION) {
            return BTreeMap::new();
        }
        BTreeMap::from([(TRANSFER_ANNOTATION.to_owned(), text)])
    }

    /// A Lease that was read or written, if it is the newest so far.
    fn newest(&mut self, lease: LeaseRecord) -> crate::transfer::Sight {
        let sight = self.names.sight(&lease);
        if sight.version >= self.names.sight(&self.lease).version {
            self.lease = lease;
        }
        sight
    }

    fn hear(&mut self, answered: Answered) -> Answer {
        match answered {
            Answered::Lease(Ok(lease)) => Answer::Lease(lease.map(|lease| self.newest(lease))),
            Answered::Written(Ok(lease)) => Answer::Written(self.newest(lease)),
            Answered::Accepted(Ok(())) => Answer::Accepted,
            Answered::Pod(Ok(pod)) => match &mut self.pod {
                Some(old) => Answer::Pod(old.see(pod.as_ref())),
                None => Answer::Lost,
            },
            Answered::Lease(Err(error)) | Answered::Pod(Err(error)) => {
                self.trouble = Some(error);
                Answer::Lost
            }
            Answered::Written(Err(unwritten)) | Answered::Accepted(Err(unwritten)) => {
                let answer = refusal(&unwritten);
                if answer != Answer::Refused(No::Stale) {
                    self.trouble = Some(unwritten.failure().error.clone());
                }
                answer
            }
            Answered::Targetless => Answer::Refused(No::Target),
            Answered::Leads(leads) => Answer::Leads(leads),
        }
    }

    fn see_lease(&mut self, change: Change) -> Option<Input> {
        match change {
            Change::Listed(_, objects, _) => {
                let lease = objects.into_iter().find_map(|object| match object {
                    Object::Lease(lease) => Some(lease),
                    _ => None,
                });
                Some(Input::Lease(lease.map(|lease| self.newest(lease))))
            }
            Change::Put(Object::Lease(lease)) => Some(Input::Lease(Some(self.newest(lease)))),
            Change::Gone(Object::Lease(_)) => Some(Input::Lease(None)),
            Change::Lost(_, error) | Change::Unread(_, _, error) => {
                self.trouble = Some(error);
                None
            }
            _ => None,
        }
    }

    fn see_pod(&mut self, change: Change) -> Option<Input> {
        let old = self.pod.as_mut()?;
        let body = match change {
            Change::Listed(_, objects, _) => {
                let pod = objects.iter().find_map(|object| match object {
                    Object::Pod(pod) => Some(pod),
                    _ => None,
                });
                old.see(pod)
            }
            Change::Put(Object::Pod(pod)) => old.see(Some(&pod)),
            Change::Gone(Object::Pod(pod)) => old.gone(&pod),
            _ => return None,
        };
        Some(Input::Pod(body))
    }
}

/// Whether the old leader says that it leads; `None` where it says nothing clear.
pub(super) async fn ask(reader: &Reader, plan: &Plan) -> Option<bool> {
    let (pod, Endpoint { port, path, field }) = plan.endpoint()?;
    reader.leads(pod, port, path, field).await
}

/// Whether a Pod is known to be gone, or going; one that cannot be read is not.
pub(super) fn gone(read: Result<Option<Pod>, Error>, pod: &Pod) -> bool {
    match read {
        Ok(Some(now)) => now.uid != pod.uid || now.terminating() || now.finished,
        Ok(None) => true,
        Err(_) => false,
    }
}

/// What the protocol has to know of a write that was not done.
fn refusal(unwritten: &Unwritten) -> Answer {
    let no = match unwritten {
        Unwritten::Unknown(_) => return Answer::Lost,
        Unwritten::Never(_) => No::Later,
        Unwritten::Refused { why, .. } => match why {
            Refused::Stale => No::Stale,
            Refused::Gone => No::Gone,
            Refused::Budget(_) => No::Budget,
            Refused::Overloaded => No::Later,
            Refused::Forbidden | Refused::Invalid | Refused::Other => No::Never,
        },
    };
    Answer::Refused(no)
}

/// The local clock as the protocol's monotonic one: it runs on the monotonic clock from the start of the process.
fn monotonic() -> Micros {
    micros(local_now())
}
