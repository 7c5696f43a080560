//! How long a lease is still paid for, and when to draw what was earned.

use akash_types::num::{Dec, Int};

use crate::chain::view::{Escrow, LeaseView};

/// Blocks until the deployment's account is empty, if its leases go on as they are. `None`: it never is.
pub fn blocks_left(escrow: &Escrow, leases: &[LeaseView], denom: &str, height: u64) -> Option<u64> {
    let mut rate = Dec::ZERO;
    for lease in leases.iter().filter(|lease| lease.price.denom == denom) {
        rate = rate.checked_add(lease.price.amount)?;
    }
    if !rate.is_positive() {
        return None;
    }
    let funds = escrow.funds.iter().find(|(name, _)| name == denom).map_or(Dec::ZERO, |(_, amount)| *amount);
    let elapsed = Int::from(height.saturating_sub(escrow.settled_at));
    let owed = rate.checked_mul_int(elapsed)?;
    let left = funds.checked_sub(owed)?;
    if !left.is_positive() {
        return Some(0);
    }
    left.checked_quo_truncate(rate)?.truncate().to_u64()
}

/// What is known of a lease's payments.
#[derive(Clone, Copy, Debug)]
pub struct Payments {
    /// Seconds since the last withdrawal that we sent, or since the lease was first seen.
    pub since_withdrawal_s: u64,
    /// Seconds until the account is empty; `None` when unknown or never.
    pub left_s: Option<u64>,
}

/// When to withdraw, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// 0 turns regular withdrawals off.
    pub period_s: u64,
    /// How often the account is looked at; it must not run dry in between without a withdrawal.
    pub check_s: u64,
    /// Two withdrawals of one lease are at least so far apart.
    pub pause_s: u64,
}

/// Regularly, and shortly before the account is empty: on a chain that notices overdrafts only when touched, it is the
/// withdrawal that ends the lease. Not more often than the account is looked at.
pub const fn is_due(payments: Payments, rhythm: Rhythm) -> bool {
    if rhythm.period_s > 0 && payments.since_withdrawal_s >= rhythm.period_s {
        return true;
    }
    let Some(left_s) = payments.left_s else { return false };
    let wait_s = if left_s < rhythm.check_s { left_s } else { rhythm.check_s };
    let wait_s = if wait_s < rhythm.pause_s { rhythm.pause_s } else { wait_s };
    left_s <= rhythm.check_s && payments.since_withdrawal_s >= wait_s
}

#[cfg(test)]
mod tests {
    use akash_types::coin::DecCoin;

    use super::*;

    fn lease(price: &str) -> LeaseView {
        let owner = akash_types::address::Address::from_bytes(&[1; 20]).unwrap();
        LeaseView {
            id: format!("{owner}/9/1/1/{owner}").parse().unwrap(),
            live: true,
            price: DecCoin::new("uakt", price.parse().unwrap()).unwrap(),
            created_at: 1000,
            reclaimable: false,
        }
    }

    #[test]
    fn the_account_is_projected_from_its_last_settlement() {
        let escrow = |funds: &str| Escrow { settled_at: 1000, funds: vec![("uakt".into(), funds.parse().unwrap())] };
        let table = [
            ("100", vec![lease("10.5")], 1000, Some(9)),
            ("100", vec![lease("10.5")], 1004, Some(5)),
            ("100", vec![lease("10.5")], 1010, Some(0)),
            ("100", vec![lease("10.5"), lease("10.5")], 1000, Some(4)),
            ("-5", vec![lease("10.5")], 1000, Some(0)),
            ("100", vec![], 1000, None),
        ];
        for (funds, leases, height, expected) in table {
            assert_eq!(blocks_left(&escrow(funds), &leases, "uakt", height), expected, "{funds} at {height}");
        }
    }

    #[test]
    fn withdrawals_come_regularly_and_before_the_end() {
        let rhythm = Rhythm { period_s: 3600, check_s: 600, pause_s: 10 };
        let table = [
            (0, None, false),
            (3600, None, true),
            (3599, None, false),
            (100, Some(10_000), false),
            (100, Some(600), false),
            (600, Some(600), true),
            (30, Some(30), true),
            (5, Some(0), false),
            (10, Some(0), true),
        ];
        for (since_withdrawal_s, left_s, due) in table {
            assert_eq!(is_due(Payments { since_withdrawal_s, left_s }, rhythm), due, "{since_withdrawal_s} {left_s:?}");
        }
        assert!(!is_due(
            Payments { since_withdrawal_s: u64::MAX, left_s: None },
            Rhythm { period_s: 0, check_s: 600, pause_s: 10 }
        ));
    }
}
