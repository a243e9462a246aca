//! Ours.

use std::collections::BTreeMap;
use std::path::Path;

use hermetic_posture::cloudformation::{self, Given};
use hermetic_posture::{Control, Files, Graph, PartId, Standing, audit, controls, terraform};

use super::examples::Example;

/// How each control stands to the example; of several resources the worst counts.
pub fn standings(example: &Example) -> BTreeMap<&'static str, Standing> {
    let mut files = Files::default();
    let file = files.add(Path::new(&example.file));
    let part = if example.is_plan() {
        terraform::read(&example.text, file, PartId(0)).unwrap()
    } else {
        cloudformation::read(&example.text, file, PartId(0), &Given::default()).unwrap().part
    };
    let mut graph = Graph::new(files, vec![part]);
    graph.judged_at = Some("2026-12-01T00:00:00Z".parse().unwrap());
    let controls: Vec<&'static Control> = controls::all().iter().collect();
    let mut standings = BTreeMap::new();
    for finding in audit(&graph, &controls) {
        let standing = standings.entry(&*finding.control.id).or_insert(finding.standing);
        *standing = (*standing).max(finding.standing);
    }
    standings
}
