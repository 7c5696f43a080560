use proptest::prelude::*;

use super::{Dec, Int, NumError};

fn int(text: &str) -> Int {
    text.parse().unwrap()
}

fn dec(text: &str) -> Dec {
    text.parse().unwrap()
}

const MAX_INT: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

#[test]
fn integers_have_256_bits_and_a_sign() {
    assert_eq!(int(MAX_INT), Int::MAX);
    assert_eq!(int(&format!("-{MAX_INT}")), Int::MIN);
    assert_eq!(Int::MAX.checked_add(Int::ONE), None);
    assert_eq!(Int::MIN.checked_sub(Int::ONE), None);
    assert_eq!(Int::MAX.checked_mul(Int::from(2_u64)), None);
    assert_eq!(Int::MAX.checked_mul(Int::from(-1_i64)), Some(Int::MIN));
    assert_eq!(
        "115792089237316195423570985008687907853269984665640564039457584007913129639936".parse::<Int>(),
        Err(NumError::Range)
    );
}

#[test]
fn integer_texts_are_plain_digits() {
    for text in ["", "-", "-0", "-01", "+1", "01", "1_0", "0x10", " 1", "1 ", "1.0", "١"] {
        assert!(text.parse::<Int>().is_err(), "{text:?}");
    }
    assert!("9".repeat(100_000).parse::<Int>().is_err());
}

#[test]
fn integer_division_cuts_toward_zero() {
    assert_eq!(int("-7").checked_div(int("2")), Some(int("-3")));
    assert_eq!(int("-7").checked_rem(int("2")), Some(int("-1")));
    assert_eq!(int("7").checked_div(Int::ZERO), None);
}

#[test]
fn decimals_always_show_18_places() {
    assert_eq!(dec("0.025").to_string(), "0.025000000000000000");
    assert_eq!(dec("-1").to_string(), "-1.000000000000000000");
    assert_eq!(dec("-0.5").to_string(), "-0.500000000000000000");
    assert_eq!(dec("00012.50").to_wire(), "12500000000000000000");
    assert_eq!(Dec::from_wire("25000000000000000").unwrap(), dec("0.025"));
}

#[test]
fn decimal_texts_need_digits_on_both_sides_of_the_point() {
    let error = |text: &str| text.parse::<Dec>().unwrap_err();
    assert_eq!(error(""), NumError::EmptyDecimal);
    assert_eq!(error("-"), NumError::EmptyDecimal);
    assert_eq!(error(".5"), NumError::DecimalLength);
    assert_eq!(error("5."), NumError::DecimalLength);
    assert_eq!(error("."), NumError::DecimalLength);
    for text in ["1.2.3", "--1", "1e5", "1,5", " 1", "+1", "0x1", "1.-5", "..5"] {
        assert_eq!(error(text), NumError::DecimalText, "{text:?}");
    }
    assert_eq!(
        error("1.0000000000000000001").to_string(),
        "value '1.0000000000000000001' exceeds max precision by 1 decimal places: max precision 18"
    );
}

/// Product and quotient round halves to the even neighbour, as bankers do.
#[test]
fn halves_go_to_the_even_neighbour() {
    let smallest = Dec::SMALLEST;
    for (factor, expected) in [("0.5", 0), ("1.5", 2), ("2.5", 2), ("3.5", 4), ("0.500000000000000001", 1)] {
        let expected = Dec::from_wire(&expected.to_string()).unwrap();
        assert_eq!(smallest.checked_mul(dec(factor)), Some(expected), "{factor}");
        assert_eq!((-smallest).checked_mul(dec(factor)), Some(-expected), "-{factor}");
    }
    assert_eq!(dec("2.5").round(), Some(int("2")));
    assert_eq!(dec("3.5").round(), Some(int("4")));
    assert_eq!(dec("-3.5").round(), Some(int("-4")));
}

#[test]
fn quotients_follow_the_sdk() {
    assert_eq!(dec("1").checked_quo(dec("3")), Some(dec("0.333333333333333333")));
    assert_eq!(dec("2").checked_quo(dec("3")), Some(dec("0.666666666666666667")));
    assert_eq!(dec("2").checked_quo_truncate(dec("3")), Some(dec("0.666666666666666666")));
    assert_eq!(dec("-2").checked_quo(dec("3")), Some(dec("-0.666666666666666667")));
    assert_eq!(dec("1").checked_quo(Dec::ZERO), None);
    assert_eq!(dec("7").checked_quo_int(int("2")), Some(dec("3.5")));
}

#[test]
fn cutting_and_rising() {
    for (text, cut, up) in [("1.5", "1", "2"), ("-1.5", "-1", "-1"), ("2", "2", "2"), ("-0.1", "0", "0")] {
        assert_eq!(dec(text).truncate(), int(cut), "{text}");
        assert_eq!(dec(text).ceil(), int(up), "{text}");
    }
    assert_eq!(dec("-1.25").fract(), dec("-0.25"));
}

#[test]
fn decimals_end_below_two_to_the_256() {
    let largest = dec(&format!("{MAX_INT}.999999999999999999"));
    assert_eq!(largest.checked_add(Dec::SMALLEST), None);
    assert_eq!(largest.truncate(), Int::MAX);
    assert_eq!(largest.checked_ceil(), None);
    assert_eq!(largest.round(), None);
    assert_eq!(largest.checked_mul(largest), None);
    assert_eq!(largest.checked_mul(Dec::ONE), Some(largest));
    assert_eq!(largest.checked_quo(largest), Some(Dec::ONE));
    assert_eq!(largest.checked_quo(Dec::SMALLEST), None);
    assert_eq!(Dec::from_int(Int::MIN).map(Dec::truncate), Some(Int::MIN));
}

proptest! {
    #[test]
    fn integers_agree_with_128_bits(a in -(1_i128 << 60)..1 << 60, b in -(1_i128 << 60)..1 << 60) {
        let (x, y) = (Int::from(a), Int::from(b));
        prop_assert_eq!(x.checked_add(y), Some(Int::from(a + b)));
        prop_assert_eq!(x.checked_sub(y), Some(Int::from(a - b)));
        prop_assert_eq!(x.checked_mul(y), Some(Int::from(a * b)));
        prop_assert_eq!(x.checked_div(y), a.checked_div(b).map(Int::from));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        prop_assert_eq!(int(&a.to_string()).to_string(), a.to_string());
    }

    #[test]
    fn decimal_texts_and_wire_forms_round_trip(scaled in any::<i128>()) {
        let value = Dec::from_wire(&scaled.to_string()).unwrap();
        prop_assert_eq!(value.to_wire(), scaled.to_string());
        prop_assert_eq!(dec(&value.to_string()), value);
        prop_assert_eq!(Dec::from_int(value.truncate()).unwrap().checked_add(value.fract()), Some(value));
    }

    #[test]
    fn products_of_decimals_are_off_by_half_a_place_at_most(a in any::<i64>(), b in any::<i64>()) {
        let value = |n: i64| Dec::from_wire(&n.to_string()).unwrap();
        let product: i128 = value(a).checked_mul(value(b)).unwrap().to_wire().parse().unwrap();
        let exact = i128::from(a) * i128::from(b);
        prop_assert!((exact - product * 1_000_000_000_000_000_000).abs() <= 500_000_000_000_000_000);
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = text.parse::<Int>();
        let _ = text.parse::<Dec>();
        let _ = Dec::from_wire(&text);
    }
}
