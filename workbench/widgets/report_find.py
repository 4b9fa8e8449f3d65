"""Which run a page's address means, and what stands there instead where there is none."""

from dataclasses import dataclass
from html import escape

from pydantic import TypeAdapter, ValidationError

from workbench.client import ENDED, ApiError, Client
from workbench.widgets.markup import empty, say
from workbench.widgets.report_run import Run
from workbench.wire import BacktestStatus, EvidenceId

NO_RUNS = empty(
    "No runs yet.",
    "Start one with the form \u201cNew backtest\u201d, with <code>workbench backtest</code> in a shell, or with "
    "<code>result.save()</code> in a notebook. It appears here by itself.",
)
LONGEST = 64
_EVIDENCE_ID = TypeAdapter[str](EvidenceId)


@dataclass(frozen=True)
class Found:
    """A run, or ``instead``: HTML that says why there is none. ``job_id``: a backtest that will become the run."""

    run: Run | None = None
    instead: str = ""
    job_id: str = ""


def find_run(client: Client, wanted: str, newest: str) -> Found:
    """Args:
        wanted: an evidence id or a job's, as somebody typed it; empty: the newest run.
        newest: its evidence id; empty where there are no runs.

    Raises:
        WorkbenchError: no answer; the same question may have one later.
    """
    if not (wanted or newest):
        return Found(instead=NO_RUNS)
    try:
        if is_evidence_id(wanted or newest):
            return Found(Run.of(client.report(wanted or newest)))
        if wanted.isascii() and wanted.isalnum() and len(wanted) <= LONGEST:
            return _of_job(client, client.backtest(wanted))
    except ApiError as error:
        if error.status == 409:
            return Found(instead=_damaged(wanted or newest, error.detail))
        if error.status not in (404, 422):
            raise
    return Found(instead=_unknown(wanted))


def is_evidence_id(text: str) -> bool:
    try:
        _EVIDENCE_ID.validate_python(text)
    except ValidationError:
        return False
    return True


def _of_job(client: Client, job: BacktestStatus) -> Found:
    if job.evidence_id:
        return Found(Run.of(client.report(job.evidence_id)))
    if job.status in ENDED:
        why = f" {escape(job.error.text)}" if job.error else ""
        return Found(instead=say("bad", f"Backtest {escape(job.id)} {job.status}.", f"It left no report.{why}"))
    return Found(
        instead=say("wait", f"Backtest {escape(job.id)} is {job.status}.", "Its report follows."), job_id=job.id
    )


def _unknown(wanted: str) -> str:
    shown = escape(wanted[:120])
    return say("warn", "There is no such run.", f"Nobody knows <code>{shown}</code>. Choose one from the list.")


def _damaged(wanted: str, detail: str) -> str:
    text = f"<code>{escape(wanted)}</code> cannot be trusted, so nothing of it is shown. {escape(detail)}"
    return say("bad", "This report is damaged.", f"{text} Running the same backtest again replaces it.")
