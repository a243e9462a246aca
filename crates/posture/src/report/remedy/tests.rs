use std::sync::Arc;

use super::*;
use crate::controls;
use crate::graph::Origin;
use crate::span::{Files, Span};
use crate::terraform::Address;
use crate::value::{Key, Map, Node, PartId, Value};

fn resource(kind: &str, name: &str, origin: Origin, properties: &[(&str, &str)]) -> Resource {
    let at = Span { file: Files::default().add("code"), line: 1, column: 1 };
    let entries =
        properties.iter().map(|(name, text)| (Key { text: (*name).into(), at }, Value::text(*text, at)));
    Resource {
        part: PartId(0),
        name: name.into(),
        kind: kind.into(),
        properties: Value::new(Node::Map(Arc::new(Map { entries: entries.collect() })), at),
        exists: Value::new(Node::Bool(true), at),
        metadata: None,
        origin,
        at,
    }
}

fn terraform(kind: &str, address: &str, properties: &[(&str, &str)]) -> Resource {
    let block = Address::of(address).block.split('.').next().unwrap().into();
    resource(kind, address, Origin::Terraform(block), properties)
}

fn remedy(id: &str, resource: &Resource) -> Remedy {
    Remedy::of(controls::called(id).next().unwrap(), resource)
}

#[test]
fn every_remedy_names_the_resource_as_its_language_does() {
    for control in controls::all() {
        let kind = &control.types[0];
        let declared = [
            resource(kind, "Main", Origin::CloudFormation, &[]),
            terraform(kind, "module.shop[0].aws_some_kind.main[\"eu.west\"]", &[]),
        ];
        for resource in declared {
            let Remedy { cloudformation, terraform, cli } = Remedy::of(control, &resource);
            for text in [&cloudformation, &terraform, &cli] {
                for place in ["{logical}", "{name}", "{arn}", "{family}"] {
                    assert!(!text.contains(place), "{} leaves {place}: {text}", control.id);
                }
            }
            assert!(!cloudformation.contains("aws_some_kind"), "{}: {cloudformation}", control.id);
            let code: Vec<&str> = terraform.lines().filter(|line| !line.starts_with('#')).collect();
            let Some(first) = code.first() else { continue };
            assert!(
                first.starts_with("resource \"") || first.starts_with("data \""),
                "{}: {first}",
                control.id
            );
            assert!(
                terraform.to_lowercase().contains("\"main"),
                "{} names no resource: {terraform}",
                control.id
            );
            let labels =
                code.iter().filter(|line| line.starts_with("resource ") || line.starts_with("data "));
            for label in labels.filter_map(|line| line.split('"').nth(3)) {
                let valid = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                assert!(valid, "{}: {label} is no name", control.id);
            }
        }
    }
}

#[test]
fn a_bucket_of_terraform_is_called_by_reference_there_and_by_a_logical_id_in_a_template() {
    let bucket = terraform("AWS::S3::Bucket", "module.shop.aws_s3_bucket.z[\"eu\"]", &[]);
    let remedy = remedy("s3-bucket-ssl-requests-only", &bucket);
    let terraform = &remedy.terraform;
    assert!(terraform.contains("resource \"aws_s3_bucket_policy\" \"z_transport\""), "{terraform}");
    assert!(terraform.contains("\"${aws_s3_bucket.z[\"eu\"].arn}/*\""), "{terraform}");
    assert!(terraform.contains("bucket = \"${aws_s3_bucket.z[\"eu\"].id}\""), "{terraform}");
    assert!(remedy.cloudformation.contains("!GetAtt ZEu.Arn"), "{}", remedy.cloudformation);
}

#[test]
fn a_bucket_that_is_named_in_a_template_has_its_arn_in_terraform() {
    let bucket = resource("AWS::S3::Bucket", "Logs", Origin::CloudFormation, &[("BucketName", "shop-logs")]);
    let terraform = remedy("s3-bucket-ssl-requests-only", &bucket).terraform;
    assert!(terraform.contains("\"arn:aws:s3:::shop-logs/*\""), "{terraform}");
}

#[test]
fn a_parameter_group_is_of_the_familys_engine_and_version_and_is_attached() {
    let written = [("Engine", "postgres"), ("EngineVersion", "14.2")];
    let database = terraform("AWS::RDS::DBInstance", "module.db.aws_db_instance.x[0]", &written);
    let Remedy { cloudformation, terraform, cli } =
        remedy("rds-postgres-instance-encrypted-in-transit", &database);
    assert!(cloudformation.starts_with("X0ParameterGroup:"), "{cloudformation}");
    assert!(cloudformation.contains("Family: \"postgres14\""), "{cloudformation}");
    assert!(terraform.contains("family = \"postgres14\""), "{terraform}");
    assert!(terraform.contains("parameter_group_name = aws_db_parameter_group.x_tls.name"), "{terraform}");
    assert!(cli.contains("--db-parameter-group-family postgres14"), "{cli}");
}

#[test]
fn families_count_as_much_of_a_version_as_aws_does() {
    let family = |kind, engine, version| {
        family::of(&resource(
            kind,
            "Db",
            Origin::CloudFormation,
            &[("Engine", engine), ("EngineVersion", version)],
        ))
    };
    let instance = |engine, version| family("AWS::RDS::DBInstance", engine, version).unwrap();
    assert_eq!(instance("postgres", "9.6.24"), "postgres9.6");
    assert_eq!(instance("mysql", "8.4.3"), "mysql8.4");
    assert_eq!(instance("mariadb", "10.11.6"), "mariadb10.11");
    assert_eq!(instance("sqlserver-ex", "15.00.4236.7.v1"), "sqlserver-ex-15.0");
    assert_eq!(instance("aurora-mysql", "8.0.mysql_aurora.3.04.0"), "aurora-mysql8.0");
    assert_eq!(family("AWS::RDS::DBInstance", "mariadb", "10"), None);
    assert_eq!(family("AWS::Neptune::DBCluster", "neptune", "1.1.1.0").unwrap(), "neptune1");
    assert_eq!(family("AWS::DocDB::DBCluster", "docdb", "5.0.0").unwrap(), "docdb5.0");
}
