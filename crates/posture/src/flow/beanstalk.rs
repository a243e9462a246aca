//! Elastic Beanstalk: from clients to the load balancer that an environment makes for itself, and on to its instances.
//! What no option setting says may stand in `.ebextensions` or a saved configuration, which no template has.

use super::compute;
use super::hop::Hop;
use super::party::{Part, Party};
use super::way::{Floor, Verified, Way};
use crate::controls::elasticbeanstalk as control;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::Standing;

use hermetic_tls::ProtocolVersion;

/// The type.
pub const ENVIRONMENT: &str = "AWS::ElasticBeanstalk::Environment";

/// Where an environment has what its instances are told.
const VARIABLES: &str = "aws:elasticbeanstalk:application:environment";

/// The hops of an environment: into it, through it, and on from its instances.
pub fn hops(environment: &Subject<'_>) -> Vec<Hop> {
    let mut hops = Vec::new();
    if let Some((way, at)) = met(environment) {
        let balancer = Party::Part(environment.id, Part::Balancer);
        let (inner, inner_at) = to_instances(environment);
        hops.push(Hop::new(Party::Client, balancer, way.theirs(), at));
        hops.push(Hop::new(balancer, Party::Resource(environment.id), inner, inner_at));
    } else if is(environment, "aws:elasticbeanstalk:environment", "EnvironmentType", "SingleInstance") {
        let way =
            Way::unknown("a single instance ends TLS in its own proxy, of which no option setting tells");
        hops.push(Hop::entrance(environment, way, environment.resource.at));
    }
    hops.extend(compute::hops(environment));
    hops
}

/// How whoever connects to the balancer of an environment is met; none where it has no balancer.
pub fn met(environment: &Subject<'_>) -> Option<(Way, Span)> {
    let judged = control::listeners(environment)?;
    let ground = judged.grounds.first();
    let at = ground.map_or(environment.resource.at, |ground| ground.at);
    let why = ground.map(|ground| ground.message.clone()).unwrap_or_default();
    let way = match judged.standing {
        Standing::Fail => Way::clear(why),
        Standing::Unknown | Standing::NotApplicable => Way::unknown(why),
        Standing::Pass => Way::tls(floor(environment), Verified::Theirs, why),
    };
    Some((way, at))
}

/// What the balancer speaks to instances. It never verifies them.
fn to_instances(environment: &Subject<'_>) -> (Way, Span) {
    let spoken = control::to_instances(environment);
    let at = spoken.at();
    let way = match spoken {
        Seen::Known(protocol, _) => match &*protocol.to_ascii_uppercase() {
            "HTTPS" | "SSL" | "TLS" => Way::tls(
                Floor::at_least(ProtocolVersion::TLS1_0),
                Verified::No,
                format!("the balancer speaks {protocol} to instances, and never verifies them"),
            ),
            _ => Way::clear(format!("the balancer speaks {protocol} to instances")),
        },
        Seen::Absent(_) => Way::unknown(
            "no option setting says what is spoken to instances, which is HTTP unless .ebextensions say otherwise",
        ),
        Seen::Unknown(why, _) => Way::unknown(format!("what is spoken to instances is not known: {why}")),
    };
    (way, at)
}

fn floor(environment: &Subject<'_>) -> Floor {
    match options(environment).find(|(_, name, _)| &**name == "SSLPolicy") {
        Some((_, _, value)) => match text_of(environment.resolve(value)) {
            Ok(policy) => Floor::of_policy(&["elb"], &policy),
            Err(_) => Floor::default(),
        },
        None => Floor::default(),
    }
}

/// The option settings whose values are variables of the instances.
pub fn variables<'g>(environment: &Subject<'g>) -> impl Iterator<Item = &'g Value> {
    let settings = environment.all(path!("OptionSettings[]")).into_iter().filter_map(Seen::known);
    let environment = *environment;
    settings.filter(move |setting| {
        let namespace = environment.value_in(setting, path!("Namespace")).and_then(text_of).known();
        namespace.as_deref() == Some(VARIABLES)
    })
}

/// What the option of this name names, in the namespace of the instances.
pub fn of_instances<'g>(environment: &Subject<'g>, name: &str) -> Vec<Subject<'g>> {
    let named = options(environment).filter(|(namespace, option, _)| {
        &**namespace == "aws:autoscaling:launchconfiguration" && &**option == name
    });
    named.flat_map(|(_, _, value)| environment.targets(value)).collect()
}

fn is(environment: &Subject<'_>, namespace: &str, name: &str, wanted: &str) -> bool {
    options(environment).any(|(space, option, value)| {
        let value = text_of(environment.resolve(value));
        &*space == namespace && &*option == name && value.is_ok_and(|it| it.eq_ignore_ascii_case(wanted))
    })
}

/// The option settings of an environment itself: namespace, name and value.
fn options<'g>(
    environment: &Subject<'g>,
) -> impl Iterator<Item = (std::sync::Arc<str>, std::sync::Arc<str>, &'g Value)> {
    let settings = environment.all(path!("OptionSettings[]")).into_iter().filter_map(Seen::known);
    let environment = *environment;
    settings.filter_map(move |setting| {
        let text = |path| environment.value_in(setting, path).and_then(text_of).known();
        Some((text(path!("Namespace"))?, text(path!("OptionName"))?, setting.entry("Value")?))
    })
}
