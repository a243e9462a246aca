//! Estates that are larger, or hang on more, than is followed.

use super::*;

#[test]
fn what_hangs_on_too_many_conditions_is_unknown_and_never_judged_by_the_first() {
    let parameter = |n: usize| format!("  P{n}: {{Type: String, Default: a, AllowedValues: [a, b]}}\n");
    let condition = |n: usize| format!("  C{n}: !Equals [!Ref P{n}, a]\n");
    let variable = |n: usize| format!("          V{n}: !If [C{n}, x, y]\n");
    let all = |of: &dyn Fn(usize) -> String| (0..11).map(of).collect::<String>();
    let template = format!(
        "Parameters:\n{}Conditions:\n{}Resources:
  Cache:
    Type: AWS::ElastiCache::ServerlessCache
    Properties: {{Engine: valkey, ServerlessCacheName: cache}}
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Environment:
        Variables:
{}          CACHE_URL: !Sub 'rediss://${{Cache.Endpoint.Address}}:6379'\n",
        all(&parameter),
        all(&condition),
        all(&variable)
    );
    // Parameters that are given stand fast; each may be either here.
    let found = found(&graph(&template));
    assert_eq!(
        found,
        ["Work → Cache: unknown, it hangs on more combinations of conditions than are followed"]
    );
}

#[test]
fn two_thousand_functions_are_all_hops_and_not_all_flows() {
    let function = |n: usize| {
        format!(
            "  F{n}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment: {{Variables: {{QUEUE: !Ref Q{n}}}}}\n  Q{n}: {{Type: 'AWS::Timestream::Table'}}\n"
        )
    };
    let template = format!("Resources:\n{}", (0..2_100).map(function).collect::<String>());
    let graph = graph(&template);
    let flows = follow(&graph);
    assert_eq!((flows.hops.len(), flows.flows.len(), flows.cut), (2_100, MOST_FLOWS, true));
}
