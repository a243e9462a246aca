//! Policy documents enforced in front of stores, as unmodified boto3 and the AWS CLI meet them; the stores are
//! moto's.

mod callers;
mod first_hop;
mod reloaded;
mod ways_around;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Hermetic, PythonServer, curl, eventually, python};

const CALLS: &str = include_str!("calls.py");

/// moto on a port that it takes itself, and says in a file.
const STORE: &str = "
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=PORT, verbose=False)
server.start()
print('ready', flush=True)
time.sleep(3600)
";

const SERVICES: [(&str, &str); 5] = [
    ("s3", r#"["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]"#),
    ("sqs", r#""arn:aws:sqs:us-east-1:123456789012:orders""#),
    ("sns", r#""arn:aws:sns:us-east-1:123456789012:orders""#),
    ("dynamodb", r#""arn:aws:dynamodb:us-east-1:123456789012:table/orders""#),
    ("kinesis", r#""arn:aws:kinesis:us-east-1:123456789012:stream/orders""#),
];

/// A store, and a gateway before it with a listener for each service that takes cleartext too.
struct Sealed {
    hermetic: Hermetic,
    _store: PythonServer,
}

/// What denies cleartext, and for S3 what is below TLS 1.3.
fn document(service: &str, resource: &str) -> String {
    let deny = |sid: &str, test: &str| {
        format!(
            r#"{{"Sid": "{sid}", "Effect": "Deny", "Principal": "*", "Action": "{service}:*",
                 "Resource": {resource}, "Condition": {{{test}}}}}"#
        )
    };
    let mut statements = vec![deny("TlsOnly", r#""Bool": {"aws:SecureTransport": "false"}"#)];
    if service == "s3" {
        statements.push(deny("Tls13", r#""NumericLessThan": {"s3:TlsVersion": "1.3"}"#));
    }
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(",\n"))
}

/// With these lines on each listener, and these files in the folder.
fn sealed(lines: &str, files: &[(&str, &str)]) -> Sealed {
    let mut store = None;
    let hermetic = Hermetic::configured(|ports, folder| {
        let moto = ports.nth(20);
        store = Some(PythonServer::start(&STORE.replace("PORT", &moto.to_string())));
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let mut text = "access_log = \"access.jsonl\"\n".to_owned();
        for (n, (service, resource)) in SERVICES.into_iter().enumerate() {
            let file = format!("{service}.json");
            std::fs::write(folder.join(&file), document(service, resource)).unwrap();
            let port = ports.nth(u16::try_from(n).unwrap() + 1);
            text += &format!(
                "[[listener]]\nname = \"{service}\"\nbind = \"127.0.0.1:{port}\"\nnames = [\"localhost\"]\n\
                 mode = \"observe\"\ncleartext = {{ reason = \"old\", owner = \"ops\", until = 2090-01-01 }}\n\
                 policy_document = \"{file}\"\n{lines}\n\
                 [[route]]\nlistener = \"{service}\"\nhost = \"localhost\"\nto = \"store\"\n"
            );
        }
        let admin = format!("admin = \"127.0.0.1:{}\"\n", ports.nth(9));
        admin + &text + &format!("[[upstream]]\nname = \"store\"\nendpoints = [\"127.0.0.1:{moto}\"]\n")
    });
    Sealed { hermetic, _store: store.unwrap() }
}

impl Sealed {
    fn url(&self, service: &str, scheme: &str) -> String {
        let n = SERVICES.iter().position(|(known, _)| *known == service).unwrap();
        format!("{scheme}://localhost:{}", self.hermetic.ports.nth(u16::try_from(n).unwrap() + 1))
    }

    /// What came of these calls (or `all`) by boto3, in its own words.
    fn boto3(&self, service: &str, scheme: &str, calls: &str) -> Value {
        self.boto3_as(("testing", "testing"), service, scheme, calls, None)
    }

    fn boto3_as(
        &self,
        (key, secret): (&str, &str),
        service: &str,
        scheme: &str,
        calls: &str,
        openssl: Option<&Path>,
    ) -> Value {
        let mut command = python();
        command.args(["-c", CALLS, service, &self.url(service, scheme), key, secret, calls]);
        command.env("AWS_CA_BUNDLE", self.hermetic.ca()).env("SSL_CERT_FILE", self.hermetic.ca());
        if let Some(configuration) = openssl {
            command.env("OPENSSL_CONF", configuration);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}\n{}", self.hermetic.log());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs the AWS CLI; whether it succeeded, and all that it said.
    fn cli(&self, service: &str, scheme: &str, arguments: &[&str]) -> (bool, String) {
        let mut command = python();
        let url = self.url(service, scheme);
        command.args(["-m", "awscli", "--endpoint-url", &url, "--region", "us-east-1", "--output", "json"]);
        command.args(arguments).env("AWS_CA_BUNDLE", self.hermetic.ca()).env("AWS_MAX_ATTEMPTS", "1");
        command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What the access log tells of decisions.
    fn decisions(&self) -> Vec<Value> {
        let log =
            std::fs::read_to_string(self.hermetic.folder.path().join("access.jsonl")).unwrap_or_default();
        let records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.map(|record| record["policy"].clone()).filter(|policy| !policy.is_null()).collect()
    }
}

/// That each call came to this.
fn all(outcomes: &Value, expected: &str) {
    let outcomes = outcomes.as_object().unwrap();
    assert!(outcomes.len() > 1 && outcomes.values().all(|outcome| outcome == expected), "{outcomes:?}");
}

#[test]
fn boto3_is_served_by_s3_over_https_and_denied_by_the_buckets_own_policy_over_http() {
    let sealed = sealed("", &[]);
    all(&sealed.boto3("s3", "https", "all"), "ok");
    let calls = "put,get,list,location,tag,copy,multipart,delete";
    all(&sealed.boto3("s3", "http", calls), "AccessDenied 403");
    // Bodies of answers to HEAD are not sent, so boto3 has the status alone; no policy is about the list of all.
    let others = sealed.boto3("s3", "http", "head,presigned,buckets");
    assert_eq!(others, serde_json::json!({"head": "403 403", "presigned": "HTTP 403", "buckets": "ok"}));

    let is_denied = |record: &&Value| record["decision"] == "denied" && record["action"] == "s3:PutObject";
    let denied = eventually("the record", || sealed.decisions().iter().find(is_denied).cloned());
    assert_eq!((&denied["sid"], &denied["line"]), (&"TlsOnly".into(), &1.into()));
    assert_eq!(
        (&denied["resource"], &denied["caller"]),
        (&"arn:aws:s3:::shop/k".into(), &"anonymous".into())
    );
    assert_eq!(denied["document"], "s3.json");
    let url = format!("http://127.0.0.1:{}/metrics", sealed.hermetic.ports.nth(9));
    let metrics = String::from_utf8(curl(&sealed.hermetic, &[&url]).stdout).unwrap();
    let counted = "hermetic_policy_decisions_total{listener=\"s3\",service=\"s3\",decision=\"denied\"}";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn boto3_below_the_tls_floor_of_the_bucket_is_denied() {
    let configuration = "openssl_conf = it\n[it]\nssl_conf = ssl\n[ssl]\nsystem_default = all\n[all]\nMaxProtocol = TLSv1.2\n";
    let sealed = sealed("", &[("tls12.cnf", configuration)]);
    all(&sealed.boto3("s3", "https", "create,put"), "ok");
    let tls12: PathBuf = sealed.hermetic.folder.path().join("tls12.cnf");
    let key = ("testing", "testing");
    all(&sealed.boto3_as(key, "s3", "https", "put,get,list", Some(&tls12)), "AccessDenied 403");
    let denied = eventually("the record", || sealed.decisions().into_iter().find(|it| it["sid"] == "Tls13"));
    assert_eq!(denied["decision"], "denied");
}

#[test]
fn boto3_is_served_by_queues_topics_tables_and_streams_over_https_alone() {
    let sealed = sealed("", &[]);
    for (service, denied) in [
        ("sqs", "AccessDeniedException 403"),
        ("sns", "AccessDenied 403"),
        ("dynamodb", "AccessDeniedException 403"),
        ("kinesis", "AccessDeniedException 403"),
    ] {
        all(&sealed.boto3(service, "https", "all"), "ok");
        all(&sealed.boto3(service, "http", "all"), denied);
    }
}

#[test]
fn the_aws_cli_is_served_over_https_and_denied_over_http() {
    let sealed = sealed("", &[]);
    all(&sealed.boto3("s3", "https", "create,put"), "ok");
    for (service, _) in &SERVICES[1..] {
        assert_eq!(sealed.boto3(service, "https", "create")["create"], "ok", "{service}");
    }
    let file = sealed.hermetic.folder.path().join("file");
    std::fs::write(&file, "of the CLI").unwrap();
    let (file, queue) =
        (file.to_str().unwrap(), format!("{}/123456789012/orders", sealed.url("sqs", "https")));
    let topic = "arn:aws:sns:us-east-1:123456789012:orders";
    let item = r#"{"id": {"S": "1"}}"#;
    for (service, arguments) in [
        ("s3", &["s3", "cp", file, "s3://shop/of-cli"][..]),
        ("s3", &["s3", "ls", "s3://shop"]),
        ("s3", &["s3", "rm", "s3://shop/of-cli"]),
        ("sqs", &["sqs", "send-message", "--queue-url", &queue, "--message-body", "m"]),
        ("sns", &["sns", "publish", "--topic-arn", topic, "--message", "m"]),
        ("dynamodb", &["dynamodb", "put-item", "--table-name", "orders", "--item", item]),
        ("kinesis", &["kinesis", "describe-stream", "--stream-name", "orders"]),
    ] {
        let (succeeded, said) = sealed.cli(service, "https", arguments);
        assert!(succeeded, "{arguments:?}: {said}\n{}", sealed.hermetic.log());
        let (succeeded, said) = sealed.cli(service, "http", arguments);
        assert!(!succeeded && said.contains("AccessDenied"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_can_t_be_mapped_is_refused_with_its_reason_in_the_log() {
    let sealed = sealed("", &[]);
    let url = format!("{}/shop/k?internals", sealed.url("s3", "https"));
    let answer = String::from_utf8(curl(&sealed.hermetic, &["--include", &url]).stdout).unwrap();
    assert!(answer.contains("403") && answer.contains("<Code>AccessDenied</Code>"), "{answer}");
    let refused = eventually("the record", || sealed.decisions().pop());
    assert_eq!(refused["decision"], "refused");
    assert!(refused["reason"].as_str().unwrap().contains("`internals` is no parameter"), "{refused}");
    let id = refused["request_id"].as_str().unwrap();
    assert!(
        answer.contains(&format!("<RequestId>{id}</RequestId>"))
            && answer.contains(&format!("x-amz-request-id: {id}")),
        "{answer}"
    );
}
