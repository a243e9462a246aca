//! An edge with limits before one origin.

use super::{Hermetic, curl};

/// An edge with these limits, two workers, and metrics.
pub fn edge_with(limits: &str, origin: u16) -> Hermetic {
    Hermetic::configured(|ports, _| {
        format!(
            "workers = 2\nadmin = \"127.0.0.1:{}\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\nlimits = {limits}\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{origin}\"]\n",
            ports.nth(464),
            ports.edge(),
        )
    })
}

/// How often the edge's limit was reached.
pub fn refused(edge: &Hermetic, limit: &str) -> u64 {
    metric(edge, &format!("hermetic_refused_total{{listener=\"edge\",limit=\"{limit}\"}} "))
}

/// The edge's open connections.
pub fn open(edge: &Hermetic) -> u64 {
    metric(edge, "hermetic_connections_open{listener=\"edge\"} ")
}

fn metric(edge: &Hermetic, start: &str) -> u64 {
    let metrics = curl(edge, &[&format!("http://127.0.0.1:{}/metrics", edge.ports.nth(464))]).stdout;
    let metrics = String::from_utf8(metrics).unwrap();
    metrics.lines().find_map(|line| line.strip_prefix(start)).map_or(0, |count| count.parse().unwrap())
}

/// The memory that a process has in use now, in KiB.
pub fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The time that a process has spent computing, in seconds.
pub fn computed(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the command's name, which may hold anything: the 12th and 13th field, in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u32 = fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap();
    f64::from(ticks) / 100.0
}
