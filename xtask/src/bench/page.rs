//! `docs/performance.md`: what stands above its tables, and a section for each part.
//!
//! A section is a part's table, then its notes. Not here: where the figures come from.

use std::fmt::Write as _;

use super::{N_OPERATIONS, N_SERVICES, PARTS, Row};

/// A part's rows as Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = String::from("| what | measured | goal | held |\n|---|---|---|---|\n");
    for Row { what, measured, goal, held } in rows {
        let held = match held {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let _infallible = writeln!(table, "| {what} | {measured} | {goal} | {held} |");
    }
    table
}

/// The page with a new table in the section of this title; the others keep theirs.
pub(super) fn with_table(before: &str, title: &str, table: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let mut page = format!(
        "# Performance\n\n\
         Written by `cargo xtask bench`; run it again rather than editing this.\n\
         CPU time is user plus system as the kernel counts it, the cheapest of several rounds, on a machine with {cores} cores.\n\
         What is compared was measured in one run; the sections may be of different runs, because `--only` measures one of them.\n\
         The synthetic API has {N_OPERATIONS} operations and as many structures of eight fields, in {N_SERVICES} services; \
         its operations are smaller than those of the committed spec.\n\
         Compile figures are `cargo check` without incremental compilation of the one crate, its dependencies built before.\n"
    );
    for part in &PARTS {
        let table = if part.title == title { table.to_owned() } else { table_of(before, part.title) };
        let table = if table.is_empty() { "Not measured yet.\n".to_owned() } else { table };
        let _infallible = write!(page, "\n## {}\n\n{table}\n{}", part.title, part.notes);
    }
    page
}

/// The lines of the table in a page's section; none where there is no such section.
fn table_of(page: &str, title: &str) -> String {
    let heading = format!("## {title}");
    let section = page.lines().skip_while(|line| *line != heading).skip(1);
    let section = section.take_while(|line| !line.starts_with("## "));
    section.filter(|line| line.starts_with('|')).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{PARTS, table, table_of, with_table};
    use crate::bench::Row;

    #[test]
    fn a_part_that_is_not_run_keeps_its_table() {
        let rows = |measured: &str| table(&[Row::new("`gen`", measured.to_owned(), "≤ 1", Some(true))]);
        let first = with_table("", "Codecs", &rows("1 ns"));
        let both = with_table(&first, "HTTP", &rows("2 µs"));
        let again = with_table(&both, "HTTP", &rows("3 µs"));
        assert_eq!(table_of(&again, "Codecs"), rows("1 ns"));
        assert_eq!(table_of(&again, "HTTP"), rows("3 µs"));
        assert_eq!(again.matches("Not measured yet.").count(), PARTS.len() - 2, "{again}");
        assert_eq!(with_table(&again, "HTTP", &rows("3 µs")), again);
    }
}
