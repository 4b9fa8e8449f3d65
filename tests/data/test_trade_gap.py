"""Gaps on file: the newest word counts, torn lines are cut off, spoiled ones are told."""

import resource
import signal
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from workbench.data.trade_gap import GapFile, TradeGap
from workbench.model.errors import DamagedFileError, InputError

GAP = TradeGap("ETHUSDT", 10, 20, "the connection broke {at noon}", 30, candles_filled=False)


def test_the_newest_word_on_a_gap_counts(tmp_path):
    """Filled and resolved replace what was written before; other ends and other pairs are other gaps."""
    file = GapFile(tmp_path / "a" / "gaps.jsonl")
    assert file.read() == []
    longer, other = replace(GAP, to_ns=25), replace(GAP, pair="BTCUSDT", from_ns=5)
    for gap in (GAP, longer, other, replace(GAP, candles_filled=True), replace(other, resolved=True)):
        file.append(gap)
    assert file.read() == [replace(other, resolved=True), replace(GAP, candles_filled=True), longer]


@given(cut=st.integers(0, 10**6), reason=st.text(min_size=1).filter(str.strip))
def test_a_torn_last_line_is_left_out(cut, reason, tmp_path_factory):
    """Cut anywhere: the whole lines before are read, and the next append follows them."""
    file = GapFile(tmp_path_factory.mktemp("gap") / "gaps.jsonl")
    gaps = [replace(GAP, from_ns=k, reason=reason) for k in range(3)]
    for gap in gaps:
        file.append(gap)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[: cut % (len(whole) + 1)])
    kept = whole[: cut % (len(whole) + 1)].count(b"\n")
    assert file.read() == gaps[:kept]
    file.append(replace(GAP, from_ns=9))
    assert file.read() == [*gaps[:kept], replace(GAP, from_ns=9)]


def test_an_altered_byte_is_damage(tmp_path):
    """Any bit of a whole line but its end: the error names the file and the line."""
    file = GapFile(tmp_path / "gaps.jsonl")
    file.append(GAP)
    file.append(replace(GAP, from_ns=11))
    whole = file.path.read_bytes()
    for at in range(len(whole) - 1):
        if whole[at : at + 1] != b"\n":
            file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
            with pytest.raises(DamagedFileError, match=r"gaps\.jsonl: altered: line [12]"):
                file.read()


@pytest.mark.parametrize("spare", [0, 1, 60])
def test_a_full_disk_leaves_whole_lines(spare, tmp_path):
    """The error is raised, nothing of the line stays, and with space the next one follows."""
    file = GapFile(tmp_path / "gaps.jsonl")
    file.append(GAP)
    before = file.path.read_bytes()
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + spare, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.append(replace(GAP, from_ns=11))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert file.path.read_bytes() == before
    file.append(replace(GAP, from_ns=12))
    assert len(file.read()) == 2


@pytest.mark.parametrize(
    "wrong", [{"pair": "../x"}, {"from_ns": -1}, {"to_ns": 10}, {"reason": " "}, {"detected_ns": -1}]
)
def test_impossible_gaps_are_refused(wrong):
    """A pair that is none, an end not after the beginning, no reason."""
    with pytest.raises(InputError):
        replace(GAP, **wrong)
