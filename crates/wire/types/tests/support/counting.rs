//! An allocator that counts, and a bound on what hostile input may cost. A test binary that uses it measures one thing
//! at a time, so it has a single test.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    TOTAL.fetch_add(bytes, Relaxed);
    PEAK.fetch_max(LIVE.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; the counters touch no memory of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// What a call took beyond what was there before.
#[derive(Debug)]
pub struct Cost {
    /// The most bytes that lived at once.
    pub peak: usize,
    /// All bytes that were ever asked for: a measure of the work that no other process disturbs.
    pub total: usize,
    pub seconds: f64,
}

/// Runs `work` and says what it took.
#[expect(clippy::disallowed_types, reason = "a test of bounded time has to look at a clock")]
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (live, total) = (LIVE.load(Relaxed), TOTAL.load(Relaxed));
    PEAK.store(live, Relaxed);
    let start = std::time::Instant::now();
    let answer = work();
    let cost = Cost {
        peak: PEAK.load(Relaxed).saturating_sub(live),
        total: TOTAL.load(Relaxed) - total,
        seconds: start.elapsed().as_secs_f64(),
    };
    (answer, cost)
}

/// Runs `work` on input of so many bytes and checks that it costs at most `factor` times as many bytes at once, and
/// no time worth speaking of. The margin of a mebibyte is for what is built once; that of the work is what a million
/// visits of one node cost, after which readers stop; the seconds are for slow machines.
pub fn bounded<T>(name: &str, input: usize, factor: usize, work: impl FnOnce() -> T) -> T {
    const MARGIN: usize = 1 << 20;
    const WORK: usize = 256 << 20;
    let (answer, cost) = measure(work);
    println!("{name:<46} {input:>9} bytes in, {:>10} at once, {:>6.3} s", cost.peak, cost.seconds);
    assert!(cost.peak <= factor * input + MARGIN, "{name}: {cost:?}");
    assert!(cost.total <= 4 * factor * input + WORK, "{name}: {cost:?}");
    assert!(cost.seconds < 60.0, "{name}: {cost:?}");
    answer
}
