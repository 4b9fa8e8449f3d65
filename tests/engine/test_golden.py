"""Pinned runs. When one fails, results have changed: raise ENGINE_VERSION, say so in the changelog, pin anew."""

import pytest

from workbench.data.sample import sample_candles
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.version import ENGINE_VERSION
from workbench.evidence.canonical import columns_digest, table_digest
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross

RUNS = {
    "fused": (SmaCross(fast=9, slow=21, direction="both"), {}),
    "matched": (
        Rsi(period=14, lower=35, upper=65),
        {
            "exits": Exits(stop_loss=0.03, take_profit=0.05, trailing_stop=0.04),
            "costs": Costs(max_volume_share=0.002, latency_bars=1, half_spread_bps=0.5),
            "initial_cash": 1_000_000.0,
        },
    ),
}
PINNED = {
    "fused": {
        "fills": "sha256:2bb39c166ef5fd43ce4dd0616572ddc7c9fdcf26ea4650d2de58ae9c6859a402",
        "trades": "sha256:244851e6aafbea2601f0b3a4534d81e40a6a00dc7967aec539c3c5bad2dde646",
        "equity": "sha256:209d5d0d964d84307aba2e508ab99834892d8f7d3b8174f59ab73861597b91b9",
    },
    "matched": {
        "fills": "sha256:7997fba92a15da4a0ab44a732b94ecb54cfc96d632227dc08c8b45233dda780c",
        "trades": "sha256:73a45b6d1e3f5412ba67f5a7b33f1ee2377104e4272e3c7ef15be227cec3113a",
        "equity": "sha256:14c77f1bd7ac47c4c980554b4b92a65cfcd88c28ed9c36428f5695291caa895f",
    },
}


@pytest.mark.parametrize("name", RUNS)
def test_pinned_run(name):
    """Fills, trades and equity of engine version 1 on the bundled sample, to the byte."""
    strategy, settings = RUNS[name]
    result = backtest(sample_candles(), strategy, **settings)
    assert ENGINE_VERSION == "1"
    assert {
        "fills": table_digest(result.fill_table),
        "trades": table_digest(result.trade_table),
        "equity": columns_digest({"equity": result.equity_curve}),
    } == PINNED[name]
