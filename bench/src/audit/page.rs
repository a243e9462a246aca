//! What the page says of the auditor.

use std::fmt::Write;

use super::Results;
use super::beside::Auditor;
use super::peers::Peer;
use crate::figure::Median;
use crate::machine::Machine;
use crate::page::thousands;

/// Writes it, in Markdown.
pub fn write(results: &Results, machine: &Machine) -> String {
    let mut page = format!(
        "# The auditor\n\n\
         {} CloudFormation templates of eight shapes, made the same way each time, are judged by `hermetic audit` \
         with all of its controls and the data's path, by Checkov with its checks of encryption in transit \
         (`--skip-download`), and by cfn-guard with the rules of AWS Control Tower that are about that, in turn, on the same machine: {} \
         ({} cores), Linux {}. CPU time is that of the whole program, from its start to its report in JSON; medians of \
         {} runs (Checkov: of {}), in brackets the lowest and the highest.\n\n",
        thousands(results.templates as f64),
        machine.processor,
        machine.cores,
        machine.kernel,
        results.runs,
        Peer::Checkov.runs(results.runs),
    );
    beside(&mut page, &results.beside);
    plan(&mut page, results);
    page.push_str("\nTo measure again: `cargo xtask bench audit`.\n");
    page
}

fn beside(page: &mut String, auditors: &[Auditor]) {
    let Some(ours) = auditors.first() else { return };
    page.push_str(
        "| | CPU time | by the clock | memory | failures found | of these beside two bad files | Hermetic takes less by | must |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for auditor in auditors {
        let Auditor { peer, name, cpu, wall, memory, failures, beside_bad_files } = auditor;
        let (ratio, must) = match peer.bound() {
            Some(bound) => (format!("**{:.1} ×**", cpu.median / ours.cpu.median), format!("{bound:.0} ×")),
            None => Default::default(),
        };
        let _ = writeln!(
            page,
            "| {name} | {} | {:.2} s | {memory:.0} MiB | {} | {} | {ratio} | {must} |",
            seconds(cpu),
            wall.median,
            thousands(*failures as f64),
            thousands(*beside_bad_files as f64),
        );
    }
    page.push_str(
        "\nA failure is one control and one resource; cfn-guard tells one rule and one file. The bad files are half a \
         template, and one whose `Type` is no string.\n",
    );
}

fn plan(page: &mut String, results: &Results) {
    let plan = &results.plan;
    let [wall, cpu] = [&plan.wall, &plan.cpu].map(seconds);
    let _ = write!(
        page,
        "\n| a plan of Terraform, {} resources in {:.0} MiB | | must | aim |\n|---|---:|---:|---:|\n\
         | by the clock | {wall} | 1 s | 0.3 s |\n| CPU time | {cpu} | | |\n\
         | memory at the highest | **{:.0} MiB** | 500 MiB | |\n",
        thousands(plan.resources as f64),
        plan.size,
        plan.memory,
    );
}

fn seconds(median: &Median) -> String {
    format!("**{:.2} s** ({:.2}–{:.2})", median.median, median.lowest, median.highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::plan::Large;

    fn median(median: f64) -> Median {
        Median { median, lowest: median / 2.0, highest: median * 2.0 }
    }

    fn auditor(peer: Peer, cpu: f64) -> Auditor {
        Auditor {
            peer,
            name: format!("{} 1", peer.name()),
            cpu: median(cpu),
            wall: median(cpu),
            memory: 80.0,
            failures: 2_000,
            beside_bad_files: 1_999,
        }
    }

    #[test]
    fn the_page_tells_how_many_times_less_ours_takes_beside_what_it_must_be() {
        let plan =
            Large { resources: 20_016, size: 44.0, wall: median(0.4), cpu: median(0.6), memory: 130.0 };
        let beside = vec![auditor(Peer::Hermetic, 0.5), auditor(Peer::Checkov, 60.0)];
        let machine = Machine { processor: "a processor".to_owned(), cores: 2, kernel: "6".to_owned() };
        let page = write(&Results { runs: 3, templates: 1_000, beside, plan }, &machine);
        assert!(
            page.contains(
                "| **60.00 s** (30.00–120.00) | 60.00 s | 80 MiB | 2,000 | 1,999 | **120.0 ×** | 50 × |"
            ),
            "{page}"
        );
        assert!(page.contains("20,016 resources in 44 MiB") && page.contains("**130 MiB**"), "{page}");
    }
}
