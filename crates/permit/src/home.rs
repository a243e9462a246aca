//! Home: the partition, region and account of what is behind. Requests name most resources by name alone, and
//! what stands in a request is the client's word; so home comes from the documents, or from the configuration.

use hermetic_iam::document::{AccountId, Document, Effect, ResourcePattern, Statement};

use crate::service::Service;

/// The partition, region and account of what is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The partition.
    pub partition: String,
    /// The region; `None` where no document asks for one.
    pub region: Option<String>,
    /// The account; `None` where no document asks for one.
    pub account: Option<String>,
}

/// What stands in an ARN for what no document asks for.
const ANY: &str = "any";

/// What a configuration says of home, and of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The service.
    pub service: Option<Service>,
    /// The region.
    pub region: Option<String>,
    /// The account.
    pub account: Option<AccountId>,
}

/// Why home, or the service, can't be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// Neither actions nor resources name one.
    #[error("which service is spoken can't be told from the document; add `service = \"s3\"`, or another")]
    NoService,
    /// They name several.
    #[error("the document is about {0} and about {1}; say which is spoken here: `service = \"{0}\"`")]
    Services(String, String),
    /// It names one whose requests are not understood.
    #[error(transparent)]
    Unknown(#[from] crate::service::UnknownService),
    /// It names several regions or accounts, or one by a pattern.
    #[error("the {what} of what is behind can't be told from `{told}`; add `{what} = \"…\"`")]
    Part {
        /// `region` or `account`.
        what: &'static str,
        /// What the document says.
        told: String,
    },
}

impl Home {
    /// The service and home of a document.
    pub fn of(document: &Document, stated: &Stated) -> Result<(Service, Self), HomeError> {
        let service = match stated.service {
            Some(service) => service,
            None => service(document)?,
        };
        let arns: Vec<[String; 3]> = arns(document, service).collect();
        let part = |what, index: usize| {
            let parts = arns.iter().filter_map(|parts| parts.get(index)).map(String::as_str);
            of_parts(what, parts)
        };
        let region = match &stated.region {
            Some(region) => Some(region.clone()),
            None => part("region", 1)?,
        };
        let account = match &stated.account {
            Some(account) => Some(account.to_string()),
            None => part("account", 2)?,
        };
        let partition = part("partition", 0)?.unwrap_or_else(|| "aws".to_owned());
        Ok((service, Self { partition, region, account }))
    }

    /// The ARN of a resource at home.
    pub fn arn(&self, service: Service, resource: &str) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| ANY.to_owned());
        let (partition, service, region, account) =
            (&self.partition, service.as_str(), part(&self.region), part(&self.account));
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The ARN of a bucket, or of an object in one.
    pub fn bucket_arn(&self, rest: &str) -> String {
        format!("arn:{}:s3:::{rest}", self.partition)
    }
}

/// The one service that is named by actions and resources.
fn service(document: &Document) -> Result<Service, HomeError> {
    let statements = || document.statements.iter();
    let of_actions = statements().flat_map(|it| &it.actions.patterns).filter_map(|pattern| {
        let text = pattern.to_string();
        Some(text.split_once(':')?.0.to_ascii_lowercase())
    });
    let of_resources = patterns(statements()).map(|[_, service, ..]| service);
    let mut named: Vec<String> =
        of_resources.chain(of_actions).filter(|name| !name.contains(['*', '?'])).collect();
    named.sort_unstable();
    named.dedup();
    match named.as_slice() {
        [] => Err(HomeError::NoService),
        [one] => Ok(one.parse()?),
        [one, other, ..] => Err(HomeError::Services(one.clone(), other.clone())),
    }
}

/// Partition, region and account of the ARNs that a Deny names and that may be of this service.
fn arns(document: &Document, service: Service) -> impl Iterator<Item = [String; 3]> {
    let ours = move |of: &str| of == service.as_str() || of.contains(['*', '?']);
    let denying = document.statements.iter().filter(|it| it.effect == Effect::Deny);
    patterns(denying)
        .filter(move |[_, of, ..]| ours(of))
        .map(|[partition, _, region, account]| [partition, region, account])
}

/// Partition, service, region and account of each ARN that is named, as they are written.
fn patterns<'a>(statements: impl Iterator<Item = &'a Statement>) -> impl Iterator<Item = [String; 4]> {
    let resources = statements.filter_map(|statement| statement.resources.as_ref());
    resources.flat_map(|resources| &resources.patterns).filter_map(|pattern| match pattern {
        ResourcePattern::Arn(arn) => {
            let [_, partition, service, region, account, _] = &arn.0;
            Some([partition, service, region, account].map(ToString::to_string))
        }
        ResourcePattern::All | ResourcePattern::Nothing(_) => None,
    })
}

/// What all that is written of a part comes to: one text, or none where any will do.
fn of_parts<'a>(
    what: &'static str,
    parts: impl Iterator<Item = &'a str>,
) -> Result<Option<String>, HomeError> {
    let mut named: Vec<&str> = parts.filter(|part| !part.is_empty() && *part != "*").collect();
    named.sort_unstable();
    named.dedup();
    match named.as_slice() {
        [] => Ok(None),
        [one] if !one.contains(['*', '?']) => Ok(Some((*one).to_owned())),
        several => Err(HomeError::Part { what, told: several.join("`, `") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(resources: &str, action: &str, stated: &Stated) -> Result<(Service, Home), HomeError> {
        let document = format!(
            r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "{action}", "Resource": {resources}}}}}"#
        );
        Home::of(&Document::read(&document).unwrap(), stated)
    }

    #[test]
    fn service_region_and_account_are_those_of_the_arns() {
        let (service, home) =
            home(r#""arn:aws-cn:sqs:cn-north-1:111122223333:orders""#, "*", &Stated::default()).unwrap();
        assert_eq!(service, Service::Sqs);
        assert_eq!(home.arn(service, "orders"), "arn:aws-cn:sqs:cn-north-1:111122223333:orders");
    }

    #[test]
    fn where_no_arn_tells_the_service_its_actions_do() {
        let (service, home) = home(r#""*""#, "SNS:Publish", &Stated::default()).unwrap();
        assert_eq!((service, home.region, home.account), (Service::Sns, None, None));
    }

    #[test]
    fn what_can_mean_several_must_be_said() {
        let nothing = Stated::default();
        assert_eq!(home(r#""*""#, "*", &nothing), Err(HomeError::NoService));
        let two = r#"["arn:aws:s3:::b", "arn:aws:sqs:*:*:q"]"#;
        assert!(matches!(home(two, "*", &nothing), Err(HomeError::Services(..))));
        let some = r#""arn:aws:sqs:eu-*:*:q""#;
        assert!(matches!(home(some, "*", &nothing), Err(HomeError::Part { what: "region", .. })));
        let region = Some("eu-west-1".to_owned());
        let stated = Stated { service: Some(Service::Sqs), region: region.clone(), account: None };
        assert_eq!(home(some, "*", &stated).unwrap().1.region, region);
        assert!(matches!(home(r#""arn:aws:ec2:*:*:vpc/x""#, "*", &nothing), Err(HomeError::Unknown(_))));
    }
}
