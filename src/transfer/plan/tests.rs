//! What is refused, and what a plan comes to.

use super::rule::PATIENCE;
use super::*;
use crate::error::Exit;
use crate::model::health::tests::{EXPIRED, HELD, at, election_after, web, world};
use crate::model::lease_candidate::Version;

/// A Lease as a controller-runtime manager leaves it, with two Pods.
const MANAGER: &str = r#"{"holderIdentity":"web-7d4b9-aaaaa_0b3c5d7e-1f2a-4b3c-8d5e-6f7a8b9c0d1e","leaseDurationSeconds":15,
    "renewTime":{ago:2}}"#;

fn election(spec: &str) -> Election {
    let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, "")];
    election_after(&world(spec, &[&pods[0], &pods[1]]), 0)
}

fn instant() -> Timestamp {
    at(0).parse().expect("a time")
}

const MEASURED: Measured = Measured {
    interval: Some(Micros::from_secs(2)),
    skew: Some(Micros::ZERO),
    round_trip: Micros::ZERO,
    asked: super::Asked::Nowhere,
};

fn client_go() -> Option<(Name, Times)> {
    Some(("client-go".parse().expect("a name"), Times::default()))
}

fn planned(election: &Election, wish: &Wish, budgets: Option<&[Budget]>) -> Result<Plan> {
    match decide(election, wish, &MEASURED, budgets, None, instant())? {
        Decision::Move(plan) => Ok(*plan),
        Decision::Already(from) => panic!("it is {from:?} already"),
    }
}

fn refused(election: &Election, wish: &Wish, budgets: Option<&[Budget]>) -> String {
    let error = planned(election, wish, budgets).expect_err("refused");
    assert_eq!(error.exit, Exit::Refused, "{error:?}");
    error.message
}

fn budget(room: i64) -> Budget {
    let (current_healthy, desired_healthy, expected_pods) = (2, 2 - room, 2);
    let name = "b".to_owned();
    Budget { name, disruptions_allowed: room, current_healthy, desired_healthy, expected_pods, judged: true }
}

#[test]
fn an_elector_that_exits_on_loss_is_evicted() {
    let wish = Wish { elector: client_go(), ..Wish::default() };
    let plan = planned(&election(HELD), &wish, Some(&[budget(1)])).expect("a plan");
    assert_eq!((plan.way, plan.freeing, plan.named, plan.forced), (Way::Evict, Freeing::Empty, true, false));
    let to = plan.to.expect("somebody");
    assert_eq!(to.identity.as_deref(), Some("web-7d4b9-bbbbb"));
    assert_eq!(plan.timeout, plan.longest + PATIENCE);
    let hidden = planned(&election(MANAGER), &Wish::default(), None).expect("a plan");
    assert_eq!((hidden.named, &hidden.to, hidden.renamed()), (false, &None, true));
    assert_eq!((plan.budget.as_str(), hidden.budget.starts_with("not known")), ("b has room for 1", true));
}

#[test]
fn a_hand_over_waits_as_long_as_the_timing_says() {
    let wish = Wish { elector: client_go(), method: Some(Method::HandOver), ..Wish::default() };
    let plan = planned(&election(HELD), &wish, Some(&[])).expect("a plan");
    let wait = |plan: &Plan| match plan.way {
        Way::HandOver { proof: Proof::Elapsed { wait, .. }, .. } => wait,
        other => panic!("{other:?}"),
    };
    // That the Lease has the duration of client-go's defaults says nothing of its renew deadline.
    assert_eq!(wait(&plan), Micros::from_millis(32_500));
    let stated = Times { renew_deadline: Some(Micros::from_secs(10)), ..Times::default() };
    let wish = Wish { elector: client_go().map(|(name, _)| (name, stated)), ..wish };
    assert_eq!(wait(&planned(&election(HELD), &wish, Some(&[])).expect("a plan")), Micros::from_millis(22_500));
    let loose = "client-go".parse().expect("a name");
    let times = Times {
        lease_duration: None,
        renew_deadline: Some(Micros::from_secs(14)),
        retry_period: Some(Micros::from_secs(2)),
        grace_period: None,
    };
    let wish = Wish { elector: Some((loose, times)), ..wish };
    assert!(refused(&election(HELD), &wish, Some(&[])).contains("could make two leaders"));
}

#[test]
fn what_is_only_guessed_is_not_fenced() {
    let wish = Wish { method: Some(Method::HandOver), ..Wish::default() };
    assert!(refused(&election(HELD), &wish, None).contains("only guessed"));
    assert!(planned(&election(MANAGER), &wish, Some(&[])).is_ok());
    let mut unknown = election(HELD);
    unknown.elector = crate::model::elector::Elector::unknown("nothing");
    assert_eq!(refused(&unknown, &wish, None), "it is not known which library elects here: nothing");
    let other = Measured { interval: Some(Micros::from_secs(5)), ..MEASURED };
    let stated = Times { retry_period: Some(Micros::from_secs(2)), ..Times::default() };
    let wish = Wish { elector: client_go().map(|(name, _)| (name, stated)), ..Wish::default() };
    let error = decide(&election(HELD), &wish, &other, None, None, instant()).expect_err("refused");
    assert_eq!(error.message, "the leader renews every 5s, and not every 2s as it should by its settings");
}

#[test]
fn in_a_roll_out_the_leader_is_ended_rather_than_fenced() {
    let mut election = election(HELD);
    let mut pod = (*election.candidates[1].pod).clone();
    pod.labels.insert("pod-template-hash".to_owned(), "99999".to_owned());
    election.candidates[1].pod = Arc::new(pod);
    election.elector.library = crate::model::elector::Library::KubeLeaseManager;
    election.elector.confidence = Confidence::Certain;
    assert_eq!(planned(&election, &Wish::default(), None).expect("a plan").method(), Method::Evict);
    let wish = Wish { method: Some(Method::HandOver), ..Wish::default() };
    assert!(refused(&election, &wish, None).contains("roll-out"));
}

#[test]
fn a_full_budget_is_respected() {
    let wish = Wish { elector: client_go(), ..Wish::default() };
    let full = refused(&election(HELD), &wish, Some(&[budget(0)]));
    assert_eq!(full, "the disruption budget b has no room: it wants 2 healthy Pods, and there are 2");
    assert!(refused(&election(HELD), &wish, Some(&[budget(1), budget(1)])).contains("several"));
    let disrupt = Wish { disrupt: true, ..wish.clone() };
    assert!(planned(&election(HELD), &disrupt, Some(&[budget(0)])).expect("a plan").forced);
    // Its container would exit, which counts as much, also where nobody could count.
    let fence = Wish { method: Some(Method::HandOver), ..wish.clone() };
    assert!(refused(&election(HELD), &fence, None).contains("is not known"));
    let fence = Wish { method: Some(Method::HandOver), ..wish };
    assert!(refused(&election(HELD), &fence, Some(&[budget(0)])).contains("no room"));
}

#[test]
fn who_leads_has_to_be_who_is_meant() {
    let wish = |from: &str, to: Option<&str>| Wish {
        from: Some(from.to_owned()),
        wanted: Wanted { to: to.map(str::to_owned), ..Wanted::default() },
        elector: client_go(),
        ..Wish::default()
    };
    assert!(planned(&election(HELD), &wish("pod/web-7d4b9-aaaaa", None), None).is_ok());
    assert!(refused(&election(HELD), &wish("web-7d4b9-bbbbb", None), None).contains("does not lead"));
    let already =
        decide(&election(HELD), &wish("web-7d4b9-aaaaa", Some("web-7d4b9-aaaaa")), &MEASURED, None, None, instant());
    assert!(matches!(already, Ok(Decision::Already(_))), "{already:?}");
    let elsewhere = Wanted { not_nodes: vec!["n3".to_owned()], ..Wanted::default() };
    let already =
        decide(&election(HELD), &Wish { wanted: elsewhere, ..Wish::default() }, &MEASURED, None, None, instant());
    assert!(matches!(already, Ok(Decision::Already(_))), "it is not there: {already:?}");
}

#[test]
fn without_a_leader_there_is_nothing_to_move() {
    let wish = Wish { elector: client_go(), ..Wish::default() };
    let refused = |spec: &str| refused(&election(spec), &wish, None);
    assert!(refused(EXPIRED).contains("has not renewed in time"));
    assert!(refused(r#"{"leaseTransitions":1}"#).contains("nobody holds"));
    let fence = HELD.replace("web-7d4b9-aaaaa", "hactl-transfer/0123abcd");
    assert_eq!(refused(&fence), "the transfer 0123abcd is in progress");
    assert!(refused(&fence.replace("{ago:2}", "{ago:60}")).contains("left behind"));
    let strategy = HELD.replace(r#""leaseD"#, r#""strategy":"OldestEmulationVersion","leaseD"#);
    let wish = Wish::default();
    let coordinated = planned(&election(&strategy), &wish, None).expect_err("refused");
    assert!(coordinated.message.contains("nobody would lead"), "{coordinated:?}");
    assert!(how(&election(&strategy), instant()).is_err());
}

#[test]
fn a_coordinated_leader_is_asked_to_yield_to_whom_its_controller_would_name() {
    let held = MANAGER.replace(r#""leaseD"#, r#""strategy":"OldestEmulationVersion","leaseD"#);
    let stand = |name: &str, created: i64| LeaseCandidate {
        name: name.to_owned(),
        lease: "l".to_owned(),
        created: at(created).parse().ok(),
        renewed: at(60).parse().ok(),
        pinged: None,
        versions: Version::parse("1.36.0").zip(Version::parse("1.36.0")),
        strategy: "OldestEmulationVersion".to_owned(),
    };
    let leader = "web-7d4b9-aaaaa_0b3c5d7e-1f2a-4b3c-8d5e-6f7a8b9c0d1e";
    let next = "web-7d4b9-bbbbb_1b3c5d7e-1f2a-4b3c-8d5e-6f7a8b9c0d1e";
    let mut all = vec![stand(leader, 900), stand(next, 800)];
    let made = |all: &[LeaseCandidate], wish: &Wish, budgets: &[Budget]| -> Result<Plan> {
        match decide(&election(&held), wish, &MEASURED, Some(budgets), Some(all), instant())? {
            Decision::Move(plan) => Ok(*plan),
            Decision::Already(from) => panic!("it is {from:?} already"),
        }
    };
    assert_eq!(how(&election(&held), instant()), Ok(Method::Prefer));
    let plan = made(&all, &Wish::default(), &[budget(1)]).expect("a plan");
    let to = plan.to.clone().and_then(|to| to.identity);
    assert_eq!((plan.way, plan.freeing, plan.named, to.as_deref()), (Way::Prefer, Freeing::Nothing, true, Some(next)));
    assert!(!plan.haunted && plan.longest > Micros::from_secs(30), "{plan:?}");
    // Its container exits, which counts as any disruption.
    let full = made(&all, &Wish::default(), &[budget(0)]).expect_err("refused");
    assert!(full.message.contains("no room"), "{full:?}");
    let disrupt = Wish { disrupt: true, ..Wish::default() };
    assert!(!made(&all, &disrupt, &[budget(0)]).expect("a plan").forced, "it is not deleted");
    // What an earlier process has left behind keeps the controller asking.
    all.push(LeaseCandidate { pinged: at(30).parse().ok(), ..stand(&leader.replace("_0b", "_1b"), 1_000) });
    assert!(made(&all, &Wish::default(), &[]).expect("a plan").haunted);
    let nobody = Wish { method: Some(Method::Prefer), ..Wish::default() };
    assert!(refused(&election(MANAGER), &nobody, None).contains("has no strategy"));
}

#[test]
fn nothing_is_begun_that_would_be_given_up_in_the_middle() {
    let wish = Wish { elector: client_go(), timeout: Some(Micros::SECOND), ..Wish::default() };
    assert!(refused(&election(HELD), &wish, None).contains("--timeout is shorter"));
    let enough = Wish { timeout: Some(Micros::from_secs(600)), ..wish };
    assert_eq!(planned(&election(HELD), &enough, None).expect("a plan").timeout, Micros::from_secs(600));
}

#[test]
fn a_pod_that_is_only_guessed_proves_nothing() {
    let mut guessed = election(HELD);
    guessed.holder.guessed = true;
    let wish = Wish { elector: client_go(), ..Wish::default() };
    assert!(refused(&guessed, &wish, None).contains("nothing to evict"));
}

#[test]
fn where_a_zone_is_not_known_it_may_be_the_wrong_one() {
    let wanted = Wanted { not_zones: vec!["z1".to_owned()], ..Wanted::default() };
    let wish = Wish { elector: client_go(), wanted, ..Wish::default() };
    assert_eq!(refused(&election(HELD), &wish, None), "every standby is excluded");
}
