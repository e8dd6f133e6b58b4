//! What a command says while it is on its way: lines, and on a terminal bars below them.
//!
//! In: lines, and the events of a transfer. Out: plain lines in a pipe; on a terminal the lines, and a bar for each file that
//! is moving and one for all of them, drawn again as bytes move. Not here: what a bar looks like, which is `bar`, and results,
//! which are printed at the end.

mod bar;
mod rate;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use contentlib_client::Event;

use self::bar::{Amount, width};
use self::rate::Rate;
use crate::Screen;

/// Bars are not drawn more often, however many bytes move.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// Where a command's lines and bars go. Cheap to clone; clones are the same place.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    say: Arc<dyn Fn(&str) + Send + Sync>,
    screen: Option<Arc<dyn Screen>>,
    has_colours: bool,
    bars: Mutex<Bars>,
}

/// A transfer as far as it is known.
#[derive(Default)]
struct Bars {
    /// What stands instead of bars before the first file moves.
    title: String,
    /// In the order in which they began.
    files: Vec<File>,
    /// How many bytes were read of files whose checksum is not known yet.
    reading: BTreeMap<String, u64>,
    /// Bytes of all files, and how many files there are, once it is known.
    total: Option<(u64, usize)>,
    n_ended: usize,
    bytes_ended: u64,
    rate: Rate,
    /// Columns of the lines that stand on the screen now.
    drawn: Vec<usize>,
    drawn_at: Option<Instant>,
}

/// A file that is moving.
struct File {
    name: String,
    amount: Amount,
    rate: Rate,
}

impl Console {
    pub(crate) fn new(
        say: Arc<dyn Fn(&str) + Send + Sync>,
        screen: Option<Arc<dyn Screen>>,
        has_colours: bool,
    ) -> Console {
        Console(Arc::new(Inner { say, screen, has_colours, bars: Mutex::default() }))
    }

    /// Shows a line, above the bars where there are any.
    pub(crate) fn say(&self, line: &str) {
        let line = &bar::shown(line);
        let mut bars = self.bars();
        match &self.0.screen {
            Some(screen) if !bars.drawn.is_empty() => {
                let n_columns = screen.n_columns();
                let text = format!("{}{line}\n", bars.erase(n_columns));
                screen.write(&format!("{text}{}", bars.draw(n_columns, self.0.has_colours, Instant::now())));
            }
            _ => (self.0.say)(line),
        }
    }

    /// Begins to follow a transfer.
    pub(crate) fn follow(&self, title: &str) {
        let mut bars = self.bars();
        *bars = Bars { title: title.to_owned(), ..Bars::default() };
        self.draw(&mut bars, Instant::now());
    }

    /// Takes note of an event.
    pub(crate) fn tell(&self, event: Event, now: Instant) {
        if let Some(line) = line_of(&event, self.0.screen.is_some()) {
            self.say(&line);
        }
        let mut bars = self.bars();
        bars.note(event, now);
        if bars.drawn_at.is_none_or(|drawn_at| now.saturating_duration_since(drawn_at) >= DRAW_EVERY) {
            self.draw(&mut bars, now);
        }
    }

    /// Draws the bars again, so that what stands still is seen to; its argument is the time.
    pub(crate) fn tick(&self, now: Instant) {
        let mut bars = self.bars();
        bars.age(now);
        self.draw(&mut bars, now);
    }

    /// Takes the bars away.
    pub(crate) fn rest(&self) {
        let mut bars = self.bars();
        if let Some(screen) = &self.0.screen
            && !bars.drawn.is_empty()
        {
            screen.write(&bars.erase(screen.n_columns()));
        }
        *bars = Bars::default();
    }

    fn draw(&self, bars: &mut Bars, now: Instant) {
        if let Some(screen) = &self.0.screen {
            let n_columns = screen.n_columns();
            let erased = bars.erase(n_columns);
            screen.write(&format!("{erased}{}", bars.draw(n_columns, self.0.has_colours, now)));
        }
    }

    fn bars(&self) -> std::sync::MutexGuard<'_, Bars> {
        self.0.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bars {
    fn note(&mut self, event: Event, now: Instant) {
        match event {
            Event::Planned { n_files, n_bytes } => self.total = Some((n_bytes, n_files)),
            Event::Read { file, n_bytes } => {
                self.reading.insert(file, n_bytes);
            }
            Event::Begun { file, n_bytes, offset } => {
                self.reading.remove(&file);
                let amount = Amount { n_moved: offset, n_bytes: (n_bytes > 0).then_some(n_bytes) };
                let rate = Rate::from(offset, now);
                match self.files.iter_mut().find(|known| known.name == file) {
                    // It goes on from elsewhere, which is no speed.
                    Some(known) => (known.amount, known.rate) = (amount, rate),
                    None => self.files.push(File { name: file, amount, rate }),
                }
                let n_moved = self.n_moved();
                self.rate =
                    if self.rate.is_new() { Rate::from(n_moved, now) } else { self.rate.skip(n_moved) };
            }
            Event::Moved { file, n_bytes } => {
                if let Some(known) = self.files.iter_mut().find(|known| known.name == file) {
                    known.amount.n_moved = n_bytes;
                    known.rate.at(n_bytes, now);
                }
                let n_moved = self.n_moved();
                self.rate.at(n_moved, now);
            }
            Event::Ended { file } => {
                if let Some(idx) = self.files.iter().position(|known| known.name == file) {
                    let ended = self.files.remove(idx);
                    self.bytes_ended += ended.amount.n_bytes.unwrap_or(ended.amount.n_moved);
                }
                self.n_ended += 1;
            }
            _ => {}
        }
    }

    /// Time passes for speeds, too, when nothing moves.
    fn age(&mut self, now: Instant) {
        for file in &mut self.files {
            file.rate.at(file.amount.n_moved, now);
        }
        let n_moved = self.n_moved();
        self.rate.at(n_moved, now);
    }

    fn n_moved(&self) -> u64 {
        self.bytes_ended + self.files.iter().map(|file| file.amount.n_moved).sum::<u64>()
    }

    /// What takes away what was drawn; a line that was wider than the terminal is now takes several rows.
    fn erase(&mut self, n_columns: usize) -> String {
        let n_rows: usize = self.drawn.drain(..).map(|width| width.div_ceil(n_columns.max(1)).max(1)).sum();
        match n_rows {
            0 => String::new(),
            1 => "\r\x1b[J".to_owned(),
            n_rows => format!("\r\x1b[{}A\x1b[J", n_rows - 1),
        }
    }

    fn draw(&mut self, n_columns: usize, has_colours: bool, now: Instant) -> String {
        // The last column stays free: what is written there makes some terminals begin a new line.
        let room = n_columns.saturating_sub(1);
        let mut lines: Vec<String> = self
            .files
            .iter()
            .map(|file| bar::line(&file.name, file.amount, file.rate.per_second(), room))
            .collect();
        let reading = self.reading.iter();
        lines.extend(reading.map(|(name, n)| bar::cut(&format!("reading {name}: {}", bar::size(*n)), room)));
        if let Some((n_bytes, n_files)) = self.total
            && n_files > 1
            && !self.rate.is_new()
        {
            let name = format!("{} of {n_files} files", self.n_ended);
            let amount = Amount { n_moved: self.n_moved(), n_bytes: Some(n_bytes) };
            lines.push(bar::line(&name, amount, self.rate.per_second(), room));
        }
        if lines.is_empty() {
            lines.push(bar::cut(&self.title, room));
        }
        self.drawn = lines.iter().map(|line| width(line)).collect();
        self.drawn_at = Some(now);
        let lines = lines.iter().map(|line| if has_colours { bar::coloured(line) } else { line.clone() });
        // Back at the line's beginning, where the `^C` that a terminal shows makes no new row.
        format!("{}\r", lines.collect::<Vec<_>>().join("\n"))
    }
}

/// What is worth a line; bytes that move are not, nor, on a terminal, is what a bar shows.
fn line_of(event: &Event, is_terminal: bool) -> Option<String> {
    // Names come from elsewhere; a terminal must not act on them.
    let line = match event {
        Event::Session { id } => format!("session {id}"),
        Event::Begun { offset: 0, .. } if is_terminal => return None,
        Event::Begun { file, n_bytes, offset: 0 } => format!("{file:?}: {n_bytes} bytes"),
        Event::Begun { file, n_bytes, offset } => format!("{file:?}: on from {offset} of {n_bytes} bytes"),
        Event::Again { file, reason } => format!("{file:?}: again, for {reason}"),
        Event::Ended { file } => format!("{file:?}: done"),
        _ => return None,
    };
    Some(line)
}
