//! Measuring several things fairly on a machine that does other things too.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// One thing to be measured.
pub struct Subject<'a> {
    pub name: String,
    pub run: Box<dyn FnMut() -> u64 + 'a>,
    times: Vec<Duration>,
}

impl<'a> Subject<'a> {
    pub fn new(name: impl Into<String>, run: impl FnMut() -> u64 + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run), times: Vec::new() }
    }

    /// The median of the rounds.
    pub fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// The fastest round.
    pub fn best(&self) -> Duration {
        *self.times.iter().min().expect("a round")
    }

    /// The median over all rounds of how much longer `other` took in the same round.
    pub fn times_faster_than(&self, other: &Subject<'_>) -> f64 {
        let mut ratios: Vec<f64> = self
            .times
            .iter()
            .zip(&other.times)
            .map(|(own, other)| other.as_secs_f64() / own.as_secs_f64())
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    }
}

/// Runs every subject once per round, one after the other, so that a slow moment of the machine meets all.
pub fn interleave(rounds: usize, subjects: &mut [Subject<'_>]) {
    for subject in subjects.iter_mut() {
        black_box((subject.run)());
    }
    for _ in 0..rounds {
        for subject in subjects.iter_mut() {
            let start = Instant::now();
            black_box((subject.run)());
            subject.times.push(start.elapsed());
        }
    }
}
