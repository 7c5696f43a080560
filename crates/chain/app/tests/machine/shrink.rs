//! The shortest history found that still fails, and its form as a script.

use super::run::Failure;
use super::step::Step;

/// Runs, at most.
const PATIENCE: usize = 600;

/// Leaves out ever smaller parts, as long as something still fails.
pub fn shorten(
    steps: &[Step],
    failure: &Failure,
    run: impl Fn(&[Step]) -> Result<(), Failure>,
) -> (Vec<Step>, Failure) {
    let (mut short, mut failure) = (steps.to_vec(), failure.clone());
    let mut size = short.len() / 2;
    let mut left = PATIENCE;
    while size > 0 && left > 0 {
        let mut start = 0;
        while start < short.len() && left > 0 {
            left -= 1;
            let end = (start + size).min(short.len());
            let candidate: Vec<Step> = short[..start].iter().chain(&short[end..]).cloned().collect();
            match run(&candidate) {
                Err(other) => (short, failure) = (candidate, other),
                Ok(()) => start = end,
            }
        }
        size /= 2;
    }
    (short, failure)
}

/// One step a line.
pub fn to_script(steps: &[Step]) -> String {
    steps.iter().map(|step| serde_json::to_string(step).unwrap() + "\n").collect()
}

pub fn from_script(script: &str) -> Vec<Step> {
    script.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_history_is_shortened_to_what_fails_and_reads_back() {
    let steps = super::draw::history(7, 300);
    assert_eq!(from_script(&to_script(&steps)), steps);

    let grace = |step: &Step| matches!(step, Step::EndBlock { seconds: 255 });
    let create = |step: &Step| matches!(step, Step::CreateDeployment { tenant: 3, .. });
    let fails = |steps: &[Step]| {
        let first = steps.iter().position(create);
        let bad = first.is_some_and(|first| steps[first..].iter().any(grace));
        if bad { Err(Failure("a long block after a deployment".into())) } else { Ok(()) }
    };
    let failure = fails(&steps).unwrap_err();
    let (short, failure) = shorten(&steps, &failure, fails);
    assert_eq!(failure.0, "a long block after a deployment");
    assert!(short.len() == 2 && create(&short[0]) && grace(&short[1]), "{}", to_script(&short));
}
