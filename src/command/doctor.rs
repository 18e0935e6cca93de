//! `hactl doctor`: what is wrong with the workloads of a cluster, before it hurts.

mod looked_at;
mod overlay;
mod pointed;

use super::checked::{Terms, tell};
use super::look::settled;
use super::manifests;
use super::one::{connect_one, namespace};
use crate::check::live::Live;
use crate::check::needs;
use crate::check::related::{Names, concerning, is_about, related};
use crate::check::{Outcome, Scene, Verdict, judge, questions};
use crate::cli::Global;
use crate::cli::doctor::Doctor;
use crate::clock::local_now;
use crate::cluster::{Part, Reader, Scope, Survey, answers};
use crate::error::{Error, Exit, Result};
use crate::model::object::{Object, Origin};
use crate::model::unread::Unread;
use crate::terminal::{Progress, Terminal};
use looked_at::{keep, keep_elections, lists, namespaces};
use overlay::{overlay, place};
use pointed::{Pointed, is_meant, point};

/// Runs `hactl doctor`.
///
/// # Errors
///
/// Where nothing could be read, nothing answers to a name, or what is asked makes no sense.
pub async fn run(args: &Doctor, global: &Global, terminal: Terminal) -> Result<Exit> {
    let terms = Terms::read(&args.checks)?;
    let (mut applied, flaws) = read_manifests(args).await;
    let reader = connect_one(global, "doctor looks at one cluster at a time").await?;
    let home = namespace(&reader, global);
    place(&mut applied, &home);
    let is_target = |object: &Object| args.targets.iter().any(|target| is_meant(object, target));
    let namespaces = match args.all_namespaces {
        true => vec![None],
        false => namespaces(&home, &applied, (!args.targets.is_empty()).then_some(is_target)),
    };
    // What is elsewhere is not looked at: neither what is there, nor what would be.
    keep(&mut applied, &namespaces);
    let lists = lists(&namespaces);
    let reading = format!("reading {}", reader.server);
    let (mut survey, mut live) = Progress::during(reading.clone(), read(&reader, &lists)).await?;
    keep(&mut survey.objects, &namespaces);
    keep_elections(&mut live, &namespaces);
    let objects = overlay(std::mem::take(&mut survey.objects), applied);
    let pointed = point(&args.targets, &live, &objects, global.namespace.as_deref(), args.all_namespaces)?;
    let (objects, wanted) = pointed.last(objects);
    let judged = if args.targets.is_empty() { &objects[..] } else { &objects[objects.len() - wanted..] };
    let more = parts(&needs::more(&objects, judged), &lists);
    let asked = questions(&Scene::live(&objects, &[], &live), judged);
    let second = async { tokio::join!(survey.more(&reader, &more), answers(&reader, &asked)).1 };
    let answers = Progress::during(reading, second).await;
    keep(&mut survey.objects, &namespaces);
    // What was read first stays where it is: at the end.
    let objects = overlay(survey.objects, objects);
    let scene = |objects| {
        let mut scene = Scene::live(objects, &survey.unread, &live);
        (scene.rto, scene.answers) = (terms.rto, answers.as_ref());
        scene
    };
    let mut verdicts = match args.targets.is_empty() {
        true if is_empty(&objects, &live, &survey.unread) => return Err(empty(&namespaces)),
        true => everything(&scene(&objects), &objects, &namespaces, &terms),
        false => targets(&pointed, &objects, wanted, scene, &terms),
    };
    verdicts.extend(flaws);
    let write_baseline = args.checks.write_baseline.is_some();
    let checked = terms.report(reader.context.clone(), &objects, verdicts, write_baseline);
    tell(&args.checks, checked, &terminal)
}

/// What is to be judged as if it had been applied.
async fn read_manifests(args: &Doctor) -> (Vec<Object>, Vec<Verdict<'static>>) {
    if args.filenames.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let inputs = args.filenames.clone();
    // Off the thread that listens for Ctrl-C: a pipe may never end.
    let work = tokio::task::spawn_blocking(move || manifests::read(&inputs));
    match Progress::during("reading manifests".to_owned(), work).await {
        Ok(done) => done,
        // The panic of a bug is the main thread's too.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// The lists of these kinds in these namespaces.
fn parts(kinds: &[&str], namespaces: &[Option<String>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for part in namespaces.iter().flat_map(|namespace| Part::all(kinds, namespace.as_deref())) {
        // What is in no namespace is read once.
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

/// Reads all that checks look at.
async fn read(reader: &Reader, namespaces: &[Option<String>]) -> Result<(Survey, Live)> {
    let began = local_now();
    let mut survey = Survey::read(reader, &parts(needs::ALWAYS, namespaces)).await?;
    let mut snapshot = std::mem::take(&mut survey.snapshot);
    let namespace = if let [one] = namespaces { one.clone() } else { None };
    let scope = Scope { namespace, ..Scope::default() };
    let elections = settled(reader, &scope, &mut snapshot, began).await?;
    Ok((survey, Live { now: reader.now(), elections, snapshot }))
}

/// What is to be said of some workloads.
fn targets<'s, 'o: 's>(
    pointed: &'o Pointed,
    objects: &'o [Object],
    wanted: usize,
    scene: impl Fn(&'o [Object]) -> Scene<'o>,
    terms: &Terms,
) -> Vec<Verdict<'static>> {
    let (others, targets) = objects.split_at(objects.len() - wanted);
    let all = scene(objects);
    let mut names = related(&all, targets);
    names.extend(pointed.leases.iter().map(|lease| ("Lease", lease.namespace.as_str(), lease.name.as_str())));
    concerning(&all, &scene(others), &names, terms.selection.checks().iter().copied())
}

/// What is to be said of all that is in these namespaces, and of what concerns it outside of any.
fn everything<'o>(
    scene: &Scene<'o>,
    objects: &'o [Object],
    namespaces: &[Option<String>],
    terms: &Terms,
) -> Vec<Verdict<'static>> {
    let workloads: Vec<_> = objects.iter().filter(|object| pointed::short(object).is_some()).collect();
    let mut verdicts = judge(scene, terms.selection.checks().iter().copied());
    if !namespaces.contains(&None) {
        let names: Names<'_> = related(scene, workloads);
        verdicts.retain(|verdict| {
            let object = &verdict.spot.object;
            // Whatever was given is meant, wherever it would be.
            let given = object.origin != Origin::Live;
            object.namespace.is_some() || given || verdict.outcome == Outcome::Unknown || is_about(&names, verdict)
        });
    }
    verdicts
}

/// Whether there is nothing to be judged: no workload, and no Lease that one has left behind.
fn is_empty(objects: &[Object], live: &Live, unread: &[Unread]) -> bool {
    let counts = |kind| matches!(kind, "Deployment" | "StatefulSet" | "Lease");
    let none = live.elections.is_empty() && !objects.iter().any(|object| pointed::short(object).is_some());
    none && !unread.iter().any(|unread| counts(unread.kind))
}

/// There is nothing in these namespaces.
fn empty(namespaces: &[Option<String>]) -> Error {
    let place = match namespaces {
        [None] => "any namespace".to_owned(),
        named => format!("namespace {}", named.iter().flatten().cloned().collect::<Vec<_>>().join(", ")),
    };
    Error::usage(format!("there is no Deployment and no StatefulSet in {place}"))
        .hint("name another namespace with -n, or look everywhere with -A")
}
