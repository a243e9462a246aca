//! AppSync: from clients to the API, and from the API to its data sources.

use super::behind::party;
use super::connection::begins;
use super::hop::Hop;
use super::party::Party;
use super::way::Way;
use crate::subject::{Seen, Subject};
use crate::value::Value;

/// The hops of a GraphQL API.
pub fn hops(api: &Subject<'_>) -> Vec<Hop> {
    let mut hops = Vec::new();
    if api.text(path!("Visibility")).known().as_deref() != Some("PRIVATE") {
        hops.push(Hop::entrance(api, met(), api.resource.at));
    }
    for source in api.pointed_at_by("AWS::AppSync::DataSource", path!("ApiId")) {
        hops.extend(to_source(api, &source));
    }
    hops
}

/// How clients are met.
pub fn met() -> Way {
    Way::by_aws("AppSync takes HTTPS and WSS alone").theirs()
}

fn to_source(api: &Subject<'_>, source: &Subject<'_>) -> Option<Hop> {
    let kind = source.text(path!("Type")).known();
    if kind.as_deref() == Some("NONE") {
        return None;
    }
    let end = match kind.as_deref() {
        Some("HTTP") => source.value(path!("HttpConfig.Endpoint")),
        Some("AWS_LAMBDA") => source.value(path!("LambdaConfig.LambdaFunctionArn")),
        Some("AMAZON_DYNAMODB") => source.value(path!("DynamoDBConfig.TableName")),
        Some("AMAZON_OPENSEARCH_SERVICE") => source.value(path!("OpenSearchServiceConfig.Endpoint")),
        Some("AMAZON_ELASTICSEARCH") => source.value(path!("ElasticsearchConfig.Endpoint")),
        Some("AMAZON_EVENTBRIDGE") => source.value(path!("EventBridgeConfig.EventBusArn")),
        Some("RELATIONAL_DATABASE") => {
            source.value(path!("RelationalDatabaseConfig.RdsHttpEndpointConfig.DbClusterIdentifier"))
        }
        _ => Seen::Absent(source.resource.at),
    };
    let at = end.at();
    let end = end.known();
    let to = end.and_then(|end| source.targets(end).iter().find_map(party));
    let outside = || end.map_or_else(Party::nameless, |end| Party::outside(source, end));
    let to = to.map_or_else(outside, |party| Party::Resource(party.id));
    let way = match kind.as_deref() {
        Some("HTTP") => by_url(end),
        Some(_) => Way::by_aws("AppSync reaches it by AWS's API"),
        None => Way::unknown("the type of the data source is not known"),
    };
    Some(Hop::new(Party::Resource(api.id), to, way, at))
}

fn by_url(end: Option<&Value>) -> Way {
    match end.and_then(begins) {
        Some(start) if start.starts_with("https://") => {
            Way::by_aws("the data source's URL is https, and AppSync verifies it")
        }
        Some(start) if start.starts_with("http://") => Way::clear("the data source's URL is http"),
        _ => Way::unknown("the data source's URL is not known"),
    }
}
