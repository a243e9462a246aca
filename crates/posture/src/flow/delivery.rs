//! Firehose: from its source to a delivery stream, and on to its destinations.

use super::behind::behind;
use super::connection::begins;
use super::hop::Hop;
use super::party::Party;
use super::store;
use super::way::Way;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Value;

/// The hops of a delivery stream.
pub fn hops(stream: &Subject<'_>) -> Vec<Hop> {
    let this = Party::Resource(stream.id);
    let mut hops = Vec::new();
    for value in known(stream, &sources()) {
        let ends = stream.targets(value);
        hops.extend(ends.iter().map(|end| {
            let way = store::by_aws("Firehose", end);
            Hop::new(Party::Resource(end.id), this, way, value.at)
        }));
    }
    for value in known(stream, &stores()) {
        let ends = stream.targets(value);
        hops.extend(ends.iter().map(|end| {
            let end = stream.of(behind(end)).unwrap_or(*end);
            Hop::new(this, Party::Resource(end.id), store::by_aws("Firehose", &end), value.at)
        }));
        if ends.is_empty() {
            let way = match begins(value) {
                Some(arn) if arn.starts_with("arn:") && arn.contains(":s3:") => {
                    Way::by_aws("Firehose uses AWS's API")
                }
                _ => Way::unknown("what it delivers to is not part of this code"),
            };
            hops.push(Hop::new(this, Party::outside(stream, value), way, value.at));
        }
    }
    for value in known(stream, &addresses()) {
        let end = stream.targets(value).iter().map(|end| Party::Resource(behind(end))).next();
        hops.push(Hop::new(
            this,
            end.unwrap_or_else(|| Party::outside(stream, value)),
            by_url(value),
            value.at,
        ));
    }
    hops
}

fn known<'g>(stream: &Subject<'g>, paths: &[&Path]) -> Vec<&'g Value> {
    paths.iter().flat_map(|path| stream.all(path)).filter_map(Seen::known).collect()
}

fn sources() -> [&'static Path; 2] {
    [
        path!("KinesisStreamSourceConfiguration.KinesisStreamARN"),
        path!("MSKSourceConfiguration.MSKClusterARN"),
    ]
}

fn stores() -> [&'static Path; 9] {
    [
        path!("ExtendedS3DestinationConfiguration.BucketARN"),
        path!("S3DestinationConfiguration.BucketARN"),
        path!("AmazonopensearchserviceDestinationConfiguration.DomainARN"),
        path!("ElasticsearchDestinationConfiguration.DomainARN"),
        path!("AmazonopensearchserviceDestinationConfiguration.S3Configuration.BucketARN"),
        path!("RedshiftDestinationConfiguration.ClusterJDBCURL"),
        path!("RedshiftDestinationConfiguration.S3Configuration.BucketARN"),
        path!("HttpEndpointDestinationConfiguration.S3Configuration.BucketARN"),
        path!("SplunkDestinationConfiguration.S3Configuration.BucketARN"),
    ]
}

fn addresses() -> [&'static Path; 5] {
    [
        path!("HttpEndpointDestinationConfiguration.EndpointConfiguration.Url"),
        path!("SplunkDestinationConfiguration.HECEndpoint"),
        path!("SnowflakeDestinationConfiguration.AccountUrl"),
        path!("AmazonopensearchserviceDestinationConfiguration.ClusterEndpoint"),
        path!("AmazonOpenSearchServerlessDestinationConfiguration.CollectionEndpoint"),
    ]
}

/// Firehose delivers to HTTPS with a certificate that it verifies (Firehose developer guide, HTTP endpoints).
fn by_url(url: &Value) -> Way {
    match begins(url) {
        Some(start) if start.starts_with("https://") => {
            Way::by_aws("the destination's URL is https, and Firehose verifies it")
        }
        Some(start) if start.starts_with("http://") => Way::clear("the destination's URL is http"),
        _ => Way::unknown("the destination's URL is not known"),
    }
}
