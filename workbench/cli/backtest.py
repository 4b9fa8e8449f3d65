"""``workbench backtest``, ``verify`` and ``demo``."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.home import Home

if TYPE_CHECKING:
    from workbench.evidence.form import EvidenceReport
    from workbench.model.candle import Candles
    from workbench.research.backtest import Backtest

DEFAULTS = Costs()


def backtest_command(
    strategy: Annotated[str, typer.Option(help="smaCross, rsi or buyAndHold.")],
    pair: opt.Pair = None,
    timeframe: opt.Timeframe = None,
    param: opt.Param = None,
    csv: opt.Csv = None,
    start: opt.Start = None,
    end: opt.End = None,
    sizing: opt.SizingText = "fraction:1",
    cash: opt.Cash = 10_000.0,
    taker_fee: opt.TakerFee = DEFAULTS.taker_fee_rate,
    maker_fee: opt.MakerFee = DEFAULTS.maker_fee_rate,
    slippage_bps: opt.SlippageBps = DEFAULTS.slippage_bps,
    half_spread_bps: opt.HalfSpreadBps = 0.0,
    latency_bars: opt.LatencyBars = 0,
    max_volume_share: opt.MaxVolumeShare = None,
    stop_loss: opt.StopLoss = None,
    take_profit: opt.TakeProfit = None,
    trailing_stop: opt.TrailingStop = None,
    save: Annotated[bool, typer.Option(help="Write evidence.")] = True,
    as_json: opt.AsJson = False,
) -> None:
    """Backtest a strategy, print its metrics and write evidence.

    Without data of your own, ETHUSDT 1h is a bundled, synthetic sample.

    Example: workbench backtest --strategy smaCross --param fast=9 --param slow=21
    """
    from workbench.research.backtest import backtest
    from workbench.research.candles import find_candles
    from workbench.strategy.catalog import make_strategy

    chosen = make_strategy(strategy, opt.parse_params(param))
    costs = Costs(
        taker_fee_rate=taker_fee,
        maker_fee_rate=maker_fee,
        slippage_bps=slippage_bps,
        half_spread_bps=half_spread_bps,
        latency_bars=latency_bars,
        max_volume_share=max_volume_share,
    )
    exits = Exits(stop_loss=stop_loss, take_profit=take_profit, trailing_stop=trailing_stop)
    home = Home.find()
    candles = find_candles(pair, timeframe, file=csv, start=start, end=end, home=home)
    result = backtest(candles, chosen, costs=costs, sizing=opt.parse_sizing(sizing), exits=exits, initial_cash=cash)
    report = result.save(home=home) if save else None
    if as_json:
        print_json(_as_json(result, report, home))
    else:
        show(result, report, home)


def _as_json(result: "Backtest", report: "EvidenceReport | None", home: Home) -> dict[str, object]:
    return {
        "id": report.id if report else None,
        "digest": report.digest if report else None,
        "metrics": result.metrics.to_dict(),
        "evidence": str(_path(report, home)) if report else None,
        "simulated": result.candles.origin.simulated,
    }


def _path(report: "EvidenceReport", home: Home) -> str:
    from workbench.evidence.store import EvidenceStore

    return str(EvidenceStore(home.evidence).path(report.id))


def show(result: "Backtest", report: "EvidenceReport | None", home: Home) -> None:
    from workbench.cli.tables import backtest_table

    say(backtest_table(result))
    if report is not None:
        say(f"evidence  {_path(report, home)}\nverify    workbench verify {report.id}\n")


def verify_command(
    report_id: Annotated[str, typer.Argument(metavar="ID", help="The id that backtest printed.")],
    csv: opt.Csv = None,
    oracle: Annotated[str | None, typer.Option(help="vectorbt: let it account for the same fills as well.")] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Run a report's inputs again and compare; exit status 0 when its digest comes out, 1 with the first difference.

    Example: workbench verify smaCross-ETHUSDT-1h-0123456789ab --oracle vectorbt
    """
    from workbench.cli.oracle import check_oracle, oracle_disagreements
    from workbench.research.candles import find_candles
    from workbench.research.evidence import load_report, verify

    check_oracle(oracle)
    home = Home.find()
    report, _ = load_report(report_id, home)
    candles: Candles | None = None
    if csv is not None:
        candles = find_candles(report.inputs.pair, report.inputs.timeframe, file=csv, home=home)
    verdict = verify(report_id, candles=candles, home=home)
    second = oracle_disagreements(report, candles, home) if oracle and verdict.verified else []
    if as_json:
        print_json(
            {
                "id": verdict.id,
                "verified": verdict.verified,
                "digest": verdict.expected_digest,
                "difference": str(verdict.difference) if verdict.difference else None,
                "oracle": {"name": oracle, "agrees": not second, "differences": second} if oracle else None,
            }
        )
    else:
        say(str(verdict))
        if oracle and verdict.verified:
            say("\n".join(second) if second else f"{verdict.id}: {oracle} agrees to 1e-9")
    if not verdict.verified or second:
        raise typer.Exit(1)
