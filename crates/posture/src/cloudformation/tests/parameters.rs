//! Parameters: defaults, types, and what the user gives.

use super::*;

fn parameter(declaration: &str, given: &[(&str, &str)]) -> String {
    property_given(&format!("Parameters: {{P: {declaration}}}"), "!Ref P", given)
}

#[test]
fn a_default_is_a_parameters_value_until_one_is_given() {
    assert_eq!(parameter("{Type: String, Default: a}", &[]), "a");
    assert_eq!(parameter("{Type: String, Default: a}", &[("P", "b")]), "b");
    assert_eq!(parameter("{Type: String}", &[]), "? parameter P has no default; give it by --param P=VALUE");
}

#[test]
fn lists_and_numbers_have_their_types() {
    assert_eq!(parameter("{Type: CommaDelimitedList, Default: 'a, b'}", &[]), "[a, b]");
    assert_eq!(parameter("{Type: List<AWS::EC2::Subnet::Id>}", &[("P", "x,y")]), "[x, y]");
    assert_eq!(parameter("{Type: Number, Default: '443'}", &[]), "#443");
}

#[test]
fn one_allowed_value_is_the_value() {
    assert_eq!(parameter("{Type: String, AllowedValues: [only]}", &[]), "only");
}

#[test]
fn a_parameter_store_parameter_is_looked_up() {
    assert_eq!(
        parameter("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}", &[]),
        "? /a/b in the parameter store is looked up when it is deployed"
    );
    assert_eq!(parameter("{Type: AWS::SSM::Parameter::Name, Default: /a/b}", &[]), "/a/b");
}

#[test]
fn a_given_value_that_is_hidden_stays_hidden() {
    assert_eq!(
        parameter("{Type: String, NoEcho: true}", &[("P", "secret")]),
        "? P is NoEcho: its value is kept out of reports"
    );
}

#[test]
fn yes_without_quotes_is_true_on_both_sides() {
    let declaration = "{Type: String, AllowedValues: [yes, no]}";
    assert_eq!(parameter(declaration, &[("P", "yes")]), "true");
    assert_eq!(parameter("{Type: String, AllowedValues: ['yes', 'no']}", &[("P", "yes")]), "yes");
}

#[test]
fn a_region_tells_its_partition() {
    assert_eq!(
        property_given("", "!Sub '${AWS::Partition} ${AWS::URLSuffix}'", &[("AWS::Region", "cn-north-1")]),
        "aws-cn amazonaws.com.cn"
    );
    assert_eq!(
        property("!Ref AWS::Region"),
        "? parameter AWS::Region has no default; give it by --param AWS::Region=VALUE"
    );
}

#[test]
fn parameter_files_have_any_of_the_shapes_of_aws_tools() {
    let shapes = [
        r#"[{"ParameterKey": "P", "ParameterValue": "b"}, {"ParameterKey": "Q", "UsePreviousValue": true}]"#,
        r#"{"Parameters": {"P": "b"}, "Tags": {"a": "b"}}"#,
        r#"{"P": "b"}"#,
        r#"["P=b"]"#,
        "P: b\n",
    ];
    for shape in shapes {
        let mut given = Given::default();
        given.take_file(shape, Files::default().add("p.json")).unwrap();
        assert_eq!(given.value("P").map(|text| &**text), Some("b"), "{shape}");
    }
    let mut given = Given::default();
    given.take_file("P: [a, 2]\n", Files::default().add("p.yaml")).unwrap();
    assert_eq!(given.value("P").map(|text| &**text), Some("a,2"));
}

#[test]
fn what_gives_no_parameter_says_how_to() {
    let mut given = Given::default();
    assert_eq!(given.take("P").unwrap_err().to_string(), "`P` gives no parameter; write NAME=VALUE");
    let wrong = given.take_file("[{\"Key\": 1}]", Files::default().add("p.json")).unwrap_err();
    assert!(wrong.to_string().starts_with("line 1, column 2: this gives no parameter; write"), "{wrong}");
}
