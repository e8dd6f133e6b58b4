//! One bar as a line of text: as much of it as the terminal has room for.
//!
//! In: a name, bytes, a speed, columns. Out: a line that is never wider. What goes first when it becomes narrow: the bar,
//! the bytes, the speed, the time left; then the name is cut.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A name is not cut to less, as long as other things can go.
const NAME_LEAST: usize = 10;
/// A name does not get more, so that bars are where they are looked for.
const NAME_MOST: usize = 32;
/// A smaller bar says nothing.
const BAR_LEAST: usize = 10;
const BAR_MOST: usize = 40;

/// How much there is, and how much of it has moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) n_moved: u64,
    /// `None` where nobody knows.
    pub(super) n_bytes: Option<u64>,
}

impl Amount {
    /// Between 0 and 1; never more, whatever comes.
    fn part(self) -> Option<f64> {
        let n_bytes = self.n_bytes?;
        Some(if n_bytes == 0 { 1.0 } else { (self.n_moved as f64 / n_bytes as f64).min(1.0) })
    }
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The line.
pub(super) fn line(name: &str, amount: Amount, per_second: Option<f64>, room: usize) -> String {
    let mut tail = match amount.part() {
        Some(part) => format!("{:>3}%", (part * 100.0).floor()),
        None => "   ?".to_owned(),
    };
    for field in [format!("{:>8}", time_left(amount, per_second)), speed(per_second), bytes(amount)] {
        if room < NAME_LEAST + 1 + width(&tail) + 2 + width(&field) {
            break;
        }
        tail = format!("{tail}  {field}");
    }
    let left = room.saturating_sub(width(&tail) + 1);
    if left == 0 {
        return cut(tail.trim_start(), room);
    }
    // Brackets and a blank are three.
    let n_name = (left.saturating_sub(3) * 3 / 5).clamp(NAME_LEAST, NAME_MOST);
    let n_bar = left.saturating_sub(n_name + 3).min(BAR_MOST);
    let head = match amount.part() {
        Some(part) if n_bar >= BAR_LEAST => format!("{} [{}]", padded(name, n_name), filled(part, n_bar)),
        _ => padded(name, left.min(NAME_MOST)),
    };
    cut(&format!("{head} {tail}"), room)
}

fn filled(part: f64, n_columns: usize) -> String {
    // Lossless: a bar has some tens of columns.
    let n_full = (part * n_columns as f64).floor() as usize;
    let head = if n_full < n_columns { ">" } else { "" };
    format!("{}{head}{}", "=".repeat(n_full), " ".repeat(n_columns.saturating_sub(n_full + 1)))
}

/// The line with its bar in green.
pub(super) fn coloured(line: &str) -> String {
    match (line.find(" [="), line.rfind("] ")) {
        (Some(from), Some(to)) if from < to => {
            format!("{}\x1b[32m{}\x1b[0m{}", &line[..from], &line[from..=to], &line[to + 1..])
        }
        _ => line.to_owned(),
    }
}

/// At most so many columns; what is cut off is shown by its absence and `…`.
pub(super) fn cut(text: &str, n_columns: usize) -> String {
    let text = shown(text);
    if width(&text) <= n_columns {
        return text;
    }
    let mut cut = String::new();
    let mut n_taken = 0;
    for c in text.chars() {
        let n_more = c.width().unwrap_or(0);
        if n_taken + n_more + 1 > n_columns {
            break;
        }
        n_taken += n_more;
        cut.push(c);
    }
    if n_columns > 0 {
        cut.push('…');
    }
    cut
}

fn padded(text: &str, n_columns: usize) -> String {
    let cut = cut(text, n_columns);
    let n_missing = n_columns.saturating_sub(width(&cut));
    format!("{cut}{}", " ".repeat(n_missing))
}

/// Control characters of what comes from elsewhere stay off the terminal.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// A number of bytes in three or four digits, and their unit.
fn scaled(n_bytes: f64) -> (String, &'static str) {
    let mut scaled = n_bytes;
    let mut unit_idx = 0;
    while scaled >= 1000.0 && unit_idx + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit_idx += 1;
    }
    let digits = if unit_idx == 0 { format!("{scaled:.0}") } else { format!("{scaled:.1}") };
    (digits, UNITS[unit_idx])
}

/// A number of bytes for people.
pub(super) fn size(n_bytes: u64) -> String {
    let (digits, unit) = scaled(n_bytes as f64);
    format!("{digits} {unit}")
}

fn bytes(amount: Amount) -> String {
    let moved = amount.n_moved as f64;
    let text = match amount.n_bytes {
        Some(n_bytes) => {
            // Both in the unit of the whole.
            let (all, unit) = scaled(n_bytes as f64);
            let unit_idx = UNITS.iter().position(|other| *other == unit).unwrap_or(0);
            let n_decimals = usize::from(unit_idx > 0);
            format!("{:.n_decimals$}/{all} {unit}", moved / 1024_f64.powi(unit_idx as i32))
        }
        None => size(amount.n_moved),
    };
    format!("{text:>15}")
}

fn speed(per_second: Option<f64>) -> String {
    match per_second.map(scaled) {
        Some((digits, unit)) => format!("{:>11}", format!("{digits} {unit}/s")),
        None => " ".repeat(11),
    }
}

fn time_left(amount: Amount, per_second: Option<f64>) -> String {
    let n_left = amount.n_bytes.map(|n_bytes| n_bytes.saturating_sub(amount.n_moved));
    match (n_left, per_second) {
        (Some(0), _) => "0:00".to_owned(),
        // Beyond four days it is a guess that helps nobody.
        (Some(n_left), Some(per_second)) if per_second * 360_000.0 > n_left as f64 => {
            let seconds = (n_left as f64 / per_second).ceil() as u64;
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            match hours {
                0 => format!("{minutes}:{seconds:02}"),
                hours => format!("{hours}:{minutes:02}:{seconds:02}"),
            }
        }
        _ => "-:--".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Amount = Amount { n_moved: 32 << 20, n_bytes: Some(64 << 20) };

    #[test]
    fn what_is_left_out_as_it_becomes_narrow() {
        for (room, expected) in [
            (
                100,
                "disk.vmdk                       [==========>          ]  50%      0:32    1.0 MiB/s    32.0/64.0 MiB",
            ),
            (79, "disk.vmdk          [======>      ]  50%      0:32    1.0 MiB/s    32.0/64.0 MiB"),
            (60, "disk.vmdk        50%      0:32    1.0 MiB/s    32.0/64.0 MiB"),
            (45, "disk.vmdk          50%      0:32    1.0 MiB/s"),
            (30, "disk.vmdk        50%      0:32"),
            (20, "disk.vmdk        50%"),
            (12, "disk.v…  50%"),
            (4, "50%"),
        ] {
            assert_eq!(line("disk.vmdk", HALF, Some(1048576.0), room), expected);
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let unknown = Amount { n_moved: 7, n_bytes: None };
        let empty = Amount { n_moved: 0, n_bytes: Some(0) };
        for name in
            ["a", "一个非常长的名字一个非常长的名字一个非常长的名字", "x\u{1b}[2Jy", &"long ".repeat(30)]
        {
            for amount in [HALF, unknown, empty, Amount { n_moved: u64::MAX, n_bytes: Some(1) }] {
                for speed in [None, Some(0.0), Some(1e3), Some(f64::MAX)] {
                    for room in 0..200 {
                        let line = line(name, amount, speed, room);
                        assert!(width(&line) <= room, "{room}: {line:?}");
                        assert!(!line.contains('\u{1b}'), "{line:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn times_and_sizes_are_short() {
        let check = |n_left: u64, per_second, expected: &str| {
            let amount = Amount { n_moved: 0, n_bytes: Some(n_left) };
            assert_eq!(time_left(amount, per_second), expected);
        };
        check(100, None, "-:--");
        check(100, Some(0.0), "-:--");
        check(100, Some(10.0), "0:10");
        check(75, Some(1.0), "1:15");
        check(3725, Some(1.0), "1:02:05");
        check(u64::MAX, Some(1.0), "-:--");
        assert_eq!(scaled(999.0), ("999".to_owned(), "B"));
        assert_eq!(scaled(1000.0), ("1.0".to_owned(), "KiB"));
        assert_eq!(scaled(5.0 * f64::from(1 << 30)), ("5.0".to_owned(), "GiB"));
    }

    #[test]
    fn colours_take_no_columns_and_name_the_bar_alone() {
        let plain = line("a [=] b", HALF, None, 80);
        let coloured = coloured(&plain);
        assert_eq!(coloured.replace("\x1b[32m", "").replace("\x1b[0m", ""), plain);
    }
}
