use std::sync::Arc;

use super::*;
use crate::controls;
use crate::graph::{Graph, Origin};
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
    Remedy::of(controls::called(id).next().unwrap(), resource, &Graph::default())
}

/// What is told of the resource of that name in a template.
fn of_template(id: &str, template: &str, name: &str) -> Remedy {
    let mut files = Files::default();
    let file = files.add("template.yaml");
    let read = crate::cloudformation::read(template, file, PartId(0), &Default::default()).unwrap();
    let graph = Graph::new(files, vec![read.part]);
    let (_, resource) = graph.resources().find(|(_, resource)| &*resource.name == name).unwrap();
    Remedy::of(controls::called(id).next().unwrap(), resource, &graph)
}

#[test]
fn every_remedy_names_the_resource_as_its_language_does() {
    let graph = Graph::default();
    for (control, kind) in controls::all().iter().flat_map(|it| it.types.iter().map(move |kind| (it, kind))) {
        let declared = [
            resource(kind, "Main", Origin::CloudFormation, &[]),
            terraform(kind, "module.shop[0].aws_some_kind.main[\"eu.west\"]", &[]),
        ];
        for resource in declared {
            let Remedy { cloudformation, terraform, cli } = Remedy::of(control, &resource, &graph);
            for text in [&cloudformation, &terraform, &cli] {
                for place in ["{logical}", "{name}", "{arn}", "{id}", "{mesh}", "{family}", "{of_"] {
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

#[test]
fn a_parameter_group_is_told_what_to_set_and_of_no_other_group() {
    let group =
        resource("AWS::RDS::DBParameterGroup", "Loose", Origin::CloudFormation, &[("Family", "postgres14")]);
    let Remedy { cloudformation, terraform, cli } =
        remedy("rds-postgres-instance-encrypted-in-transit", &group);
    assert_eq!(cloudformation, "Loose:\n  Properties:\n    Parameters:\n      rds.force_ssl: \"1\"");
    assert!(terraform.starts_with("resource \"aws_db_parameter_group\" \"Loose\" {"), "{terraform}");
    assert!(!terraform.contains("aws_db_instance") && !cli.contains("create-"), "{terraform}{cli}");
}

#[test]
fn a_network_is_named_where_its_encryption_control_points_at_it() {
    let vpc = resource("AWS::EC2::VPC", "Net", Origin::CloudFormation, &[]);
    let cloudformation = remedy("vpc-encryption-control-enforced", &vpc).cloudformation;
    assert!(cloudformation.starts_with("NetEncryptionControl:"), "{cloudformation}");
    assert!(cloudformation.contains("VpcId: !Ref Net\n"), "{cloudformation}");
    let control = resource("AWS::EC2::VPCEncryptionControl", "Control", Origin::CloudFormation, &[]);
    let cloudformation = remedy("vpc-encryption-control-enforced", &control).cloudformation;
    assert_eq!(cloudformation, "Control:\n  Properties:\n    Mode: enforce");
}

#[test]
fn a_node_and_a_gateway_of_a_mesh_are_each_told_by_their_own_kind() {
    let written = [("MeshName", "shop"), ("VirtualNodeName", "orders")];
    let node = terraform("AWS::AppMesh::VirtualNode", "aws_appmesh_virtual_node.orders", &written);
    let Remedy { terraform: lines, cli, .. } = remedy("appmesh-virtual-gateway-listener-tls", &node);
    assert!(lines.starts_with("resource \"aws_appmesh_virtual_node\" \"orders\""), "{lines}");
    assert!(
        cli.starts_with("aws appmesh update-virtual-node --virtual-node-name orders --mesh-name shop "),
        "{cli}"
    );
    let gateway = terraform("AWS::AppMesh::VirtualGateway", "aws_appmesh_virtual_gateway.edge", &[]);
    let Remedy { terraform: lines, cli, .. } = remedy("appmesh-virtual-gateway-listener-tls", &gateway);
    assert!(lines.starts_with("resource \"aws_appmesh_virtual_gateway\" \"edge\""), "{lines}");
    assert!(cli.starts_with("aws appmesh update-virtual-gateway "), "{cli}");
}

#[test]
fn a_statement_is_added_to_the_policy_that_is_there_and_is_about_its_queue() {
    let template = "Resources:\n  Jobs: {Type: 'AWS::SQS::Queue', Properties: {QueueName: jobs}}\n  Rules:\n    \
                    Type: AWS::SQS::QueuePolicy\n    Properties: {Queues: [!Ref Jobs], PolicyDocument: {Statement: []}}\n";
    let Remedy { cloudformation, cli, .. } =
        of_template("sqs-queue-policy-secure-transport", template, "Rules");
    assert!(cloudformation.starts_with("Rules:\n  Properties:\n    PolicyDocument:"), "{cloudformation}");
    assert!(cloudformation.contains("Resource: !GetAtt Jobs.Arn\n"), "{cloudformation}");
    assert!(cli.contains("get-queue-url --queue-name jobs "), "{cli}");
}

#[test]
fn a_policy_within_a_queue_of_terraform_is_the_queues() {
    let inline = terraform("AWS::SQS::QueueInlinePolicy", "aws_sqs_queue.jobs.policy", &[]);
    let lines = remedy("sqs-queue-policy-secure-transport", &inline).terraform;
    assert!(lines.contains("\"aws_iam_policy_document\" \"jobs_transport\""), "{lines}");
}
