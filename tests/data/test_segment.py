"""Segments: what was acknowledged survives truncation, kills, full disks and second writers; damage is told."""

import itertools
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.data.segment import HEAD, SegmentWriter, read_note, read_segment
from workbench.model.errors import DamagedFileError, InputError

ROW = np.dtype([("number", "<i8"), ("half", "<i2")])
NOTE = {"pair": "ETHUSDT"}


def rows(start: int, count: int) -> np.ndarray:
    return np.array([(number, number % 7) for number in range(start, start + count)], ROW)


def numbers(path: Path) -> list[int]:
    return read_segment(path, ROW).records["number"].tolist()


def child(program: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own with this module's names at hand."""
    start = f"import numpy as np, sys\nfrom workbench.data.segment import SegmentWriter\nROW = np.dtype({ROW.descr})\n"
    command = [sys.executable, "-c", start + textwrap.dedent(program), *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 5)),
        st.tuples(st.sampled_from(["sync", "reopen"]), st.just(0)),
        st.tuples(st.just("cut"), st.integers(0, 10**6)),
    ),
    max_size=20,
)


@settings(max_examples=150)
@given(steps=STEPS)
def test_any_truncation_leaves_a_prefix_of_blocks(steps, tmp_path_factory):
    """Whatever is appended, reopened and cut at any byte: whole blocks before the cut stay, and appending goes on."""
    path = tmp_path_factory.mktemp("segment") / "a.seg"
    writer, blocks, ends, serial = SegmentWriter(path, ROW, NOTE), [], [], 0
    for step, value in steps:
        if step == "append":
            blocks.append(list(range(serial, serial + value)))
            writer.append(rows(serial, value))
            serial += value
            ends.append(path.stat().st_size)
        elif step == "sync":
            writer.sync()
        else:
            writer.close()
            size = path.stat().st_size
            if step == "cut":
                size = value % (size + 1)
                path.write_bytes(path.read_bytes()[:size])
            kept = sum(end <= size for end in ends)
            blocks, ends = blocks[:kept], ends[:kept]
            seen = read_segment(path, ROW)
            assert seen.records["number"].tolist() == list(itertools.chain(*blocks))
            writer = SegmentWriter(path, ROW, NOTE)
            assert writer.cut_bytes == seen.torn_bytes
    writer.close()
    assert numbers(path) == list(itertools.chain(*blocks))
    assert read_segment(path, ROW).torn_bytes == 0


def test_a_killed_writer_keeps_what_it_acknowledged(tmp_path):
    """Killed at thirty seeded moments, one file after another: all that was printed is there, without holes."""
    path, chance, told = tmp_path / "a.seg", np.random.default_rng(7), 0
    program = """
        start = int(sys.argv[2])
        with SegmentWriter(__import__("pathlib").Path(sys.argv[1]), ROW, {"pair": "ETHUSDT"}) as writer:
            import os
            while True:
                count = start % 97 + 1
                writer.append(np.array([(start + k, 0) for k in range(count)], ROW))
                start += count
                os.write(1, b"%d\\n" % start)
    """
    for _ in range(30):
        process = child(program, path, told)
        for _ in range(chance.integers(1, 400)):
            line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split("\n")[:-1]
        process.wait()
        process.stdout.close()
        process.stderr.close()
        found = numbers(path)
        assert found == list(range(len(found)))
        assert len(found) >= int(rest[-1] if rest else line)
        told = len(found)


def test_a_full_disk_loses_nothing_and_goes_on(tmp_path):
    """A write over the size limit raises, leaves the file at its last whole block; with space the next one follows."""
    path = tmp_path / "a.seg"
    process = child(
        """
        import pathlib, resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        path = pathlib.Path(sys.argv[1])
        writer = SegmentWriter(path, ROW, {"pair": "ETHUSDT"})
        writer.append(np.array([(0, 0), (1, 0)], ROW))
        whole = path.stat().st_size
        for spare in (1, 15, 16, 17, 40):
            resource.setrlimit(resource.RLIMIT_FSIZE, (whole + spare, resource.RLIM_INFINITY))
            try:
                writer.append(np.array([(9, 9)] * 10, ROW))
            except OSError:
                assert path.stat().st_size == whole, path.stat().st_size
            else:
                raise SystemExit("no error")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        writer.append(np.array([(2, 0)], ROW))
        writer.close()
        """,
        path,
    )
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert numbers(path) == [0, 1, 2]


def test_an_altered_byte_in_the_middle_is_damage(tmp_path):
    """Any byte of any block but the last, head or records: reading and going on both name the file and the place."""
    path = tmp_path / "a.seg"
    places = []
    with SegmentWriter(path, ROW, NOTE) as writer:
        for k in range(3):
            places.append(path.stat().st_size)
            writer.append(rows(4 * k, 4))
    whole = path.read_bytes()
    for at in range(places[0], places[2]):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        place = max(p for p in places if p <= at)
        with pytest.raises(DamagedFileError, match=rf"a\.seg: .* byte {place} "):
            read_segment(path, ROW)
    with pytest.raises(DamagedFileError, match=r"a\.seg"):
        SegmentWriter(path, ROW, NOTE)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert read_segment(path, ROW).torn_bytes == HEAD.itemsize + 4 * ROW.itemsize


def test_two_writers_are_refused(tmp_path):
    """The second is told so, in words; after the first has closed it may."""
    path = tmp_path / "a.seg"
    with SegmentWriter(path, ROW, NOTE), pytest.raises(InputError, match=r"a\.seg: expected no other feed"):
        SegmentWriter(path, ROW, NOTE)
    SegmentWriter(path, ROW, NOTE).close()


def test_a_file_goes_on_only_with_its_own_note_and_records(tmp_path):
    """Another note, another dtype and records of another dtype are refused; the file stays as it was."""
    path = tmp_path / "a.seg"
    with SegmentWriter(path, ROW, NOTE) as writer:
        writer.append(rows(0, 2))
        with pytest.raises(InputError, match="expected records of"):
            writer.append(np.zeros(2, [("half", "<i2"), ("number", "<i8")]))
    before = path.read_bytes()
    with pytest.raises(InputError, match="BTCUSDT"):
        SegmentWriter(path, ROW, {"pair": "BTCUSDT"})
    with pytest.raises(DamagedFileError, match="not a file of"):
        read_segment(path, np.dtype([("number", "<i8"), ("half", "<i4")]))
    assert path.read_bytes() == before
    assert read_note(path, ROW)["pair"] == "ETHUSDT"


def test_a_foreign_file_is_never_begun_anew(tmp_path):
    """Only the beginning of a note counts as torn at birth; anything else is left alone."""
    path = tmp_path / "a.seg"
    path.write_bytes(b"letters without an end of line")
    with pytest.raises(DamagedFileError, match="not a file of"):
        SegmentWriter(path, ROW, NOTE)
    assert path.read_bytes() == b"letters without an end of line"


@pytest.mark.parametrize("dtype", ["<i8", "<f4"])
def test_plain_numbers_are_records_too(dtype, tmp_path):
    """A dtype without fields is noted like any other, and told from its siblings."""
    path = tmp_path / "a.seg"
    with SegmentWriter(path, np.dtype(dtype), {}) as writer:
        writer.append(np.arange(5, dtype=dtype))
    assert read_segment(path, np.dtype(dtype)).records.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DamagedFileError):
        read_segment(path, np.dtype("<u8"))
