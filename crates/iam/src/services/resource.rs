//! From one ARN to all that is in it: a bucket and its objects, a table and its indexes.

use super::{ResourceType, Service};

/// A resource, or all resources of a type in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The type.
    pub kind: &'static str,
    /// The ARN: as it is given, and with `*` for what is in it.
    pub arn: String,
}

/// An ARN about which nothing can be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// It is no ARN.
    #[error(
        "`{0}` is no ARN; write arn:partition:service:region:account:resource, such as arn:aws:s3:::bucket"
    )]
    NoArn(String),
    /// Its service is not known.
    #[error("`{arn}` is of the service `{service}`, whose actions are not known here; known are {known}")]
    UnknownService {
        /// What was given.
        arn: String,
        /// The service that it names.
        service: String,
        /// Those that are known.
        known: String,
    },
    /// No resource of the service has such an ARN.
    #[error("`{arn}` is no resource of {service}; its ARNs look like {forms}")]
    UnknownType {
        /// What was given.
        arn: String,
        /// The service.
        service: &'static str,
        /// How its ARNs look.
        forms: String,
    },
}

impl Reached {
    /// The service of an ARN, with all that the ARN reaches: what it names, and what is in that.
    pub fn from(arn: &str) -> Result<(&'static Service, Vec<Self>), ResourceError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, name, _, _, rest] = parts.as_slice() else {
            return Err(ResourceError::NoArn(arn.to_owned()));
        };
        if rest.is_empty() {
            return Err(ResourceError::NoArn(arn.to_owned()));
        }
        Self::by(name, arn)
    }

    /// The same by the actions of this service, whichever the ARN names.
    pub fn by(service: &str, arn: &str) -> Result<(&'static Service, Vec<Self>), ResourceError> {
        let Some(service) = Service::named(service) else {
            let known = Service::all().iter().map(|service| service.name).collect::<Vec<_>>().join(", ");
            let service = service.to_owned();
            return Err(ResourceError::UnknownService { arn: arn.to_owned(), service, known });
        };
        let reached = reached(service, arn);
        match reached.is_empty() {
            false => Ok((service, reached)),
            true => {
                let forms = service.types.iter().map(|kind| kind.arn).collect::<Vec<_>>().join(", ");
                Err(ResourceError::UnknownType { arn: arn.to_owned(), service: service.name, forms })
            }
        }
    }
}

fn reached(service: &'static Service, arn: &str) -> Vec<Reached> {
    let named = |ending| {
        let fits = move |kind: &&ResourceType| fit(kind.arn, arn, ending).is_some_and(|left| left.is_empty());
        service.types.iter().filter(fits)
    };
    let mut reached: Vec<Reached> =
        named(Ending::OnePart).map(|kind| Reached { kind: kind.name, arn: arn.to_owned() }).collect();
    if reached.is_empty() {
        // The key of an object and the name of a log group have slashes in them: the longest form counts.
        let kind = named(Ending::AllTheRest).max_by_key(|kind| fixed(kind.arn));
        reached.extend(kind.map(|kind| Reached { kind: kind.name, arn: arn.to_owned() }));
    }
    if reached.is_empty() {
        return reached;
    }
    // What begins with the whole of it, and goes on.
    let within = service.types.iter().filter(|kind| !OF_THEIR_OWN.contains(&(service.name, kind.name)));
    let inside = within.filter_map(|kind| {
        let left = fit(kind.arn, arn, Ending::OnePart).filter(|left| left.starts_with(['/', ':']))?;
        Some(Reached { kind: kind.name, arn: format!("{arn}{}", any(left)) })
    });
    reached.extend(inside);
    reached
}

/// Resources whose ARNs begin with those of others, and that have policies of their own: no document of the other
/// is about them.
const OF_THEIR_OWN: [(&str, &str); 7] = [
    ("dynamodb", "backup"),
    ("dynamodb", "export"),
    ("dynamodb", "import"),
    ("dynamodb", "stream"),
    ("kinesis", "consumer"),
    ("lambda", "function-alias"),
    ("lambda", "function-version"),
];

/// How far the last variable of a form reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// To the next slash or colon, as all others.
    OnePart,
    /// To the end.
    AllTheRest,
}

/// What is left of a form when all of the ARN fits its beginning.
fn fit<'a>(form: &'a str, arn: &str, ending: Ending) -> Option<&'a str> {
    let (mut form, mut arn) = (form, arn);
    loop {
        if arn.is_empty() {
            return Some(form);
        }
        if let Some(inner) = form.strip_prefix("${") {
            let (_, behind) = inner.split_once('}')?;
            let is_last = !behind.contains("${") && behind.is_empty();
            let length = match (is_last && ending == Ending::AllTheRest, behind.chars().next()) {
                (true, _) => arn.len(),
                // A variable goes up to what stands behind it in the form.
                (false, Some(next @ (':' | '/'))) => match arn.find([':', '/']) {
                    Some(end) if arn.get(end..).is_some_and(|rest| rest.starts_with(next)) => end,
                    Some(_) => return None,
                    None => arn.len(),
                },
                (false, _) => arn.find([':', '/']).unwrap_or(arn.len()),
            };
            // The account and the region of some ARNs are empty.
            let is_location = inner.starts_with("Account") || inner.starts_with("Region");
            if length == 0 && !is_location {
                return None;
            }
            (form, arn) = (behind, arn.get(length..)?);
        } else {
            let next = form.chars().next()?;
            arn = arn.strip_prefix(next)?;
            form = form.get(next.len_utf8()..)?;
        }
    }
}

/// How many characters of a form are fixed.
fn fixed(form: &str) -> usize {
    let variables: usize =
        form.split("${").skip(1).filter_map(|rest| rest.find('}')).map(|end| end + 3).sum();
    form.len() - variables
}

/// The rest of a form with one or more characters for each variable.
fn any(form: &str) -> String {
    let mut text = String::new();
    let mut rest = form;
    while let Some((before, inner)) = rest.split_once("${") {
        text.push_str(before);
        text.push_str("?*");
        rest = inner.split_once('}').map_or("", |(_, behind)| behind);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::{Reached, ResourceError};

    fn reached(arn: &str) -> Vec<(&'static str, String)> {
        Reached::from(arn).unwrap().1.into_iter().map(|it| (it.kind, it.arn)).collect()
    }

    #[test]
    fn a_bucket_reaches_itself_and_its_objects() {
        let object = ("object", "arn:aws:s3:::b/?*".to_owned());
        assert_eq!(reached("arn:aws:s3:::b"), [("bucket", "arn:aws:s3:::b".to_owned()), object]);
    }

    #[test]
    fn an_object_reaches_itself_alone() {
        assert_eq!(reached("arn:aws:s3:::b/x/y"), [("object", "arn:aws:s3:::b/x/y".to_owned())]);
    }

    #[test]
    fn a_table_reaches_its_indexes_and_not_its_streams_which_have_policies_of_their_own() {
        let kinds: Vec<_> = reached("arn:aws:dynamodb:eu-west-1:111122223333:table/t").into_iter().collect();
        assert!(
            kinds.contains(&("index", "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/?*".to_owned()))
        );
        assert!(!kinds.iter().any(|(kind, _)| *kind == "stream"));
    }

    #[test]
    fn queues_topics_keys_secrets_and_file_systems_are_known() {
        let of = |arn: &str| reached(arn).first().map(|(kind, _)| *kind);
        assert_eq!(of("arn:aws:sqs:eu-west-1:111122223333:orders"), Some("queue"));
        assert_eq!(of("arn:aws:sns:eu-west-1:111122223333:orders"), Some("topic"));
        assert_eq!(of("arn:aws:kms:eu-west-1:111122223333:key/1234"), Some("key"));
        assert_eq!(of("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"), Some("Secret"));
        assert_eq!(
            of("arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"),
            Some("file-system")
        );
        assert_eq!(of("arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"), Some("stream"));
    }

    #[test]
    fn what_is_no_resource_is_told() {
        assert!(matches!(Reached::from("bucket"), Err(ResourceError::NoArn(_))));
        assert!(matches!(Reached::from("arn:aws:nothing:::x"), Err(ResourceError::UnknownService { .. })));
        let file = Reached::from("arn:aws:sqs:eu-west-1:111122223333:a/b:c");
        assert!(file.is_ok() || matches!(file, Err(ResourceError::UnknownType { .. })));
    }
}
