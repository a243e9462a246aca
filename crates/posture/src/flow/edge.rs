//! CloudFront: from viewers to the edge, and from the edge to each origin.

use std::collections::BTreeSet;

use hermetic_hop::{ExternalEndpoint, Scheme, Verdict};
use hermetic_tls::ProtocolVersion;

use super::address;
use super::hop::Hop;
use super::named;
use super::party::{Part, Party};
use super::way::{Floor, Transport, Verified, Way};
use crate::controls::cloudfront::{all_https, is_website};
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, bool_of, number_of, text_of};
use crate::value::{Node, Value};
use crate::verdict::Standing;

/// The hops of a distribution.
pub fn hops(distribution: &Subject<'_>) -> Vec<Hop> {
    if distribution.bool(path!("DistributionConfig.Enabled")).known() == Some(false) {
        return Vec::new();
    }
    let origins = distribution.all(path!("DistributionConfig.Origins[]")).into_iter().filter_map(Seen::known);
    let origins: Vec<(&Value, Way, Span)> = origins
        .map(|origin| {
            let (way, at) = viewers_of(distribution, origin);
            (origin, way, at)
        })
        .collect();
    let verdicts: BTreeSet<Verdict> = origins.iter().map(|(_, way, _)| way.verdict()).collect();
    if verdicts.len() > 1 {
        return origins
            .into_iter()
            .flat_map(|(value, way, at)| apart(distribution, value, way, at))
            .collect();
    }
    let (way, at) = viewers(distribution);
    let mut hops = vec![Hop::entrance(distribution, way, at)];
    hops.extend(origins.into_iter().filter_map(|(value, ..)| origin(distribution, value)));
    hops
}

/// Viewers who come in the worst way do not come to every origin: each way leads on from a part of its own.
fn apart<'g>(distribution: &Subject<'g>, value: &'g Value, way: Way, at: Span) -> Vec<Hop> {
    let Some(onward) = origin(distribution, value) else { return Vec::new() };
    let part = match way.verdict() {
        Verdict::Clear => Party::Part(distribution.id, Part::InClear),
        Verdict::Unknown => Party::Part(distribution.id, Part::Untold),
        _ => Party::Resource(distribution.id),
    };
    vec![Hop::new(Party::Client, part, way.theirs(), at), Hop { from: part, ..onward }]
}

/// How viewers come whose behaviors lead to an origin.
fn viewers_of<'g>(distribution: &Subject<'g>, origin: &'g Value) -> (Way, Span) {
    let judged = all_https(distribution, origin);
    let ground = judged.grounds.first();
    let at = ground.map_or(origin.at, |ground| ground.at);
    let why = ground.map(|ground| ground.message.as_str()).unwrap_or_default();
    match judged.standing {
        Standing::Fail => (Way::clear("a cache behavior lets viewers in by HTTP"), at),
        Standing::Unknown => (Way::unknown(why), at),
        Standing::Pass | Standing::NotApplicable => {
            let (floor, at) = viewer_floor(distribution);
            let reason = format!(
                "every cache behavior that leads on from here wants HTTPS, by {}",
                floor.policy_name()
            );
            (Way::tls(floor, Verified::Theirs, reason), at)
        }
    }
}

/// Viewers take whichever behavior lets them in the worst.
pub fn viewers(distribution: &Subject<'_>) -> (Way, Span) {
    let policies = [
        path!("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"),
        path!("DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy"),
    ];
    let of_policy = |policy: Seen<&Value>| {
        let policy = policy.and_then(text_of);
        let at = policy.at();
        let way = match policy {
            Seen::Known(policy, _) if matches!(&*policy, "https-only" | "redirect-to-https") => return None,
            Seen::Known(..) => Way::clear("a cache behavior lets viewers in by HTTP"),
            Seen::Absent(_) => Way::unknown("ViewerProtocolPolicy is not written"),
            Seen::Unknown(why, _) => Way::unknown(format!("ViewerProtocolPolicy is not known: {why}")),
        };
        Some((way, at))
    };
    let open = policies.into_iter().flat_map(|path| distribution.all(path)).filter_map(of_policy);
    open.min_by_key(|(way, _)| way.verdict()).unwrap_or_else(|| {
        let (floor, at) = viewer_floor(distribution);
        let reason = format!("every cache behavior wants HTTPS, by {}", floor.policy_name());
        (Way::tls(floor, Verified::Theirs, reason), at)
    })
}

/// With CloudFront's own certificate the policy is TLSv1, whatever is written beside it.
fn viewer_floor(distribution: &Subject<'_>) -> (Floor, Span) {
    let certificate = distribution.value(path!("DistributionConfig.ViewerCertificate"));
    let at = certificate.at();
    let Seen::Known(certificate, _) = certificate else {
        let known = matches!(certificate, Seen::Absent(_));
        return (if known { Floor::of_policy(&["cloudfront"], "TLSv1") } else { Floor::default() }, at);
    };
    let is_written = |path: &Path| match distribution.value_in(certificate, path) {
        Seen::Known(value, _) => bool_of(value) != Ok(false),
        Seen::Unknown(..) => true,
        Seen::Absent(_) => false,
    };
    let own = is_written(path!("AcmCertificateArn")) || is_written(path!("IamCertificateId"));
    let lowest = distribution.value_in(certificate, path!("MinimumProtocolVersion")).and_then(text_of);
    let (name, at) = match lowest {
        Seen::Known(name, at) if own => (name, at),
        Seen::Unknown(_, at) if own => return (Floor::default(), at),
        _ => ("TLSv1".into(), at),
    };
    (Floor::of_policy(&["cloudfront"], &name), at)
}

fn origin<'g>(distribution: &Subject<'g>, origin: &'g Value) -> Option<Hop> {
    let seen = |path: &Path| distribution.value_in(origin, path);
    let domain = seen(path!("DomainName")).known()?;
    let vpc_origin = seen(path!("VpcOriginConfig.VpcOriginId")).known();
    let to = far_end(distribution, domain, vpc_origin);
    let at = seen(path!("CustomOriginConfig.OriginProtocolPolicy")).at();
    let (way, at) = if is_website(domain) == Some(true) {
        (Way::clear("the website endpoint of a bucket speaks HTTP alone"), domain.at)
    } else if let Some(id) = vpc_origin {
        (within_vpc(distribution, origin, id), at)
    } else {
        match seen(path!("CustomOriginConfig")) {
            Seen::Known(custom, _) => (custom_origin(distribution, origin, custom), at),
            Seen::Unknown(why, at) => (Way::unknown(format!("CustomOriginConfig is not known: {why}")), at),
            Seen::Absent(_) => {
                let tls = |why: &str| Way::by_aws(format!("{why}, and it verifies S3"));
                let what = "CloudFront asks S3 as the viewer asked";
                (as_viewers_come(distribution, origin, what, tls), domain.at)
            }
        }
    };
    let address = address_of(distribution, origin, domain, &way);
    Some(Hop { address, ..Hop::new(Party::Resource(distribution.id), to, way, at) })
}

/// A custom origin is asked on the port for cleartext or the one for TLS, whichever the way is.
fn address_of<'g>(
    distribution: &Subject<'g>,
    origin: &'g Value,
    domain: &Value,
    way: &Way,
) -> Option<ExternalEndpoint> {
    let host = text_of(domain).ok()?;
    let custom = |path: &Path| distribution.value_in(origin, path).and_then(number_of);
    let (written, usual) = match way.transport {
        Transport::Cleartext => (custom(path!("CustomOriginConfig.HTTPPort")), "80"),
        _ => (custom(path!("CustomOriginConfig.HTTPSPort")), "443"),
    };
    let port = match written {
        Seen::Known(port, _) => port.to_string(),
        Seen::Absent(_) => usual.to_owned(),
        Seen::Unknown(..) => return None,
    };
    address::endpoint(Scheme::Https, &host, port.parse().ok()?)
}

fn far_end(distribution: &Subject<'_>, domain: &Value, vpc_origin: Option<&Value>) -> Party {
    let through = vpc_origin.and_then(|id| {
        let origin = distribution.target(distribution.resolve(id))?;
        let arn = origin.value(path!("VpcOriginEndpointConfig.Arn")).known()?;
        origin.targets(arn).into_iter().next()
    });
    let party = through.or_else(|| distribution.targets(domain).into_iter().next());
    match party {
        Some(target) => Party::Resource(super::behind::behind(&target)),
        None => {
            let by_record = || {
                let host = text_of(domain).ok()?;
                Some(Party::Resource(named::by_record(distribution, &host)?.id))
            };
            bucket_named(distribution, domain)
                .or_else(by_record)
                .unwrap_or_else(|| Party::outside(distribution, domain))
        }
    }
}

/// A bucket whose address is written as text.
fn bucket_named(distribution: &Subject<'_>, domain: &Value) -> Option<Party> {
    let text = text_of(domain).ok()?;
    let (name, _) = text.split_once(".s3")?;
    let named = |id| {
        let bucket = distribution.of(id)?;
        (bucket.text(path!("BucketName")).known()?.as_ref() == name).then_some(Party::Resource(id))
    };
    distribution.graph.of_kind("AWS::S3::Bucket").find_map(|(id, _)| named(id))
}

fn custom_origin<'g>(distribution: &Subject<'g>, origin: &'g Value, custom: &'g Value) -> Way {
    let policy = distribution.value_in(custom, path!("OriginProtocolPolicy"));
    let floor = || lowest_of(distribution, distribution.value_in(custom, path!("OriginSSLProtocols")));
    by_policy(distribution, origin, policy, floor)
}

/// Where nothing is written an origin within a VPC is asked as the viewer asked (CloudFormation reference, VpcOrigin).
fn within_vpc<'g>(distribution: &Subject<'g>, origin: &'g Value, id: &'g Value) -> Way {
    let Some(vpc_origin) = distribution.target(distribution.resolve(id)) else {
        return Way::unknown("its VPC origin is not part of this code");
    };
    let policy = vpc_origin.value(path!("VpcOriginEndpointConfig.OriginProtocolPolicy"));
    let floor =
        || lowest_of(&vpc_origin, vpc_origin.value(path!("VpcOriginEndpointConfig.OriginSSLProtocols")));
    match policy {
        Seen::Absent(_) => follows_viewers(distribution, origin, &floor),
        policy => by_policy(distribution, origin, policy, floor),
    }
}

fn by_policy<'g>(
    distribution: &Subject<'g>,
    origin: &'g Value,
    policy: Seen<&Value>,
    floor: impl Fn() -> Floor,
) -> Way {
    match policy.and_then(text_of) {
        Seen::Known(policy, _) => match &*policy {
            "https-only" => verified(floor(), "OriginProtocolPolicy is https-only"),
            "match-viewer" => follows_viewers(distribution, origin, &floor),
            _ => Way::clear(format!("OriginProtocolPolicy is {policy}")),
        },
        Seen::Absent(_) => Way::unknown("OriginProtocolPolicy is not written"),
        Seen::Unknown(why, _) => Way::unknown(format!("OriginProtocolPolicy is not known: {why}")),
    }
}

fn follows_viewers<'g>(distribution: &Subject<'g>, origin: &'g Value, floor: &impl Fn() -> Floor) -> Way {
    as_viewers_come(distribution, origin, "OriginProtocolPolicy match-viewer", |why| verified(floor(), why))
}

/// CloudFront wants a certificate of a public authority that fits the origin's name.
fn verified(floor: Floor, why: &str) -> Way {
    Way::tls(floor, Verified::Yes, format!("{why}, and CloudFront verifies the origin"))
}

/// An origin is asked as those viewers come whose behaviors send them to it.
fn as_viewers_come<'g>(
    distribution: &Subject<'g>,
    origin: &'g Value,
    what: &str,
    tls: impl Fn(&str) -> Way,
) -> Way {
    let judged = all_https(distribution, origin);
    let why = judged.grounds.first().map(|ground| ground.message.clone()).unwrap_or_default();
    match judged.standing {
        Standing::Fail => Way::clear(format!("{what}: {why}")),
        Standing::Unknown => Way::unknown(format!("{what}, which is not known: {why}")),
        Standing::Pass | Standing::NotApplicable => tls(&format!("{what}: {why}")),
    }
}

/// CloudFront's own default takes SSL 3.0 and TLS 1.0 (CloudFormation reference, OriginSSLProtocols).
fn lowest_of(subject: &Subject<'_>, protocols: Seen<&Value>) -> Floor {
    let list = match protocols {
        Seen::Absent(_) => return Floor::at_least(ProtocolVersion::SSL3),
        Seen::Known(Value { node: Node::List(list), .. }, _) => list,
        Seen::Known(..) | Seen::Unknown(..) => return Floor::default(),
    };
    let versions = list.iter().map(|value| {
        let text = text_of(subject.resolve(value)).ok()?;
        ProtocolVersion::from_name(&text)
    });
    let lowest = versions.collect::<Option<Vec<_>>>().and_then(|versions| versions.into_iter().min());
    Floor { lowest, ..Floor::default() }
}
