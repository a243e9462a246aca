//! Nested stacks and the CDK's assemblies, from files beside the template.

use std::collections::HashMap;
use std::sync::Mutex;

use super::*;
use crate::graph::Origin;

/// A folder in memory.
struct Folder {
    texts: HashMap<&'static str, &'static str>,
    files: Mutex<(Files, u32)>,
}

impl Folder {
    fn new(texts: &[(&'static str, &'static str)]) -> Self {
        Self { texts: texts.iter().copied().collect(), files: Mutex::default() }
    }

    fn template(&self, path: &'static str) -> Template {
        let (file, text) = self.file(Path::new(path)).unwrap();
        read_among(&text, file, self.part(), &Given::default(), Path::new(path), self).unwrap()
    }

    fn assembly(&self, path: &'static str) -> Template {
        let (file, text) = self.file(Path::new(path)).unwrap();
        read_assembly(&text, file, Path::new(path), &Given::default(), self).unwrap()
    }
}

impl Surroundings for Folder {
    fn file(&self, path: &Path) -> Option<(FileId, String)> {
        let text = self.texts.get(path.to_str()?)?;
        Some((self.files.lock().unwrap().0.add(path), (*text).to_owned()))
    }

    fn part(&self) -> PartId {
        let mut files = self.files.lock().unwrap();
        files.1 += 1;
        PartId(files.1)
    }
}

fn resources(template: &Template) -> Vec<String> {
    let one = |resource: &crate::Resource| {
        format!(
            "{} {} {} {}",
            resource.part.0,
            resource.name,
            shown(&resource.properties),
            shown(&resource.exists)
        )
    };
    template.part.resources.iter().map(one).collect()
}

const CHILD: &str = "
Parameters: {Policy: {Type: String}, Names: {Type: CommaDelimitedList, Default: a}}
Resources:
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {SslPolicy: !Ref Policy, N: !Ref Names}}
Outputs: {Arn: {Value: !Ref Listener}, Policy: {Value: !Ref Policy}}
";

#[test]
fn parameters_go_down_and_outputs_come_up() {
    let parent = "
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: Prod
    Properties:
      TemplateURL: ./nested/child.yaml
      Parameters: {Policy: !If [Prod, new, old], Names: !Join [',', [!Ref Alarm, x]]}
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {A: !GetAtt Nested.Outputs.Policy, B: !Sub '${Nested.Outputs.Arn}'}}
";
    let folder = Folder::new(&[("a/parent.yaml", parent), ("a/nested/child.yaml", CHILD)]);
    let template = folder.template("a/parent.yaml");
    assert_eq!(template.problems, []);
    let read = resources(&template);
    assert_eq!(
        read[1],
        "2 Listener {SslPolicy: Env(dev: old; prod: new), N: [<Alarm>, x]} Env(dev: false; prod: true)"
    );
    assert_eq!(read[2], "1 Alarm {A: Env(dev: old; prod: new), B: <Listener>} true");
    assert_eq!(template.nested, [PathBuf::from("a/nested/child.yaml")]);
}

#[test]
fn a_stack_whose_template_is_elsewhere_keeps_its_outputs_to_itself() {
    let parent = "
Resources:
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://b.s3.amazonaws.com/child.yaml}}
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {A: !GetAtt Nested.Outputs.Arn}}
";
    let folder = Folder::new(&[("parent.yaml", parent), ("child.yaml", CHILD)]);
    assert_eq!(resources(&folder.template("parent.yaml"))[1], "1 Alarm {A: <Nested.Outputs.Arn>} true");
}

#[test]
fn a_stack_that_nests_itself_is_a_problem_and_ends() {
    let parent =
        "Resources: {Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: parent.yaml}}}";
    let folder = Folder::new(&[("parent.yaml", parent)]);
    let problems = folder.template("parent.yaml").problems;
    assert!(problems[0].what.contains("nests the template that it is in"), "{problems:?}");
}

#[test]
fn stacks_that_pass_each_other_their_outputs_end() {
    let parent = "
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Policy: !GetAtt B.Outputs.Policy}}}
  B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Policy: !GetAtt A.Outputs.Policy}}}
";
    let folder = Folder::new(&[("parent.yaml", parent), ("child.yaml", CHILD)]);
    let read = resources(&folder.template("parent.yaml"));
    assert!(read.iter().any(|told| told.contains(" passes itself its own output Policy")), "{read:?}");
}

const MANIFEST_TEXT: &str = r#"{"version": "36.0.0", "artifacts": {
    "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    "Shop": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1",
             "properties": {"templateFile": "Shop.template.json", "stackName": "shop"}},
    "Gone": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Gone.template.json"}},
    "assembly-Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}}}"#;

const SHOP: &str = r#"{"Resources": {
    "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": "https://s3/${X}"}},
              "Metadata": {"aws:cdk:path": "Shop/Inner.NestedStack", "aws:asset:path": "Inner.nested.template.json"}},
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-${AWS::AccountId}"}},
               "Metadata": {"aws:cdk:path": "Shop/Bucket/Resource"}}}}"#;

#[test]
fn an_assembly_has_all_stacks_of_all_stages_where_they_are_for() {
    let queue = r#"{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}"#;
    let stage = r#"{"version": "36.0.0", "artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.json"}}}}"#;
    let folder = Folder::new(&[
        ("cdk.out/manifest.json", MANIFEST_TEXT),
        ("cdk.out/Shop.template.json", SHOP),
        ("cdk.out/Inner.nested.template.json", queue),
        ("cdk.out/assembly-Stage/manifest.json", stage),
        ("cdk.out/assembly-Stage/S.json", queue),
    ]);
    let template = folder.assembly("cdk.out/manifest.json");
    let names: Vec<_> = template.part.resources.iter().map(|resource| &*resource.name).collect();
    assert_eq!(names, ["Inner", "Queue", "Bucket", "Queue"]);
    let bucket = &template.part.resources[2];
    assert_eq!(shown(&bucket.properties), "{BucketName: shop-eu-west-1-123456789012}");
    assert_eq!(bucket.origin, Origin::Cdk(Some("Shop/Bucket/Resource".into())));
    let problems: Vec<_> = template.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["line 5, column 13: cdk.out/Gone.template.json can't be read; run `cdk synth` again"]
    );
    assert_eq!(template.nested.len(), 4);
}
