"""Tables as Arrow streams, for those who ask for them."""

from typing import Any

from fastapi import Request

ARROW = "application/vnd.apache.arrow.stream"


def wants_arrow(request: Request) -> bool:
    """Whether ``Accept`` names Arrow."""
    return ARROW in request.headers.get("accept", "")


def arrow_stream(columns: dict[str, Any], note: dict[str, str]) -> bytes:
    """The columns, with ``note`` in the schema's metadata."""
    import pyarrow as pa

    table = pa.table(columns).replace_schema_metadata(note)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
