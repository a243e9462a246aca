//! What the page says of policies.

use std::fmt::Write;

use super::Results;
use crate::machine::Machine;

/// Writes it, in Markdown.
pub fn write(results: &Results, machine: &Machine) -> String {
    let mut page = format!(
        "# Policies\n\n\
         CPU time that it takes once: {} ({} cores), Linux {}. Medians of {} runs of {} s \
         each, interleaved; in brackets the lowest and the highest. The documents are `bench/src/policy/ten.json`, \
         with ten kinds of conditions, and `twenty.json`.\n\n| | |\n|---|---:|\n",
        machine.processor,
        machine.cores,
        machine.kernel,
        results.plan.runs,
        results.plan.time.as_secs(),
    );
    for (name, median) in &results.figures {
        let [middle, lowest, highest] = [median.median, median.lowest, median.highest].map(shown);
        // A string takes whatever is written to it.
        let _ = writeln!(page, "| {name} | **{middle}** ({lowest}–{highest}) |");
    }
    page.push_str(
        "\nA decision takes no memory; a test counts that (`crates/permit/tests/no_allocation.rs`). Cedar is another \
         language with another evaluator, and stands here for scale; its ten policies say the same, and its entities \
         and request are made before.\n\nTo measure again: `cargo xtask bench policy`.\n",
    );
    page
}

/// Nanoseconds as people read them.
fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        few if few < 1_000.0 => format!("{few:.0} ns"),
        some if some < 1_000_000.0 => format!("{:.2} µs", some / 1_000.0),
        many => format!("{:.2} ms", many / 1_000_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn times_are_shown_in_units_that_fit() {
        assert_eq!(
            [940.4, 1_234.0, 340_000.0, 1_500_000.0].map(shown),
            ["940 ns", "1.23 µs", "340.00 µs", "1.50 ms"]
        );
    }
}
