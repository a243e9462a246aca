//! Names in DNS that the code itself declares, and the party that each leads to.

use super::behind::party;
use crate::subject::{Seen, Subject};

/// The party that a host's name leads to by a record of Route 53 in the code.
pub fn by_record<'g>(subject: &Subject<'g>, host: &str) -> Option<Subject<'g>> {
    let host = host.trim_end_matches('.');
    let records = subject.graph.of_kind("AWS::Route53::RecordSet").filter_map(|(id, _)| subject.of(id));
    let named = records.filter(|record| {
        let name = record.text(path!("Name")).known();
        record.exists() != Some(false)
            && name.is_some_and(|name| name.trim_end_matches('.').eq_ignore_ascii_case(host))
    });
    let mut ends = named.flat_map(|record| {
        let mut values = record.all(path!("ResourceRecords[]"));
        values.push(record.value(path!("AliasTarget.DNSName")));
        let values = values.into_iter().filter_map(Seen::known);
        values.flat_map(|value| record.targets(value)).filter_map(|end| party(&end)).collect::<Vec<_>>()
    });
    ends.next()
}
