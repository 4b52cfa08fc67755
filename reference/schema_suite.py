"""Schemas and instances of the JSON Schema Test Suite (MIT licence, Copyright (c) 2012 Julian Berman), drafts 6 to 2020-12.

Run: python reference/schema_suite.py write TESTS > core/src/test/resources/dev/slipway/infer/grammar/schema_suite.json.gz
     python reference/schema_suite.py judge < ANSWERS
(with reference/schema-requirements.txt installed; TESTS is json/tests of jsonschema's source archive, as
`pip download --no-deps --no-binary :all: jsonschema==4.26.0` fetches it)

The fixture has a line a schema: the draft, where it stands in the suite, the schema, valid instances and others. ANSWERS, which `bench/schemas.sh` writes,
has a JSON array a line: the draft, the schema and the text of an answer. `judge` prints how many answers satisfy their schemas by Python's jsonschema, formats included.
"""

import gzip
import json
import pathlib
import sys

DRAFTS = {
    "draft6": ("Draft6Validator", "http://json-schema.org/draft-06/schema#"),
    "draft7": ("Draft7Validator", "http://json-schema.org/draft-07/schema#"),
    "draft2019-09": ("Draft201909Validator", "https://json-schema.org/draft/2019-09/schema"),
    "draft2020-12": ("Draft202012Validator", "https://json-schema.org/draft/2020-12/schema"),
}


def write():
    tests = pathlib.Path(sys.argv[2])
    lines = []
    for draft in DRAFTS:
        for file in sorted((tests / draft).glob("*.json")) + sorted((tests / draft / "optional" / "format").glob("*.json")):
            for case in json.loads(file.read_text()):
                instances = [[test["data"] for test in case["tests"] if test["valid"] == valid] for valid in (True, False)]
                schema = case["schema"]
                if isinstance(schema, dict):  # the suite tells drafts by folders
                    schema = {"$schema": DRAFTS[draft][1]} | schema
                lines.append(json.dumps([draft, f"{file.stem}: {case['description']}", schema, *instances]))
    sys.stdout.buffer.write(gzip.compress("\n".join(lines).encode(), mtime=0))


def judge():
    import jsonschema

    right, wrong = 0, 0
    for line in sys.stdin:
        draft, schema, text = json.loads(line)
        validator = getattr(jsonschema, DRAFTS[draft][0])
        errors = list(validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(json.loads(text)))
        right += not errors
        wrong += bool(errors)
        for error in errors:
            print(f"{draft}: {json.dumps(schema)}: {text}: {error.message}", file=sys.stderr)
    print(f"{right} right, {wrong} wrong")


if __name__ == "__main__":
    {"write": write, "judge": judge}[sys.argv[1]]()
