"""Reads what `hermetic scan` or `hermetic audit` printed as others would, and prints what it found: `formats.py KIND FILE…`."""
import csv
import json
import sys
import xml.etree.ElementTree as ElementTree

import botocore.session
import botocore.validate
import jsonschema


def judged(schema, text):
    validator = jsonschema.validators.validator_for(schema)(schema)
    for error in validator.iter_errors(json.loads(text)):
        print(f"{list(error.absolute_path)}: {error.message[:300]}")


kind, files = sys.argv[1], sys.argv[2:]
if kind == "json":
    schema = json.load(open(files[0]))
    for file in files[1:]:
        judged(schema, open(file).read())
elif kind == "jsonl":
    schema = json.load(open(files[0]))
    for line in open(files[1]):
        judged(schema, line)
elif kind == "asff":
    model = botocore.session.Session().get_service_model("securityhub").operation_model("BatchImportFindings")
    findings = json.load(open(files[0]))
    print(botocore.validate.ParamValidator().validate({"Findings": findings}, model.input_shape).generate_report(), end="")
elif kind == "csv":
    for row in csv.DictReader(open(files[0], newline="")):
        print(row["severity"], row["control"], row.get("known", row.get("falls_short")))
elif kind == "junit":
    suites = ElementTree.parse(files[0]).getroot()
    for suite in suites.iter("testsuite"):
        for kind, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(kind)) == len(list(suite.iter(tag))), kind
    for case in suites.iter("testcase"):
        for outcome in case:
            print(outcome.tag, case.get("name"), outcome.get("type", ""))
