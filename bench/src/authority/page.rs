//! What the page says of the authority.

use std::fmt::Write;
use std::time::Duration;

use super::inventory::Figures;
use super::{CALLERS, Results};
use crate::machine::Machine;
use crate::page::thousands;

/// Writes it, in Markdown.
pub fn write(results: &Results, machine: &Machine) -> String {
    let Results { plan, issued, openssl, inventory } = results;
    let mut page = format!(
        "# The authority\n\n\
         {CALLERS} callers ask at once for a certificate by a certification request, each with a P-256 key; what is \
         answered is signed, read back, journaled, and on the disk. Callers, authority and database share the \
         machine: {} ({} cores), Linux {}. Medians of {} runs of {} s each; in brackets the lowest and the \
         highest. They are by the clock, so whatever else the machine does lowers them; of the CPU time it changes \
         little.\n\n\
         | kept in | certificates a second | CPU time for each | durable by |\n|---|---:|---:|---|\n",
        machine.processor,
        machine.cores,
        machine.kernel,
        plan.runs,
        plan.time.as_secs(),
    );
    for one in issued {
        let [middle, lowest, highest] = [one.rate.median, one.rate.lowest, one.rate.highest].map(thousands);
        let durability: Vec<_> =
            one.durability.iter().map(|(name, value)| format!("`{name} = {value}`")).collect();
        let _ = writeln!(
            page,
            "| {} | **{middle}** ({lowest}–{highest}) | {:.2} ms | {} |",
            one.name,
            one.cpu,
            durability.join(", ")
        );
    }
    let _ = write!(
        page,
        "\nThe CPU time is that of the callers, the authority and the database together. `openssl ca` ({}), which \
         journals nothing and waits for no disk, takes {:.2} ms for each of the same requests, in one process for \
         500 of them.\n",
        openssl.version, openssl.time
    );
    large(&mut page, inventory);
    page.push_str("\nTo measure again: `cargo xtask bench authority`.\n");
    page
}

fn large(page: &mut String, figures: &Figures) {
    let pages: Vec<_> =
        figures.pages.iter().map(|(what, took)| format!("{what} {}", milliseconds(*took))).collect();
    let certificates = thousands(figures.certificates as f64);
    let _ = write!(
        page,
        "\n## With {certificates} certificates\n\n\
         In SQLite, all of them issued as above; no page is from a cache of ours.\n\n\
         | | |\n|---|---|\n\
         | issuance, the last tenth of them | {} a second |\n\
         | start, until it issues | {} |\n\
         | a page of 50, the first 50 pages of each kind | {} |\n\
         | a revocation, on record | {} |\n\
         | a revocation with the list of its shard, signed and kept | {} |\n\
         | resident memory, before they came and after all of this | {:.0} MiB, {:.0} MiB |\n",
        thousands(figures.rate),
        milliseconds(figures.start),
        pages.join("; "),
        milliseconds(figures.revocation),
        milliseconds(figures.with_list),
        figures.memory_before,
        figures.memory,
    );
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
