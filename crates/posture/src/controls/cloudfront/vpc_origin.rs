//! The edge to origins within a VPC.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::value::Value;
use crate::verdict::Judgement;

use super::{behavior, origin};

/// Whether a VPC origin is reached by HTTPS, and by allowed versions of TLS.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let policy = subject.text(path!("VpcOriginEndpointConfig.OriginProtocolPolicy")).judge(
        "OriginProtocolPolicy",
        |policy, at| match &*policy {
            "https-only" => Judgement::pass("OriginProtocolPolicy is https-only", at),
            "match-viewer" => by_viewers(subject),
            _ => Judgement::fail(format!("OriginProtocolPolicy is {policy}"), at),
        },
        |_| by_viewers(subject),
    );
    let list = subject.value(path!("VpcOriginEndpointConfig.OriginSSLProtocols"));
    let protocols = match list {
        Seen::Unknown(why, at) => Judgement::unknown(format!("OriginSSLProtocols: {why}"), at),
        Seen::Absent(at) => {
            Judgement::fail("OriginSSLProtocols is not set, which stands for TLSv1 and SSLv3", at)
        }
        Seen::Known(list, at) if list.at.file == crate::span::FileId::NOWHERE => {
            Judgement::fail("OriginSSLProtocols is not set, which stands for TLSv1 and SSLv3", at)
        }
        Seen::Known(..) => {
            let each = subject.all(path!("VpcOriginEndpointConfig.OriginSSLProtocols[]")).into_iter();
            each.map(|protocol| origin::protocol(control, protocol)).collect()
        }
    };
    policy.and(protocols)
}

/// It follows the viewers of all distributions that use it.
fn by_viewers(subject: &Subject<'_>) -> Judgement {
    let distributions = subject.graph.referring(subject.id).filter_map(|(id, _)| subject.of(id));
    let of_distribution = |distribution: Subject<'_>| -> Judgement {
        let origins = distribution.all(path!("DistributionConfig.Origins[]"));
        let origins =
            origins.into_iter().filter_map(Seen::known).filter(|it| is_this(subject, &distribution, it));
        origins.map(|origin| behavior::all_https(&distribution, origin)).collect()
    };
    let of_type = distributions.filter(|it| &*it.resource.kind == "AWS::CloudFront::Distribution");
    let judged: Vec<Judgement> = of_type.map(of_distribution).collect();
    match judged.is_empty() {
        true => Judgement::unknown(
            "it follows the viewer, and no distribution that uses it was read",
            subject.resource.at,
        ),
        false => judged.into_iter().collect(),
    }
}

fn is_this<'g>(subject: &Subject<'g>, distribution: &Subject<'g>, origin: &'g Value) -> bool {
    let id = distribution.value_in(origin, path!("VpcOriginConfig.VpcOriginId")).known();
    id.and_then(|id| distribution.target(id)).is_some_and(|target| target.id == subject.id)
}
