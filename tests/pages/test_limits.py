"""How many pages there may be, and what becomes of kernels that nobody looks at."""

import signal
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from tests.monitoring.serving import wait_for
from tests.pages.serving import PROBE, paging
from tests.processes import children


def kernels(pid: int) -> set[psutil.Process]:
    """Kernels of a server."""
    return children(pid, "workbench.pages.kernel")


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


def test_a_kernel_that_died_is_told_to_its_page_and_makes_room(tmp_path: Path) -> None:
    """Its websocket is closed, so that the page says that it is no longer live; its place is free again."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "0", "--per-person", "1") as pages:
        vera = pages.visitor("vera")
        kernel_id, _ = vera.open()
        with vera.channels(kernel_id) as channels:
            channels.comms()
            (process,) = kernels(pages.process.pid)
            process.kill()
            with pytest.raises(ConnectionClosed):
                channels.answer("that never comes", "anything")
        assert vera.http.get(f"/api/kernels/{kernel_id}").status_code == 404
        vera.open()


def test_a_warm_kernel_that_died_is_handed_to_nobody(tmp_path: Path) -> None:
    """The visitor gets another one."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "1") as pages:
        wait_for("a kernel is warm", lambda: pages.kernels("is warm"))
        (dead,) = kernels(pages.process.pid)
        dead.kill()
        kernel_id, told = pages.visitor("vera").open()
        assert told["user"] == "vera"
        assert kernel_id not in list(pages.kernels("is warm"))[:1]


def test_whoever_reloads_again_and_again_leaves_no_kernels(tmp_path: Path) -> None:
    """A browser that goes away before its page is there takes its kernel with it."""
    slow = f"import time\ntime.sleep(3)\n{PROBE}"
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "0", "--per-person", "3", source=slow) as pages:
        vera = pages.visitor("vera")
        for _ in range(5):
            with pytest.raises(httpx.ReadTimeout):
                vera.http.get("/voila/render/report.ipynb", timeout=1)
        wait_for("they are gone", lambda: not kernels(pages.process.pid), 30)
        vera.open()


def test_a_page_whose_kernel_dies_in_the_cell_says_so(tmp_path: Path) -> None:
    """In words, instead of opening for ever."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "0", source="import os\nos._exit(1)") as pages:
        page = pages.visitor("vera").http.get("/voila/render/report.ipynb")
        assert "This page could not be made" in page.text


def test_a_kernel_does_not_grow_without_end(tmp_path: Path) -> None:
    """Beyond its bound it is out of memory; nobody else is."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "0", source="b'x' * (2 << 30)") as pages:
        page = pages.visitor("vera").http.get("/voila/render/report.ipynb")
        assert "This page could not be made" in page.text
    assert "MemoryError" in pages.log_path.read_text()


def test_ctrl_c_ends_the_server_and_every_kernel(tmp_path: Path) -> None:
    """Those that are open, the warm one and those on the way."""
    with paging(tmp_path, "http://127.0.0.1:9", "--warm", "2") as pages:
        pages.visitor("vera").open()
        wait_for("there are kernels", lambda: len(kernels(pages.process.pid)) >= 2)
        running = kernels(pages.process.pid)
        pages.process.send_signal(signal.SIGINT)
        assert pages.process.wait(15) == 0
        wait_for("they are gone", lambda: not [each for each in running if each.is_running()], 10)
