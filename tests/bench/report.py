"""The results as a page."""

from typing import Any


def as_markdown(results: dict[str, Any]) -> str:
    """What was aimed at, what was reached, and the figures behind it."""
    best = {name: times["best_ms"] for name, times in results["contest"].items()}
    ours, frames = best["workbench"], best["workbench, frames"]
    exits, files, processes = best["workbench, stop-loss and take-profit"], results["files"], results["processes"]
    mine, theirs = results["ten_million"]["workbench"], results["ten_million"]["vectorbt rust"]
    small = results["backtesting"]
    rust, raptor, floor = best["vectorbt rust"], best["raptorbt"], best["reading five columns"]
    rows = [
        ("100k candles, SMA cross: metrics, equity, trades as arrays", ">= 50x vectorbt rust", f"{rust / ours:.0f}x"),
        ("", ">= 10x raptorbt", f"{raptor / ours:.1f}x"),
        ("", "<= 5x reading the five columns once", f"{ours / floor:.1f}x"),
        ("the same with DataFrames", "<= 1 ms", f"{frames:.2f} ms"),
        ("", ">= 30x vectorbt rust", f"{rust / frames:.0f}x"),
        (
            "general matcher, no exits, against the fused kernel",
            "",
            f"{best['workbench, general matcher'] / ours:.1f}x",
        ),
        ("general matcher with stop-loss and take-profit", "<= 2x the fused kernel", f"{exits / ours:.1f}x"),
        ("10M candles", ">= 50x faster than vectorbt rust", f"{theirs['ms'] / mine['ms']:.0f}x"),
        ("", ">= 70x less memory", f"{theirs['bytes_per_bar'] / mine['bytes_per_bar']:.0f}x"),
        ("", "<= 10 bytes a bar above the input", f"{mine['bytes_per_bar']:.1f} bytes"),
        ("file to metrics, 100k candles: store", "<= 2 ms", f"{files['store']:.2f} ms"),
        ("file to metrics, 100k candles: Parquet", "<= 10 ms", f"{files['parquet']:.1f} ms"),
        ("shell to printed metrics, second process", "<= 0.6 s", f"{processes['shell to metrics']:.2f} s"),
        ("", "of which `import numba` alone", f"{processes['import numba alone']:.2f} s"),
        (
            "cold process: 100k candles from the store to saved evidence",
            "< 2 s",
            f"{processes['cold process, 100k candles, evidence']:.2f} s",
        ),
        (f"backtesting.py, {small['bars']:,} bars", "", f"{small['backtesting_ms'] / small['workbench_ms']:.0f}x"),
    ]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures everything in one run and rewrites this page. Ratios compare runs of the same minute on",
        "the same machine; absolute times are one machine's. Best of many runs, warm, unless the row says otherwise.",
        f"The job: SMA cross 9/21 on a seeded walk ({results['trades']:,} round trips in 100,000 bars), orders at the",
        "next open, 0.1 % fee, 2 bps slippage, with total return, Sharpe ratio, drawdown, equity curve and trades.",
        "",
        f"{results['machine']['processors']} processors, Python {results['machine']['python']}, {versions}.",
        "",
        "| what | aim | reached |",
        "|---|---|---|",
        *(f"| {what} | {aim} | {reached} |" for what, aim, reached in rows),
        "",
        "| engine, 100k candles | best, ms | median, ms |",
        "|---|---|---|",
        *(f"| {name} | {t['best_ms']:.3f} | {t['median_ms']:.3f} |" for name, t in results["contest"].items()),
        "",
        "What limits us: with an order every 19 bars, most of the time goes into the divisions, roundings and writes",
        "of each order, not into the bars between. A process of its own spends its time importing numba and loading",
        "compiled code from the cache.",
    ]
    return "\n".join(lines) + "\n"
