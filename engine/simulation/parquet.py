# SPDX-License-Identifier: Apache-2.0
"""A run as Parquet files: `inserts`, `people` and `days`, columns as docs/simulation.md has them.

Row groups are cut at the same rows however the blocks came in, so equal runs are equal bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

_GROUP: Final = 1 << 16
"""Rows of a row group."""
_STYLE: Final = {"compression": "zstd", "compression_level": 1}
_BITS: Final = ("eligible_bits",)


class Table:
    """One file that grows by columns of rows, in order."""

    def __init__(self, path: Path) -> None:
        """Begin a file; nothing stands in it before the first rows."""
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> "Table":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and self._waiting:
            self._write(pa.concat_tables(self._waiting))
        if self._writer is not None:
            self._writer.close()

    def add(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Add rows; whole row groups are written at once."""
        table = arrow(columns)
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows < _GROUP:
            return
        waiting = pa.concat_tables(self._waiting)
        whole = self._rows - self._rows % _GROUP
        self._write(waiting.slice(0, whole))
        self._waiting, self._rows = [waiting.slice(whole)], self._rows - whole

    def _write(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, rows.schema, **_STYLE)
        self._writer.write_table(rows.combine_chunks(), row_group_size=_GROUP)


def arrow(columns: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Make an Arrow table of columns; a matrix of bytes becomes a column of lists or of bits."""
    return pa.table({name: _column(name, column) for name, column in columns.items()})


def columns(path: Path, names: list[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read columns back as they were given to `Table.add`."""
    table = pq.read_table(path, columns=names)
    return {name: _array(table[name]) for name in table.column_names}


def _column(name: str, column: NDArray[Any]) -> pa.Array:
    if column.ndim == 1:
        return pa.array(column)
    rows, width = column.shape
    flat = np.ascontiguousarray(column)
    if name in _BITS:
        kind = pa.binary(width)
        return pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(flat)])
    return pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), width)


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    whole = column.combine_chunks()
    if pa.types.is_fixed_size_binary(whole.type):
        bits = np.frombuffer(whole.buffers()[1], np.uint8)
        width = whole.type.byte_width
        return bits[whole.offset * width :][: len(whole) * width].reshape(len(whole), width)
    if pa.types.is_fixed_size_list(whole.type):
        return np.asarray(whole.flatten()).reshape(len(whole), whole.type.list_size)
    return np.asarray(whole)
