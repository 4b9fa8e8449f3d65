"""A worker process: ``python -m workbench.api.worker MEMORY_MIB ROOT DATA EVIDENCE``.

It reads jobs from stdin, a line each, and says on stdout what becomes of them. It loads the compiled engine before it
says that it is ready. What libraries print goes to stderr: stdout is for answers alone. It ends when stdin does, so
that it never outlives the server.
"""

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from workbench.api.job import (
    Curve,
    Done,
    Draw,
    Drawn,
    Explain,
    Failed,
    Job,
    Outcome,
    Progress,
    Ready,
    Said,
    Verified,
    Verify,
    Work,
    decode_work,
    encode,
)
from workbench.data.sample import SAMPLE_INTERVAL, SAMPLE_PAIR
from workbench.engine.costs import Costs
from workbench.home import Home
from workbench.model.errors import (
    ContradictionError,
    DamagedFileError,
    InputError,
    NotFoundError,
    WorkbenchError,
)

KINDS: tuple[tuple[type[WorkbenchError], str], ...] = (
    (InputError, "input"),
    (NotFoundError, "missing"),
    (ContradictionError, "contradiction"),
    (DamagedFileError, "damaged"),
)


NICENESS = 10
"""Where processors are scarce, answering comes before computing."""

Say = Callable[[Said], None]


def do(work: Work, home: Home, say: Say) -> Outcome:
    """Do one piece of work.

    Raises:
        WorkbenchError: as the parts say. OSError: the disk refuses. MemoryError: over the limit.
    """
    match work:
        case Job():
            return run(work, home, say)
        case Verify(evidence_id):
            return _verify(evidence_id, home)
        case Curve():
            return _curve(work, home)
        case Draw():
            return _draw(work, home)
        case Explain(evidence_id, path):
            return _explain(evidence_id, Path(path), home)


def _verify(evidence_id: str, home: Home) -> Verified:
    from workbench.research.evidence import verify

    verdict = verify(evidence_id, home=home)
    return Verified("" if verdict.verified else str(verdict.difference))


def _curve(work: Curve, home: Home) -> Drawn:
    from workbench.api.curve import write_curve

    return Drawn(write_curve(work.evidence_id, home, Path(work.path), work.points))


def _draw(work: Draw, home: Home) -> Drawn:
    from workbench.api.run_again import run_again, write_json
    from workbench.evidence.chart import build_chart

    report, result = run_again(work.evidence_id, home)
    write_json(Path(work.path), build_chart(report, result, work.start_ns, work.end_ns, work.points))
    return Drawn(len(result.candles))


def _explain(evidence_id: str, path: Path, home: Home) -> Drawn:
    from workbench.api.run_again import run_again, write_json
    from workbench.evidence.breakdown import build_breakdown

    report, result = run_again(evidence_id, home)
    write_json(path, build_breakdown(report, result))
    return Drawn(len(result.candles))


def run(job: Job, home: Home, say: Say) -> Done:
    """Do one backtest.

    Raises:
        WorkbenchError: as the parts say. OSError: the disk refuses. MemoryError: over the limit.
    """
    from workbench.engine.backtest import DEFAULT_CASH
    from workbench.research.backtest import backtest
    from workbench.research.candles import load_candles
    from workbench.strategy.catalog import make_strategy

    strategy, costs = make_strategy(job.strategy, job.params), Costs(**job.costs)
    say(Progress(0.1, "reading candles"))
    candles = load_candles(job.pair, job.timeframe, start=job.start, end=job.end, home=home)
    say(Progress(0.3, f"backtesting {len(candles):,} candles"))
    cash = DEFAULT_CASH if job.initial_cash is None else job.initial_cash
    result = backtest(candles, strategy, costs=costs, initial_cash=cash)
    say(Progress(0.7, "writing evidence"))
    report = result.save(home=home)
    return Done(
        report.id, report.digest, msgspec.to_builtins(report.metrics), candles.origin.simulated, len(result.trade_table)
    )


def answer(work: Work, home: Home, say: Say) -> Outcome:
    """The outcome of one piece of work; a mistake of ours ends the process, with its traceback on stderr."""
    try:
        return do(work, home, say)
    except WorkbenchError as error:
        kind = next((kind for form, kind in KINDS if isinstance(error, form)), "input")
        return Failed(kind, str(error), getattr(error, "field", None))
    except MemoryError:
        return Failed("memory", "the job needs more memory than one may have")
    except OSError as error:
        return Failed("disk", f"{error.strerror or error}")
    except TypeError as error:  # an unknown name among the costs
        return Failed("input", f"costs: {error}".replace("Costs.__init__() ", ""), "costs")


def main() -> None:
    answers = _own_stdout()
    limit = int(sys.argv[1]) << 20
    home = Home(*map(Path, sys.argv[2:5]))

    def say(what: Said) -> None:
        answers.write(encode(what) + b"\n")
        answers.flush()

    warm_up()
    most = _data_bytes() + limit
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    os.nice(NICENESS)
    say(Ready(os.getpid()))
    for line in sys.stdin.buffer:
        say(answer(decode_work(line), home, say))


def _data_bytes() -> int:
    """What the warmed process has taken already: the limit is for jobs. 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def warm_up() -> None:
    """Load all that work needs: each strategy once on the bundled candles, its chart and breakdown, thrown away.

    Arrow gets one thread of each kind: a job has a process to itself, and threads that start later would count as its
    memory.
    """
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with tempfile.TemporaryDirectory(prefix="workbench-warm-up-") as folder:
        for strategy in ("smaCross", "rsi"):
            job = Job(id="warm-up", pair=SAMPLE_PAIR, timeframe=str(SAMPLE_INTERVAL), strategy=strategy)
            home, drawn = Home.at(Path(folder)), str(Path(folder) / "drawn.json")
            made = run(job, home, lambda _: None).evidence_id
            _draw(Draw(made, drawn, None, None, 2_000), home)
            _explain(made, Path(drawn), home)


def _own_stdout() -> BinaryIO:
    """The real stdout for us alone; everybody else's goes to stderr."""
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


if __name__ == "__main__":
    main()
