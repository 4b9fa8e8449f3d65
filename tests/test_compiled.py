"""The cache of compiled code: loaded by the next process, harmless when read-only, unusable, torn or shared."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
import numpy as np
from workbench.compiled import cache_folder
from workbench.strategy.indicators import sma

values = sma(np.array([1.0, 2.0, 4.0]), 2)
hits = sum(sma.stats.cache_hits.values()) if hasattr(sma, "stats") else None
misses = sum(sma.stats.cache_misses.values()) if hasattr(sma, "stats") else None
json.dump({"folder": str(cache_folder()), "value": float(values[-1]), "hits": hits, "misses": misses}, sys.stdout)
"""


def environment(cache: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "WORKBENCH_CACHE_DIR": str(cache), **more}


def run(cache: Path, **more: str) -> dict[str, object]:
    """Compute one moving average in a fresh process; what it found in the cache."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment(cache, **more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    assert found["value"] == 3.0
    return found


def compiled_files(cache: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in cache.rglob("*") if path.is_file()}


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    """A cache that one process has filled."""
    assert run(tmp_path)["misses"] == 1
    assert compiled_files(tmp_path)
    return tmp_path


def test_the_second_process_compiles_nothing(warm: Path) -> None:
    """It loads what the first one stored, and stores nothing."""
    before = compiled_files(warm)
    found = run(warm)
    assert (found["hits"], found["misses"]) == (1, 0)
    assert compiled_files(warm) == before


def test_a_torn_file_is_compiled_anew(warm: Path) -> None:
    """A truncated file is noticed, replaced, and good again for the process after."""
    for path in compiled_files(warm):
        path.write_bytes(path.read_bytes()[:-100])
    assert run(warm)["misses"] == 1
    assert run(warm)["hits"] == 1


@pytest.mark.parametrize("content", [b"", b"x", b"\x80\x05" * 4000])
def test_a_foreign_file_is_compiled_anew(warm: Path, content: bytes) -> None:
    """Content that we did not write is never unpickled."""
    for path in compiled_files(warm):
        path.write_bytes(content)
    assert run(warm)["misses"] == 1


def test_a_read_only_folder_is_used(warm: Path) -> None:
    """A cache made for all users serves who may not write to it."""
    before = compiled_files(warm)
    folders = [warm, *(path for path in warm.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert run(warm)["hits"] == 1
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert compiled_files(warm) == before


def test_an_unusable_folder_costs_compile_time_only(tmp_path: Path) -> None:
    """Where the folder cannot be made (its name is a file's) the work is done all the same, without a word."""
    file = tmp_path / "cache"
    file.write_text("not a folder")
    assert run(file)["misses"] == 1
    assert file.read_text() == "not a folder"


def test_a_full_disk_leaves_no_half_written_code(tmp_path: Path) -> None:
    """A file that cannot be written whole is not there at all."""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", limited], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert compiled_files(tmp_path) == {}


def test_two_processes_may_fill_one_folder(tmp_path: Path) -> None:
    """Both come to the right value, leave no temporary file, and the third finds their work."""
    command = [sys.executable, "-c", PROGRAM]
    both = [
        subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        assert json.loads(output)["value"] == 3.0
    assert {path.suffix for path in compiled_files(tmp_path)} == {".bin"}
    assert run(tmp_path)["hits"] == 1


def test_a_changed_source_means_another_folder(tmp_path: Path) -> None:
    """The folder is named by the digest of the sources, so that code which calls changed code is never stale."""
    package = Path(__file__).parents[1] / "workbench"
    copy = tmp_path / "copy" / "workbench"
    copy.mkdir(parents=True)
    for name in ("__init__.py", "__init__.pyi", "atomic.py", "compiled.py"):
        (copy / name).write_bytes((package / name).read_bytes())
    program = "from workbench.compiled import cache_folder; print(cache_folder())"
    folders = []
    (copy / "engine").mkdir()
    for text in ("first = 1\n", "second = 2\n", "first = 1\n"):
        (copy / "engine" / "rule.py").write_text(text)
        command = [sys.executable, "-c", program]
        folders.append(subprocess.check_output(command, cwd=copy.parent, env=environment(tmp_path), text=True))
    assert folders[0] == folders[2] != folders[1]


def test_compiled_code_stands_only_where_the_digest_looks() -> None:
    """A room that compiles and is not part of the digest would run stale code."""
    package = Path(__file__).parents[1] / "workbench"
    users = [path for path in package.rglob("*.py") if "workbench.compiled import" in path.read_text("utf-8")]
    assert {path.parent.name for path in users} == {"engine", "strategy"}


def test_without_the_compiler_the_figures_are_the_same(tmp_path: Path) -> None:
    """NUMBA_DISABLE_JIT=1 (for debuggers) runs the same functions as plain Python: the same orders and equity."""
    assert run(tmp_path / "none", NUMBA_DISABLE_JIT="1")["hits"] is None
    program = """
import json, sys
import workbench as wb
from workbench.data.sample import synthetic_candles
result = wb.backtest(synthetic_candles(5, 400), wb.SmaCross(5, 20), exits=wb.Exits(stop_loss=0.03))
tables = [table.tolist() for table in (result.order_table, result.fill_table, result.equity_curve)]
json.dump([tables, result.metrics.to_dict()], sys.stdout)
"""
    (plain, plain_metrics), (fast, fast_metrics) = (
        json.loads(
            subprocess.check_output([sys.executable, "-c", program], env=environment(tmp_path, **more), text=True)
        )
        for more in ({"NUMBA_DISABLE_JIT": "1"}, {})
    )
    assert plain == fast
    assert plain_metrics == pytest.approx(fast_metrics, rel=1e-12, nan_ok=True)  # numpy adds in another order
