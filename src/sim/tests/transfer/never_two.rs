//! Whatever the timing: if the library takes it and a hand-over is allowed, there are never two, as long as requests and
//! clocks keep to what is assumed.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct World {
    assumed: Assumed,
    /// Of the leader's clock and two others', in thousandths of what is assumed, either way.
    clocks: [i64; 3],
    standbys: u8,
    restart: Option<Restart>,
    reported: Micros,
    named: bool,
    joins: Option<i64>,
    gone: Option<i64>,
    seed: u64,
}

fn world() -> impl Strategy<Value = World> {
    let assumed = (1i64..600, prop_oneof![Just(0i64), 1i64..700])
        .prop_map(|(request, skew)| Assumed { request: Micros::from_millis(request), skew: Micros::from_millis(skew) });
    let restart = prop::option::of(
        (0i64..5_000, any::<bool>())
            .prop_map(|(after, same_identity)| Restart { after: Micros::from_millis(after), same_identity }),
    );
    let clocks = prop::array::uniform3(-1_000i64..=1_000);
    let whens = (prop::option::of(0i64..40_000), prop::option::weighted(0.2, 0i64..30_000));
    (assumed, clocks, 1u8..4, restart, 0i64..20_000, any::<bool>(), whens, any::<u64>()).prop_map(
        |(assumed, clocks, standbys, restart, reported, named, (joins, gone), seed)| World {
            assumed,
            clocks,
            standbys,
            restart,
            reported: Micros::from_millis(reported),
            named,
            joins,
            gone,
            seed,
        },
    )
}

impl World {
    fn clocks(&self) -> Vec<Micros> {
        self.clocks.iter().map(|part| self.assumed.skew * *part / 1_000).collect()
    }

    /// How far two clocks are apart.
    fn ahead(&self) -> Micros {
        let clocks = self.clocks();
        let all = || clocks.iter().copied();
        all().fold(Micros::ZERO, Micros::max) - all().fold(Micros::ZERO, Micros::min)
    }
}

/// The longest time that two led, over a few trials.
fn longest<S: Settings>(settings: S, setup: Setup, way: Way, world: &World) -> Micros {
    let latency = Latency { low: Micros::ZERO, high: world.assumed.request / 2 };
    let reported = Span { low: world.reported, high: world.reported };
    let plain = transfer(setup, way, world.named);
    let timeout = way.longest(setup, world.assumed, Micros::ZERO) * 2;
    let (standbys, restart) = (world.standbys, world.restart);
    let transfer = Transfer { latency, reported, standbys, restart, timeout, ..plain };
    let clocks = world.clocks();
    let then = match (world.gone, world.joins) {
        (Some(after), _) => Some(Then { after: Micros::from_millis(after), fault: Fault::Abandon }),
        (None, Some(after)) => Some(Then { after: Micros::from_millis(after), fault: Fault::Join }),
        (None, None) => None,
    };
    let scenario = Scenario { clocks, then, ..transfer.scenario(settings, transfer.fault()) };
    let mut simulator = Simulator::new(&scenario);
    let play = |trial| simulator.trial(Random::stream(world.seed, trial), &mut ()).overlap;
    (0..20).map(play).max().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn by_client_go(
        retry in 1_000i64..6_000,
        percent in 125i64..800,
        margin in 300i64..10_000,
        world in world(),
        release in any::<bool>(),
        known in any::<bool>(),
    ) {
        let retry_period = Micros::from_millis(retry);
        let renew_deadline = retry_period * percent / 100;
        let needed = renew_deadline + retry_period + Micros::from_millis(margin) + world.assumed.request * 2;
        let mut settings = ClientGo::new(Micros::from_secs(needed.whole_seconds() + 1), renew_deadline, retry_period);
        settings.release_on_cancel = release;
        let setup = Setup::ClientGo(settings);
        prop_assume!(settings.check().is_ok());
        let Ok(way) = Way::hand_over(setup, known, world.assumed) else { return Err(TestCaseError::reject("unfit")) };
        prop_assert_eq!(longest(settings, setup, way, &world), Micros::ZERO);
        prop_assert_eq!(longest(settings, setup, Way::Evict, &world), Micros::ZERO);
    }

    #[test]
    fn by_kubert(lease in 4i64..60, share in 5i64..90, world in world(), release in any::<bool>()) {
        let mut settings = Kubert::new(Micros::from_secs(lease), Micros::from_millis(lease * share * 10));
        settings.releases = release;
        let setup = Setup::Kubert(settings);
        prop_assume!(settings.check().is_ok());
        // What the elector itself takes: a clock that is further ahead finds a Lease run out that is about to be renewed.
        prop_assume!(world.ahead() + world.assumed.request * 2 < settings.grace_period);
        let Ok(way) = Way::hand_over(setup, true, world.assumed) else { return Err(TestCaseError::reject("unfit")) };
        prop_assert_eq!(longest(settings, setup, way, &world), Micros::ZERO);
        prop_assert_eq!(longest(settings, setup, Way::Evict, &world), Micros::ZERO);
    }

    /// Not where nobody is named: then the standbys contend for a free Lease, which they do without naming a version. Where
    /// requests are slow and one has just started, they make two leaders of that by themselves. Nor where hactl dies, unless
    /// two contend with quick requests: a fence that runs out is to them what a dead leader's Lease is, and of that they make
    /// two leaders as well (`transfer/model/wrong.rs`, `an_abandoned_fence_is_as_safe_as_a_dead_leader`).
    #[test]
    fn by_kube_lease_manager(
        lease in 4i64..60,
        share in 10i64..70,
        world in world(),
        old in any::<bool>(),
        release in any::<bool>(),
    ) {
        let edition = if old { Edition::Before0_11_1 } else { Edition::Since0_11_1 };
        let mut settings = KubeLeaseManager::new(Micros::from_secs(lease), Micros::from_secs((lease * share / 100).max(1)), edition);
        settings.releases = release;
        let setup = Setup::KubeLeaseManager(settings);
        prop_assume!(settings.check().is_ok());
        let alone = world.standbys == 1 && world.assumed.request * 3 < Micros::from_millis(100);
        let world = World { named: true, gone: world.gone.filter(|_| alone), ..world };
        let Ok(way) = Way::hand_over(setup, true, world.assumed) else { return Err(TestCaseError::reject("unfit")) };
        prop_assert_eq!(longest(settings, setup, way, &world), Micros::ZERO);
    }
}
