//! Operations of the services that name theirs: by `X-Amz-Target` with JSON, or by `Action=…` in a query or form.
//! A table a service says which action each asks for, and where its resource stands.

mod dynamodb;
mod kinesis;
mod kms;
mod secretsmanager;
mod sns;
mod sqs;

use crate::call::{Call, Resource, Unmapped, shown};
use crate::fields::Fields;
use crate::home::Home;
use crate::service::Service;

/// An operation asks for an action on a resource. One that asks for several stands as often.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// The action that it asks for.
    pub action: &'static str,
    /// Where its resource stands.
    pub on: On,
}

/// Where the resource of an operation stands. Where that is not said, anything may be meant.
#[derive(Clone, Copy, Debug)]
pub enum On {
    /// It acts on no resource.
    Nothing,
    /// By no name, or by a handle that only the service can open.
    Unsaid,
    /// A field has its ARN.
    Arn(&'static str),
    /// The URL of a queue.
    QueueUrl,
    /// A field has its name, before which this stands in the ARN.
    Name(&'static str, &'static str),
    /// A table by name or ARN.
    Table(&'static str),
    /// The index of a table where one is named, else the table.
    Index,
    /// A stream by name or ARN.
    Stream,
    /// A key by id or ARN. An alias says no key.
    Key(&'static str),
    /// The tables by which requests are grouped.
    EachTable,
    /// The tables of the parts of a transaction that are of this kind.
    EachPart(&'static str),
}

const fn on(name: &'static str, action: &'static str, on: On) -> Operation {
    Operation { name, action, on }
}

impl Operation {
    /// The operations of a service; none of S3, whose are known by method and path.
    pub fn of(service: Service) -> &'static [Self] {
        match service {
            Service::S3 => &[],
            Service::Sqs => sqs::OPERATIONS,
            Service::Sns => sns::OPERATIONS,
            Service::DynamoDb => dynamodb::OPERATIONS,
            Service::Kinesis => kinesis::OPERATIONS,
            Service::Kms => kms::OPERATIONS,
            Service::SecretsManager => secretsmanager::OPERATIONS,
        }
    }
}

/// The calls that an operation of this name makes. `queue`: the path that names one, where there is one.
pub(crate) fn calls(
    service: Service,
    name: &str,
    fields: &Fields,
    queue: Option<&str>,
    home: &Home,
) -> Result<Vec<Call>, Unmapped> {
    let known = || Operation::of(service).iter().filter(|operation| operation.name == name);
    let mut calls = Vec::new();
    for operation in known() {
        let resources = operation.on.resources(service, fields, queue, home)?;
        calls.extend(resources.into_iter().map(|resource| Call { action: operation.action, resource }));
    }
    // A batch of nothing is still the service's to understand.
    if calls.is_empty() {
        calls.extend(known().map(|it| Call { action: it.action, resource: Resource::Unsaid }));
    }
    match !calls.is_empty() {
        // PartiQL's first word says which of four actions it is.
        _ if service == Service::DynamoDb && dynamodb::PARTIQL.contains(&name) => dynamodb::partiql(fields),
        true => Ok(calls),
        false => Err(Unmapped::Operation { operation: shown(name), service }),
    }
}

impl On {
    fn resources(
        self,
        service: Service,
        fields: &Fields,
        queue: Option<&str>,
        home: &Home,
    ) -> Result<Vec<Resource>, Unmapped> {
        let arn = |text: &str| Resource::of_arn(text, service, home);
        let at_home = |resource: String| Resource::Arn(home.arn(service, &resource));
        let named =
            |field, read: &dyn Fn(&str) -> Result<Resource, Unmapped>| -> Result<Resource, Unmapped> {
                fields.name(field)?.map_or(Ok(Resource::Unsaid), read)
            };
        let table = |text: &str| match text.starts_with("arn:") {
            true => arn(text),
            false => Ok(at_home(format!("table/{text}"))),
        };
        Ok(match self {
            Self::Nothing => vec![Resource::Any],
            Self::Unsaid => vec![Resource::Unsaid],
            Self::Arn(field) => vec![named(field, &arn)?],
            Self::Name(before, field) => {
                vec![named(field, &|name| Ok(at_home(format!("{before}{name}"))))?]
            }
            Self::QueueUrl => sqs::queues(fields, queue, home)?,
            Self::Table(field) => vec![named(field, &table)?],
            Self::Index => {
                let of_table = named("TableName", &table)?;
                vec![match (of_table, fields.name("IndexName")?) {
                    (Resource::Arn(table), Some(index)) => Resource::Arn(format!("{table}/index/{index}")),
                    (table, _) => table,
                }]
            }
            Self::Stream => kinesis::stream(fields, &arn, &at_home)?,
            Self::Key(field) => vec![named(field, &|key| match key {
                _ if key.starts_with("arn:") && !key.contains(":alias/") => arn(key),
                _ if key.starts_with("alias/") || key.starts_with("arn:") => Ok(Resource::Unsaid),
                _ => Ok(at_home(format!("key/{key}"))),
            })?],
            Self::EachTable => dynamodb::each_table(fields, &table)?,
            Self::EachPart(kind) => dynamodb::each_part(fields, kind, &table)?,
        })
    }

    /// As the reference tells it.
    pub fn told(self) -> String {
        match self {
            Self::Nothing => "none (`*`)".to_owned(),
            Self::Unsaid => "not said".to_owned(),
            Self::Arn(field) => format!("the ARN in `{field}`"),
            Self::QueueUrl => "the queue of `QueueUrl`, and of the path".to_owned(),
            Self::Name("", field) => format!("`{field}`"),
            Self::Name(before, field) => format!("`{before}` and `{field}`"),
            Self::Table(field) => format!("the table in `{field}`"),
            Self::Index => "the index in `IndexName`, or else the table in `TableName`".to_owned(),
            Self::Stream => "the stream in `StreamARN` and in `StreamName`".to_owned(),
            Self::Key(field) => format!("the key in `{field}`; by an alias, not said"),
            Self::EachTable => "each table in `RequestItems`".to_owned(),
            Self::EachPart(kind) => format!("the table of each `{kind}` in `TransactItems`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        let part = |text: &str| Some(text.to_owned());
        Home { partition: "aws".to_owned(), region: part("eu-west-1"), account: part("111122223333") }
    }

    fn asked(service: Service, name: &str, body: &str) -> Result<Vec<(&'static str, String)>, Unmapped> {
        let fields = Fields::of_json(body.as_bytes()).unwrap();
        let calls = calls(service, name, &fields, None, &home())?;
        Ok(calls.iter().map(|call| (call.action, call.resource.shown().to_owned())).collect())
    }

    fn at(service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:eu-west-1:111122223333:{rest}")
    }

    #[test]
    fn every_action_of_the_services_is_asked_for_by_an_operation() {
        // Those are no requests of their own: what other services do, and roles that they take.
        let of_others = [
            "dynamodb:AssociateTableReplica",
            "dynamodb:CreateGlobalTableWitness",
            "dynamodb:CreateTableReplica",
            "dynamodb:DeleteGlobalTableWitness",
            "dynamodb:DeleteTableReplica",
            "dynamodb:ReadDataForReplication",
            "dynamodb:ReplicateSettings",
            "dynamodb:RestoreTableFromAwsBackup",
            "dynamodb:StartAwsBackupJob",
            "dynamodb:UpdateGlobalTableVersion",
            "dynamodb:WriteDataForReplication",
            "kms:SynchronizeMultiRegionKey",
        ];
        for service in Service::ALL.into_iter().filter(|service| *service != Service::S3) {
            let known = hermetic_iam::services::Service::named(service.as_str()).unwrap();
            for action in &known.actions {
                let action = format!("{service}:{}", action.name);
                let is_asked = Operation::of(service).iter().any(|operation| operation.action == action)
                    || action.starts_with("dynamodb:PartiQL");
                assert!(is_asked != of_others.contains(&&*action), "{action}");
            }
        }
    }

    #[test]
    fn every_field_that_says_a_resource_is_read() {
        let operations = Service::ALL.into_iter().flat_map(Operation::of);
        for operation in operations {
            if let On::Arn(field)
            | On::Name(_, field)
            | On::Table(field)
            | On::Key(field)
            | On::EachPart(field) = operation.on
            {
                assert!(crate::fields::ASKED_FOR.contains(&field), "{field}");
            }
        }
    }

    #[test]
    fn a_name_with_what_no_name_has_is_refused() {
        for table in ["t ", "t\\u0000", "t\\n"] {
            let body = format!(r#"{{"TableName": "{table}"}}"#);
            assert!(asked(Service::DynamoDb, "GetItem", &body).is_err(), "{table}");
        }
    }

    #[test]
    fn a_batch_asks_for_each_of_its_tables() {
        let body =
            r#"{"RequestItems": {"a": {"Keys": []}, "arn:aws:dynamodb:eu-west-1:111122223333:table/b": {}}}"#;
        let of = |table: &str| ("dynamodb:BatchGetItem", at("dynamodb", table));
        assert_eq!(asked(Service::DynamoDb, "BatchGetItem", body), Ok(vec![of("table/a"), of("table/b")]));
    }

    #[test]
    fn a_transaction_asks_for_the_action_of_each_of_its_parts() {
        let body = r#"{"TransactItems": [{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}},
                       {"ConditionCheck": {"TableName": "c"}}, {"Update": {"TableName": "d"}}]}"#;
        let expected =
            [("PutItem", "a"), ("UpdateItem", "d"), ("DeleteItem", "b"), ("ConditionCheckItem", "c")];
        let mut found = asked(Service::DynamoDb, "TransactWriteItems", body).unwrap();
        found.sort_unstable();
        let mut expected = expected.map(|(action, table)| {
            let action: &str = format!("dynamodb:{action}").leak();
            (action, at("dynamodb", &format!("table/{table}")))
        });
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_batch_of_nothing_may_be_about_anything() {
        for (operation, body) in [("BatchGetItem", "{}"), ("TransactGetItems", r#"{"TransactItems": []}"#)] {
            assert_eq!(asked(Service::DynamoDb, operation, body).unwrap()[0].1, "not said");
        }
    }

    #[test]
    fn a_part_of_a_transaction_of_an_unknown_kind_is_refused() {
        let body = r#"{"TransactItems": [{"Put": {"TableName": "a"}}, {"Steal": {"TableName": "b"}}]}"#;
        assert!(asked(Service::DynamoDb, "TransactWriteItems", body).is_err());
    }

    #[test]
    fn partiql_says_its_action_and_no_table() {
        let action = |statement: &str| {
            let body = serde_json::json!({ "Statement": statement }).to_string();
            asked(Service::DynamoDb, "ExecuteStatement", &body)
        };
        let unsaid = |action| Ok(vec![(action, "not said".to_owned())]);
        assert_eq!(action(" select * from \"t\""), unsaid("dynamodb:PartiQLSelect"));
        assert_eq!(action("UPDATE t SET a=1"), unsaid("dynamodb:PartiQLUpdate"));
        assert!(action("DROP TABLE t").is_err());
        let batch =
            r#"{"Statements": [{"Statement": "INSERT INTO t VALUE {}"}, {"Statement": "DELETE FROM t"}]}"#;
        let found = asked(Service::DynamoDb, "BatchExecuteStatement", batch).unwrap();
        assert_eq!(
            found.iter().map(|it| it.0).collect::<Vec<_>>(),
            ["dynamodb:PartiQLInsert", "dynamodb:PartiQLDelete"]
        );
    }

    #[test]
    fn a_query_on_an_index_asks_for_the_index() {
        let found = asked(Service::DynamoDb, "Query", r#"{"TableName": "t", "IndexName": "i"}"#);
        assert_eq!(found, Ok(vec![("dynamodb:Query", at("dynamodb", "table/t/index/i"))]));
    }

    #[test]
    fn a_stream_by_name_and_by_arn_is_both() {
        let body = format!(r#"{{"StreamName": "a", "StreamARN": "{}"}}"#, at("kinesis", "stream/b"));
        let of = |name| ("kinesis:PutRecord", at("kinesis", name));
        assert_eq!(asked(Service::Kinesis, "PutRecord", &body), Ok(vec![of("stream/b"), of("stream/a")]));
        let records = asked(Service::Kinesis, "GetRecords", r#"{"ShardIterator": "x"}"#);
        assert_eq!(records, Ok(vec![("kinesis:GetRecords", "not said".to_owned())]));
        // Whichever stream is named beside it, the iterator may be another's.
        let records = asked(Service::Kinesis, "GetRecords", r#"{"ShardIterator": "x", "StreamName": "a"}"#);
        assert_eq!(records.unwrap()[1], ("kinesis:GetRecords", "not said".to_owned()));
    }

    #[test]
    fn an_alias_says_no_key_and_ciphertext_neither() {
        let key = |body| asked(Service::Kms, "Decrypt", body).unwrap().remove(0).1;
        assert_eq!(key(r#"{"KeyId": "1234"}"#), at("kms", "key/1234"));
        assert_eq!(key(r#"{"KeyId": "alias/a"}"#), "not said");
        assert_eq!(key("{}"), "not said");
        let both = asked(Service::Kms, "ReEncrypt", r#"{"DestinationKeyId": "2"}"#).unwrap();
        assert_eq!(
            both,
            [("kms:ReEncryptFrom", "not said".to_owned()), ("kms:ReEncryptTo", at("kms", "key/2"))]
        );
    }

    #[test]
    fn what_is_of_another_account_is_refused() {
        let body = r#"{"TopicArn": "arn:aws:sns:eu-west-1:999999999999:t"}"#;
        assert!(matches!(asked(Service::Sns, "Publish", body), Err(Unmapped::Elsewhere(_))));
        let body = r#"{"QueueUrl": "https://sqs.test/999999999999/q"}"#;
        assert!(matches!(asked(Service::Sqs, "SendMessage", body), Err(Unmapped::Elsewhere(_))));
    }

    #[test]
    fn an_operation_that_is_not_known_is_refused() {
        assert!(matches!(asked(Service::Kms, "Steal", "{}"), Err(Unmapped::Operation { .. })));
    }
}
