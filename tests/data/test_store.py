"""The candle store: round trips, idempotent appends, contradictions, damage."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from tests.candles import walk
from workbench import atomic
from workbench.data.store import CandleStore, read_candles, verify_file
from workbench.model.candle import Candles
from workbench.model.candle_rules import COLUMNS
from workbench.model.errors import ContradictionError, DamagedFileError, InputError, NotFoundError


def changed(candles: Candles, row: int) -> Candles:
    """The same candles with another volume in one row."""
    volume = candles.volume.copy()
    volume[row] += 1.0
    columns = {name: getattr(candles, name) for name in COLUMNS} | {"volume": volume}
    return Candles.trusted(candles.instrument, candles.interval, *columns.values(), origin=candles.origin)


def test_round_trip_is_a_view(tmp_path):
    """Every column, the instrument, the origin and the fingerprint come back, as read-only views of the file."""
    candles = walk(1, 300)
    CandleStore(tmp_path).append(candles)
    loaded = CandleStore(tmp_path).load(candles.pair, candles.interval)
    for name in COLUMNS:
        assert getattr(loaded, name).tobytes() == getattr(candles, name).tobytes()
        assert not getattr(loaded, name).flags.owndata
        assert not getattr(loaded, name).flags.writeable
    assert (loaded.instrument, loaded.interval, loaded.origin) == (candles.instrument, candles.interval, candles.origin)
    assert loaded.fingerprint == candles.fingerprint
    verify_file(CandleStore(tmp_path).path(candles.pair, candles.interval))


def test_opening_does_not_read_the_file(tmp_path):
    """Forty megabytes open without their bytes getting into memory of our own."""
    hour, bars = walk(0, 2).interval.nanoseconds, 1_000_000
    price = np.full(bars, 10.0)
    times = np.arange(bars) * hour
    candles = Candles.build(
        pair="ETHUSDT", interval="1h", open_time_ns=times, open=price, high=price, low=price, close=price, volume=price
    )
    CandleStore(tmp_path).append(candles)
    tracemalloc.start()
    before = pa.total_allocated_bytes()
    loaded = CandleStore(tmp_path).load(candles.pair, candles.interval)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    assert pa.total_allocated_bytes() - before < 1_000_000
    tracemalloc.stop()
    assert len(loaded) == bars


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]])
def test_appends_in_any_order_make_one_file(order, tmp_path):
    """Before, between and after; overlapping rows count once; doing it again writes nothing."""
    candles = walk(2, 90)
    parts = [candles[:40], candles[30:60], candles[60:]]
    store = CandleStore(tmp_path)
    for k in order:
        store.append(parts[k])
    path = store.path(candles.pair, candles.interval)
    assert read_candles(path).fingerprint == candles.fingerprint
    before = path.stat().st_mtime_ns, path.read_bytes()
    whole, added = store.append(parts[1])
    assert (len(whole), added) == (90, 0)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_contradiction_changes_nothing(tmp_path):
    """The error names time, column and both values; the file stays as it is."""
    candles = walk(3, 50)
    store = CandleStore(tmp_path)
    store.append(candles)
    before = store.path(candles.pair, candles.interval).read_bytes()
    with pytest.raises(ContradictionError, match=r"1970-01-01T07:00:00 UTC, volume: stored .* received"):
        store.append(changed(candles, 7))
    assert store.path(candles.pair, candles.interval).read_bytes() == before


def test_every_truncation_is_damage(tmp_path):
    """A file cut anywhere is named as damaged, never half-read."""
    store = CandleStore(tmp_path)
    path = store.put_snapshot(walk(4, 200))
    whole = path.read_bytes()
    for part in range(16):
        path.write_bytes(whole[: len(whole) * part // 16])
        with pytest.raises(DamagedFileError, match=path.name):
            read_candles(path)


def test_a_flipped_bit_is_found_by_reading_whole(tmp_path):
    """Opening trusts the file; verification does not."""
    candles = walk(5, 200)
    path = CandleStore(tmp_path).put_snapshot(candles)
    data = bytearray(path.read_bytes())
    data[data.index(candles.close.tobytes()[:64]) + 3] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DamagedFileError, match="altered"):
        CandleStore(tmp_path).load_snapshot(candles.fingerprint)


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(failing, tmp_path, monkeypatch):
    """No half-written file and no temporary one when the disk gives up at the last moment."""
    candles = walk(6, 80)
    store = CandleStore(tmp_path)
    store.append(candles[:40])
    path = store.path(candles.pair, candles.interval)
    before = path.read_bytes()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    place = atomic.os if failing == "fsync" else atomic.Path
    monkeypatch.setattr(place, failing, full)
    with pytest.raises(OSError, match="No space left"):
        store.append(candles)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_names_cannot_leave_the_folder(tmp_path):
    """Pairs are letters and digits, fingerprints hexadecimal; unknown names list what is there."""
    store = CandleStore(tmp_path)
    for pair in ("../../x", "/etc/passwd", "ETH/USDT", "..", ""):
        with pytest.raises(InputError, match="pair: expected 2 to 20 letters and digits"):
            store.load(pair, walk(0, 2).interval)
    with pytest.raises(InputError, match="64 hexadecimal"):
        store.snapshot_path("sha256:../../etc/passwd")
    with pytest.raises(NotFoundError, match="there is nothing"):
        store.load("ETHUSDT", walk(0, 2).interval)


def test_fingerprint_covers_every_column():
    """One changed number anywhere gives another fingerprint."""
    candles = walk(7, 30)
    assert changed(candles, 29).fingerprint != candles.fingerprint
    assert candles[:29].fingerprint != candles.fingerprint
    assert np.isclose(candles[5:9].close, candles.close[5:9]).all()
