"""What a report says, and what its digest does and does not cover."""

import dataclasses
import hashlib
import json
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
import rfc8785
from hypothesis import given, strategies as st

from tests.candles import walk
from tests.evidence.runs import RUN, dearer, few_trades, many_trades
from workbench.engine.backtest import backtest
from workbench.engine.metrics import Metrics
from workbench.engine.records import TRADE
from workbench.evidence.canonical import columns_digest, rounded, table_digest
from workbench.evidence.form import MetricPart, TradeSidecar
from workbench.evidence.report import build_report
from workbench.evidence.schema import json_schema, schema_bytes
from workbench.evidence.trade_columns import from_rows, to_rows, trade_columns
from workbench.model.errors import InputError
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.sma_cross import SmaCross

REPOSITORY = Path(__file__).parents[2]


def test_the_run_does_not_change_the_digest():
    """The same inputs give the same id on another day and machine."""
    later = msgspec.structs.replace(RUN, started_at="2027-01-01T00:00:00Z", platform="elsewhere")
    first, second = build_report(few_trades(), RUN), build_report(few_trades(), later)
    assert (first.id, first.digest) == (second.id, second.digest)
    assert first.id == f"smaCross-ETHUSDT-1h-{first.digest[7:19]}"


def test_the_inputs_change_the_digest():
    """Another fee is another report."""
    assert build_report(few_trades(), RUN).digest != build_report(dearer(few_trades()), RUN).digest


@pytest.mark.parametrize("result", [few_trades, many_trades])
def test_anybody_can_check_the_digest(result):
    """JSON, an RFC 8785 library and SHA-256 are all it takes."""
    report = build_report(result(), RUN)
    document = json.loads(msgspec.json.encode(report))
    covered = {name: part for name, part in document.items() if name not in ("id", "digest", "run")}
    assert report.digest == "sha256:" + hashlib.sha256(rfc8785.dumps(covered)).hexdigest()


@pytest.mark.parametrize("result", [few_trades, many_trades])
def test_a_report_fits_the_published_schema(result):
    """The schema in evidence/ is the one of this version, and a real report is valid under it."""
    published = (REPOSITORY / "evidence" / "backtest.schema.json").read_bytes()
    assert published == schema_bytes(), "run: python -m workbench.evidence.schema > evidence/backtest.schema.json"
    document = json.loads(msgspec.json.encode(build_report(result(), RUN)))
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(document, json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "surprise": 1}, json_schema())


def test_undefined_metrics_are_null():
    """A run without a closed trade has no win rate."""
    report = build_report(backtest(walk(1, 50), BuyAndHold()), RUN)
    assert report.metrics.win_rate is None
    assert b'"win_rate":null' in msgspec.json.encode(report)


def test_metrics_are_those_of_the_engine():
    """Same names in the same order, values to 12 digits."""
    assert MetricPart.__struct_fields__ == tuple(field.name for field in dataclasses.fields(Metrics))
    report = build_report(few_trades(), RUN)
    expected = {name: rounded(value) for name, value in few_trades().metrics.to_dict().items()}
    assert msgspec.to_builtins(report.metrics) == expected


def test_the_last_bit_of_a_metric_does_not_matter():
    """Neighbouring floats round to the same 12 digits."""
    assert rounded(0.1234567890123456) == rounded(np.nextafter(0.1234567890123456, 1)) == 0.123456789012


def test_many_trades_go_to_a_sidecar():
    """Beyond 200 trades the report holds their number and hash."""
    report = build_report(many_trades(), RUN)
    assert report.trades == TradeSidecar(len(many_trades().trade_table), report.content.trades)
    assert len(msgspec.json.encode(report)) < 4000


def test_rows_and_columns_are_the_same_trades():
    """Nothing is lost between the table, the rows of a report and the columns under the hash."""
    columns = trade_columns(few_trades().trade_table, few_trades().candles)
    frame = few_trades().trades
    rows = to_rows(columns)
    assert columns_digest(from_rows(rows)) == columns_digest(columns)
    assert [row.profit for row in rows] == frame["profit"].tolist()
    assert [row.entry_time for row in rows] == frame["entry_time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist()


@given(st.lists(st.tuples(st.integers(-(2**60), 2**60), st.floats(allow_nan=False)), max_size=20))
def test_a_hash_sees_values_not_memory(rows):
    """Byte order, strides and padding do not change a hash; order of rows does."""
    table = np.zeros(len(rows), TRADE)
    table["lots"], table["profit"] = [row[0] for row in rows], [row[1] for row in rows]
    noisy = np.frombuffer(b"\xff" * table.nbytes, TRADE).copy() if rows else table
    for name in TRADE.names:
        noisy[name] = table[name]
    assert table_digest(noisy) == table_digest(table)
    assert table_digest(table.astype(TRADE.newbyteorder(">"))) == table_digest(table)
    assert (table_digest(table[::-1]) == table_digest(table)) == (table[::-1] == table).all()


@pytest.mark.parametrize("value", [float("nan"), 2**60, object()])
def test_a_parameter_that_json_cannot_hold_is_refused(value):
    """Evidence never approximates an input."""
    inputs = dataclasses.replace(few_trades().inputs, params={"fast": value})
    with pytest.raises(InputError, match="expected"):
        build_report(dataclasses.replace(few_trades(), inputs=inputs), RUN)


def test_plain_values_of_numpy_are_taken():
    """A parameter out of a numpy range is the same parameter."""
    fast, slow = np.arange(5, 21, 15)
    result = backtest(few_trades().candles, SmaCross(fast, slow))
    assert build_report(result, RUN).digest == build_report(few_trades(), RUN).digest


def test_a_strategy_of_one_s_own_brings_its_code():
    """What is not in the catalog can be read in the report."""

    class Mine(BuyAndHold):
        name = "../mine / 2"

    report = build_report(backtest(walk(1, 50), Mine()), RUN)
    assert "class Mine(BuyAndHold)" in report.inputs.strategy.source
    assert report.id.startswith("_mine_2-ETHUSDT-1h-")
