//! The content of every security policy as text, so that a change to the table shows in review.

use std::fmt::Display;
use std::path::Path;

use hermetic_tls::SecurityPolicy;

/// `UPDATE_SNAPSHOT=1 cargo test -p hermetic-tls --test policies` writes the file anew.
#[test]
fn the_table_is_the_one_in_the_snapshot() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies.snapshot");
    let now: String = SecurityPolicy::all().iter().map(describe).collect();
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        std::fs::write(&path, &now).unwrap();
        return;
    }
    let before = std::fs::read_to_string(&path).unwrap();
    if let Some((number, (now, before))) =
        now.lines().zip(before.lines()).enumerate().find(|(_, (now, before))| now != before)
    {
        panic!(
            "line {} of {} was\n  {before}\nand is\n  {now}\nIf it should, run this test with UPDATE_SNAPSHOT=1",
            number + 1,
            path.display()
        );
    }
    assert_eq!(
        now, before,
        "the table has grown or shrunk; if it should, run this test with UPDATE_SNAPSHOT=1"
    );
}

fn describe(policy: &SecurityPolicy) -> String {
    let flags = [(policy.post_quantum, ", post-quantum"), (policy.fips, ", FIPS")];
    let flags: String = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect();
    let groups = match policy.groups {
        Some(groups) => format!("{} ({})", line(groups), policy.group_source),
        None => policy.group_source.to_string(),
    };
    let outcome = match policy.is_servable() {
        Ok(()) => format!(
            "  served    {}\n            {}\n            {}\n",
            line(&policy.servable_versions()),
            line(&policy.servable_suites()),
            line(&policy.servable_groups())
        ),
        Err(_) => format!("  nearest   {}\n", policy.nearest_servable().full_name()),
    };
    [
        format!("{} ({}{flags})\n", policy.full_name(), policy.status),
        format!("  versions  {}\n", line(policy.versions)),
        format!("  suites    {}\n", policy.suites.map_or("not established".to_owned(), line)),
        format!("            {}\n", policy.suite_fidelity()),
        format!("  groups    {groups}\n"),
        format!("            {}\n", policy.group_fidelity()),
        outcome,
        "\n".to_owned(),
    ]
    .concat()
}

fn line<T: Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}
