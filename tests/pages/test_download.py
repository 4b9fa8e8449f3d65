"""Evidence as files, from the page's own server."""

from pathlib import Path

import pyarrow as pa

from tests.api.jobs import SMOKE
from tests.pages.conftest import Both
from tests.pages.serving import NOBODY, paging
from workbench.client import Client


def test_a_report_and_its_trades_come_as_files(both: Both) -> None:
    """The report byte for byte as the API has it, the trades as Arrow; both with a name to save them under."""
    with Client(both.api.url) as client:
        started = both.api.client("researcher").post("/api/backtest/start", json=SMOKE).json()["id"]
        evidence_id = client.wait(started).evidence_id
        assert evidence_id
        wanted, trades = client.report_bytes(evidence_id), client.report_trades(evidence_id)
    vera = both.pages.visitor("vera")
    report = vera.http.get(f"/voila/render/evidence/{evidence_id}.json")
    assert report.content == wanted
    assert report.headers["content-disposition"] == f'attachment; filename="{evidence_id}.json"'
    table = pa.ipc.open_stream(vera.http.get(f"/voila/render/evidence/{evidence_id}.trades.arrow").content).read_all()
    assert table.num_rows == trades.total > 0
    assert table.column("profit").to_pylist()[:10] == trades.columns["profit"][:10]


def test_what_is_not_there_is_not_found(both: Both) -> None:
    """An unknown report, and names that are none."""
    vera = both.pages.visitor("vera")
    unknown = "smaCross-ETHUSDT-1h-0123456789ab"
    for name in (f"{unknown}.json", f"{unknown}.trades.arrow", f"{unknown}.txt", "..%2f..%2fsecrets.json"):
        assert vera.http.get(f"/voila/render/evidence/{name}").status_code == 404


def test_without_an_api_it_is_not_there_for_now(tmp_path: Path) -> None:
    """503, in words."""
    with paging(tmp_path, NOBODY, "--warm", "0") as pages:
        answer = pages.visitor("vera").http.get("/voila/render/evidence/smaCross-ETHUSDT-1h-0123456789ab.json")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text
