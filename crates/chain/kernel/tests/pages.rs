//! Lists in pages, walked as clients do.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use akash_kernel::testing::Bench;
use akash_kernel::{GrpcCode, QueryCtx, page};
use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_store::{Index, Map, StoreName, key_bytes};

const STORE: StoreName = "bank";
const NAMES: Map<(u8, u32), String> = Map::new(STORE, 1);
const EVEN: Index<u32> = Index::new(STORE, 2);

/// 250 records under 1, and one on either side.
fn bench() -> Bench {
    let mut bench = Bench::new(&[STORE]);
    let mut ctx = bench.ctx();
    for (kind, number) in (0..250).map(|number| (1, number)).chain([(0, 7), (2, 7)]) {
        NAMES.put(&mut ctx, &(kind, number), &format!("name {number}")).unwrap();
        if number.is_multiple_of(2) {
            EVEN.insert(&mut ctx, &number).unwrap();
        }
    }
    bench.commit();
    bench
}

type Page = (Vec<u32>, PageResponse);

fn page_of(ctx: &mut QueryCtx, request: &PageRequest, keep: fn(u32) -> bool) -> Page {
    let prefix = key_bytes(&1u8);
    page::map(ctx, &NAMES, &prefix, Some(request), |_, (_, number), _| Ok(keep(number).then_some(number))).unwrap()
}

/// Follows `next_key` to the end.
fn walk(bench: &Bench, mut request: PageRequest, keep: fn(u32) -> bool) -> Vec<u32> {
    let mut all = Vec::new();
    for _ in 0..100 {
        let (rows, answer) = page_of(&mut bench.query_ctx(), &request, keep);
        assert!(rows.len() as u64 <= request.limit);
        all.extend(rows);
        if answer.next_key.is_empty() {
            return all;
        }
        request = PageRequest { key: answer.next_key, offset: 0, ..request };
    }
    panic!("the list has no end");
}

#[test]
fn pages_give_every_row_once_in_both_directions() {
    let bench = bench();
    let all: Vec<u32> = (0..250).collect();
    for limit in [1, 7, 50, 250, 999] {
        if limit > 5 {
            assert_eq!(walk(&bench, PageRequest { limit, ..Default::default() }, |_| true), all);
            let thirds = walk(&bench, PageRequest { limit, ..Default::default() }, |number| number.is_multiple_of(3));
            assert_eq!(thirds, all.iter().copied().filter(|number| number.is_multiple_of(3)).collect::<Vec<_>>());
        }
        let (rows, _) =
            page_of(&mut bench.query_ctx(), &PageRequest { limit, reverse: true, ..Default::default() }, |_| true);
        assert_eq!(rows, all.iter().rev().copied().take(limit as usize).collect::<Vec<_>>());
    }
    let backwards = walk(&bench, PageRequest { limit: 40, reverse: true, ..Default::default() }, |_| true);
    assert_eq!(backwards, all.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn request_without_a_limit_gets_a_hundred_and_the_total() {
    let bench = bench();
    let (rows, answer) = page_of(&mut bench.query_ctx(), &PageRequest::default(), |_| true);
    assert_eq!((rows.len(), answer.total, answer.next_key.is_empty()), (100, 250, false));
    let (rows, answer) = page_of(&mut bench.query_ctx(), &PageRequest { limit: 10, ..Default::default() }, |_| true);
    assert_eq!((rows.len(), answer.total), (10, 0));
}

#[test]
fn offset_and_total_count_what_the_filter_kept() {
    let bench = bench();
    let request = PageRequest { offset: 3, limit: 2, count_total: true, ..Default::default() };
    let (rows, answer) = page_of(&mut bench.query_ctx(), &request, |number| number.is_multiple_of(10));
    assert_eq!((rows, answer.total), (vec![30, 40], 25));
    let past = PageRequest { offset: 900, limit: 2, count_total: true, ..Default::default() };
    let (rows, answer) = page_of(&mut bench.query_ctx(), &past, |_| true);
    assert_eq!((rows, answer.total, answer.next_key), (vec![], 250, vec![]));
}

#[test]
fn last_page_has_no_next_key() {
    let bench = bench();
    let request = PageRequest { limit: 250, ..Default::default() };
    assert!(page_of(&mut bench.query_ctx(), &request, |_| true).1.next_key.is_empty());
}

#[test]
fn key_and_offset_together_are_refused() {
    let bench = bench();
    let request = PageRequest { key: vec![1], offset: 1, ..Default::default() };
    let refused = page::index(&mut bench.query_ctx(), &EVEN, &[], Some(&request), |_, number| Ok(Some(number)));
    let error = refused.unwrap_err();
    assert_eq!(error.grpc_code, GrpcCode::InvalidArgument);
    assert_eq!(error.text, "invalid request, either offset or key is expected, got both");
}

#[test]
fn index_page_reads_the_records_behind_its_keys() {
    let bench = bench();
    let request = PageRequest { limit: 3, ..Default::default() };
    let name = |ctx: &mut QueryCtx, number| NAMES.get(ctx, &(1, number));
    let (rows, answer) = page::index(&mut bench.query_ctx(), &EVEN, &[], Some(&request), name).unwrap();
    assert_eq!(rows, ["name 0", "name 2", "name 4"]);
    assert_eq!(answer.next_key, key_bytes(&6u32));
}

#[test]
fn keys_of_another_list_do_not_leave_this_one() {
    let bench = bench();
    for key in [vec![0], vec![2, 0, 0, 0, 9], vec![255; 40]] {
        let (rows, _) =
            page_of(&mut bench.query_ctx(), &PageRequest { key, limit: 300, ..Default::default() }, |_| true);
        assert!(rows.is_empty() || rows.len() == 250);
    }
}

/// 12,000 small records, and 40 of a megabyte each.
fn large() -> Bench {
    let mut bench = Bench::new(&[STORE]);
    let mut ctx = bench.ctx();
    for number in 0..12_000 {
        NAMES.put(&mut ctx, &(1, number), &String::new()).unwrap();
    }
    for number in 0..40 {
        NAMES.put(&mut ctx, &(3, number), &"x".repeat(1 << 20)).unwrap();
    }
    bench.commit();
    bench
}

#[test]
fn page_is_bounded_whatever_its_request_says() {
    let bench = large();
    let request = PageRequest { limit: u64::MAX, count_total: true, ..Default::default() };
    let (rows, answer) = page_of(&mut bench.query_ctx(), &request, |_| true);
    assert_eq!((rows.len(), answer.total), (10_000, 12_000));
    assert_eq!(answer.next_key, key_bytes(&(1u8, 10_000u32)));
}

#[test]
fn large_records_are_read_in_small_pages_and_counted_apart() {
    let bench = large();
    let megabytes = |limit| {
        let request = PageRequest { limit, count_total: true, ..Default::default() };
        page::map(&mut bench.query_ctx(), &NAMES, &key_bytes(&3u8), Some(&request), |_, (_, number), _| {
            Ok(Some(number))
        })
    };
    let (rows, answer) = megabytes(4).unwrap();
    assert_eq!((rows.len(), answer.total), (4, 40));
    let refused = megabytes(40).unwrap_err();
    assert_eq!(refused.grpc_code, GrpcCode::ResourceExhausted);
    assert!(refused.text.contains("ask for a smaller page"), "{}", refused.text);
}
