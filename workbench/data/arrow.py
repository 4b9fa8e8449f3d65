"""Arrow columns as numpy arrays, without pyarrow's own ``to_numpy``: that one imports pandas, half a second."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column_view(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """The numbers (or times) of a column of fixed width and without gaps, where they lie; read-only.

    Several chunks are joined first.

    Raises:
        TypeError: a column of another kind, or with missing values.
        ValueError: the column holds fewer values than it tells of.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if column.null_count or not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise TypeError(f"a column of numbers without gaps is needed, this is {column.type}")
    numpy_type = np.dtype(column.type.to_pandas_dtype())  # despite its name: numpy's type
    if len(column) == 0:
        return np.empty(0, dtype=numpy_type)
    values: NDArray[Any] = np.frombuffer(
        column.buffers()[1], dtype=numpy_type, count=len(column), offset=column.offset * numpy_type.itemsize
    )
    return values
