//! The twelve ways in which the architecture is broken, in each of its three forms.

use super::form::Form;

/// One way to break the architecture.
pub struct Variant {
    /// The name of its file.
    pub name: &'static str,
    /// What is broken, as a sentence without its end.
    pub title: &'static str,
    /// What is changed into what: in the template, in what the CDK writes, and in Terraform's plan.
    changes: [(&'static str, &'static str); 3],
    /// The control that fails with it and not without; nobody's where the hop alone shows it.
    pub control: Option<&'static str>,
    /// The hop that it is about, and its verdict.
    pub hop: (&'static str, &'static str, &'static str),
}

impl Variant {
    /// The code of a form, broken.
    pub fn of(&self, form: Form) -> String {
        let sound = form.code();
        let (before, after) = self.change(form);
        assert!(sound.contains(before), "{}: {form:?} has no {before}", self.name);
        sound.replace(before, after)
    }

    /// The template, broken, with a comment at each place.
    pub fn template(&self) -> String {
        let sound = Form::CloudFormation.code();
        let (before, after) = self.change(Form::CloudFormation);
        let pieces: Vec<&str> = sound.split(before).collect();
        let Some((last, pieces)) = pieces.split_last() else { panic!("split has at least one piece") };
        assert!(!pieces.is_empty(), "{}: there is no {before}", self.name);
        let mut text = String::new();
        for piece in pieces {
            let (lines, line) = piece.rsplit_once('\n').unwrap();
            let indent = " ".repeat(line.len() - line.trim_start().len());
            text += &format!("{lines}\n{indent}# Broken: {}.\n{line}{after}", self.title);
        }
        text + last
    }

    /// The lines that are changed, before and after, each once.
    pub fn lines(&self) -> (Vec<String>, Vec<String>) {
        let (sound, broken) = (Form::CloudFormation.code(), self.of(Form::CloudFormation));
        let pairs = sound.lines().zip(broken.lines()).filter(|(before, after)| before != after);
        let (mut before, mut after): (Vec<String>, Vec<String>) =
            pairs.map(|(before, after)| (before.to_owned(), after.to_owned())).unzip();
        before.dedup();
        after.dedup();
        (before, after)
    }

    fn change(&self, form: Form) -> (&'static str, &'static str) {
        let [template, assembly, plan] = self.changes;
        match form {
            Form::CloudFormation => template,
            Form::Cdk => assembly,
            Form::Terraform => plan,
        }
    }
}

/// All of them, along the data's path.
pub const VARIANTS: [Variant; 12] = [
    Variant {
        name: "viewers-may-speak-http",
        title: "viewers may speak HTTP",
        changes: [
            ("ViewerProtocolPolicy: redirect-to-https", "ViewerProtocolPolicy: allow-all"),
            (r#""ViewerProtocolPolicy": "redirect-to-https""#, r#""ViewerProtocolPolicy": "allow-all""#),
            (r#""viewer_protocol_policy":"redirect-to-https""#, r#""viewer_protocol_policy":"allow-all""#),
        ],
        control: Some("cloudfront-viewer-policy-https"),
        hop: ("client", "Cdn", "clear"),
    },
    Variant {
        name: "viewers-may-use-tls-1.0",
        title: "viewers may use TLS 1.0",
        changes: [
            ("MinimumProtocolVersion: TLSv1.3_2025", "MinimumProtocolVersion: TLSv1"),
            (r#""MinimumProtocolVersion": "TLSv1.3_2025""#, r#""MinimumProtocolVersion": "TLSv1""#),
            (r#""minimum_protocol_version":"TLSv1.3_2025""#, r#""minimum_protocol_version":"TLSv1""#),
        ],
        control: Some("cloudfront-security-policy-check"),
        hop: ("client", "Cdn", "weak"),
    },
    Variant {
        name: "edge-speaks-http-to-the-balancer",
        title: "the edge speaks HTTP to the load balancer",
        changes: [
            ("OriginProtocolPolicy: https-only", "OriginProtocolPolicy: http-only"),
            (r#""OriginProtocolPolicy": "https-only""#, r#""OriginProtocolPolicy": "http-only""#),
            (r#""origin_protocol_policy":"https-only""#, r#""origin_protocol_policy":"http-only""#),
        ],
        control: Some("cloudfront-traffic-to-origin-encrypted"),
        hop: ("Cdn", "Alb", "clear"),
    },
    Variant {
        name: "edge-may-use-tls-1.0",
        title: "the edge may use TLS 1.0 to the load balancer",
        changes: [
            ("OriginSSLProtocols: [TLSv1.2]", "OriginSSLProtocols: [TLSv1, TLSv1.2]"),
            ("\"OriginSSLProtocols\": [\n", "\"OriginSSLProtocols\": [\n\"TLSv1\",\n"),
            (r#""origin_ssl_protocols":["TLSv1.2"]"#, r#""origin_ssl_protocols":["TLSv1","TLSv1.2"]"#),
        ],
        control: Some("cloudfront-no-deprecated-ssl-protocols"),
        hop: ("Cdn", "Alb", "weak"),
    },
    Variant {
        name: "listener-takes-tls-1.0",
        title: "the listener takes TLS 1.0 as well",
        changes: [
            ("SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "SslPolicy: ELBSecurityPolicy-2016-08"),
            ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08"),
            ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08"),
        ],
        control: Some("elbv2-predefined-security-policy-ssl-check"),
        hop: ("Alb", "Shop", "weak"),
    },
    Variant {
        name: "redirect-stays-on-http",
        title: "the redirect leads to HTTP",
        changes: [
            ("RedirectConfig: { Protocol: HTTPS,", "RedirectConfig: { Protocol: HTTP,"),
            (
                "\"Port\": \"443\",\n       \"Protocol\": \"HTTPS\"",
                "\"Port\": \"443\",\n       \"Protocol\": \"HTTP\"",
            ),
            (r#""port":"443","protocol":"HTTPS""#, r#""port":"443","protocol":"HTTP""#),
        ],
        control: Some("alb-http-to-https-redirection-check"),
        hop: ("Alb", "Shop", "weak"),
    },
    Variant {
        name: "balancer-speaks-http-to-the-tasks",
        title: "the load balancer speaks HTTP to the tasks",
        changes: [
            (
                "      Protocol: HTTPS\n      HealthCheckProtocol: HTTPS",
                "      Protocol: HTTP\n      HealthCheckProtocol: HTTPS",
            ),
            ("\"Port\": 8443,\n    \"Protocol\": \"HTTPS\"", "\"Port\": 8443,\n    \"Protocol\": \"HTTP\""),
            (r#""port":8443,"protocol":"HTTPS""#, r#""port":8443,"protocol":"HTTP""#),
        ],
        control: Some("elbv2-targetgroup-protocol-encrypted"),
        hop: ("Alb", "Shop", "clear"),
    },
    Variant {
        name: "database-takes-cleartext",
        title: "the database takes cleartext from whoever asks for it",
        changes: [
            (r#"rds.force_ssl: "1""#, r#"rds.force_ssl: "0""#),
            (r#""rds.force_ssl": "1""#, r#""rds.force_ssl": "0""#),
            (r#""name":"rds.force_ssl","value":"1""#, r#""name":"rds.force_ssl","value":"0""#),
        ],
        control: Some("rds-aurora-postgresql-cluster-encrypted-in-transit"),
        hop: ("Shop", "Database", "sealed"),
    },
    Variant {
        name: "shop-does-not-verify-the-database",
        title: "the shop does not verify the database",
        changes: [
            ("sslmode=verify-full", "sslmode=require"),
            ("sslmode=verify-full", "sslmode=require"),
            ("sslmode=verify-full", "sslmode=require"),
        ],
        control: None,
        hop: ("Shop", "Database", "weak"),
    },
    Variant {
        name: "shop-asks-the-database-for-no-tls",
        title: "the shop asks the database for no TLS",
        changes: [
            ("sslmode=verify-full", "sslmode=disable"),
            ("sslmode=verify-full", "sslmode=disable"),
            ("sslmode=verify-full", "sslmode=disable"),
        ],
        control: Some("workload-connection-strings-tls"),
        hop: ("Shop", "Database", "unknown"),
    },
    Variant {
        name: "queue-may-be-read-in-clear",
        title: "messages may be read and deleted over HTTP",
        changes: [
            ("Action: sqs:*", "Action: sqs:SendMessage"),
            (r#""Action": "sqs:*""#, r#""Action": "sqs:SendMessage""#),
            (r#"\"sqs:*\""#, r#"\"sqs:SendMessage\""#),
        ],
        control: Some("sqs-queue-policy-secure-transport"),
        hop: ("Shop", "Orders", "weak"),
    },
    Variant {
        name: "bucket-may-be-listed-in-clear",
        title: "the bucket may be listed over HTTP, its objects alone may not be asked for so",
        changes: [
            ("Action: s3:*", "Action: s3:*Object"),
            (r#""Action": "s3:*""#, r#""Action": "s3:*Object""#),
            (r#"\"s3:*\""#, r#"\"s3:*Object\""#),
        ],
        control: Some("s3-bucket-ssl-requests-only"),
        hop: ("Ship", "Labels", "weak"),
    },
];
