//! Whether instances encrypt between each other, by the family of their type.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Families that encrypt between instances: EncryptionInTransitSupported of DescribeInstanceTypes, as of August 2026, and
/// what the EC2 User Guide lists of those that are sold no more.
const ENCRYPTING: &str = "\
    c5a c5ad c5n c6a c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex c8a c8g c8gb c8gd c8gn c8i \
    c8i-flex c8ib c8id c8in c8ine c9g c9gd d3 d3en dl1 dl2q f2 g4ad g4dn g5 g6 g6e g6f g7 g7e gr6 gr6f \
    hpc6a hpc6id hpc7a hpc7g hpc8a i3en i4g i4i i7i i7ie i8g i8ge im4gn inf1 inf2 is4gen m5dn m5n m5zn \
    m6a m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8a m8azn m8g m8gb m8gd m8gn m8i m8i-flex m8ib \
    m8id m8idb m8idn m8in m8ine m9g m9gd p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 r5dn r5n r6a r6i r6id \
    r6idn r6in r7a r7g r7gd r7i r7iz r8a r8g r8gb r8gd r8gn r8i r8i-flex r8ib r8id r8idb r8idn r8in trn1 \
    trn1n trn2 u-12tb1 u-18tb1 u-24tb1 u-3tb1 u-6tb1 u-9tb1 u7i-12tb u7i-6tb u7i-8tb u7in-16tb u7in-24tb \
    u7in-32tb vt1 x2idn x2iedn x2iezn x8aedz x8g x8i";

/// Families that never do, Graviton2 and the T families among them. What is in neither list is not known.
const PLAIN: &str = "\
    a1 c1 c3 c4 c5 c5d c6g c6gd cc2 cr1 d2 f1 g2 g3 g3s g5g h1 hs1 i2 i3 m1 m2 m3 m4 m5 m5a m5ad m5d m6g \
    m6gd p2 p3 r3 r4 r5 r5a r5ad r5b r5d r6g r6gd t1 t2 t3 t3a t4g x1 x1e x2gd z1d";

/// Judges what is launched by its instance type. What a launch template says is judged with the template.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    let path = match &*subject.resource.kind {
        "AWS::EC2::LaunchTemplate" => path!("LaunchTemplateData.InstanceType"),
        _ => path!("InstanceType"),
    };
    subject.text(path).judge("InstanceType", |kind, at| of_type(&kind, at), |at| unset(subject, at))
}

fn of_type(kind: &str, at: crate::span::Span) -> Judgement {
    let family = kind.split_once('.').map_or(kind, |(family, _)| family).to_ascii_lowercase();
    let is_among = |families: &str| families.split(' ').any(|known| known == family);
    if is_among(ENCRYPTING) {
        Judgement::pass(format!("{kind} encrypts to others that do"), at)
    } else if is_among(PLAIN) {
        Judgement::fail(format!("{kind} does not encrypt between instances"), at)
    } else {
        Judgement::unknown(
            format!(
                "whether {kind} encrypts between instances is not known here; DescribeInstanceTypes tells"
            ),
            at,
        )
    }
}

fn unset(subject: &Subject<'_>, at: crate::span::Span) -> Judgement {
    match &*subject.resource.kind {
        "AWS::EC2::Instance" => match subject.value(path!("LaunchTemplate")) {
            Seen::Absent(_) => Judgement::fail("InstanceType is not set, which is m1.small", at),
            Seen::Known(..) | Seen::Unknown(..) => Judgement::not_applicable(),
        },
        "AWS::AutoScaling::LaunchConfiguration" => {
            Judgement::unknown("it takes the type of an instance that is not known here", at)
        }
        // Whoever launches from the template says which type.
        _ => Judgement::not_applicable(),
    }
}
