//! The controls: a folder a service, a file a control, and beside it how it is judged where rules are not enough.

pub use mistaken::{Mistaken, mistaken};
pub use reference::{page, reference};

use std::sync::OnceLock;

use crate::control::{Control, Judge};

/// A control of a service: its file, how it is judged where its rules are not enough, and cases that show it.
struct Entry {
    toml: &'static str,
    judge: Option<Judge>,
    #[cfg(test)]
    cases: Option<&'static str>,
}

/// The entry of the control in `ID.toml`, with its cases in `ID.cases.yaml`, both beside the service's `mod.rs`:
/// `control!("ID")`, or `control!("ID", judge)` where rules are not enough. What only a live account can show has
/// no cases: `control!("ID", listed)`.
macro_rules! control {
    ($id:literal, listed) => {
        crate::controls::Entry {
            toml: include_str!(concat!($id, ".toml")),
            judge: None,
            #[cfg(test)]
            cases: None,
        }
    };
    ($id:literal) => {
        control!($id, None; )
    };
    ($id:literal, $judge:expr) => {
        control!($id, Some($judge); )
    };
    ($id:literal, $judge:expr; ) => {
        crate::controls::Entry {
            toml: include_str!(concat!($id, ".toml")),
            judge: $judge,
            #[cfg(test)]
            cases: Some(include_str!(concat!($id, ".cases.yaml"))),
        }
    };
}

// After the macro, for what comes before a macro does not see it.
#[cfg(test)]
mod cases;

mod certificate;
mod document;
mod mistaken;
mod parameter_group;
mod reference;
mod relation;
mod secure_transport;
mod setting;
mod tls_policy;
mod url;

mod acm;
mod acm_pca;
mod apigateway;
mod appmesh;
mod appsync;
mod backup;
mod batch;
mod chime;
mod cloudformation;
pub(crate) mod cloudfront;
mod cloudsearch;
mod cloudtrail;
mod codeartifact;
mod codebuild;
mod cognito_idp;
mod datasync;
mod dax;
mod directconnect;
mod dms;
pub(crate) mod docdb;
mod ds;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod eks;
pub(crate) mod elasticache;
pub(crate) mod elasticbeanstalk;
mod elasticloadbalancing;
mod emr;
mod emr_containers;
mod es;
mod events;
mod firehose;
mod fsx;
mod gamelift;
mod globalaccelerator;
mod glue;
mod iam;
mod iot;
mod ivs;
mod kafka;
mod kafkaconnect;
mod kinesis;
mod kms;
mod kubernetes;
mod lambda;
mod lightsail;
mod mediaconnect;
mod mediastore;
mod memorydb;
mod mq;
mod neptune;
mod network_firewall;
mod odb;
mod opensearch;
mod organizations;
mod quicksight;
pub(crate) mod rds;
mod redshift;
mod redshift_serverless;
mod rolesanywhere;
mod route53;
mod route53resolver;
mod rtbfabric;
mod s3;
mod sagemaker;
mod scanner;
mod secretsmanager;
mod ses;
mod sns;
mod sqs;
mod ssm;
mod states;
mod storagegateway;
mod terraform;
mod transfer;
mod vpc_lattice;
mod workload;
mod workspaces;

/// Each service's controls.
const SERVICES: &[&[Entry]] = &[
    acm::CONTROLS,
    acm_pca::CONTROLS,
    apigateway::CONTROLS,
    appmesh::CONTROLS,
    appsync::CONTROLS,
    backup::CONTROLS,
    batch::CONTROLS,
    chime::CONTROLS,
    cloudformation::CONTROLS,
    cloudfront::CONTROLS,
    cloudsearch::CONTROLS,
    cloudtrail::CONTROLS,
    codeartifact::CONTROLS,
    codebuild::CONTROLS,
    cognito_idp::CONTROLS,
    datasync::CONTROLS,
    dax::CONTROLS,
    directconnect::CONTROLS,
    dms::CONTROLS,
    docdb::CONTROLS,
    ds::CONTROLS,
    dynamodb::CONTROLS,
    ec2::CONTROLS,
    ecr::CONTROLS,
    ecs::CONTROLS,
    efs::CONTROLS,
    eks::CONTROLS,
    elasticache::CONTROLS,
    elasticbeanstalk::CONTROLS,
    elasticloadbalancing::CONTROLS,
    emr::CONTROLS,
    emr_containers::CONTROLS,
    es::CONTROLS,
    events::CONTROLS,
    firehose::CONTROLS,
    fsx::CONTROLS,
    gamelift::CONTROLS,
    globalaccelerator::CONTROLS,
    glue::CONTROLS,
    iam::CONTROLS,
    iot::CONTROLS,
    ivs::CONTROLS,
    kafka::CONTROLS,
    kafkaconnect::CONTROLS,
    kinesis::CONTROLS,
    kms::CONTROLS,
    kubernetes::CONTROLS,
    lambda::CONTROLS,
    lightsail::CONTROLS,
    mediaconnect::CONTROLS,
    mediastore::CONTROLS,
    memorydb::CONTROLS,
    mq::CONTROLS,
    neptune::CONTROLS,
    network_firewall::CONTROLS,
    odb::CONTROLS,
    opensearch::CONTROLS,
    organizations::CONTROLS,
    quicksight::CONTROLS,
    rds::CONTROLS,
    redshift::CONTROLS,
    redshift_serverless::CONTROLS,
    rolesanywhere::CONTROLS,
    route53::CONTROLS,
    route53resolver::CONTROLS,
    rtbfabric::CONTROLS,
    s3::CONTROLS,
    sagemaker::CONTROLS,
    scanner::CONTROLS,
    secretsmanager::CONTROLS,
    ses::CONTROLS,
    sns::CONTROLS,
    sqs::CONTROLS,
    ssm::CONTROLS,
    states::CONTROLS,
    storagegateway::CONTROLS,
    terraform::CONTROLS,
    transfer::CONTROLS,
    vpc_lattice::CONTROLS,
    workload::CONTROLS,
    workspaces::CONTROLS,
];

/// All controls, in the order of their services.
pub fn all() -> &'static [Control] {
    static ALL: OnceLock<Vec<Control>> = OnceLock::new();
    // A test reads each of them; one that did not read would be missing here, and its test fails.
    ALL.get_or_init(|| SERVICES.iter().copied().flatten().filter_map(|entry| read(entry).ok()).collect())
}

/// All controls that somebody calls so, here or in another tool.
pub fn called(name: &str) -> impl Iterator<Item = &'static Control> {
    all().iter().filter(move |control| control.is_called(name))
}

fn read(entry: &Entry) -> Result<Control, toml::de::Error> {
    let mut control: Control = toml::from_str(entry.toml)?;
    control.judge = entry.judge;
    Ok(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_control_that_judges_something_or_says_that_it_can_not() {
        for entry in SERVICES.iter().copied().flatten() {
            let control = read(entry).unwrap_or_else(|error| panic!("{error}\n{}", entry.toml));
            let judges = control.judge.is_some() || !control.rules.is_empty();
            assert_eq!(judges, control.shown_by_code(), "{}", control.id);
        }
    }

    #[test]
    fn every_path_of_a_rule_is_a_property_of_each_of_its_types() {
        let misspelt: Vec<String> = all()
            .iter()
            .filter_map(|control| Some((&control.id, control.misspelt()?)))
            .map(|(id, (kind, path))| format!("{id}: {kind} has no {path}"))
            .collect();
        assert!(misspelt.is_empty(), "{}", misspelt.join("\n"));
    }
}
