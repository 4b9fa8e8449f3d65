"""What can be backtested, over HTTP: strategies with their parameters, candles."""

import pytest

from tests.candles import walk
from tests.serving import Server, serving
from workbench.api.strategy_views import read_attributes, strategy_view, strategy_views
from workbench.client import Client
from workbench.data.sample import sample_candles
from workbench.data.store import CandleStore
from workbench.home import Home
from workbench.model.errors import InputError
from workbench.strategy.catalog import STRATEGIES, make_strategy
from workbench.wire import ParamField, StrategyView

PARAMS = [(view, param) for view in strategy_views() for param in view.params]


def test_strategies_are_those_of_the_catalog(server: Server) -> None:
    """Name, kinds and defaults; each says what it is."""
    with Client(server.url) as client:
        told = client.strategies().strategies
    assert [each.name for each in told] == list(STRATEGIES)
    for each in told:
        assert {param.name: param.default for param in each.params} == make_strategy(each.name, {}).params
        assert len(each.meaning) > 10
        assert "``" not in each.meaning
        assert "Attributes" not in each.meaning
    kinds = {param.name: param.kind for param in told[1].params}
    wanted = {"period": "int", "lower": "float", "upper": "float", "smoothing": "text", "direction": "text"}
    assert kinds == wanted


@pytest.mark.parametrize(("view", "param"), PARAMS, ids=lambda each: each.name)
def test_every_parameter_has_a_meaning_and_its_choices(view: StrategyView, param: ParamField) -> None:
    """A text is one of its choices and nothing else; numbers have none."""
    assert param.meaning
    assert (param.kind == "text") == bool(param.choices)
    if param.choices:
        assert param.default in param.choices
        for choice in param.choices:
            assert make_strategy(view.name, {param.name: choice}).params[param.name] == choice
        with pytest.raises(InputError, match=", ".join(param.choices)):
            make_strategy(view.name, {param.name: "sideways"})


def test_meanings_are_read_out_of_docstrings() -> None:
    """Several names on a line, lines that go on, marks of code."""
    text = "    fast, slow: periods in bars,\n        of ``close``: whole numbers.\n    size: of it all."
    meaning = "periods in bars, of close: whole numbers."
    assert read_attributes(text) == {"fast": meaning, "slow": meaning, "size": "of it all."}
    assert read_attributes("") == {}
    assert strategy_view(STRATEGIES["buyAndHold"]).params == []


def test_stored_candles(tmp_path) -> None:
    """The bundled sample, until the store has its own of that name; files that cannot be opened are named."""
    with serving(tmp_path) as server, Client(server.url) as client:
        sample = sample_candles()
        told = client.stored()
        assert told.damaged == []
        assert [each.model_dump() for each in told.stored] == [
            {
                "pair": "ETHUSDT", "timeframe": "1h", "bars": len(sample), "simulated": True,
                "start_ns": int(sample.open_time_ns[0]), "end_ns": int(sample.open_time_ns[-1]) + 3_600 * 10**9,
                "source": sample.origin.source,
            }
        ]  # fmt: skip
        folder = CandleStore(Home.at(tmp_path).data)
        folder.append(walk(3, 50))
        (folder.root / "candles" / "AAA-1h.arrow").write_bytes(b"x")
        told = client.stored()
        assert [(each.pair, each.bars, each.source) for each in told.stored] == [("ETHUSDT", 50, "test")]
        assert told.damaged == ["AAA-1h.arrow"]
