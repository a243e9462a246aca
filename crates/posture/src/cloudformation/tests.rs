//! Templates read.

use super::*;
use crate::span::Files;
use crate::value::Reference;

fn template(text: &str) -> Template {
    read(text, Files::default().add("template.yaml"), PartId(0)).unwrap()
}

fn property(text: &str) -> Value {
    let text = format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: {text}\n");
    template(&text).part.resources.remove(0).properties.entry("P").unwrap().clone()
}

#[test]
fn a_value_knows_its_line_and_column() {
    let at = property("text").at;
    assert_eq!((at.line, at.column), (5, 10));
}

#[test]
fn a_reference_names_its_resource_and_attribute() {
    let wanted = Reference { part: PartId(0), name: "A".into(), attribute: Some("Arn".into()) };
    assert_eq!(property("!GetAtt A.Arn").node, Node::Reference(wanted));
}

#[test]
fn json_and_yaml_read_alike_but_for_places() {
    let json = r#"{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"P": [1, true, "x"]}}}}"#;
    let read = template(json).part.resources.remove(0).properties.entry("P").unwrap().clone();
    let Node::List(elements) = read.node else { panic!() };
    assert_eq!(elements[0].node, Node::Number(1.0));
    assert_eq!(elements[1].node, Node::Bool(true));
    assert_eq!(elements[2].node, Node::Text("x".into()));
    assert_eq!((elements[2].at.line, elements[2].at.column), (1, 79));
}

#[test]
fn a_resource_whose_type_is_no_text_does_not_hide_the_others() {
    let read = template("Resources:\n  A: {Type: [1]}\n  B: {Type: AWS::S3::Bucket}\n");
    assert_eq!(read.part.resources.len(), 1);
    assert_eq!(read.problems[0].at.line, 2);
}
