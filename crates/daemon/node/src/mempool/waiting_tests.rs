use super::*;

fn address(number: u8) -> Address {
    Address::from_bytes(&[number; 20]).unwrap()
}

/// `name` makes the hash; a hundred bytes.
fn entry(name: u8, sender: u8, sequence: impl Into<Option<u64>>, price: u128) -> Entry {
    Entry {
        hash: [name; 32],
        bytes: Bytes::from(vec![name; 100]),
        sender: address(sender),
        sequence: sequence.into(),
        price: Price(price),
        height: 0,
    }
}

fn waiting(txs: usize, entries: impl IntoIterator<Item = Entry>) -> Waiting {
    let mut waiting = Waiting::new(Bounds { txs, bytes: 100_000 });
    for entry in entries {
        waiting.push(entry);
    }
    waiting
}

fn order(waiting: &Waiting) -> Vec<u8> {
    waiting.iter().map(|(_, entry)| entry.hash[0]).collect()
}

fn victims(waiting: &Waiting, entry: &Entry) -> Option<Vec<u8>> {
    waiting.victims_for(entry).map(|victims| victims.iter().map(|hash| hash[0]).collect())
}

#[test]
fn worst_paid_tail_gives_way_to_a_better_paid_one() {
    // Sender 1 waits with two: only its second may be driven out, although its first pays least.
    let full = waiting(4, [entry(1, 1, 0, 1), entry(2, 1, 1, 50), entry(3, 2, 7, 20), entry(4, 3, None, 30)]);
    for (price, expected) in [(20, None), (21, Some(vec![3])), (1_000, Some(vec![3]))] {
        assert_eq!(victims(&full, &entry(9, 9, 0, price)), expected, "{price}");
    }
    // Its own predecessor is not driven out.
    assert_eq!(victims(&full, &entry(9, 2, 8, 25)), None);
    assert_eq!(victims(&full, &entry(9, 2, 8, 31)), Some(vec![4]));
}

#[test]
fn room_is_enough() {
    let free = waiting(3, [entry(1, 1, 0, 5), entry(2, 2, 0, 5)]);
    assert_eq!(victims(&free, &entry(9, 9, 0, 0)), Some(vec![]));
}

#[test]
fn equal_prices_drive_the_newest_out_first() {
    let full = waiting(2, [entry(1, 1, 0, 5), entry(2, 2, 0, 5)]);
    assert_eq!(victims(&full, &entry(9, 9, 0, 6)), Some(vec![2]));
}

#[test]
fn bytes_are_bounded_too() {
    let mut full = Waiting::new(Bounds { txs: 100, bytes: 300 });
    for number in 1..=3 {
        full.push(entry(number, number, 0, u128::from(number)));
    }
    let mut large = entry(9, 9, 0, 10);
    large.bytes = Bytes::from(vec![0; 150]);
    assert_eq!(victims(&full, &large), Some(vec![1, 2]));
    large.bytes = Bytes::from(vec![0; 301]);
    assert_eq!(victims(&full, &large), None);
}

#[test]
fn replacement_needs_a_tenth_more_and_keeps_the_place() {
    let mut full = waiting(9, [entry(1, 1, 4, 100), entry(2, 2, 0, 100), entry(3, 1, 5, 100)]);
    assert_eq!(full.replaced_by(&entry(9, 1, 4, 109)), None);
    assert_eq!(full.replaced_by(&entry(9, 1, 6, 500)), None);
    assert_eq!(full.replaced_by(&entry(9, 1, None, 500)), None);
    let better = entry(9, 1, 4, 110);
    let arrival = full.replaced_by(&better).unwrap();
    assert_eq!(full.replace(arrival, better).unwrap().hash, [1; 32]);
    assert_eq!(order(&full), [9, 2, 3]);
    assert_eq!((full.len(), full.bytes()), (3, 300));
    assert_eq!(full.before(&address(1), 5), [arrival]);
}

#[test]
fn free_of_charge_is_not_replaced_for_free() {
    let free = waiting(9, [entry(1, 1, 0, 0)]);
    assert_eq!(free.replaced_by(&entry(2, 1, 0, 0)), None);
    assert!(free.replaced_by(&entry(2, 1, 0, 1)).is_some());
}

#[test]
fn removing_leaves_nothing_behind() {
    let mut full = waiting(9, [entry(1, 1, 0, 1), entry(2, 1, 1, 2), entry(3, 1, None, 3)]);
    for name in [2, 3, 1] {
        assert!(full.remove(&[name; 32]).is_some());
        assert!(full.remove(&[name; 32]).is_none());
    }
    assert!(full.accounts.is_empty() && full.tails.is_empty() && full.arrivals.is_empty());
    assert_eq!((full.len(), full.bytes()), (0, 0));
}

#[test]
fn predecessor_becomes_the_tail_when_its_follower_leaves() {
    let mut full = waiting(2, [entry(1, 1, 0, 1), entry(2, 1, 1, 50)]);
    assert_eq!(victims(&full, &entry(9, 9, 0, 10)), None);
    full.remove(&[2; 32]);
    full.push(entry(3, 3, 0, 40));
    assert_eq!(victims(&full, &entry(9, 9, 0, 10)), Some(vec![1]));
}

#[test]
fn price_is_per_unit_of_gas() {
    assert!(Price::new(5_000, 100_000) > Price::new(5_000, 200_000));
    assert_eq!(Price::new(5_000, 200_000).0, 25_000_000);
    assert!(Price::new(u128::MAX, 0) >= Price::new(u128::MAX, 1));
}
