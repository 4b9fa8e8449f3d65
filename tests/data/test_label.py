"""What is noted about a file's candles: simulated stays simulated, altered is told."""

import json
import shutil

import pytest

from tests.candles import walk
from workbench.data.label import find_label
from workbench.data.load import check_file, load_file
from workbench.data.sample import synthetic_candles
from workbench.data.sample_file import write_sample
from workbench.data.store import CandleStore, read_candles, write_candles
from workbench.model.errors import DamagedFileError, InputError


@pytest.fixture
def sample(tmp_path):
    """Fifty candles of the generator as CSV, with the sidecar."""
    return write_sample(tmp_path, seed=7, bars=50)


def test_a_synthetic_file_stays_synthetic(sample):
    """Origin, tick size, lot size and fingerprint come from the sidecar."""
    candles = load_file(sample).candles
    assert candles.origin.simulated
    assert candles.origin == synthetic_candles(7, 50).origin
    assert (str(candles.instrument.lot_size), str(candles.instrument.minimum_notional)) == ("0.0001", "10")
    assert candles.fingerprint == json.loads(sample.with_suffix(".json").read_text())["fingerprint"]
    assert load_file(sample, tick_size="0.001").candles.origin.simulated
    assert load_file(sample, pair="BTCTRY").candles.origin.simulated


def test_a_changed_price_beside_a_sidecar_is_damage(sample):
    """The fingerprint of the sidecar is compared when loading and when checking."""
    lines = sample.read_text().splitlines()
    cells = lines[20].split(",")
    cells[5] = str(float(cells[5]) + 1)
    lines[20] = ",".join(cells)
    sample.write_text("\n".join(lines))
    with pytest.raises(DamagedFileError, match="its note says"):
        load_file(sample)
    with pytest.raises(DamagedFileError, match="its note says"):
        check_file(sample)


def test_other_json_files_are_no_sidecars(sample):
    """A list or an object of somebody else's is left alone; one that cannot be read is an error, not a guess."""
    sidecar = sample.with_suffix(".json")
    for text in ("[1, 2]", '{"name": "x"}'):
        sidecar.write_text(text)
        assert find_label(sample) is None
        assert not load_file(sample).candles.origin.simulated
    for text in ('{"simulated": tr', '{"simulated": true}', '{"simulated": "yes", "pair": 1}'):
        sidecar.write_text(text)
        with pytest.raises(InputError, match=r"ETHUSDT-1h\.json"):
            load_file(sample)


def test_a_file_of_the_store_carries_its_own_note(tmp_path):
    """Loaded as any file it has the same pair, sizes and label."""
    candles = walk(1, 40)
    path = tmp_path / "anything.arrow"
    write_candles(path, candles)
    loaded = load_file(path).candles
    assert loaded.fingerprint == candles.fingerprint
    assert loaded.instrument == candles.instrument
    assert loaded.origin.simulated


@pytest.mark.parametrize("text", [b'"simulated": true', b'"lot_size": "0.001"', b'"source": "test"'])
def test_an_altered_note_is_damage(text, tmp_path):
    """What the fingerprint does not cover, the note's digest does."""
    path = tmp_path / "x.arrow"
    write_candles(path, walk(1, 40))
    data = path.read_bytes()
    assert data.count(text) == 2  # the schema stands at the start and in the footer
    path.write_bytes(data.replace(text, text[:-2] + b"7" + text[-1:]))
    with pytest.raises(DamagedFileError, match="note"):
        read_candles(path)


def test_a_renamed_file_and_a_swapped_snapshot_are_damage(tmp_path):
    """A name that its content contradicts is never believed."""
    store, candles = CandleStore(tmp_path), walk(1, 40)
    store.append(candles)
    kept = store.path(candles.pair, candles.interval)
    shutil.copy(kept, store.path("BTCTRY", candles.interval))
    with pytest.raises(DamagedFileError, match="it holds ETHUSDT 1h"):
        store.load("BTCTRY", candles.interval)
    other = walk(2, 40)
    shutil.copy(store.put_snapshot(candles), store.snapshot_path(other.fingerprint))
    with pytest.raises(DamagedFileError, match="its content is"):
        store.load_snapshot(other.fingerprint)
    store.put_snapshot(other)
    assert store.load_snapshot(other.fingerprint).fingerprint == other.fingerprint


def test_a_truncated_snapshot_is_written_again(tmp_path):
    """Whoever has the candles can mend it: its content is known by its name."""
    store, candles = CandleStore(tmp_path), walk(3, 40)
    path = store.put_snapshot(candles)
    path.write_bytes(path.read_bytes()[:500])
    store.put_snapshot(candles)
    assert store.load_snapshot(candles.fingerprint).fingerprint == candles.fingerprint
