"""Digests: of a report over its RFC 8785 form, of tables and arrays over their columns."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import rfc8785
from numpy.typing import NDArray

from workbench.evidence.form import EvidenceReport
from workbench.model.errors import InputError

OUTSIDE = ("id", "digest", "run")
"""Parts of a report that its digest does not cover."""
SIGNIFICANT_DIGITS = 12


def canonical_bytes(report: EvidenceReport) -> bytes:
    """The bytes under the digest.

    Raises:
        InputError: a number that JSON cannot hold (not finite, or an integer beyond 2**53).
    """
    parts = msgspec.to_builtins(report)
    covered = {name: part for name, part in parts.items() if name not in OUTSIDE}
    try:
        return bytes(rfc8785.dumps(covered))
    except rfc8785.CanonicalizationError as error:
        raise InputError("report", "numbers that JSON can hold", error) from None


def report_digest(report: EvidenceReport) -> str:
    return "sha256:" + hashlib.sha256(canonical_bytes(report)).hexdigest()


def columns_digest(columns: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over, for each column in order, a line ``name type rows`` and the little-endian bytes.

    The type is numpy's code without byte order, such as ``i8``, ``f8``, ``i1``.
    """
    digest = hashlib.sha256()
    for name, column in columns.items():
        digest.update(f"{name} {column.dtype.kind}{column.dtype.itemsize} {len(column)}\n".encode())
        digest.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).view(np.uint8).data)
    return "sha256:" + digest.hexdigest()


def table_digest(table: NDArray[Any]) -> str:
    """The digest of a record array's columns; padding between fields does not count."""
    return columns_digest({name: table[name] for name in table.dtype.names or ()})


def rounded(value: float) -> float:
    """To 12 significant digits; see rule 2 of ``workbench.evidence.form``."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
