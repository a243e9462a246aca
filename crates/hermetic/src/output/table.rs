//! Tables: aligned columns that fit the terminal.

use anstyle::Style;

use super::{heading, plain};

/// What stands between columns.
const GAP: &str = "  ";

/// The least width that a column is cut to.
const LEAST: usize = 12;

/// What a cell shows that has nothing to show.
const UNKNOWN: &str = "–";

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    heading: &'static str,
    fit: Fit,
}

/// What happens to a column where the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// Nothing.
    Keep,
    /// It is cut.
    Cut,
    /// It is left out, those of the lowest rank first.
    Drop(u8),
}

/// A cell.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Column {
    /// A column that always shows.
    pub const fn keep(heading: &'static str) -> Self {
        Self { heading, fit: Fit::Keep }
    }

    /// A column that is cut where the table is too wide.
    pub const fn cut(heading: &'static str) -> Self {
        Self { heading, fit: Fit::Cut }
    }

    /// A column that is left out where the table is too wide even so; the lowest rank goes first.
    pub const fn drop(heading: &'static str, rank: u8) -> Self {
        Self { heading, fit: Fit::Drop(rank) }
    }
}

impl Cell {
    /// A cell for what is not known. A column of nothing else is not shown.
    pub fn unknown() -> Self {
        Self::from(UNKNOWN)
    }

    /// A cell in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: plain(&text.into()), style }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

impl Table {
    /// A table of these columns.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row, a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as lines, within `width` columns where there is one.
    pub fn render(&self, width: Option<usize>) -> String {
        let widths = self.fitted(width);
        let headings = self.columns.iter().map(|column| Cell::styled(column.heading, heading())).collect();
        let lines = std::iter::once(&headings).chain(&self.rows);
        let mut text: String = lines.map(|cells| line(cells, &widths)).collect();
        if widths
            .iter()
            .zip(self.natural_widths())
            .any(|(shown, natural)| shown.is_none() && natural.is_some())
        {
            text.push_str("(a wider terminal or --format json shows more columns)\n");
        }
        text
    }

    /// The width of each column; `None` for one that is left out.
    fn fitted(&self, width: Option<usize>) -> Vec<Option<usize>> {
        let mut widths = self.natural_widths();
        let Some(width) = width else { return widths };
        while total(&widths) > width {
            if let Some(widest) = self.widest_to_cut(&mut widths) {
                *widest -= 1;
            } else if let Some(column) = self.next_to_drop(&widths) {
                widths = self.without(&widths, column);
            } else {
                break;
            }
        }
        widths
    }

    fn natural_widths(&self) -> Vec<Option<usize>> {
        (0..self.columns.len()).map(|at| self.natural(at)).collect()
    }

    /// The width that shows all of a column; `None` where there is nothing to show.
    fn natural(&self, at: usize) -> Option<usize> {
        let heading = self.columns.get(at)?.heading.len();
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        if !self.rows.is_empty() && cells.clone().all(|cell| cell.text == UNKNOWN) {
            return None;
        }
        cells.map(Cell::width).chain([heading]).max()
    }

    fn widest_to_cut<'w>(&self, widths: &'w mut [Option<usize>]) -> Option<&'w mut usize> {
        let cut = self.columns.iter().zip(widths).filter(|(column, _)| column.fit == Fit::Cut);
        cut.filter_map(|(_, width)| width.as_mut())
            .filter(|width| **width > LEAST)
            .max_by_key(|width| **width)
    }

    fn next_to_drop(&self, widths: &[Option<usize>]) -> Option<usize> {
        let shown = self.columns.iter().zip(widths).enumerate().filter(|(_, (_, width))| width.is_some());
        let ranked = shown.filter_map(|(at, (column, _))| match column.fit {
            Fit::Drop(rank) => Some((rank, at)),
            _ => None,
        });
        ranked.min().map(|(_, at)| at)
    }

    /// The widths without one more column; what was cut before may grow again.
    fn without(&self, widths: &[Option<usize>], column: usize) -> Vec<Option<usize>> {
        let shown = |at: usize, width: &Option<usize>| width.is_some() && at != column;
        widths
            .iter()
            .enumerate()
            .map(|(at, width)| if shown(at, width) { self.natural(at) } else { None })
            .collect()
    }
}

fn total(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    shown.clone().sum::<usize>() + GAP.len() * shown.count().saturating_sub(1)
}

fn line(cells: &[Cell], widths: &[Option<usize>]) -> String {
    let mut line = String::new();
    let mut owed = 0;
    for (cell, width) in cells.iter().zip(widths).filter_map(|(cell, width)| Some((cell, (*width)?))) {
        // Padding is written before the next cell, so that no line ends in blanks.
        line.push_str(&" ".repeat(owed));
        let shown = cut(&cell.text, width);
        owed = width - shown.chars().count() + GAP.len();
        let style = cell.style;
        line.push_str(&format!("{style}{shown}{style:#}"));
        if shown.is_empty() {
            owed = width + GAP.len();
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Table {
        let columns =
            [Column::keep("HOP"), Column::cut("SUITE"), Column::drop("EXPIRES", 2), Column::drop("VIEW", 1)];
        let mut table = Table::new(columns);
        table.row(["client → edge", "TLS_AES_256_GCM_SHA384", "in 23 h", "server"].map(Cell::from));
        table.row(["edge → app", "", "", "both"].map(Cell::from));
        table
    }

    fn shown(width: Option<usize>) -> String {
        anstream::adapter::strip_str(&sample().render(width)).to_string()
    }

    #[test]
    fn columns_are_aligned_and_no_line_ends_in_blanks() {
        insta::assert_snapshot!(shown(None));
    }

    #[test]
    fn a_narrow_terminal_cuts_first_and_leaves_out_the_least_important_then() {
        insta::assert_snapshot!(format!("{}\n{}\n{}", shown(Some(50)), shown(Some(40)), shown(Some(10))));
    }

    #[test]
    fn a_column_of_which_nothing_is_known_is_not_shown() {
        let mut table = Table::new([Column::keep("HOP"), Column::keep("GROUP"), Column::keep("SUITE")]);
        table.row([Cell::from("client → edge"), Cell::unknown(), Cell::from("x")]);
        let text = anstream::adapter::strip_str(&table.render(None)).to_string();
        assert_eq!(text, "HOP            SUITE\nclient → edge  x\n");
    }

    #[test]
    fn a_name_can_not_move_the_cursor() {
        assert_eq!(Cell::from("a\x1b[2Jb\r").text, "a\u{fffd}[2Jb\u{fffd}");
    }

    proptest! {
        #[test]
        fn a_table_fits_wherever_it_can(width in 27..120_usize) {
            let text = shown(Some(width));
            prop_assert!(text.lines().filter(|line| !line.starts_with('(')).all(|line| line.chars().count() <= width), "{text}");
        }
    }
}
