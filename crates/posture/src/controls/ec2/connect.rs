//! Connect attachments: what they carry is clear text, unless the attachment below encrypts.

use crate::control::Control;
use crate::controls::directconnect::macsec;
use crate::subject::{Seen, Subject};
use crate::verdict::{Judgement, Standing};

/// Judges an attachment by the one that carries it.
pub(super) fn judge(_: &Control, attachment: &Subject<'_>) -> Judgement {
    let transport = match &*attachment.resource.kind {
        "AWS::NetworkManager::ConnectAttachment" => attachment.value(path!("TransportAttachmentId")),
        _ => attachment.value(path!("TransportTransitGatewayAttachmentId")),
    };
    let protocol = match attachment.text(path!("Options.Protocol")) {
        Seen::Known(protocol, _) => protocol,
        Seen::Absent(_) | Seen::Unknown(..) => "GRE".into(),
    };
    let carried_by = |transport, at| match attachment.target(transport) {
        Some(carrier) => match Carrier::of(&carrier) {
            Carrier::Encrypting => {
                Judgement::pass(format!("{} carries it, and encrypts", carrier.resource.name), at)
            }
            Carrier::Cleartext => Judgement::fail(
                format!("{protocol} over {} is clear text: that does not encrypt", carrier.resource.name),
                at,
            ),
            Carrier::Unknown => {
                Judgement::unknown(format!("whether {} encrypts is not known", carrier.resource.name), at)
            }
        },
        None => Judgement::unknown("the attachment that carries it is not declared here", at),
    };
    transport.judge("the attachment that carries it", carried_by, |at| {
        Judgement::unknown("the attachment that carries it is not set", at)
    })
}

enum Carrier {
    Encrypting,
    Cleartext,
    Unknown,
}

impl Carrier {
    /// On Direct Connect MACsec is a matter of the line, to which no reference leads from here.
    fn of(attachment: &Subject<'_>) -> Self {
        let kind = &*attachment.resource.kind;
        if kind.ends_with("VPNConnection") || kind.ends_with("SiteToSiteVpnAttachment") {
            return Self::Encrypting;
        }
        if matches!(kind, "AWS::DirectConnect::Connection" | "AWS::DirectConnect::Lag") {
            return match macsec(attachment).standing {
                Standing::Pass => Self::Encrypting,
                Standing::Fail => Self::Cleartext,
                Standing::Unknown | Standing::NotApplicable => Self::Unknown,
            };
        }
        if kind.ends_with("VpcAttachment")
            || kind.ends_with("_vpc_attachment")
            || kind == "AWS::EC2::TransitGatewayAttachment"
        {
            return Self::Cleartext;
        }
        Self::Unknown
    }
}
