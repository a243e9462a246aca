"""Holds OCSF events, a JSON list on standard input, against the schema of the version that they name."""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

events = json.load(sys.stdin)
for event in events:
    metadata = event["metadata"]
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=metadata["version"]))
    name = schemas.lookup_class_name_from_uid(class_uid=event["class_uid"])
    schema = schemas.get_class_schema(class_name=name, profiles=metadata.get("profiles", []))
    for error in Draft202012Validator(schema).iter_errors(event):
        print(error.json_path, error.message)
