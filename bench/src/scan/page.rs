//! What the page says of the scanner.

use std::fmt::Write;

use super::beside::Scanner;
use super::crowd::{Absent, Crowd, DELAY};
use super::{Results, questions};
use crate::figure::Median;
use crate::machine::Machine;
use crate::page::thousands;

/// What must be: endpoints a second by `--fast`, seconds for the far ones, and MiB for those that are not there.
const FAST: f64 = 1_000.0;
const FAR: f64 = 10.0;
const MEMORY: f64 = 200.0;

/// Writes it, in Markdown.
pub fn write(results: &Results, machine: &Machine) -> String {
    let mut page = format!(
        "# The scanner\n\n\
         One nginx with an RSA and an ECDSA certificate, TLS 1.2 and 1.3, the suites of Mozilla's intermediate \
         configuration and the groups of OpenSSL is scanned by `hermetic scan` and by what people scan with today, in turn, on the same \
         machine: {} ({} cores), Linux {}. Times are by the clock, the server's work in them; medians of {} runs \
         (testssl.sh: of two), in brackets the shortest and the longest.\n\n",
        machine.processor, machine.cores, machine.kernel, results.runs,
    );
    beside(&mut page, &results.beside);
    crowds(&mut page, results);
    page.push_str("\nTo measure again: `cargo xtask bench scan`.\n");
    page
}

fn beside(page: &mut String, scanners: &[Scanner]) {
    let Some(ours) = scanners.first() else { return };
    page.push_str(
        "| one endpoint in full | time | CPU time | connections | answers | Hermetic is faster by | must | aim |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for Scanner { peer, name, wall, cpu, connections, answered } in scanners {
        let (ratio, must, aim) = match peer.bounds() {
            Some((must, aim)) => {
                let ratio = wall.median / ours.wall.median;
                (format!("**{ratio:.1} ×**{}", mark(ratio >= must)), times(must), times(aim))
            }
            None => Default::default(),
        };
        let _ = writeln!(
            page,
            "| {name} | {} | {:.0} ms | {connections} | {} | {ratio} | {must} | {aim} |",
            milliseconds(wall),
            cpu * 1_000.0,
            answered.len(),
        );
    }
    let _ = write!(
        page,
        "\nAnswers are counted of a list of {} questions that one may ask of an endpoint, those that only others \
         answer among them; each that shows in what the scanner printed counts. Connections are counted by the \
         server. Each is run with its defaults, but for the server name, and Hermetic with `--dns off`, as there is \
         no DNS to ask. What others answer and Hermetic does not: {}.\n",
        questions::count(),
        lacking(ours, scanners).join("; "),
    );
}

fn lacking(ours: &Scanner, all: &[Scanner]) -> Vec<&'static str> {
    let mut lacking: Vec<_> = all.iter().flat_map(|scanner| &scanner.answered).copied().collect();
    lacking.sort_unstable();
    lacking.dedup();
    lacking.retain(|question| !ours.answered.contains(question));
    lacking
}

fn crowds(page: &mut String, results: &Results) {
    page.push_str("\n## Many endpoints\n\n| | | must | aim |\n|---|---|---:|---:|\n");
    for Crowd { endpoints, wall, cpu } in &results.fast {
        let a_second = |seconds: f64| f64::from(*endpoints) / seconds;
        let _ = writeln!(
            page,
            "| `--fast`, {} endpoints, each at an address of its own | **{}** a second ({}–{}){}; {cpu:.2} ms of the \
             scanner's CPU time each | {} | 3,000 |",
            thousands(f64::from(*endpoints)),
            thousands(a_second(wall.median)),
            thousands(a_second(wall.highest)),
            thousands(a_second(wall.lowest)),
            mark(a_second(wall.median) >= FAST),
            thousands(FAST),
        );
    }
    let Crowd { endpoints, wall, cpu } = &results.far;
    let _ = writeln!(
        page,
        "| in full, {endpoints} endpoints, {} ms away each way | **{:.1} s** ({:.1}–{:.1}){}; {cpu:.0} ms of CPU time \
         each | {FAR} s | 5 s |",
        DELAY.as_millis(),
        wall.median,
        wall.lowest,
        wall.highest,
        mark(wall.median < FAR),
    );
    for Absent { targets, memory, wall } in &results.absent {
        let _ = writeln!(
            page,
            "| memory at the highest, {} targets in a file, none of them there | **{memory:.0} MiB**{}, in {:.1} s | \
             {MEMORY} MiB | 80 MiB |",
            thousands(f64::from(*targets)),
            mark(*memory < MEMORY),
            wall.as_secs_f64(),
        );
    }
    page.push_str(
        "\nThe endpoints are one nginx at many addresses of the loopback, on the same cores as the scanner: its \
         handshakes are in the times. The far ones stand behind a relay that holds back what passes, and the first \
         bytes for as long as TCP's own handshake would have taken. tlsx and zgrab2 can't be built from Debian's \
         packages, so neither stands here.\n",
    );
}

/// What stands behind a figure that is not as it must be.
fn mark(is_held: bool) -> &'static str {
    if is_held { "" } else { ", short of the must" }
}

fn times(number: f64) -> String {
    format!("{} ×", thousands(number))
}

fn milliseconds(wall: &Median) -> String {
    let [median, lowest, highest] =
        [wall.median, wall.lowest, wall.highest].map(|seconds| thousands(seconds * 1_000.0));
    format!("**{median} ms** ({lowest}–{highest})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::peers::Peer;
    use std::time::Duration;

    fn median(median: f64) -> Median {
        Median { median, lowest: median / 2.0, highest: median * 2.0 }
    }

    fn scanner(peer: Peer, wall: f64) -> Scanner {
        let name = format!("{} 1", peer.name());
        Scanner {
            peer,
            name,
            wall: median(wall),
            cpu: 0.02,
            connections: 60,
            answered: vec!["TLS 1.2", peer.name()],
        }
    }

    fn crowd(endpoints: u32) -> Crowd {
        Crowd { endpoints, wall: median(0.5), cpu: 0.4 }
    }

    fn results() -> Results {
        Results {
            runs: 3,
            beside: vec![scanner(Peer::Hermetic, 0.05), scanner(Peer::Sslscan, 0.3)],
            fast: vec![crowd(1_000)],
            far: crowd(200),
            absent: vec![Absent { targets: 100_000, memory: 40.2, wall: Duration::from_secs(3) }],
        }
    }

    fn machine() -> Machine {
        Machine { processor: "a processor".to_owned(), cores: 2, kernel: "6".to_owned() }
    }

    #[test]
    fn the_page_tells_how_many_times_faster_ours_is_beside_what_it_must_be() {
        let page = write(&results(), &machine());
        let told = "| sslscan 1 | **300 ms** (150–600) | 20 ms | 60 | 2 | **6.0 ×** | 3 × | 10 × |";
        assert!(page.contains(told), "{page}");
        assert!(page.contains("Hermetic does not: sslscan."), "{page}");
        assert!(page.contains("**2,000** a second (1,000–4,000); 0.40 ms"), "{page}");
        assert!(!page.contains("short of the must"), "{page}");
    }

    #[test]
    fn a_figure_that_is_not_as_it_must_be_is_marked() {
        let results = Results {
            beside: vec![scanner(Peer::Hermetic, 0.05), scanner(Peer::Sslscan, 0.14)],
            fast: vec![Crowd { wall: median(1.01), ..crowd(1_000) }],
            far: Crowd { wall: median(10.5), ..crowd(200) },
            absent: vec![Absent { targets: 100_000, memory: 201.0, wall: Duration::from_secs(3) }],
            ..results()
        };
        let page = write(&results, &machine());
        for told in [
            "**2.8 ×**, short of",
            "**990** a second (495–1,980), short of",
            "(5.2–21.0), short of",
            "**201 MiB**, short of",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
    }
}
