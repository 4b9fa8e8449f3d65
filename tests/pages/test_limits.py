"""How many pages there may be, and what becomes of kernels that nobody looks at."""

import os
import signal
from pathlib import Path

from tests.monitoring.serving import wait_for
from tests.pages.serving import paging


def kernels(pid: int) -> set[int]:
    """Kernels of a server."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if "ipykernel_launcher" in Path(f"/proc/{child}/cmdline").read_text():
                found.add(int(child))
    return found


def test_a_person_and_the_server_have_a_limit(tmp_path: Path) -> None:
    """A readable page with 503 beyond it; a page that is closed makes room."""
    with paging(tmp_path, "http://127.0.0.1:9", "--per-person", "2", "--in-all", "3", "--warm", "0") as pages:
        vera, rana, zoe = (pages.visitor(who) for who in ("vera", "rana", "zoe"))
        first, _ = vera.open()
        vera.open()
        full = vera.http.get("/voila/render/live.ipynb")
        assert full.status_code == 503
        assert full.headers["retry-after"] == "60"
        assert "You have 2 pages open, as many as one person may." in full.text
        rana.open()
        assert "3 pages are open, as many as this server takes." in zoe.http.get("/voila/render/live.ipynb").text
        vera.http.post(f"/voila/api/shutdown/{first}", headers={"Origin": pages.url})
        zoe.open()


def test_a_kernel_without_a_page_is_ended_and_with_one_is_not(tmp_path: Path) -> None:
    """The open websocket of another page keeps that page's kernel."""
    with paging(tmp_path, "http://127.0.0.1:9", "--lonely-seconds", "5", "--warm", "0") as pages:
        vera = pages.visitor("vera")
        kept, _ = vera.open()
        with vera.channels(kept) as channels:
            lonely, _ = vera.open()
            wait_for("it is ended", lambda: vera.http.get(f"/api/kernels/{lonely}").status_code == 404, 30)
            assert channels.comms()


def test_ctrl_c_ends_the_server_and_every_kernel(tmp_path: Path) -> None:
    """Those that are open, the warm one and those on the way."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "2") as pages:
        pages.visitor("vera").open()
        wait_for("there are kernels", lambda: len(kernels(pages.process.pid)) >= 2)
        running = kernels(pages.process.pid)
        pages.process.send_signal(signal.SIGINT)
        assert pages.process.wait(15) == 0
        wait_for("they are gone", lambda: not [pid for pid in running if os.path.exists(f"/proc/{pid}")], 10)  # noqa: PTH110
