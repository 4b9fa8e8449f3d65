"""What Prometheus says of its alerts, written down while things break and are mended."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from tests.monitoring.serving import alert_states, wait_for

LOOK_SECONDS = 0.1
STORY = ["pending", "firing", "resolved"]


@dataclass
class Timeline:
    """Alert -> its states, each with the seconds since the beginning at which it was first seen."""

    prometheus: str
    began: float = field(default_factory=time.monotonic)
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def look(self) -> None:
        now = alert_states(self.prometheus)
        for alert in {*now, *self.states}:
            state, told = now.get(alert, "resolved"), self.states.setdefault(alert, [])
            if not told or told[-1][1] != state:
                told.append((time.monotonic() - self.began, state))

    def story(self, alert: str) -> list[str]:
        """From pending to resolved; empty where it never stirred."""
        return [state for _, state in self.states.get(alert, [])]

    def wait_until_fired(self, *alerts: str) -> None:
        """Each of them fires, or has fired."""
        wait_for(f"{', '.join(alerts)}: firing", lambda: all("firing" in self.story(alert) for alert in alerts), 60)

    def wait_until_over(self, *alerts: str) -> None:
        """All of them are resolved."""
        over = {"resolved"}
        wait_for(f"{', '.join(alerts)}: resolved", lambda: {self.story(alert)[-1] for alert in alerts} == over, 60)

    def __str__(self) -> str:
        """A line for each alert: at which second it went into which state."""
        lines = []
        for alert, told in sorted(self.states.items(), key=lambda item: item[1][0]):
            steps = ", ".join(f"{at:.1f} s {state}" for at, state in told)
            lines.append(f"  {alert}: {steps}")
        return "\n".join(lines)


@contextlib.contextmanager
def watching(prometheus: str) -> Iterator[Timeline]:
    """Look again and again beside the block; what was seen is printed at its end, for whoever runs pytest with -s."""
    wait_for("nothing is wrong yet", lambda: alert_states(prometheus) == {})
    timeline, over = Timeline(prometheus), threading.Event()

    def keep_looking() -> None:
        while not over.wait(LOOK_SECONDS):
            with contextlib.suppress(httpx.TransportError):
                timeline.look()

    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield timeline
    finally:
        over.set()
        thread.join()
        print(f"\nWhat Prometheus said:\n{timeline}")  # noqa: T201 - the story, for whoever wants to read it
