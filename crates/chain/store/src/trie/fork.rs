//! The one place where threads work: fork-join over parts that do not touch each other. The outcome is that of one
//! thread.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::shard::Shard;
use super::{SHARDS, shard_of};
use crate::hash::Hash;

/// Fewer items than this are not worth a thread.
const ITEMS_FOR_A_THREAD: usize = 128;

/// The images of all items in their order.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], threads: usize, image: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len() / ITEMS_FOR_A_THREAD).max(1);
    let mut chunks = items.chunks(items.len().div_ceil(threads).max(1));
    let own = chunks.next().unwrap_or_default();
    let map = |chunk: &[T]| chunk.iter().map(&image).collect::<Vec<R>>();
    std::thread::scope(|scope| {
        let others: Vec<_> = chunks.map(|chunk| scope.spawn(move || map(chunk))).collect();
        let mut images = map(own);
        for other in others {
            images.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        images
    })
}

/// The same for few items of unequal weight: each thread takes the next one when it is done with one.
pub(crate) fn share<T: Sync, R: Send>(items: &[T], threads: usize, image: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else { return done };
            done.push((place, image(item)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, image)| image).collect()
}

/// Hands every shard its part of the sorted items, on as many threads as asked for.
pub(super) fn over_shards<T: Sync>(
    shards: &mut [Shard],
    items: &[T],
    threads: usize,
    key: fn(&T) -> &Hash,
    work: impl Fn(&mut Shard, &[T]) + Sync,
) {
    let each = SHARDS.div_ceil(threads.clamp(1, SHARDS));
    let run = |first: usize, shards: &mut [Shard]| {
        for (place, shard) in (first..).zip(shards) {
            let start = items.partition_point(|item| shard_of(key(item)) < place);
            let end = items.partition_point(|item| shard_of(key(item)) <= place);
            work(shard, &items[start..end]);
        }
    };
    std::thread::scope(|scope| {
        let mut groups = shards.chunks_mut(each).enumerate();
        let own = groups.next();
        for (group, shards) in groups {
            let run = &run;
            scope.spawn(move || run(group * each, shards));
        }
        if let Some((_, shards)) = own {
            run(0, shards);
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn order_is_kept_whatever_the_number_of_threads() {
        for len in [0, 1, 127, 128, 1000] {
            let items: Vec<usize> = (0..len).collect();
            let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
            for threads in [0, 1, 2, 3, 7] {
                assert_eq!(super::map(&items, threads, |item| item * 2), expected);
                assert_eq!(super::share(&items, threads, |item| item * 2), expected);
            }
        }
    }
}
