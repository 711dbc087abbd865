# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.simulation import parquet
from engine.simulation.parquet import Table


def some(rows: int, start: int = 0) -> dict[str, np.ndarray]:
    number = np.arange(start, start + rows, dtype=np.int32)
    return {
        "person": number,
        "propensity": (number / 7).astype(np.float32),
        "made": number % 3 == 0,
        "features": np.stack([number % 50, -number % 60], axis=1).astype(np.int8),
        "eligible_bits": np.stack([number % 256, number % 3], axis=1).astype(np.uint8),
    }


def written(path: Path, *sizes: int) -> bytes:
    start = 0
    with Table(path) as table:
        for size in sizes:
            table.add(some(size, start))
            start += size
    return path.read_bytes()


def test_columns_come_back_as_they_were_given(tmp_path: Path) -> None:
    written(tmp_path / "a.parquet", 40, 60)
    back = parquet.columns(tmp_path / "a.parquet")
    for name, column in some(100).items():
        assert back[name].dtype == column.dtype
        assert np.array_equal(back[name], column)
    assert list(parquet.columns(tmp_path / "a.parquet", ["made"])) == ["made"]


def test_bytes_do_not_depend_on_how_the_rows_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_GROUP", 64)
    ways = [(200,), (1, 63, 136), (64, 64, 72), (10,) * 20]
    files = [written(tmp_path / f"{n}.parquet", *sizes) for n, sizes in enumerate(ways)]
    assert len(set(files)) == 1
    assert pq.ParquetFile(tmp_path / "0.parquet").num_row_groups == 4


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    written(tmp_path / "empty.parquet", 0)
    assert pq.read_table(tmp_path / "empty.parquet").column_names == list(some(0))
    assert len(parquet.columns(tmp_path / "empty.parquet")["person"]) == 0
