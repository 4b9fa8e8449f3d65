"""The real nginx after a reload: what was open before it is dropped, and comes back by the new rules or not at all."""

import asyncio
import json
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.deploy.conftest import FAST
from tests.deploy.echo import echoing
from tests.deploy.running import PASSWORD, Running, fronting, nginx_program
from workbench.deploy.folder import Folder

RELOAD_SECONDS = 1
PATIENCE_SECONDS = 15.0


def opening(nginx: Running, who: str) -> connect:
    """That person's websocket to a kernel."""
    return connect(
        nginx.door.origin.replace("https", "wss") + "/api/kernels/k1/channels",
        origin=nginx.door.origin,  # type: ignore[arg-type]
        additional_headers={"authorization": httpx.BasicAuth(who, PASSWORD)._auth_header},
        ssl=nginx.trust,
        proxy=None,
    )


async def role_told(socket: ClientConnection) -> set[str]:
    """The token's header that came with the opening."""
    told = json.loads(await socket.recv())
    return {name for name, _ in told["headers"]} & {"x-admin-token", "x-researcher-token"}


async def reload(nginx: Running) -> None:
    command = [nginx_program(), "-p", str(nginx.root), "-c", "nginx.conf", "-e", "stderr", "-s", "reload"]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)


async def seconds_until_dropped(socket: ClientConnection) -> float:
    began = time.monotonic()
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await socket.recv()
    return time.monotonic() - began


def test_open_websockets_end_with_a_reload(tmp_path: Path) -> None:
    """Who was taken away does not come back; who has a new role comes back with that; before the reload all goes on."""

    async def story(nginx: Running) -> None:
        folder = Folder(nginx.root)
        async with opening(nginx, "ada") as ada, opening(nginx, "rana") as rana:
            assert (await role_told(ada), await role_told(rana)) == ({"x-admin-token"}, {"x-researcher-token"})
            folder.remove_user("ada")
            folder.put_user("rana", "viewer", PASSWORD)
            await ada.send("still here")
            assert await ada.recv() == "still here"
            await reload(nginx)
            took = await asyncio.gather(seconds_until_dropped(ada), seconds_until_dropped(rana))
            assert max(took) < RELOAD_SECONDS + 5
        with pytest.raises(InvalidStatus) as refused:
            await opening(nginx, "ada")
        assert refused.value.response.status_code == 401
        async with opening(nginx, "rana") as again:
            assert await role_told(again) == set()

    with echoing("dashboards") as dashboards:
        behind = {"api": "127.0.0.1:9", "dashboards": f"127.0.0.1:{dashboards.port}"}
        with fronting(tmp_path, reload_seconds=RELOAD_SECONDS, **behind, **FAST) as nginx:
            asyncio.run(story(nginx))
