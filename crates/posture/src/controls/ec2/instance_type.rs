//! Whether instances encrypt between each other, by the family of their type.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Families that the EC2 User Guide lists as encrypting between instances.
const ENCRYPTING: &[&str] = &[
    "c5n",
    "c6a",
    "c6gn",
    "c6i",
    "c6id",
    "c6in",
    "c7a",
    "c7g",
    "c7gd",
    "c7gn",
    "c7i",
    "c7i-flex",
    "c8g",
    "c8gd",
    "c8gn",
    "d3",
    "d3en",
    "dl1",
    "dl2q",
    "g4ad",
    "g4dn",
    "g5",
    "g6",
    "g6e",
    "gr6",
    "hpc6a",
    "hpc6id",
    "hpc7a",
    "hpc7g",
    "i3en",
    "i4g",
    "i4i",
    "i7i",
    "i7ie",
    "i8g",
    "im4gn",
    "inf1",
    "inf2",
    "is4gen",
    "m5dn",
    "m5n",
    "m5zn",
    "m6a",
    "m6i",
    "m6id",
    "m6idn",
    "m6in",
    "m7a",
    "m7g",
    "m7gd",
    "m7i",
    "m7i-flex",
    "m8g",
    "m8gd",
    "p3dn",
    "p4d",
    "p4de",
    "p5",
    "p5e",
    "p5en",
    "r5dn",
    "r5n",
    "r6a",
    "r6i",
    "r6id",
    "r6idn",
    "r6in",
    "r7a",
    "r7g",
    "r7gd",
    "r7i",
    "r7iz",
    "r8g",
    "r8gd",
    "trn1",
    "trn1n",
    "trn2",
    "u-12tb1",
    "u-18tb1",
    "u-24tb1",
    "u-3tb1",
    "u-6tb1",
    "u-9tb1",
    "u7i-12tb",
    "u7in-16tb",
    "u7in-24tb",
    "u7in-32tb",
    "vt1",
    "x2idn",
    "x2iedn",
    "x2iezn",
    "x8g",
];

/// Families from before that, which never encrypt. What is in neither list is not known.
const PLAIN: &[&str] = &[
    "a1", "c1", "c3", "c4", "c5", "c5d", "cc2", "cr1", "d2", "f1", "g2", "g3", "g3s", "h1", "hs1", "i2",
    "i3", "m1", "m2", "m3", "m4", "m5", "m5a", "m5ad", "m5d", "p2", "p3", "r3", "r4", "r5", "r5a", "r5ad",
    "r5b", "r5d", "t1", "t2", "x1", "x1e", "z1d",
];

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
    if ENCRYPTING.contains(&&*family) {
        Judgement::pass(format!("{kind} encrypts to others that do"), at)
    } else if PLAIN.contains(&&*family) {
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
