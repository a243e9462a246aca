//! The three forms in which the architecture is written.

use std::path::PathBuf;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A template by hand.
    CloudFormation,
    /// What the CDK writes.
    Cdk,
    /// A state of Terraform.
    Terraform,
}

/// What the parties are called in each form.
const PARTIES: [[&str; 3]; 7] = [
    ["Cdn", "Cdn9963B1AD", "aws_cloudfront_distribution.cdn"],
    ["Alb", "Alb16C2F182", "aws_lb.alb"],
    ["Shop", "ShopServiceDDC9D1EB", "aws_ecs_service.shop"],
    ["Database", "DatabaseB269D8BB", "aws_rds_cluster.database"],
    ["Orders", "OrdersA9B65338", "aws_sqs_queue.orders"],
    ["Ship", "ShipC2EE6D16", "aws_lambda_function.ship"],
    ["Labels", "LabelsBA41E4AA", "aws_s3_bucket.labels"],
];

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CloudFormation, Self::Cdk, Self::Terraform];

    /// Where it is, below the folder of the architecture.
    pub fn path(self) -> &'static str {
        match self {
            Self::CloudFormation => "sound.yaml",
            Self::Cdk => "cdk/cdk.out/Shop.template.json",
            Self::Terraform => "terraform/state.json",
        }
    }

    /// Its text.
    pub fn code(self) -> String {
        let path = folder().join(self.path());
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A party by the name that the template gives it.
    pub fn party(self, name: &str) -> String {
        let place = Self::ALL.iter().position(|form| *form == self).unwrap();
        let known = PARTIES.iter().find(|names| names[place] == name);
        known.map_or(name, |[party, ..]| party).to_owned()
    }
}

/// The folder of the architecture.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/architecture")
}
