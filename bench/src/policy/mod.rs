//! Policies, measured: a decision on ten statements as the gateway takes it, a proof about twenty, and beside them
//! the evaluator of Cedar, which is another language, on ten policies that say the same.

#[cfg(feature = "cedar")]
mod cedar;
pub mod page;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hermetic_iam::document::Document;
use hermetic_iam::request::Caller;
use hermetic_iam::{Floor, Proof, Question, prove};
use hermetic_permit::{
    Buckets, Call, Callers, Enforcement, Facts, Head, PolicyDocument, Resource, Service, Stated, Way, Who,
};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::cpu;
use crate::failure::Failure;
use crate::figure::Median;

const TEN: &str = include_str!("ten.json");
const TWENTY: &str = include_str!("twenty.json");
const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const CALLERS: &str =
    "[[caller]]\nprincipal = \"arn:aws:iam::111122223333:user/ana\"\nidentity = \"dns:ana\"\n";

/// How it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How often each figure is taken.
    pub runs: usize,
    /// For how long each time.
    pub time: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Results {
    pub plan: Plan,
    /// What was done, and how many nanoseconds of CPU time it took once.
    pub figures: Vec<(&'static str, Median)>,
}

/// Something that is done again and again.
type Deed<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Measures it.
pub fn measure(plan: Plan) -> Result<Results, Failure> {
    let failed = |reason: String| Failure::Load {
        name: "policies".to_owned(),
        figure: "what is measured".to_owned(),
        reason,
    };
    let read = |text| Document::read(text).map_err(|error| failed(error.to_string()));
    let document = PolicyDocument { name: "ten".to_owned(), document: read(TEN)?, stated: Stated::default() };
    let callers = Callers::read(CALLERS, &|text| Ok(text.to_owned())).map_err(|it| failed(it.to_string()))?;
    let enforcement = Enforcement::of(&[Arc::new(document)], Buckets::InPath, Some(Arc::new(callers)))
        .map_err(|error| failed(error.to_string()))?
        .ok_or_else(|| failed("no document".to_owned()))?;

    let (target, mut headers) = (Uri::from_static("/bucket/a/key?versionId=7"), HeaderMap::new());
    headers.insert("user-agent", HeaderValue::from_static("Boto3/1.44.8"));
    let head = Head { method: &Method::GET, target: &target, headers: &headers, authority: "h", host: "h" };
    let from = std::net::Ipv4Addr::new(192, 0, 2, 1);
    let way = |secure| Way { secure, tls: Some("1.3"), from: from.into(), written_from: from.to_string() };
    let (sealed, clear) = (way(true), way(false));
    let who = Arc::new(Who::new(Caller::Arn(ANA.to_owned())));
    let now = jiff::Timestamp::UNIX_EPOCH;
    let resource = Resource::Arn("arn:aws:s3:::bucket/a/key".to_owned());
    let calls = [Call { action: "s3:GetObjectVersion", resource }];
    let facts = [&sealed, &clear].map(|way| Facts::new(&head, Service::S3, way, &who, now));
    let [passing, denied] = &facts;
    if enforcement.denial(&calls, passing).is_some() || enforcement.denial(&calls, denied).is_none() {
        return Err(failed("the decisions are not what they must be".to_owned()));
    }

    let twenty = read(TWENTY)?;
    let documents = [&twenty];
    let question =
        |floor| Question { documents: &documents, resource: "arn:aws:s3:::bucket", account: None, floor };
    let (tls12, tls13) = (Some(Floor::Tls1_2), Some(Floor::Tls1_3));
    if prove(&question(tls12)) != Ok(Proof::Denied) || !matches!(prove(&question(tls13)), Ok(Proof::Open(_)))
    {
        return Err(failed("the proofs are not what they must be".to_owned()));
    }
    #[cfg(feature = "cedar")]
    let cedar = cedar::Cedar::new().map_err(failed)?;
    let mut deeds: Vec<Deed<'_>> = vec![
        ("a decision on ten statements, of which none denies", {
            Box::new(|| {
                let _ = black_box(enforcement.denial(black_box(&calls), passing));
            })
        }),
        ("a decision on ten statements, of which the first denies", {
            Box::new(|| {
                let _ = black_box(enforcement.denial(black_box(&calls), denied));
            })
        }),
        ("a request judged whole: mapped, its facts gathered, decided", {
            Box::new(|| {
                let _ = black_box(enforcement.judge(black_box(&head), None, &sealed, Some(&who), now));
            })
        }),
        ("a proof about twenty statements: denied", {
            Box::new(|| {
                let _ = black_box(prove(black_box(&question(tls12))));
            })
        }),
        ("a proof about twenty statements: open, with a request that gets through", {
            Box::new(|| {
                let _ = black_box(prove(black_box(&question(tls13))));
            })
        }),
    ];
    #[cfg(feature = "cedar")]
    deeds.push((
        "Cedar (cedar-policy 4.14.1): ten policies, of which none forbids",
        Box::new(|| {
            let _ = black_box(cedar.decide());
        }),
    ));

    let mut times = vec![Vec::new(); deeds.len()];
    for _ in 0..plan.runs {
        for ((_, deed), times) in deeds.iter_mut().zip(&mut times) {
            times.push(once(plan.time, deed)?);
        }
    }
    let figures = deeds.iter().zip(times);
    let figures = figures.filter_map(|((name, _), times)| Some((*name, Median::of_rates(times)?))).collect();
    Ok(Results { plan, figures })
}

/// How many nanoseconds of CPU time it takes to do it once. The clock is read once for a hundred times.
fn once(time: Duration, deed: &mut dyn FnMut()) -> Result<f64, Failure> {
    const BATCH: u32 = 100;
    let (start, before) = (Instant::now(), cpu::time(std::process::id())?);
    let mut done = 0_u32;
    while start.elapsed() < time {
        (0..BATCH).for_each(|_| deed());
        done = done.saturating_add(BATCH);
    }
    let used = cpu::time(std::process::id())?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e9 / f64::from(done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_does_what_it_must() {
        let plan = Plan { runs: 1, time: Duration::from_millis(50) };
        let results = measure(plan).unwrap();
        assert!(results.figures.len() >= 5);
        assert!(results.figures.iter().all(|(_, median)| median.median.is_finite()));
    }
}
