//! A list made of a list on all cores, in its order: what a document says of each of ten thousand checks needs nothing of
//! the others.

use std::panic::resume_unwind;
use std::thread;

/// Fewer items than this are quicker made than a thread.
const FEW: usize = 64;

/// `make` of each item.
pub(super) fn spread<T: Send, U: Send>(items: Vec<T>, make: impl Fn(T) -> U + Sync) -> impl Iterator<Item = U> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let parts = (items.len() / FEW).clamp(1, cores);
    let share = items.len().div_ceil(parts);
    let mut rest = items.into_iter();
    let made: Vec<Vec<U>> = thread::scope(|scope| {
        let make = &make;
        let others: Vec<_> = (1..parts)
            .map(|_| rest.by_ref().take(share).collect::<Vec<T>>())
            .map(|part| scope.spawn(move || part.into_iter().map(make).collect()))
            .collect();
        let last = rest.map(make).collect();
        let others = others.into_iter().map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        others.chain([last]).collect()
    });
    // Joined as they are read, so that they are never there twice.
    made.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_a_map(items in proptest::collection::vec(0_u16..100, 0..300)) {
            let expected: Vec<u32> = items.iter().map(|item| u32::from(*item) * 3).collect();
            proptest::prop_assert!(spread(items, |item| u32::from(item) * 3).eq(expected));
        }
    }
}
