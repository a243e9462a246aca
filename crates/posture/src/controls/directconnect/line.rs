//! MACsec on a line: whether it is asked for, and whether the line goes down rather than into clear text.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::{Judgement, Standing};

/// Judges a connection or a LAG.
pub(super) fn judge(control: &Control, line: &Subject<'_>) -> Judgement {
    let judged = macsec(line);
    match judged.standing == Standing::Fail && control.flag("accept_vpn_over_dx") && has_private_vpn(line) {
        true => Judgement::unknown(
            "it has no MACsec; a VPN with private addresses is declared beside it, and whether all that it carries \
             goes through that is not known",
            line.resource.at,
        ),
        false => judged,
    }
}

/// A VPN whose ends have private addresses runs over Direct Connect (Site-to-Site VPN user guide, private IP VPN).
fn has_private_vpn(line: &Subject<'_>) -> bool {
    let mut all = line.graph.of_kind("AWS::EC2::VPNConnection").filter_map(|(id, _)| line.of(id));
    all.any(|vpn| {
        let addresses = vpn.text(path!("OutsideIpAddressType")).known();
        addresses.as_deref() == Some("PrivateIpv4") && vpn.exists() != Some(false)
    })
}

/// Whether all that goes over a line is encrypted by MACsec.
pub(in crate::controls) fn macsec(line: &Subject<'_>) -> Judgement {
    match line.bool(path!("RequestMACSec")) {
        Seen::Known(true, at) => Judgement::pass("RequestMACSec is true", at).and(must_encrypt(line)),
        Seen::Known(false, at) => Judgement::fail("RequestMACSec is false", at),
        Seen::Absent(at) => Judgement::fail("RequestMACSec is not set, which is false", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("RequestMACSec: {why}"), at),
    }
}

/// Terraform alone says it; by default a line may fall back to clear text, and only a live account tells.
fn must_encrypt(line: &Subject<'_>) -> Judgement {
    line.text(path!("EncryptionMode")).judge(
        "the encryption mode",
        |mode, at| match &*mode {
            "must_encrypt" => Judgement::pass("the line goes down rather than into clear text", at),
            _ => Judgement::fail(format!("the encryption mode is {mode}, which may fall back to clear text"), at),
        },
        |at| {
            Judgement::unknown(
                "RequestMACSec is true, but whether the line must encrypt (encryptionMode must_encrypt) stands \
                 in the account alone",
                at,
            )
        },
    )
}
