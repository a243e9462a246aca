//! Loops of AWS::LanguageExtensions.

use super::*;

fn names(text: &str) -> Vec<String> {
    let read = template(text);
    assert_eq!(read.problems, []);
    let all = read.part.resources.iter();
    all.map(|resource| format!("{} {}", resource.name, shown(&resource.properties))).collect()
}

#[test]
fn a_loop_writes_out_a_resource_for_each_value() {
    let text = "
Resources:
  Fn::ForEach::Buckets:
    - Id
    - [A, B-1]
    - 'Bucket&{Id}':
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub 'x-${Id}', Ref: !Ref Id, Plain: '${Id}'}
";
    assert_eq!(
        names(text),
        ["BucketA {BucketName: x-A, Ref: A, Plain: A}", "BucketB1 {BucketName: x-B-1, Ref: B-1, Plain: B-1}"]
    );
}

#[test]
fn loops_nest_and_go_over_parameters() {
    let text = "
Parameters: {Zones: {Type: CommaDelimitedList, Default: 'a,b'}}
Resources:
  Fn::ForEach::Outer:
    - X
    - !Ref Zones
    - Fn::ForEach::Inner:
        - Y
        - ['1', '2']
        - 'R${X}${Y}': {Type: AWS::S3::Bucket, Properties: {N: '${X}/${Y}'}}
";
    assert_eq!(names(text), ["Ra1 {N: a/1}", "Ra2 {N: a/2}", "Rb1 {N: b/1}", "Rb2 {N: b/2}"]);
}

#[test]
fn a_loop_writes_out_properties_and_conditions() {
    let text = "
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions:
  Fn::ForEach::Envs:
    - E
    - [dev, prod]
    - 'Is${E}': !Equals [!Ref Env, '${E}']
Resources:
  A:
    Type: AWS::S3::Bucket
    Condition: Isprod
    Properties:
      Fn::ForEach::Props: [N, [One, Two], {'Name${N}': 'v${N}'}]
      Last: x
";
    let read = template(text);
    assert_eq!(shown(&read.part.resources[0].properties), "{NameOne: vOne, NameTwo: vTwo, Last: x}");
    assert_eq!(shown(&read.part.resources[0].exists), "Env(dev: false; prod: true)");
}

#[test]
fn a_loop_over_a_choice_has_each_resource_where_its_value_is_among_them() {
    let text = "
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Mappings: {Names: {dev: {All: [A]}, prod: {All: [A, B]}}}
Resources:
  Fn::ForEach::Buckets: [Id, !FindInMap [Names, !Ref Env, All], {'R${Id}': {Type: AWS::S3::Bucket}}]
";
    let read = template(text);
    let exists: Vec<_> = read.part.resources.iter().map(|resource| shown(&resource.exists)).collect();
    assert_eq!(exists, ["true", "Env(dev: false; prod: true)"]);
}

#[test]
fn a_loop_over_what_nobody_knows_is_a_problem_that_hides_nothing_else() {
    let text = "
Parameters: {Zones: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Outer: [X, !Ref Zones, {'R${X}': {Type: AWS::S3::Bucket}}]
  Other: {Type: AWS::S3::Bucket}
";
    let read = template(text);
    assert_eq!(
        read.problems[0].to_string(),
        "line 4, column 3: Fn::ForEach::Outer is not written out: parameter Zones has no default; give it by --param Zones=VALUE; give what it goes over"
    );
    assert_eq!(read.part.resources.len(), 1);
}

#[test]
fn a_bomb_of_loops_ends() {
    let values: Vec<_> = (0..100).map(|n| n.to_string()).collect();
    let values = values.join(", ");
    let body = "{'R${A}${B}${C}${D}': {Type: AWS::S3::Bucket}}";
    let nested = ["D", "C", "B", "A"]
        .iter()
        .fold(body.to_owned(), |body, id| format!("{{Fn::ForEach::{id}: [{id}, [{values}], {body}]}}"));
    let read = template(&format!("Resources: {nested}\n"));
    assert!(
        read.problems.iter().any(|problem| problem.what.contains("more than is followed")),
        "{:?}",
        read.problems
    );
}
