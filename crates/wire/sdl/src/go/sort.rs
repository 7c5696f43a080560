//! Go's `sort.Sort` and `sort.SliceStable`, element for element.
//!
//! Both are used by the reference with orders that leave elements equal (or that are no strict order at all), so
//! the result depends on the algorithm. The functions here take `less(a, b)` and never assume that it is an order.

/// The longest slice that Go's unstable sort leaves to a plain insertion sort.
const MAX_INSERTION: usize = 12;
/// The block that Go's stable sort orders by insertion before it merges.
const STABLE_BLOCK: usize = 20;
/// From this length on, the pivot is a median of medians.
const SHORTEST_NINTHER: usize = 50;
/// The number of swaps that says the slice runs backwards.
const MAX_SWAPS: usize = 4 * 3;
/// Out-of-order pairs that are repaired before a nearly sorted slice is given up.
const MAX_STEPS: usize = 5;
/// Shorter slices are not repaired.
const SHORTEST_SHIFTING: usize = 50;

/// `sort.Sort` of Go 1.22: pattern-defeating quicksort, unstable beyond twelve elements.
pub fn sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let length = items.len();
    if length > 1 {
        let limit = bit_length(length);
        Sorter { items, less: &less }.quicksort(0, length, limit);
    }
}

/// `sort.SliceStable`: insertion sort in blocks, then merging in place.
pub fn sort_stable<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    Sorter { items, less: &less }.stable();
}

/// Whether no element is less than the one before it: `sort.IsSorted`.
pub fn is_sorted<T>(items: &[T], less: impl Fn(&T, &T) -> bool) -> bool {
    items.windows(2).all(|pair| !less(&pair[1], &pair[0]))
}

fn bit_length(value: usize) -> u32 {
    usize::BITS - value.leading_zeros()
}

#[derive(Clone, Copy, PartialEq)]
enum Hint {
    Unknown,
    Increasing,
    Decreasing,
}

struct Sorter<'a, T, F> {
    items: &'a mut [T],
    less: &'a F,
}

impl<T, F: Fn(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        (self.less)(&self.items[a], &self.items[b])
    }

    fn insertion(&mut self, a: usize, b: usize) {
        for i in a + 1..b {
            let mut j = i;
            while j > a && self.less(j, j - 1) {
                self.items.swap(j, j - 1);
                j -= 1;
            }
        }
    }

    fn quicksort(&mut self, mut a: usize, mut b: usize, mut limit: u32) {
        let (mut was_balanced, mut was_partitioned) = (true, true);
        loop {
            let length = b - a;
            if length <= MAX_INSERTION {
                return self.insertion(a, b);
            }
            if limit == 0 {
                return self.heap_sort(a, b);
            }
            if !was_balanced {
                self.break_patterns(a, b);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(a, b);
            if hint == Hint::Decreasing {
                self.items[a..b].reverse();
                pivot = (b - 1) - (pivot - a);
                hint = Hint::Increasing;
            }
            if was_balanced && was_partitioned && hint == Hint::Increasing && self.partial_insertion(a, b) {
                return;
            }
            if a > 0 && !self.less(a - 1, pivot) {
                a = self.partition_equal(a, b, pivot);
                continue;
            }
            let (middle, already) = self.partition(a, b, pivot);
            was_partitioned = already;
            let (left, right) = (middle - a, b - middle);
            was_balanced = left.min(right) >= length / 8;
            if left < right {
                self.quicksort(a, middle, limit);
                a = middle + 1;
            } else {
                self.quicksort(middle + 1, b, limit);
                b = middle;
            }
        }
    }

    /// Moves what is less than the pivot to its left; says where the pivot went and whether nothing had to move.
    fn partition(&mut self, a: usize, b: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(a, pivot);
        let (mut i, mut j) = self.narrow(a, a + 1, b - 1);
        if i > j {
            self.items.swap(j, a);
            return (j, true);
        }
        while i <= j {
            self.items.swap(i, j);
            (i, j) = self.narrow(a, i + 1, j - 1);
        }
        self.items.swap(j, a);
        (j, false)
    }

    fn narrow(&self, pivot: usize, mut i: usize, mut j: usize) -> (usize, usize) {
        while i <= j && self.less(i, pivot) {
            i += 1;
        }
        while i <= j && !self.less(j, pivot) {
            j -= 1;
        }
        (i, j)
    }

    fn partition_equal(&mut self, a: usize, b: usize, pivot: usize) -> usize {
        self.items.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        loop {
            while i <= j && !self.less(a, i) {
                i += 1;
            }
            while i <= j && self.less(a, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.items.swap(i, j);
            i += 1;
            j -= 1;
        }
    }

    fn partial_insertion(&mut self, a: usize, b: usize) -> bool {
        let mut i = a + 1;
        for _ in 0..MAX_STEPS {
            while i < b && !self.less(i, i - 1) {
                i += 1;
            }
            if i == b {
                return true;
            }
            if b - a < SHORTEST_SHIFTING {
                return false;
            }
            self.items.swap(i, i - 1);
            self.shift_down(a, i);
            self.shift_up(i, b);
        }
        false
    }

    fn shift_down(&mut self, a: usize, i: usize) {
        if i - a < 2 {
            return;
        }
        let mut j = i - 1;
        while j >= 1 && self.less(j, j - 1) {
            self.items.swap(j, j - 1);
            j -= 1;
        }
    }

    fn shift_up(&mut self, i: usize, b: usize) {
        let mut j = i + 1;
        while b - i >= 2 && j < b && self.less(j, j - 1) {
            self.items.swap(j, j - 1);
            j += 1;
        }
    }

    fn break_patterns(&mut self, a: usize, b: usize) {
        let length = b - a;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        let modulus = 1_u64 << bit_length(length);
        let index = a + (length / 4) * 2 - 1;
        for i in 0..3 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut other = (random & (modulus - 1)) as usize;
            if other >= length {
                other -= length;
            }
            self.items.swap(index - 1 + i, a + other);
        }
    }

    fn choose_pivot(&self, a: usize, b: usize) -> (usize, Hint) {
        let length = b - a;
        let mut swaps = 0;
        let mut i = a + length / 4;
        let mut j = a + length / 4 * 2;
        let mut k = a + length / 4 * 3;
        if length >= 8 {
            if length >= SHORTEST_NINTHER {
                i = self.median([i - 1, i, i + 1], &mut swaps);
                j = self.median([j - 1, j, j + 1], &mut swaps);
                k = self.median([k - 1, k, k + 1], &mut swaps);
            }
            j = self.median([i, j, k], &mut swaps);
        }
        match swaps {
            0 => (j, Hint::Increasing),
            MAX_SWAPS => (j, Hint::Decreasing),
            _ => (j, Hint::Unknown),
        }
    }

    fn median(&self, [a, b, c]: [usize; 3], swaps: &mut usize) -> usize {
        let (a, b) = self.order(a, b, swaps);
        let (b, _) = self.order(b, c, swaps);
        let (_, b) = self.order(a, b, swaps);
        b
    }

    fn order(&self, a: usize, b: usize, swaps: &mut usize) -> (usize, usize) {
        if self.less(b, a) {
            *swaps += 1;
            (b, a)
        } else {
            (a, b)
        }
    }

    fn heap_sort(&mut self, a: usize, b: usize) {
        let high = b - a;
        for i in (0..=(high - 1) / 2).rev() {
            self.sift_down(i, high, a);
        }
        for i in (0..high).rev() {
            self.items.swap(a, a + i);
            self.sift_down(0, i, a);
        }
    }

    fn sift_down(&mut self, low: usize, high: usize, first: usize) {
        let mut root = low;
        loop {
            let mut child = 2 * root + 1;
            if child >= high {
                return;
            }
            if child + 1 < high && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.items.swap(first + root, first + child);
            root = child;
        }
    }

    fn stable(&mut self) {
        let length = self.items.len();
        for a in (0..length).step_by(STABLE_BLOCK) {
            self.insertion(a, (a + STABLE_BLOCK).min(length));
        }
        let mut block = STABLE_BLOCK;
        while block < length {
            for a in (0..length).step_by(2 * block) {
                let (middle, end) = (a + block, (a + 2 * block).min(length));
                if middle < length {
                    self.merge(a, middle, end);
                }
            }
            block *= 2;
        }
    }

    /// Go's `symMerge`: merges two sorted neighbours in place by rotations.
    fn merge(&mut self, a: usize, m: usize, b: usize) {
        if m - a == 1 {
            let i = search(m, b, |h| self.less(h, a));
            return self.items[a..i].rotate_left(1);
        }
        if b - m == 1 {
            let i = search(a, m, |h| !self.less(m, h));
            return self.items[i..=m].rotate_right(1);
        }
        let middle = usize::midpoint(a, b);
        let n = middle + m;
        let (from, to) = if m > middle { (n - b, middle) } else { (a, m) };
        let p = n - 1;
        let start = search(from, to, |c| !self.less(p - c, c));
        let end = n - start;
        if start < m && m < end {
            self.items[start..end].rotate_left(m - start);
        }
        if a < start && start < middle {
            self.merge(a, start, middle);
        }
        if middle < end && end < b {
            self.merge(middle, end, b);
        }
    }
}

/// The first index in `low..high` for which `before` is false.
fn search(mut low: usize, mut high: usize, before: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let half = usize::midpoint(low, high);
        if before(half) {
            low = half + 1;
        } else {
            high = half;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::{is_sorted, sort, sort_stable};
    use proptest::prelude::*;

    #[test]
    fn a_relation_that_is_no_order_reverses_equal_elements() {
        let mut items = ['a', 'b', 'c'];
        sort_stable(&mut items, |_, _| true);
        assert_eq!(items, ['c', 'b', 'a']);
    }

    proptest! {
        #[test]
        fn any_slice_is_sorted(mut items in proptest::collection::vec(0_u16..300, 0..400)) {
            sort(&mut items, |a, b| a < b);
            prop_assert!(is_sorted(&items, |a, b| a < b));
        }

        #[test]
        fn the_stable_sort_keeps_equal_elements_in_order(keys in proptest::collection::vec(0_u8..9, 0..300)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            sort_stable(&mut items, |a, b| a.0 < b.0);
            expected.sort();
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn no_relation_makes_it_panic(mut items in proptest::collection::vec(0_u16..40, 0..200)) {
            sort_stable(&mut items, |a, b| a % 7 >= b % 5);
            sort_stable(&mut items, |_, _| true);
        }
    }
}
