//! Values that follow from a seed: the same numbers, texts and instants in every run and on every machine.
//!
//! In: a seed. Out: scalars, leaning towards what is hard to carry: bounds of numbers, texts that need escaping or are easily
//! trimmed or normalised. Not here: what stands in which field.

use crate::{DateTime, DynamicStructure, Value};

/// Characters that mean something in some representation, or change under trimming, folding or normalisation.
const SPECIAL: [char; 28] = [
    '&',
    '<',
    '>',
    '"',
    '\'',
    '\\',
    '/',
    ']',
    '=',
    '+',
    '%',
    '.',
    '~',
    '@',
    ';',
    ' ',
    '\t',
    '\n',
    '\r',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    '\u{2028}',
    '\u{301}',
    '\u{feff}',
    '\u{fffd}',
    '\u{1F600}',
    '\u{10FFFF}',
];

/// Characters that XML 1.0 has no way to carry.
pub(super) const NOT_IN_XML: [char; 6] = ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'];

/// A sequence of numbers, SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        // The remainder is less than `n`, which is an index.
        (self.next() % n as u64) as usize
    }

    pub(super) fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    /// Text that XML can carry; often empty or one character.
    pub(super) fn text(&mut self) -> String {
        let n_chars = [0, 1, 1, 5, 12][self.below(5)];
        (0..n_chars).map(|_| self.character()).collect()
    }

    fn character(&mut self) -> char {
        match self.below(4) {
            0 => SPECIAL[self.below(SPECIAL.len())],
            1 => char::from(b'a' + self.below(26) as u8),
            // The planes before the surrogates, without the control characters that XML refuses.
            2 => char::from_u32(0x20 + self.below(0xD7E0) as u32).unwrap_or('x'),
            _ => char::from_u32(0x1_0000 + self.below(0xF_FFF0) as u32).unwrap_or('y'),
        }
    }

    pub(super) fn long(&mut self) -> i64 {
        let any = self.next().cast_signed();
        [any, i64::MIN, i64::MAX, 0, -1, i64::from(i32::MAX) + 1, (1 << 53) + 1][self.below(7)]
    }

    pub(super) fn double(&mut self) -> f64 {
        let any = f64::from_bits(self.next());
        let any = if any.is_finite() { any } else { 0.5 };
        [any, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -5e-324, 0.1, 1e21][self.below(7)]
    }

    pub(super) fn binary(&mut self) -> Vec<u8> {
        (0..self.below(7)).map(|_| self.below(256) as u8).collect()
    }

    /// An instant of the years 0 to 9999, which is what the wire's four digits can say.
    pub(super) fn instant(&mut self) -> DateTime {
        const FIRST_MS: i64 = -62_167_219_200_000;
        const LAST_MS: i64 = 253_402_300_799_999;
        let any_ms = FIRST_MS + (self.next() % LAST_MS.abs_diff(FIRST_MS)).cast_signed();
        let unix_ms = [any_ms, any_ms / 1_000 * 1_000, FIRST_MS, LAST_MS, -1][self.below(5)];
        DateTime::from_unix_ms(unix_ms).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Types inside are lost in some representations, so there are only texts in it.
    pub(super) fn dynamic(&mut self) -> DynamicStructure {
        let name = self.flip().then(|| "com.vmware.dynamic".to_owned());
        let fields = (0..self.below(4)).map(|idx| (format!("field_{idx}"), Value::Text(self.text())));
        DynamicStructure { name, fields: fields.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_values_every_time() {
        let values = |seed| {
            let mut random = Random::new(seed);
            (0..50).map(|_| (random.text(), random.long(), random.instant())).collect::<Vec<_>>()
        };
        assert_eq!(values(7), values(7));
        assert_ne!(values(7), values(8));
    }

    #[test]
    fn xml_can_carry_every_text() {
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            let c = random.character();
            let is_control = u32::from(c) < 0x20 && !matches!(c, '\t' | '\n' | '\r');
            assert!(!is_control && !NOT_IN_XML.contains(&c), "{c:?}");
        }
    }
}
