//! The context of a handler: gas in the order of the work, checkpoints, events.

use akash_kernel::testing::Bench;
use akash_kernel::{Ctx, Event, GasMeter, Mode, TxError, sdk_error};
use akash_proto::akash::market::v1::EventOrderCreated;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::{Index, Item, Kv, MAX_KEY_BYTES, MAX_VALUE_BYTES, Map, Range, Space, StoreName};
use expect_test::{Expect, expect};

const STORE: StoreName = "bank";
const COINS: Map<u32, Coin> = Map::new(STORE, 1);
const BY_DENOM: Index<(String, u32)> = Index::new(STORE, 2);
const TOTAL: Item<Coin> = Item::new(STORE, 3);

fn coin(amount: &str) -> Coin {
    Coin { denom: "uakt".to_owned(), amount: amount.to_owned() }
}

fn bench() -> Bench {
    Bench::new(&[STORE])
}

/// What each piece of work costs.
fn costs(ctx: &mut Ctx) -> Result<String, TxError> {
    let mut lines = String::new();
    let mut before = ctx.gas_used();
    let mut note = |ctx: &Ctx, what: &str| {
        lines += &format!("{what}: {}\n", ctx.gas_used() - before);
        before = ctx.gas_used();
    };
    COINS.put(ctx, &7, &coin("1000"))?;
    note(ctx, "put of 5 + 13 bytes");
    COINS.get(ctx, &7)?;
    note(ctx, "get of it");
    COINS.get(ctx, &8)?;
    note(ctx, "get of nothing");
    COINS.has(ctx, &7)?;
    note(ctx, "has");
    COINS.put(ctx, &9, &coin("1000"))?;
    note(ctx, "put of another");
    COINS.scan_under(ctx, &(), 10)?;
    note(ctx, "scan of two rows");
    COINS.scan_under(ctx, &5u32, 10)?;
    note(ctx, "scan of nothing");
    COINS.remove(ctx, &7)?;
    note(ctx, "remove");
    COINS.archive(ctx, &9, &coin("1000"))?;
    note(ctx, "archive of 5 + 13 bytes");
    BY_DENOM.insert(ctx, &("uakt".to_owned(), 7))?;
    note(ctx, "insert of 11 bytes into an index");
    BY_DENOM.scan_under(ctx, &(), 10)?;
    note(ctx, "scan of one row of an index");
    Ok(lines)
}

fn check(found: &str, expected: Expect) {
    expected.assert_eq(found);
}

#[test]
fn record_that_is_too_large_is_refused_and_no_fault() {
    const NAMED: Map<String, Coin> = Map::new(STORE, 4);
    let mut bench = bench();
    let ctx = &mut bench.ctx();
    let refusal = |result: Result<(), TxError>| result.expect_err("it is too large").reject().expect("no fault").code;
    let (name, huge) = ("n".repeat(MAX_KEY_BYTES), coin(&"1".repeat(MAX_VALUE_BYTES)));
    assert_eq!(refusal(COINS.put(ctx, &7, &huge)), 18);
    assert_eq!(refusal(COINS.archive(ctx, &7, &huge)), 18);
    assert_eq!(refusal(NAMED.put(ctx, &name, &coin("1"))), 18);
    assert_eq!(refusal(NAMED.remove(ctx, &name)), 18);
    assert_eq!(COINS.get(ctx, &7), Ok(None));
}

#[test]
fn gas_is_counted_as_the_table_says() {
    let mut bench = bench();
    check(
        &costs(&mut bench.ctx()).unwrap(),
        expect![[r#"
            put of 5 + 13 bytes: 2540
            get of it: 1054
            get of nothing: 1015
            has: 1000
            put of another: 2540
            scan of two rows: 198
            scan of nothing: 30
            remove: 1000
            archive of 5 + 13 bytes: 2540
            insert of 11 bytes into an index: 233
            scan of one row of an index: 6
        "#]],
    );
}

#[test]
fn work_that_is_not_paid_for_is_not_done() {
    let mut bench = bench();
    let mut ctx = bench.ctx_in(Mode::Deliver, GasMeter::limited(2100));
    let error = COINS.put(&mut ctx, &7, &coin("1000")).unwrap_err();
    check(
        &error.to_string(),
        expect!["out of gas in location: WritePerByte; gasWanted: 2100, gasUsed: 2540: out of gas"],
    );
    assert_eq!(COINS.get(&mut bench.ctx(), &7), Ok(None));
}

#[test]
fn scan_reads_no_further_than_the_gas_goes() {
    let mut bench = bench();
    for number in 0..1000 {
        COINS.put(&mut bench.ctx(), &number, &coin("1")).unwrap();
    }
    let mut ctx = bench.ctx_in(Mode::Deliver, GasMeter::limited(5000));
    let error = ctx.scan(Space::State(STORE), Range::all(), usize::MAX).unwrap_err();
    assert_eq!(error.reject().map(|reject| reject.code), Some(11));
    assert!(ctx.gas_used() < 5100);
}

#[test]
fn failed_checkpoint_leaves_neither_writes_nor_events_but_its_gas() {
    let mut bench = bench();
    let mut ctx = bench.ctx();
    ctx.emit_event(Event::new("kept", &[]));
    let used = ctx.gas_used();
    let failed: Result<(), TxError> = ctx.checkpoint(|ctx| {
        TOTAL.put(ctx, &coin("1"))?;
        ctx.emit_event(Event::new("dropped", &[]));
        ctx.checkpoint(|ctx| TOTAL.put(ctx, &coin("2")))?;
        Err(sdk_error::logic("no"))
    });
    assert_eq!(failed, Err(sdk_error::logic("no")));
    assert!(ctx.gas_used() > used);
    assert_eq!(TOTAL.get(&mut ctx), Ok(None));

    ctx.checkpoint(|ctx| -> Result<(), TxError> {
        let inner: Result<(), TxError> = ctx.checkpoint(|ctx| {
            TOTAL.put(ctx, &coin("3"))?;
            Err(sdk_error::logic("inner"))
        });
        assert!(inner.is_err());
        TOTAL.put(ctx, &coin("4"))?;
        ctx.emit_event(Event::new("merged", &[("amount", "4")]));
        Ok(())
    })
    .unwrap();
    assert_eq!(TOTAL.get(&mut ctx), Ok(Some(coin("4"))));
    let kinds: Vec<String> = ctx.take_events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["kept", "merged"]);
    assert!(ctx.events().is_empty());
}

#[test]
fn typed_event_is_its_name_and_its_fields_in_json() {
    let mut bench = bench();
    let mut ctx = bench.ctx();
    ctx.emit(&EventOrderCreated { id: None });
    let event = &ctx.events()[0];
    assert_eq!(event.kind, "akash.market.v1.EventOrderCreated");
    assert_eq!(event.attributes.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["id"]);
}

#[test]
fn breaking_a_rule_of_the_store_is_a_fault() {
    let mut bench = bench();
    let mut ctx = bench.ctx();
    COINS.archive(&mut ctx, &1, &coin("1")).unwrap();
    assert!(matches!(COINS.put(&mut ctx, &1, &coin("2")), Err(TxError::Fault(_))));
    bench.commit();
    assert!(matches!(COINS.remove(&mut bench.ctx(), &1), Err(TxError::Fault(_))));
    assert_eq!(COINS.get(&mut bench.ctx(), &1), Ok(Some(coin("1"))));
}

#[test]
fn context_text_stands_in_front_and_keeps_the_code() {
    let error = sdk_error::unauthorized("signer").context("failed to execute message; message index: 0");
    check(&error.to_string(), expect!["failed to execute message; message index: 0: signer: unauthorized"]);
    assert_eq!(error.reject().map(|reject| reject.code), Some(4));
}
