#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges documents by a JSON Schema, with the jsonschema package.

Reads {"schema": ..., "documents": [...]} from the file named first; writes one line per document,
"good" or "bad: why", after a line that says whether the schema itself is one.
"""
import json
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    try:
        Draft202012Validator.check_schema(task["schema"])
    except SchemaError as error:
        print("bad:", " ".join(str(error).split()))
        return
    print("good")
    validator = Draft202012Validator(task["schema"])
    for document in task["documents"]:
        error = next(validator.iter_errors(document), None)
        print("good" if error is None else f"bad: {error.json_path}")


main()
