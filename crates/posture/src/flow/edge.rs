//! CloudFront: from viewers to the edge, and from the edge to each origin.

use hermetic_tls::ProtocolVersion;

use super::hop::{Floor, Hop, Transport, Verified};
use super::party::Party;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

/// The hops of a distribution.
pub fn hops(distribution: &Subject<'_>) -> Vec<Hop> {
    if distribution.bool(&Path::of("DistributionConfig.Enabled")).known() == Some(false) {
        return Vec::new();
    }
    let viewers = viewers(distribution);
    let origins = distribution.all(&Path::of("DistributionConfig.Origins[]"));
    let origins = origins.into_iter().filter_map(Seen::known);
    let mut hops: Vec<Hop> =
        origins.flat_map(|value| origin(distribution, value, &viewers.transport)).collect();
    hops.insert(0, viewers);
    hops
}

/// Viewers take whichever behavior lets them in the worst.
fn viewers(distribution: &Subject<'_>) -> Hop {
    let policy = "ViewerProtocolPolicy";
    let mut behaviors =
        distribution.all(&Path::of("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"));
    behaviors.extend(distribution.all(&Path::of("DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy")));
    let said: Vec<(Option<std::sync::Arc<str>>, Span)> = behaviors
        .into_iter()
        .map(|seen| (seen.clone().known().and_then(|value| text_of(value).ok()), seen.at()))
        .collect();
    let open = said.iter().find(|(text, _)| text.as_deref() == Some("allow-all"));
    let unknown = said.iter().find(|(text, _)| text.is_none());
    let (transport, reason, at) = match (open, unknown) {
        (Some((_, at)), _) => {
            (Transport::Cleartext, "a cache behavior lets viewers in by HTTP".to_owned(), *at)
        }
        (None, Some((_, at))) => (Transport::Unknown, format!("{policy} is not known"), *at),
        (None, None) => {
            let (floor, at) = viewer_floor(distribution);
            let name = floor.policy.clone().unwrap_or_default();
            (Transport::Tls(floor), format!("every cache behavior wants HTTPS, by {name}"), at)
        }
    };
    Hop {
        from: Party::Client,
        to: Party::Resource(distribution.id),
        transport,
        verified: Verified::Theirs,
        reason,
        at,
        when: None,
    }
}

/// With CloudFront's own certificate the policy is TLSv1, whatever is written beside it.
fn viewer_floor(distribution: &Subject<'_>) -> (Floor, Span) {
    let of = |text: &'static str| Path::of(text);
    let own = ["AcmCertificateArn", "IamCertificateId"].iter().any(|name| {
        let certificate = match *name {
            "AcmCertificateArn" => of("DistributionConfig.ViewerCertificate.AcmCertificateArn"),
            _ => of("DistributionConfig.ViewerCertificate.IamCertificateId"),
        };
        !matches!(distribution.value(&certificate), Seen::Absent(_))
    });
    let lowest = distribution.text(&of("DistributionConfig.ViewerCertificate.MinimumProtocolVersion"));
    let at = lowest.at();
    let name = match lowest {
        _ if !own => "TLSv1".to_owned(),
        Seen::Known(name, _) => name.to_string(),
        Seen::Absent(_) => "TLSv1".to_owned(),
        Seen::Unknown(..) => return (Floor::default(), at),
    };
    (Floor::of_policy(&["cloudfront"], &name), at)
}

fn origin(distribution: &Subject<'_>, origin: &Value, viewers: &Transport) -> Option<Hop> {
    let one = |path: &'static str| distribution.below(origin, &Path::of(path)).into_iter().next();
    let known = |path: &'static str| one(path).and_then(Seen::known);
    let domain = known("DomainName")?;
    let to = far_end(distribution, domain, known("VpcOriginConfig.VpcOriginId"));
    let (transport, reason, at) = if let Some(custom) = known("CustomOriginConfig") {
        custom_origin(distribution, custom, viewers)
    } else if let Some(id) = known("VpcOriginConfig.VpcOriginId") {
        vpc_origin(distribution, id, viewers)
    } else {
        s3_origin(domain, viewers)
    };
    // CloudFront wants a public certificate that fits the origin's name.
    let verified = Verified::Yes;
    Some(Hop { from: Party::Resource(distribution.id), to, transport, verified, reason, at, when: None })
}

fn far_end(distribution: &Subject<'_>, domain: &Value, vpc_origin: Option<&Value>) -> Party {
    let through = vpc_origin.and_then(|id| {
        let origin = distribution.target(distribution.resolve(id))?;
        let arn = origin.value(&Path::of("VpcOriginEndpointConfig.Arn")).known()?;
        origin.targets(arn).into_iter().next()
    });
    let party = through.or_else(|| distribution.targets(domain).into_iter().next());
    match party {
        Some(target) => Party::Resource(super::api::behind(&target)),
        None => bucket_named(distribution, domain).unwrap_or(Party::Outside),
    }
}

/// A bucket whose address is written as text.
fn bucket_named(distribution: &Subject<'_>, domain: &Value) -> Option<Party> {
    let text = text_of(domain).ok()?;
    let (name, _) = text.split_once(".s3")?;
    let named = |id| {
        let bucket = distribution.of(id)?;
        (bucket.text(&Path::of("BucketName")).known()?.as_ref() == name).then_some(Party::Resource(id))
    };
    distribution.graph.of_kind("AWS::S3::Bucket").find_map(|(id, _)| named(id))
}

fn custom_origin(
    distribution: &Subject<'_>,
    custom: &Value,
    viewers: &Transport,
) -> (Transport, String, Span) {
    let policy = custom.entry("OriginProtocolPolicy").map(|value| distribution.resolve(value));
    let at = policy.map_or(custom.at, |policy| policy.at);
    let protocols = custom.entry("OriginSSLProtocols").map(|value| distribution.resolve(value));
    by_policy(distribution, policy, protocols, viewers, at)
}

fn vpc_origin(distribution: &Subject<'_>, id: &Value, viewers: &Transport) -> (Transport, String, Span) {
    let Some(origin) = distribution.target(distribution.resolve(id)) else {
        return (Transport::Unknown, "its VPC origin is not part of this code".to_owned(), id.at);
    };
    let policy = origin.value(&Path::of("VpcOriginEndpointConfig.OriginProtocolPolicy"));
    let protocols = origin.value(&Path::of("VpcOriginEndpointConfig.OriginSSLProtocols")).known();
    let at = policy.at();
    by_policy(&origin, policy.known(), protocols, viewers, at)
}

fn by_policy(
    subject: &Subject<'_>,
    policy: Option<&Value>,
    protocols: Option<&Value>,
    viewers: &Transport,
    at: Span,
) -> (Transport, String, Span) {
    let tls = |why: &str| {
        let floor = lowest_of(subject, protocols);
        (Transport::Tls(floor), format!("{why}, and CloudFront verifies the origin"), at)
    };
    match policy.and_then(|policy| text_of(policy).ok()).as_deref() {
        Some("https-only") => tls("OriginProtocolPolicy is https-only"),
        Some("http-only") => (Transport::Cleartext, "OriginProtocolPolicy is http-only".to_owned(), at),
        Some("match-viewer") => match viewers {
            Transport::Cleartext => {
                let why = "OriginProtocolPolicy is match-viewer, and viewers may come by HTTP";
                (Transport::Cleartext, why.to_owned(), at)
            }
            Transport::Unknown => {
                (Transport::Unknown, "it is as the viewer's, which is not known".to_owned(), at)
            }
            _ => tls("OriginProtocolPolicy is match-viewer, and viewers come by HTTPS alone"),
        },
        _ => (Transport::Unknown, "OriginProtocolPolicy is not known".to_owned(), at),
    }
}

/// CloudFront's own default takes SSL 3.0 and TLS 1.0 (CloudFormation reference, OriginSSLProtocols).
fn lowest_of(subject: &Subject<'_>, protocols: Option<&Value>) -> Floor {
    let Some(protocols) = protocols else { return Floor::at_least(ProtocolVersion::SSL3) };
    let Node::List(list) = &protocols.node else { return Floor::default() };
    let versions = list.iter().map(|value| {
        let text = text_of(subject.resolve(value)).ok()?;
        ProtocolVersion::from_name(&text)
    });
    let lowest = versions.collect::<Option<Vec<_>>>().and_then(|versions| versions.into_iter().min());
    Floor { lowest, ..Floor::default() }
}

/// Website endpoints speak HTTP alone; the others are spoken to as the viewer spoke.
fn s3_origin(domain: &Value, viewers: &Transport) -> (Transport, String, Span) {
    let website = match &domain.node {
        Node::Text(text) => text.contains("s3-website"),
        Node::Reference(reference) => reference.attribute.as_deref() == Some("WebsiteURL"),
        Node::Pieces(pieces) => {
            pieces.iter().any(|piece| text_of(piece).is_ok_and(|t| t.contains("s3-website")))
        }
        _ => false,
    };
    let (transport, reason) = match viewers {
        _ if website => (Transport::Cleartext, "the website endpoint of a bucket speaks HTTP alone"),
        Transport::Cleartext => {
            (Transport::Cleartext, "CloudFront asks S3 as the viewer asked, and viewers may come by HTTP")
        }
        Transport::Unknown => (Transport::Unknown, "it is as the viewer's, which is not known"),
        _ => {
            let floor = Floor::at_least(ProtocolVersion::TLS1_2);
            (Transport::Tls(floor), "CloudFront asks S3 as the viewer asked, by HTTPS alone, and verifies it")
        }
    };
    (transport, reason.to_owned(), domain.at)
}
