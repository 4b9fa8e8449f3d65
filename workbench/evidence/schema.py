"""The JSON Schema of a report, made from ``workbench.evidence.form``.

``python -m workbench.evidence.schema > evidence/backtest.schema.json`` publishes it; a test compares the two.
"""

import sys
from typing import Any

import msgspec

from workbench.evidence.form import SCHEMA, EvidenceReport


def json_schema() -> dict[str, Any]:
    """The schema as plain values (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": f"Evidence of one backtest ({SCHEMA})",
        **msgspec.json.schema(EvidenceReport),
    }


def schema_bytes() -> bytes:
    """The published file."""
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema_bytes())
