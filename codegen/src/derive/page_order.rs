//! The order of elements in the XML and form samples of the reference pages.
//!
//! The tool that printed those samples kept the members of a structure in a `java.util.HashMap` of Java 7 (update 40 or
//! later), so their order is that map's iteration order: it depends on the names' hash codes, on the order in which they
//! were put in, and on when the map grew.
//! In: names in declared order. Out: their indexes in sample order.

const CAPACITY: usize = 16;

/// The indexes of `names` in the iteration order of a Java 7 `HashMap` that they were put into one after the other.
///
/// Names are expected to be distinct.
#[must_use]
pub fn page_order(names: &[&str]) -> Vec<usize> {
    let hashes: Vec<u32> = names.iter().map(|name| spread(hash_code(name))).collect();
    let mut table: Vec<Vec<usize>> = vec![Vec::new(); CAPACITY];
    for (idx, &hash) in hashes.iter().enumerate() {
        let full = idx >= threshold(table.len());
        // The map only grows when it is full *and* the new entry meets another: a thirteenth entry may still fit.
        if full && !table[bucket(hash, table.len())].is_empty() {
            table = grown(&table, &hashes);
        }
        let n_buckets = table.len();
        table[bucket(hash, n_buckets)].push(idx);
    }
    chains(&table).collect()
}

/// A bucket's chain is kept oldest first, as `Vec`s grow at the end; Java's grows at the head, so it is read backwards.
fn chains(table: &[Vec<usize>]) -> impl Iterator<Item = usize> + '_ {
    table.iter().flat_map(|chain| chain.iter().rev().copied())
}

/// Twice the buckets. Entries move in iteration order, each to the head of its new chain, which turns chains around.
fn grown(table: &[Vec<usize>], hashes: &[u32]) -> Vec<Vec<usize>> {
    let n_buckets = table.len() * 2;
    let mut larger = vec![Vec::new(); n_buckets];
    for idx in chains(table) {
        larger[bucket(hashes[idx], n_buckets)].push(idx);
    }
    larger
}

/// Load factor 0.75.
fn threshold(n_buckets: usize) -> usize {
    n_buckets / 4 * 3
}

fn bucket(hash: u32, n_buckets: usize) -> usize {
    hash as usize & (n_buckets - 1)
}

/// `String.hashCode`: over UTF-16 code units, wrapping.
fn hash_code(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// The supplemental hash of Java 7's map.
fn spread(hash: u32) -> u32 {
    let hash = hash ^ (hash >> 20) ^ (hash >> 12);
    hash ^ (hash >> 7) ^ (hash >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_order(declared: &[&str], expected: &[&str]) {
        let actual: Vec<&str> = page_order(declared).into_iter().map(|idx| declared[idx]).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn hash_codes_are_those_of_java() {
        assert_eq!(hash_code(""), 0);
        assert_eq!(hash_code("hello"), 99_162_322);
        // Two surrogates, not one scalar value: 0xD83D * 31 + 0xDE00.
        assert_eq!(hash_code("\u{1F600}"), 0xD83D * 31 + 0xDE00);
    }

    #[test]
    fn map_entries_and_error_envelopes_turn_around() {
        check_order(&["key", "value"], &["value", "key"]);
        check_order(&["type", "value"], &["value", "type"]);
    }

    #[test]
    fn a_collision_puts_the_newer_name_first() {
        // "Aa" and "BB" have one hash code.
        check_order(&["Aa", "BB"], &["BB", "Aa"]);
        check_order(&["BB", "Aa"], &["Aa", "BB"]);
    }

    /// One letter's bucket is its low four bits, crossed with 6 up to `o` and with 7 from `p`: worked out by hand.
    #[test]
    fn the_thirteenth_name_grows_the_map_only_where_it_collides() {
        let full = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let with = |last| [&full[..], &[last]].concat();
        check_order(&with("m"), &["f", "g", "d", "e", "b", "c", "a", "l", "m", "j", "k", "h", "i"]);
        // In sixteen buckets `p` would stand before `a`; the map has grown to thirty-two.
        check_order(&with("p"), &["f", "g", "d", "e", "b", "c", "a", "l", "j", "k", "h", "i", "p"]);
    }

    #[test]
    fn no_names_no_order() {
        check_order(&[], &[]);
    }
}
