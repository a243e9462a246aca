//! What hangs on no choice, kept with its graph: to read a policy and to prove something of it is dear, two controls and
//! the data's path ask for the same.

use std::collections::HashMap;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use crate::control::Control;
use crate::controls;
use crate::graph::ResourceId;
use crate::policy::{Denials, Place};
use crate::subject::Subject;
use crate::value::Value;
use crate::verdict::Judgement;

/// What our own controls say in every scenario, by their place in the list of all.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    judgements: Mutex<HashMap<(usize, ResourceId), Judgement>>,
    policies: Mutex<HashMap<(usize, ResourceId, bool), Policy>>,
}

/// The Denies of a document, and where the code says that everything is.
pub(crate) type Policy = (Denials, Place);

impl Settled {
    /// What a control says of a subject, judged where nobody has asked before.
    pub(crate) fn judgement(
        &self,
        control: &Control,
        subject: &Subject<'_>,
        judge: impl FnOnce() -> Judgement,
    ) -> Judgement {
        // One with parameters of somebody's own has the same id, and may say something else.
        let Some(place) = controls::all().iter().position(|own| ptr::eq(own, control)) else {
            return judge();
        };
        let judgements = || self.judgements.lock().unwrap_or_else(PoisonError::into_inner);
        let known = judgements().get(&(place, subject.id)).cloned();
        if let Some(known) = known {
            return known;
        }
        let judgement = judge();
        // What met a choice holds in this scenario alone.
        if !subject.scenario.has_choices() {
            judgements().insert((place, subject.id), judgement.clone());
        }
        judgement
    }

    /// A document as it is for a subject, read where nobody has read it before. Those with and without what lets AWS's
    /// services through are two.
    pub(crate) fn policy<E>(
        &self,
        subject: &Subject<'_>,
        document: &Value,
        service_exemption: bool,
        read: impl FnOnce() -> Result<Policy, E>,
    ) -> Result<Policy, E> {
        // Nothing in a graph moves as long as it is there.
        let key = (ptr::from_ref(document).addr(), subject.id, service_exemption);
        let policies = || self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        let known = policies().get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let policy = read()?;
        if !subject.scenario.has_choices() {
            policies().insert(key, policy.clone());
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::{Given, read};
    use crate::graph::Graph;
    use crate::scenario::Scenario;
    use crate::span::Files;
    use crate::value::PartId;

    const TEMPLATE: &str = "
Parameters: { Env: { Type: String, Default: dev, AllowedValues: [dev, prod] } }
Conditions: { Prod: !Equals [!Ref Env, prod] }
Resources:
  Plain: { Type: AWS::S3::Bucket, Properties: { BucketName: plain } }
  Torn: { Type: AWS::S3::Bucket, Properties: { BucketName: !If [Prod, a, b] } }
";

    #[test]
    fn what_hangs_on_no_choice_is_judged_once_and_all_else_each_time() {
        let mut files = Files::default();
        let file = files.add("a.yaml");
        let template = read(TEMPLATE, file, PartId(0), &Given::default());
        let graph = Graph::new(files, vec![template.unwrap().part]);
        let control = controls::called("S3.5").next().unwrap();
        let own = control.clone();
        for (place, (id, resource)) in graph.resources().enumerate() {
            let mut asked = 0;
            let judged = [control, control, &own].map(|control| {
                let explored = Scenario::explore(|scenario| {
                    let subject = Subject { graph: &graph, scenario, id, resource };
                    graph.settled().judgement(control, &subject, || {
                        asked += 1;
                        control.judge(&subject)
                    })
                });
                explored.unwrap()
            });
            assert_eq!(judged[0], judged[1]);
            assert_eq!(judged[0], judged[2]);
            assert_eq!(asked, [2, 6][place], "{}", resource.name);
        }
    }
}
