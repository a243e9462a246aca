//! The legs of a flow: what comes in, what goes out, and what is handed to other accounts.

use crate::control::Control;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Where a leg's settings stand.
struct Leg {
    protocol: &'static Path,
    encryption: &'static Path,
    interface: &'static Path,
}

/// Judges what a resource sends or takes.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    match &*subject.resource.kind {
        "AWS::MediaConnect::Flow" => source(
            subject,
            &Leg {
                protocol: path!("Source.Protocol"),
                encryption: path!("Source.Decryption"),
                interface: path!("Source.VpcInterfaceName"),
            },
        ),
        "AWS::MediaConnect::FlowSource" => source(
            subject,
            &Leg {
                protocol: path!("Protocol"),
                encryption: path!("Decryption"),
                interface: path!("VpcInterfaceName"),
            },
        ),
        "AWS::MediaConnect::FlowOutput" => of_leg(
            subject,
            &Leg {
                protocol: path!("Protocol"),
                encryption: path!("Encryption"),
                interface: path!("VpcInterfaceAttachment"),
            },
        ),
        "AWS::MediaConnect::FlowEntitlement" => present(subject, path!("Encryption")),
        _ => router(subject),
    }
}

/// A source without a protocol comes from an entitlement, a bridge or a router, and is encrypted or not over there.
fn source(subject: &Subject<'_>, leg: &Leg) -> Judgement {
    match (subject.value(leg.protocol), subject.value(leg.encryption)) {
        (Seen::Absent(_), Seen::Known(_, at)) => Judgement::pass("it is decrypted here", at),
        (Seen::Absent(_), _) => Judgement::not_applicable(),
        _ => of_leg(subject, leg),
    }
}

fn of_leg(subject: &Subject<'_>, leg: &Leg) -> Judgement {
    subject.text(leg.protocol).judge(
        "Protocol",
        |protocol, at| {
            let name = protocol.to_ascii_lowercase();
            let encrypts = ["srt", "zixi", "rist"].iter().any(|known| name.starts_with(known));
            match encrypts {
                true => present(subject, leg.encryption),
                false => inside(subject, leg, &name, at),
            }
        },
        |_| match subject.value(leg.encryption) {
            Seen::Known(_, at) => Judgement::pass("it is encrypted", at),
            Seen::Absent(_) | Seen::Unknown(..) => Judgement::not_applicable(),
        },
    )
}

fn present(subject: &Subject<'_>, path: &Path) -> Judgement {
    let name = path.to_string();
    let fail = format!("{name} is not set");
    subject.value(path).judge(
        &name,
        |_, at| Judgement::pass(format!("{name} is set"), at),
        |at| Judgement::fail(fail.clone(), at),
    )
}

/// Of protocols without encryption, those inside a VPC are not on the Internet. Uncompressed ones are nowhere else.
fn inside(subject: &Subject<'_>, leg: &Leg, protocol: &str, at: Span) -> Judgement {
    if ["cdi", "st2110-jpegxs", "ndi-speed-hq"].contains(&protocol) {
        return Judgement::pass(format!("{protocol} stays inside the VPC"), at);
    }
    subject.value(leg.interface).judge(
        "its VPC interface",
        |_, at| Judgement::pass(format!("{protocol} stays inside a VPC interface"), at),
        |_| Judgement::fail(format!("{protocol} has no encryption, and leaves the VPC"), at),
    )
}

/// What leads to flows and to MediaLive is always encrypted; of what leads elsewhere only RTMP and SRT can be.
fn router(subject: &Subject<'_>) -> Judgement {
    let protocols: [(&str, &Path, Option<&Path>); 5] = [
        (
            "RTMP",
            path!("Configuration.Standard.ProtocolConfiguration.RtmpPush"),
            Some(path!("Configuration.Standard.ProtocolConfiguration.RtmpPush.TlsEncryption")),
        ),
        (
            "SRT",
            path!("Configuration.Standard.ProtocolConfiguration.SrtCaller"),
            Some(path!("Configuration.Standard.ProtocolConfiguration.SrtCaller.EncryptionConfiguration")),
        ),
        (
            "SRT",
            path!("Configuration.Standard.ProtocolConfiguration.SrtListener"),
            Some(path!("Configuration.Standard.ProtocolConfiguration.SrtListener.EncryptionConfiguration")),
        ),
        ("RTP", path!("Configuration.Standard.ProtocolConfiguration.Rtp"), None),
        ("RIST", path!("Configuration.Standard.ProtocolConfiguration.Rist"), None),
    ];
    let judged = protocols.into_iter().map(|(name, whole, encryption)| match subject.value(whole) {
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{name}: {why}"), at),
        Seen::Known(_, at) => match encryption {
            Some(encryption) => present(subject, encryption),
            None => Judgement::fail(format!("{name} has no encryption"), at),
        },
    });
    judged.collect()
}
