//! Two tests of whether real samples can come from a model.

/// The Kolmogorov–Smirnov test of a sample against a model that is known by a larger sample of its own: the probability
/// of a distance this great if both are of one distribution. Either may be in any order.
pub(crate) fn kolmogorov_smirnov(sample: &[f64], model: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (sample, model) = (sorted(sample), sorted(model));
    let (n, m) = (sample.len() as f64, model.len() as f64);
    let below = |values: &[f64], value: f64| values.partition_point(|seen| *seen <= value) as f64;
    let gap = |value: &f64| (below(&sample, *value) / n - below(&model, *value) / m).abs();
    let distance = sample.iter().chain(&model).map(gap).fold(0.0, f64::max);
    let n = (n * m / (n + m)).sqrt();
    // Stephens' correction makes the limit good for small samples (Numerical Recipes, 14.3).
    kolmogorov((n + 0.12 + 0.11 / n) * distance)
}

/// The upper tail of the Kolmogorov distribution.
fn kolmogorov(lambda: f64) -> f64 {
    // Below, the series needs more and more terms for what is 1 to more than ten digits.
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |k: i32| (-2.0 * f64::from(k * k) * lambda * lambda).exp();
    let sum: f64 = (1..=100).map(|k| if k % 2 == 1 { term(k) } else { -term(k) }).sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

/// The exact binomial test, with two sides: the probability of an outcome no more likely than `hits` of `trials`.
pub(crate) fn binomial(hits: usize, trials: usize, share: f64) -> f64 {
    let log_factorials: Vec<f64> = std::iter::once(0.0)
        .chain((1..=trials).scan(0.0, |sum, n| {
            *sum += (n as f64).ln();
            Some(*sum)
        }))
        .collect();
    let likelihood = |k: usize| {
        let choose = log_factorials[trials] - log_factorials[k] - log_factorials[trials - k];
        (choose + k as f64 * share.ln() + (trials - k) as f64 * (1.0 - share).ln()).exp()
    };
    // Equally likely ones count, also where rounding tells them apart.
    let limit = likelihood(hits) * (1.0 + 1e-7);
    (0..=trials).map(likelihood).filter(|likelihood| *likelihood <= limit).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Critical values as they stand in any table: for large samples 1.63 is 1 %, 1.36 is 5 %.
    #[test]
    fn the_kolmogorov_distribution_is_the_tabled_one() {
        for (lambda, p) in [(1.2239, 0.10), (1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001)] {
            assert!((kolmogorov(lambda) - p).abs() < p * 0.002, "{lambda}: {}", kolmogorov(lambda));
        }
        assert!((kolmogorov(0.2) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn equal_samples_pass_and_shifted_ones_do_not() {
        let model: Vec<f64> = (0..10_000).map(|i| f64::from(i) / 10_000.0).collect();
        let sample = |shift: f64| -> Vec<f64> { (0..40).map(|i| (f64::from(i) + 0.5) / 40.0 + shift).collect() };
        assert!(kolmogorov_smirnov(&sample(0.0), &model) > 0.999);
        // The critical distance for 40 at 1 % is 0.252.
        assert!(kolmogorov_smirnov(&sample(0.22), &model) > 0.01);
        assert!(kolmogorov_smirnov(&sample(0.27), &model) < 0.01);
    }

    #[test]
    fn the_binomial_test_is_exact() {
        // 2 × (1 + 10 + 45) / 1024.
        assert!((binomial(2, 10, 0.5) - 112.0 / 1024.0).abs() < 1e-12);
        assert!((binomial(5, 10, 0.5) - 1.0).abs() < 1e-12);
        assert!((binomial(10, 10, 0.9) - (0.9_f64.powi(10) + tail(0.9))).abs() < 1e-12);
        assert!(binomial(20, 20, 1e-5) < 1e-90);
    }

    /// What is less likely than ten of ten at this share: eight and fewer.
    fn tail(share: f64) -> f64 {
        let choose = [1.0, 10.0, 45.0, 120.0, 210.0, 252.0, 210.0, 120.0, 45.0];
        (0..9).zip(choose).map(|(k, choose)| choose * share.powi(k) * (1.0 - share).powi(10 - k)).sum()
    }
}
