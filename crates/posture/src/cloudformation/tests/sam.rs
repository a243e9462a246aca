//! What SAM's transform makes.

use super::*;

fn made(resources: &str) -> Vec<String> {
    let text = format!("Transform: AWS::Serverless-2016-10-31\n{resources}");
    let template = template(&text);
    assert_eq!(template.problems, []);
    assert_eq!(template.warnings, []);
    let one = |resource: &crate::Resource| {
        format!("{} {} {}", resource.name, resource.kind, shown(&resource.properties))
    };
    template.part.resources.iter().map(one).collect()
}

fn of_kind(made: &[String], kind: &str) -> String {
    made.iter().find(|told| told.contains(&format!(" {kind} "))).cloned().unwrap_or_default()
}

#[test]
fn a_function_url_is_a_resource_of_its_own() {
    let made = made(
        "
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, FunctionUrlConfig: {AuthType: NONE}}}
",
    );
    assert_eq!(
        of_kind(&made, "AWS::Lambda::Function"),
        "F AWS::Lambda::Function {Code: {ZipFile: x}, Role: <FRole.Arn>}"
    );
    assert_eq!(
        of_kind(&made, "AWS::Lambda::Url"),
        "FUrl AWS::Lambda::Url {AuthType: NONE, TargetFunctionArn: <F>}"
    );
}

#[test]
fn globals_hold_until_a_resource_says_otherwise() {
    let made = made(
        "
Globals: {Function: {Timeout: 3, Environment: {Variables: {A: a, B: b}}, Layers: [x]}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Role: r, Timeout: 9, Environment: {Variables: {B: own}}, Layers: [y]}}
",
    );
    assert_eq!(
        made,
        [
            "F AWS::Lambda::Function {Role: r, Timeout: #9, Environment: {Variables: {B: own, A: a}}, Layers: [x, y]}"
        ]
    );
}

#[test]
fn an_api_has_its_domain_with_the_security_policy() {
    let made = made(
        "
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      SecurityPolicy: SecurityPolicy_TLS13_1_3_2025_09
      EndpointConfiguration: {Type: REGIONAL}
      DefinitionBody: {swagger: '2.0'}
      Domain: {DomainName: a.example, CertificateArn: arn, SecurityPolicy: TLS_1_0}
",
    );
    assert_eq!(
        made,
        [
            "Api AWS::ApiGateway::RestApi {SecurityPolicy: SecurityPolicy_TLS13_1_3_2025_09, Body: {swagger: 2.0}, EndpointConfiguration: {Types: [REGIONAL]}}",
            "ApiProdStage AWS::ApiGateway::Stage {RestApiId: <Api>, StageName: Prod}",
            "ApiDomainName AWS::ApiGateway::DomainName {EndpointConfiguration: {Types: [REGIONAL]}, DomainName: a.example, SecurityPolicy: TLS_1_0, RegionalCertificateArn: arn}",
            "ApiBasePathMapping AWS::ApiGateway::BasePathMapping {DomainName: <ApiDomainName>, RestApiId: <Api>, Stage: <ApiProdStage>}",
        ]
    );
}

#[test]
fn an_event_without_an_api_makes_one_that_leads_to_the_function() {
    let made = made(
        "
Globals: {HttpApi: {Domain: {DomainName: b.example, SecurityPolicy: TLS_1_2}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: r
      Events:
        Get: {Type: Api, Properties: {Path: /a, Method: get}}
        Any: {Type: HttpApi}
",
    );
    let api = of_kind(&made, "AWS::ApiGateway::RestApi");
    assert!(
        api.starts_with("ServerlessRestApi ")
            && api.contains("/a: {get: {x-amazon-apigateway-integration:")
            && api.contains("<F.Arn>"),
        "{api}"
    );
    assert_eq!(
        of_kind(&made, "AWS::ApiGateway::Stage"),
        "ServerlessRestApiProdStage AWS::ApiGateway::Stage {RestApiId: <ServerlessRestApi>, StageName: Prod}"
    );
    assert!(of_kind(&made, "AWS::ApiGatewayV2::Api").contains("ProtocolType: HTTP"));
    assert_eq!(
        of_kind(&made, "AWS::ApiGatewayV2::DomainName"),
        "ServerlessHttpApiDomainName AWS::ApiGatewayV2::DomainName {DomainNameConfigurations: [{EndpointType: REGIONAL, SecurityPolicy: TLS_1_2}], DomainName: b.example}"
    );
}

#[test]
fn events_are_what_delivers_them() {
    let made = made(
        "
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: r
      Events:
        Q: {Type: SQS, Properties: {Queue: arn:q, BatchSize: 5}}
        K: {Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: ['h:9092'], Topics: [t]}}
        N: {Type: SNS, Properties: {Topic: arn:t, SqsSubscription: true}}
        R: {Type: EventBridgeRule, Properties: {Pattern: {source: [x]}}}
",
    );
    assert_eq!(
        made[1..],
        [
            "FQ AWS::Lambda::EventSourceMapping {BatchSize: #5, EventSourceArn: arn:q, FunctionName: <F>}",
            "FK AWS::Lambda::EventSourceMapping {Topics: [t], SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: [h:9092]}}, FunctionName: <F>}",
            "FNQueue AWS::SQS::Queue {}",
            "FNQueuePolicy AWS::SQS::QueuePolicy {PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: sqs:SendMessage, Principal: *, Resource: <FNQueue.Arn>, Condition: {ArnEquals: {aws:SourceArn: arn:t}}}]}, Queues: [<FNQueue>]}",
            "FNEventSourceMapping AWS::Lambda::EventSourceMapping {EventSourceArn: <FNQueue.Arn>, FunctionName: <F>}",
            "FN AWS::SNS::Subscription {Protocol: sqs, Endpoint: <FNQueue.Arn>, TopicArn: arn:t}",
            "FR AWS::Events::Rule {Targets: [{Arn: <F.Arn>, Id: R}], EventPattern: {source: [x]}}",
        ]
    );
}

#[test]
fn a_role_grants_what_the_policies_say() {
    let made = made(
        "
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [AWSXrayWriteOnlyAccess, {DynamoDBCrudPolicy: {TableName: !Ref T}}, {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}]
  T: {Type: AWS::Serverless::SimpleTable}
",
    );
    let role = of_kind(&made, "AWS::IAM::Role");
    assert!(role.contains("ManagedPolicyArns: [AWSXrayWriteOnlyAccess]"), "{role}");
    assert!(role.contains("{Effect: Allow, Action: dynamodb:*, Resource: [<T>]}"), "{role}");
    assert!(role.contains("{Effect: Allow, Action: s3:*, Resource: *}"), "{role}");
    assert_eq!(of_kind(&made, "AWS::DynamoDB::Table"), "T AWS::DynamoDB::Table {}");
}

#[test]
fn what_is_made_stands_where_its_source_does_and_is_there_where_that_is() {
    let text = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  F:
    Type: AWS::Serverless::Function
    Condition: Prod
    Properties: {Role: r, FunctionUrlConfig: {AuthType: NONE}}
";
    let url = template(text).part.resources.remove(1);
    assert_eq!(
        (&*url.name, url.at.line, shown(&url.exists)),
        ("FUrl", 5, "Env(dev: false; prod: true)".to_owned())
    );
    assert_eq!(url.properties.entry("AuthType").unwrap().at.line, 8);
}

#[test]
fn without_the_transform_nothing_is_made() {
    let read = template("Resources: {F: {Type: AWS::Serverless::Function}}");
    assert_eq!(read.part.resources.len(), 1);
}

#[test]
fn a_bucket_tells_the_functions_whose_events_name_it() {
    let made = made(
        "
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, NotificationConfiguration: {LambdaConfigurations: [{Event: own, Function: other}]}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: r
      Events:
        Put: {Type: S3, Properties: {Bucket: !Ref B, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']}}
        Elsewhere: {Type: S3, Properties: {Bucket: !Ref Missing, Events: 's3:ObjectCreated:*'}}
",
    );
    assert_eq!(
        of_kind(&made, "AWS::S3::Bucket"),
        "B AWS::S3::Bucket {BucketName: b, NotificationConfiguration: {LambdaConfigurations: [{Event: own, Function: other}, \
         {Event: s3:ObjectCreated:*, Function: <F.Arn>}, {Event: s3:ObjectRemoved:*, Function: <F.Arn>}]}}"
    );
}

#[test]
fn a_bucket_tells_a_function_only_where_that_is_there() {
    let made = made(
        "
Parameters: {Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  B: {Type: AWS::S3::Bucket}
  F:
    Type: AWS::Serverless::Function
    Condition: Prod
    Properties: {Role: r, Events: {Put: {Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*', Filter: {S3Key: {}}}}}}
",
    );
    assert_eq!(
        of_kind(&made, "AWS::S3::Bucket"),
        "B AWS::S3::Bucket {NotificationConfiguration: {LambdaConfigurations: [Env(dev: null; prod: \
         {Event: s3:ObjectCreated:*, Function: <F.Arn>, Filter: {S3Key: {}}})]}}"
    );
}
