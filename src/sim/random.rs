//! Random numbers whose seed keeps its meaning: xoshiro256++, and SplitMix64 to fill its state.
//!
//! Both are by Blackman and Vigna, fixed and published with reference code (<https://prng.di.unimi.it>). They are a few
//! lines, and no release of a crate can change what a seed that someone wrote down stands for.

use crate::elector::Draws;
use crate::model::Micros;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random([u64; 4]);

/// The increment of SplitMix64: 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream of one trial: streams of one seed begin far apart.
    #[must_use]
    pub fn stream(seed: u64, trial: u64) -> Self {
        let mut state = mix(seed).wrapping_add(mix(trial ^ GOLDEN).rotate_left(32));
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(GOLDEN);
            mix(state)
        }))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let state = &mut self.0;
        let result = state[0].wrapping_add(state[3]).rotate_left(23).wrapping_add(state[0]);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        result
    }
}

impl Draws for Random {
    /// By multiplication: the bias is below 2⁻²⁰ for any span under a year.
    fn between(&mut self, low: Micros, high: Micros) -> Micros {
        let span = (high - low).get();
        if span <= 0 {
            return low;
        }
        let scaled = (u128::from(self.bits()) * (u128::from(span.unsigned_abs()) + 1)) >> 64;
        low + Micros::new(i64::try_from(scaled).unwrap_or(span))
    }
}

/// The output function of SplitMix64.
fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference code, with the state 1, 2, 3, 4.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = Random([1, 2, 3, 4]);
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(expected.map(|_| random.bits()), expected);
    }

    /// From the reference code, with the state 0.
    #[test]
    fn the_mixer_is_the_published_one() {
        let expected = [16_294_208_416_658_607_535, 7_960_286_522_194_355_700, 487_617_019_471_545_679];
        let mut state = 0u64;
        let mixed = expected.map(|_| {
            state = state.wrapping_add(GOLDEN);
            mix(state)
        });
        assert_eq!(mixed, expected);
    }

    #[test]
    fn draws_reach_both_ends_and_are_even() {
        let mut random = Random::stream(1, 0);
        let mut seen = [0u32; 5];
        for _ in 0..50_000 {
            let drawn = random.between(Micros::new(10), Micros::new(14));
            seen[usize::try_from(drawn.get() - 10).unwrap()] += 1;
        }
        assert!(seen.iter().all(|n| (9_600..10_400).contains(n)), "{seen:?}");
        assert_eq!(random.between(Micros::SECOND, Micros::SECOND), Micros::SECOND);
    }

    #[test]
    fn streams_differ_by_seed_and_by_trial() {
        let first = |seed, trial| Random::stream(seed, trial).bits();
        let mut seen: Vec<_> = (0..100).flat_map(|seed| (0..100).map(move |trial| first(seed, trial))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);
    }
}
