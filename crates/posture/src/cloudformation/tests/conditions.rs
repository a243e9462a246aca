//! Conditions, and what hangs on them.

use super::*;

const ENV: &str = "Parameters: {Env: {Type: String, AllowedValues: [dev, test, prod], Default: dev}}";

fn condition(conditions: &str) -> String {
    property_with(&format!("{ENV}\nConditions: {{{conditions}}}"), "!If [C, yes it is, no]")
}

#[test]
fn all_allowed_values_are_followed_though_there_is_a_default() {
    assert_eq!(condition("C: !Equals [!Ref Env, prod]"), "Env(dev: false; test: false; prod: yes it is)");
    assert_eq!(property_with(ENV, "!Ref Env"), "Env(dev: dev; test: test; prod: prod)");
}

#[test]
fn a_given_value_settles_a_condition() {
    let sections = format!("{ENV}\nConditions: {{C: !Equals [!Ref Env, prod]}}");
    assert_eq!(property_given(&sections, "!If [C, a, b]", &[("Env", "prod")]), "a");
}

#[test]
fn and_or_and_not_are_worked_out_over_choices() {
    let both = "P: !Equals [!Ref Env, prod], T: !Equals [!Ref Env, test]";
    assert_eq!(
        condition(&format!("{both}, C: !Or [!Condition P, !Condition T]")),
        "Env(dev: false; test: yes it is; prod: yes it is)"
    );
    assert_eq!(condition(&format!("{both}, C: !And [!Condition P, {{Condition: T}}]")), "false");
    assert_eq!(
        condition(&format!("{both}, C: !Not [!Condition P]")),
        "Env(dev: yes it is; test: yes it is; prod: false)"
    );
}

#[test]
fn a_parameter_that_nobody_gives_is_told_apart_as_far_as_it_is_compared() {
    let sections = "Parameters: {Env: {Type: String}}\nConditions: {C: !Equals [prod, !Ref Env]}";
    assert_eq!(property_with(sections, "!If [C, a, b]"), "Env(prod: a; anything else: b)");
    let sections = "Conditions: {C: !Equals [!Ref AWS::Region, us-east-1]}";
    assert_eq!(property_with(sections, "!If [C, a, b]"), "AWS::Region(us-east-1: a; anything else: b)");
    assert_eq!(property_given(sections, "!If [C, a, b]", &[("AWS::Region", "eu-west-1")]), "b");
}

#[test]
fn what_nobody_can_tell_hangs_on_the_condition_itself() {
    let sections = "Parameters: {A: {Type: String}, B: {Type: String}}\nConditions: {C: !Equals [!Ref A, !Ref B], D: !Not [!Condition C]}";
    assert_eq!(property_with(sections, "!If [C, a, b]"), "C(true: a; false: b)");
    assert_eq!(property_with(sections, "!If [D, a, b]"), "C(true: b; false: a)");
}

#[test]
fn conditions_nest_and_choose_whole_properties() {
    let sections = format!("{ENV}\nConditions: {{P: !Equals [!Ref Env, prod], T: !Equals [!Ref Env, test]}}");
    assert_eq!(
        property_with(&sections, "!If [P, {a: 1}, !If [T, !Sub 'x-${Env}', !Ref AWS::NoValue]]"),
        "Env(dev: Env(dev: null; test: Env(dev: x-dev; test: x-test; prod: x-prod); prod: null); test: Env(dev: null; test: Env(dev: x-dev; test: x-test; prod: x-prod); prod: null); prod: {a: #1})"
    );
}

#[test]
fn a_resource_is_there_where_its_condition_holds() {
    let text = format!(
        "{ENV}\nConditions: {{P: !Equals [!Ref Env, prod]}}\nResources: {{A: {{Type: AWS::S3::Bucket, Condition: P}}}}"
    );
    assert_eq!(shown(&template(&text).part.resources[0].exists), "Env(dev: false; test: false; prod: true)");
}

#[test]
fn conditions_in_a_circle_are_a_problem_and_end() {
    let text = "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {R: {Type: AWS::S3::Bucket, Condition: A}}";
    let read = template(text);
    assert_eq!(
        read.problems[0].to_string(),
        "line 1, column 47: condition A hangs on itself; break the circle"
    );
    assert_eq!(read.part.resources.len(), 1);
}

#[test]
fn more_combinations_than_are_followed_hang_on_the_condition_as_a_whole() {
    let names: Vec<String> = (0..12).map(|n| format!("P{n}")).collect();
    let parameters: Vec<_> =
        names.iter().map(|name| format!("{name}: {{Type: String, AllowedValues: [a, b, c]}}")).collect();
    let pieces: Vec<_> = names.iter().map(|name| format!("!Ref {name}")).collect();
    let sections = format!(
        "Parameters: {{{}}}\nConditions: {{C: !Equals [!Join ['', [{}]], aaaaaaaaaaaa]}}",
        parameters.join(", "),
        pieces.join(", ")
    );
    let became = property_with(&sections, "!If [C, x, y]");
    assert!(became.contains("C(true: x; false: y)"), "{became}");
}

#[test]
fn a_condition_that_is_not_declared_is_unknown() {
    assert_eq!(property("!If [Nowhere, a, b]"), "? there is no condition Nowhere in this template");
}
