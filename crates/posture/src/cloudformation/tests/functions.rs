//! One function each.

use super::*;

#[test]
fn get_att_names_a_resource_and_its_attribute_in_all_forms() {
    for form in [
        "!GetAtt Bucket.Arn",
        "!GetAtt [Bucket, Arn]",
        "{Fn::GetAtt: [Bucket, Arn]}",
        "{Fn::GetAtt: Bucket.Arn}",
    ] {
        assert_eq!(property(form), "<Bucket.Arn>", "{form}");
    }
    assert_eq!(property("!GetAtt Bucket.Outputs.Url.Deep"), "<Bucket.Outputs.Url.Deep>");
    assert_eq!(property("!GetAtt Nothing.Arn"), "? Nothing is no resource of this template");
}

#[test]
fn sub_puts_in_parameters_resources_attributes_and_its_own_names() {
    let sections = "Parameters: {Env: {Type: String, Default: dev}}";
    assert_eq!(property_with(sections, "!Sub 'x-${Env}-${!Env}'"), "x-dev-${Env}");
    assert_eq!(property("!Sub '${Bucket.Arn}/*'"), "«<Bucket.Arn>|/*»");
    assert_eq!(property("!Sub '${Bucket}'"), "<Bucket>");
    assert_eq!(property_with(sections, "!Sub ['${A}.${Env}.${B}', {A: !Ref Env, B: 1}]"), "dev.dev.1");
    assert_eq!(
        property("!Sub '${Nothing}x'"),
        "«? Nothing is neither a parameter nor a resource of this template|x»"
    );
    assert_eq!(property("!Sub 'a ${ left open'"), "a ${ left open");
}

#[test]
fn join_of_known_and_unknown_is_known_in_part() {
    let sections = "Parameters: {Env: {Type: String}}";
    assert_eq!(property("!Join ['-', [a, 1, true]]"), "a-1-true");
    assert_eq!(
        property_with(sections, "!Join ['', ['https://', !Ref Env, '.example', .com]]"),
        "«https://|? parameter Env has no default; give it by --param Env=VALUE|.example.com»"
    );
    assert_eq!(property("!Join [',', !Split ['.', a.b]]"), "a,b");
    assert_eq!(property("!Join [',', !GetAtt Bucket.Names]"), "«<Bucket.Names>»");
}

#[test]
fn select_takes_one_element_also_of_what_was_split() {
    assert_eq!(property("!Select [1, [a, b]]"), "b");
    assert_eq!(property("!Select ['2', !Split ['/', 'https://host/path']]"), "host");
    assert_eq!(property("!Select [2, !Split ['/', !GetAtt Bucket.Url]]"), "«<Bucket.Url>»");
    assert_eq!(
        property("!Select [7, [a]]"),
        "? Fn::Select beyond the end of its list can't be worked out here"
    );
    assert_eq!(
        property("!Select [0, !GetAZs '']"),
        "? the Availability Zones of the account is looked up when it is deployed"
    );
}

#[test]
fn what_is_no_value_is_no_element() {
    assert_eq!(property("!Select [0, [!Ref AWS::NoValue, b]]"), "b");
    assert_eq!(property("[!Ref 'AWS::NoValue', b]"), "[b]");
    assert_eq!(property("!Ref AWS::NoValue"), "null");
}

#[test]
fn an_element_that_is_there_in_some_scenarios_counts_in_those_alone() {
    let sections = "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\nConditions: {Prod: !Equals [!Ref Env, prod]}";
    let list = "[a, !If [Prod, b, !Ref AWS::NoValue], c]";
    assert_eq!(property_with(sections, &format!("!Join ['-', {list}]")), "Env(dev: a-c; prod: a-b-c)");
    assert_eq!(property_with(sections, &format!("!Select [1, {list}]")), "Env(dev: c; prod: b)");
    assert_eq!(property_with(sections, &format!("{{Fn::Length: {list}}}")), "Env(dev: #2; prod: #3)");
    assert_eq!(property_with(sections, list), "[a, Env(dev: null; prod: b), c]");
}

#[test]
fn find_in_map_finds_falls_back_and_says_what_it_misses() {
    let sections = "Mappings: {Tls: {prod: {Policy: new}, dev: {Policy: old}}}";
    assert_eq!(property_with(sections, "!FindInMap [Tls, prod, Policy]"), "new");
    assert_eq!(property_with(sections, "!FindInMap [Tls, test, Policy, {DefaultValue: other}]"), "other");
    assert_eq!(
        property_with(sections, "!FindInMap [Tls, test, Policy]"),
        "? Fn::FindInMap of Tls test Policy, which is in no mapping, can't be worked out here"
    );
}

#[test]
fn a_parameter_that_a_mapping_is_asked_by_is_one_of_its_keys() {
    let sections =
        "Parameters: {Env: {Type: String}}\nMappings: {Tls: {prod: {Policy: new}, dev: {Policy: old}}}";
    assert_eq!(property_with(sections, "!FindInMap [Tls, !Ref Env, Policy]"), "Env(prod: new; dev: old)");
    assert_eq!(
        property_with(sections, "!FindInMap [Tls, !Ref Env, Policy, {DefaultValue: x}]"),
        "Env(prod: new; dev: old; anything else: ? parameter Env has no default; give it by --param Env=VALUE)"
    );
}

#[test]
fn cidr_takes_blocks_from_a_block() {
    assert_eq!(property("!Cidr [10.0.0.0/16, 3, 8]"), "[10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24]");
    assert_eq!(property("!Select [1, !Cidr ['2001:db8::/56', 2, 64]]"), "2001:db8:0:1::/64");
    assert_eq!(property("!Cidr [10.0.0.0/16, 3000]"), "? Fn::Cidr can't be worked out here");
}

#[test]
fn to_json_string_tells_a_value_with_what_is_not_known_in_it() {
    assert_eq!(
        property("{Fn::ToJsonString: {a: [1, true, 'x\"'], b: !GetAtt Bucket.Arn, c: {}}}"),
        r#"«{"a":[1,true,"x\""],"b":"|<Bucket.Arn>|","c":{}}»"#
    );
}

#[test]
fn base64_keeps_the_text_that_an_instance_reads_and_is_another_text_to_all_others() {
    assert_eq!(property("!Base64 'text'"), "base64 text");
    assert_eq!(property("!Join ['', [!Base64 'text', '!']]"), "dGV4dA==!");
    assert_eq!(property("!Base64 {Ref: AWS::NoValue}"), "null");
}

#[test]
fn what_is_looked_up_when_deployed_is_not_known() {
    assert_eq!(
        property("'{{resolve:ssm:/db/host}}'"),
        "? {{resolve:ssm:/db/host}} is looked up when it is deployed"
    );
    assert_eq!(
        property(
            "!Sub 'postgres://{{resolve:secretsmanager:${Bucket}:SecretString:host}}/db?sslmode=require'"
        ),
        "«postgres://|? {{resolve:secretsmanager:…:SecretString:host}} is looked up when it is deployed|/db?sslmode=require»"
    );
    assert_eq!(property("'{{resolve:ssm:never closed'"), "{{resolve:ssm:never closed");
}

#[test]
fn a_name_that_is_referred_to_may_be_worked_out() {
    assert_eq!(property("!Ref {'Fn::Sub': 'Buck${AWS::NoValue}et'}"), "<Bucket>");
    assert_eq!(property("!Ref [Bucket]"), "? Ref can't be worked out here");
}

#[test]
fn imports_are_named() {
    assert_eq!(property("!ImportValue net-vpc"), "import net-vpc");
    assert_eq!(property("{Fn::ImportValue: !Sub 'net-${AWS::NoValue}vpc'}"), "import net-vpc");
}

#[test]
fn a_function_that_nobody_knows_is_unknown_and_nothing_worse() {
    assert_eq!(property("!Frobnicate [a, b]"), "? Fn::Frobnicate can't be worked out here");
    assert_eq!(property("{Fn::Novel: {a: b}}"), "? Fn::Novel can't be worked out here");
    assert_eq!(
        property("{Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}}"),
        "? Fn::Transform AWS::Include can't be worked out here"
    );
}

#[test]
fn a_condition_in_a_policy_is_no_function() {
    assert_eq!(
        property("{Condition: {Bool: {aws:SecureTransport: 'false'}}}"),
        "{Condition: {Bool: {aws:SecureTransport: false}}}"
    );
}
