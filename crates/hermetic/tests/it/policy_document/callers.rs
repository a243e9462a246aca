//! Who calls: by signature, and by certificate.

use super::{all, document, sealed};
use crate::harness::eventually;

const ANA: &str = "arn:aws:iam::111122223333:user/ana";

fn callers() -> String {
    format!(
        "[[caller]]\nprincipal = \"{ANA}\"\naccess_key_id = \"AKIDANA\"\nsecret_access_key = \"anas/secret+1\"\n\
         [[caller]]\nprincipal = \"arn:aws:iam::111122223333:user/ben\"\naccess_key_id = \"AKIDBEN\"\n\
         secret_access_key = \"bens\"\n"
    )
}

/// Nobody but Ben may write.
fn bens() -> String {
    let but = r#""Principal": "*""#;
    let statement = document("s3", r#"["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]"#);
    let ana = format!(
        r#"{{"Sid": "NotAna", "Effect": "Deny", "Principal": {{"AWS": "{ANA}"}}, "Action": "s3:Put*",
            "Resource": "arn:aws:s3:::shop/*"}}"#
    );
    assert!(statement.contains(but));
    statement.replacen("\"Statement\": [", &format!("\"Statement\": [{ana},"), 1)
}

#[test]
fn a_deny_for_one_principal_is_for_whoever_signs_as_it() {
    let (callers, bens) = (callers(), bens());
    let files = [("callers.toml", callers.as_str()), ("bens.json", bens.as_str())];
    let lines = "credentials = \"callers.toml\"";
    let sealed = sealed(lines, &files);
    // The document of the listener is written anew, and taken up.
    let folder = sealed.hermetic.folder.path();
    std::fs::write(folder.join("s3.json"), &bens).unwrap();
    assert!(sealed.hermetic.hermetic(&["reload"]).status.success(), "{}", sealed.hermetic.log());
    let (ana, ben) = (("AKIDANA", "anas/secret+1"), ("AKIDBEN", "bens"));
    let by = |key, calls| sealed.boto3_as(key, "s3", "https", calls, None);
    all(&by(ben, "create,put,get,copy,multipart,presigned,delete"), "ok");
    all(&by(ana, "get,list,presigned"), "ok");
    all(&by(ana, "put,copy"), "AccessDenied 403");
    let denied = eventually("the record", || sealed.decisions().into_iter().find(|it| it["sid"] == "NotAna"));
    assert_eq!(denied["caller"], ANA);
    all(&by(("AKIDBEN", "wrong"), "get,put"), "SignatureDoesNotMatch 403");
    all(&by(("AKIDEVE", "any"), "get,put"), "InvalidAccessKeyId 403");
}

#[test]
fn queues_and_tables_are_signed_for_too() {
    let sealed = sealed("credentials = \"callers.toml\"", &[("callers.toml", &callers())]);
    let by = |service, key| sealed.boto3_as(key, service, "https", "create,batch", None);
    let ben = ("AKIDBEN", "bens");
    for (service, refused) in [
        ("sqs", "InvalidSignatureException 403"),
        ("sns", "SignatureDoesNotMatch 403"),
        ("dynamodb", "InvalidSignatureException 403"),
        ("kinesis", "InvalidSignatureException 403"),
    ] {
        all(&by(service, ben), "ok");
        all(&by(service, ("AKIDBEN", "wrong")), refused);
    }
}
