use super::*;
use proptest::prelude::*;

fn dec(text: &str) -> Dec {
    text.parse().expect("a decimal")
}

fn decs(texts: &[&str]) -> Vec<Dec> {
    texts.iter().map(|text| dec(text)).collect()
}

#[test]
fn funds_that_suffice_pay_every_rate_in_full() {
    for (funds, rates, blocks, earned, spent) in [
        ("100", vec!["10.5"], 4, vec!["42"], "42"),
        ("100", vec!["10"], 10, vec!["100"], "100"),
        ("100", vec!["0.4"], 1, vec!["0.4"], "0.4"),
        ("100", vec!["1", "2.25"], 3, vec!["3", "6.75"], "9.75"),
        ("0", vec!["1"], 0, vec!["0"], "0"),
        ("5", vec![], 100, vec![], "0"),
    ] {
        let split = split(dec(funds), &decs(&rates), blocks).unwrap();
        assert!(split.is_covered());
        assert_eq!((split.earned, split.spent), (decs(&earned), dec(spent)));
    }
}

/// Defect 17 #7: a shortfall is shared in proportion, it does not fall on the last in key order.
#[test]
fn a_shortfall_is_shared_in_proportion() {
    for (funds, rates, blocks, earned, unsettled) in [
        ("58", vec!["10.5"], 6, vec!["58"], vec!["5"]),
        ("30", vec!["10", "20"], 2, vec!["10", "20"], vec!["10", "20"]),
        (
            "10",
            vec!["1", "1", "1"],
            100,
            vec!["3.333333333333333334", "3.333333333333333333", "3.333333333333333333"],
            vec!["96.666666666666666666", "96.666666666666666667", "96.666666666666666667"],
        ),
        ("0", vec!["1"], 1, vec!["0"], vec!["1"]),
    ] {
        let split = split(dec(funds), &decs(&rates), blocks).unwrap();
        assert!(!split.is_covered());
        assert_eq!((split.earned, split.unsettled), (decs(&earned), decs(&unsettled)));
        assert_eq!(split.spent, dec(funds));
    }
}

#[test]
fn funds_last_for_whole_blocks() {
    for (funds, rates, blocks) in [
        ("100", vec!["10"], Some(10)),
        ("99.9", vec!["10"], Some(9)),
        ("0", vec!["10"], Some(0)),
        ("100", vec![], None),
        ("9223372036854775807", vec!["0.000000000000000001"], None),
    ] {
        assert_eq!(blocks_covered(dec(funds), &decs(&rates)).unwrap(), blocks);
    }
}

/// A price with up to 18 decimals, from atoms.
fn rate() -> impl Strategy<Value = Dec> {
    (0u64..1_000_000, 0u64..1_000_000_000_000_000_000)
        .prop_map(|(whole, atoms)| dec(&format!("{whole}.{atoms:018}")))
        .prop_filter("a rate is above zero", |rate| rate.is_positive())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Defect 17 #6: fractions are kept, so how often one settles changes nothing.
    #[test]
    fn any_partition_of_a_period_earns_the_same(
        rates in prop::collection::vec(rate(), 1..5),
        parts in prop::collection::vec(0u64..1000, 1..8),
        funds in 0u64..10_000_000_000,
    ) {
        let funds = dec(&funds.to_string());
        let total: u64 = parts.iter().sum();
        let once = split(funds, &rates, total).unwrap();
        prop_assume!(once.is_covered());

        let mut left = funds;
        let mut earned = vec![Dec::ZERO; rates.len()];
        for blocks in parts {
            let part = split(left, &rates, blocks).unwrap();
            prop_assert!(part.is_covered());
            left = sub(left, part.spent).unwrap();
            for (sum, more) in earned.iter_mut().zip(part.earned) {
                *sum = add(*sum, more).unwrap();
            }
        }

        prop_assert_eq!(earned, once.earned);
        prop_assert_eq!(left, sub(funds, once.spent).unwrap());
    }

    #[test]
    fn nothing_is_made_or_lost(
        rates in prop::collection::vec(rate(), 0..6),
        blocks in 0u64..100_000,
        funds in 0u64..10_000_000_000,
    ) {
        let funds = dec(&funds.to_string());
        let split = split(funds, &rates, blocks).unwrap();
        prop_assert!(split.spent <= funds);
        prop_assert_eq!(sum(&split.earned).unwrap(), split.spent);
        if !split.is_covered() {
            prop_assert_eq!(split.spent, funds);
        }
        for ((rate, earned), unsettled) in rates.iter().zip(&split.earned).zip(&split.unsettled) {
            prop_assert!(!earned.is_negative() && !unsettled.is_negative());
            prop_assert_eq!(add(*earned, *unsettled).unwrap(), times(*rate, blocks).unwrap());
        }
    }

    /// The due height is exact: covered up to it, not covered one block later.
    #[test]
    fn funds_run_dry_in_the_block_after_those_they_cover(
        rates in prop::collection::vec(rate(), 1..5),
        funds in 0u64..1_000_000_000,
    ) {
        let funds = dec(&funds.to_string());
        let blocks = blocks_covered(funds, &rates).unwrap().unwrap();
        prop_assert!(split(funds, &rates, blocks).unwrap().is_covered());
        prop_assert!(!split(funds, &rates, blocks + 1).unwrap().is_covered());
    }
}
