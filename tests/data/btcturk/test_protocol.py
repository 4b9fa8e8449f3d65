"""One connection as a state machine: an example for each numbered rule of its header."""

import json

import pytest

from tests.data.btcturk.frames import BTCTRY, ETHUSDT, NOW, RESULT, WELCOME, frame, trade
from workbench.data.btcturk.messages import FrameError, Parser
from workbench.data.btcturk.protocol import (
    CHANNELS,
    JOIN_TRIES,
    NEVER,
    Cut,
    Joined,
    Protocol,
    ProtocolSettings,
    Send,
    State,
    Suspect,
    Tell,
)

PAIRS = ("BTCTRY", "ETHUSDT")
SETTINGS = ProtocolSettings(stale_seconds=10.0, quiet_seconds=3.0, greeting_seconds=3.0, join_seconds=2.0)


class Driver:
    """A protocol with hands: says what came, collects what it wants."""

    def __init__(self, *pairs, settings=SETTINGS):
        self.protocol = Protocol(Parser({"BTCTRY": BTCTRY, "ETHUSDT": ETHUSDT}), pairs or PAIRS, settings)

    def opened(self, now=0.0):
        self.protocol.opened(now)
        return self.protocol.outputs()

    def got(self, data, now):
        self.protocol.received(data, now, NOW)
        return self.protocol.outputs()

    def tick(self, now):
        self.protocol.tick(now)
        return self.protocol.outputs()

    def closed(self, now, reason="the connection was reset"):
        self.protocol.closed(now, reason)
        return self.protocol.outputs()

    def live(self, now=0.0):
        """Opened, greeted, and all joined."""
        self.opened(now)
        self.got(WELCOME, now)
        for pair in self.protocol.pairs:
            for channel in CHANNELS:
                self.got(result(channel, pair), now)
        assert self.protocol.state is State.LIVE
        return self


def result(channel, pair, *, ok=True, action="join"):
    return frame(100, type=100, ok=ok, message=f"{action}|{channel}:{pair}")


def joins(outputs):
    """The subscriptions among the outputs as (channel, pair, join)."""
    bodies = [json.loads(each.text)[1] for each in outputs if isinstance(each, Send)]
    return [(body["channel"], body["event"], body["join"]) for body in bodies]


def of(kind, outputs):
    return [each for each in outputs if isinstance(each, kind)]


def book(change_set, pair="ETHUSDT", channel="obdiff"):
    return frame(
        431, CS=change_set, PS=pair, AO=[{"A": "1", "P": "2501"}], BO=[{"A": "1", "P": "2500"}], channel=channel
    )


def change(change_set, pair="ETHUSDT"):
    return frame(432, CS=change_set, PS=pair, AO=[], BO=[{"A": "2", "P": "2500", "CP": 0}], channel="obdiff")


ALL = [(channel, pair, True) for pair in PAIRS for channel in CHANNELS]


def test_rule_1_subscriptions_follow_the_greeting():
    """Nothing is sent before it; its version is kept."""
    driver = Driver()
    assert driver.opened() == []
    assert driver.protocol.state is State.GREETING
    assert joins(driver.got(WELCOME, 0.1)) == ALL
    assert (driver.protocol.state, driver.protocol.version) == (State.JOINING, "6.0.0")


def test_rule_1_without_a_greeting_subscriptions_are_sent_when_its_time_is_over():
    """Not before; a greeting that comes later sends nothing a second time."""
    driver = Driver()
    driver.opened(100.0)
    assert driver.tick(102.9) == []
    assert joins(driver.tick(103.0)) == ALL
    assert driver.got(WELCOME, 103.5) == []
    assert driver.protocol.version == "6.0.0"


@pytest.mark.parametrize("first", [RESULT, trade(), book(1), b"[777,{}]", b"broken"])
def test_rule_1_other_frames_before_the_greeting_join_nothing(first):
    """A frame of a channel that nobody asked for yet does not count as joined."""
    driver = Driver()
    driver.opened()
    assert not of(Joined, driver.got(first, 0.1))
    assert driver.protocol.state is State.GREETING
    assert joins(driver.got(WELCOME, 0.2)) == ALL


def test_rule_2_joined_by_its_result():
    """Live once every trade channel is; the other channels may be late."""
    driver = Driver()
    driver.opened()
    driver.got(WELCOME, 0.0)
    assert driver.got(result("trade", "BTCTRY"), 0.1) == [Joined("BTCTRY")]
    assert driver.protocol.is_live("BTCTRY")
    assert not driver.protocol.is_live("ETHUSDT")
    assert driver.protocol.state is State.JOINING
    assert driver.got(result("trade", "BTCTRY"), 0.1) == [], "told once"
    assert driver.got(result("trade", "ETHUSDT"), 0.1) == [Joined("ETHUSDT")]
    assert driver.protocol.state is State.LIVE


def test_rule_2_joined_by_the_first_frame_of_its_channel():
    """The result may never come."""
    driver = Driver("ETHUSDT")
    driver.opened()
    driver.got(WELCOME, 0.0)
    assert driver.got(trade(), 0.1) == [Joined("ETHUSDT")]
    assert driver.got(frame(402, PS="ETHUSDT", LA="2500.1"), 0.1) == []
    assert driver.got(book(1), 0.1) == []
    assert driver.protocol.deadline == pytest.approx(0.1 + 10.0), "nothing is awaited but the next frame"


def test_rule_2_what_is_not_joined_is_sent_again_then_cut():
    """Only what is missing, JOIN_TRIES times in all, once per join_seconds."""
    driver = Driver("ETHUSDT", settings=ProtocolSettings(stale_seconds=100.0, join_seconds=2.0))
    driver.opened()
    driver.got(WELCOME, 0.0)
    driver.got(result("trade", "ETHUSDT"), 0.5)
    driver.got(result("obdiff", "ETHUSDT"), 0.5)
    assert JOIN_TRIES == 3
    assert driver.tick(1.9) == []
    assert joins(driver.tick(2.0)) == [("ticker", "ETHUSDT", True)]
    assert driver.tick(3.9) == []
    assert joins(driver.tick(4.0)) == [("ticker", "ETHUSDT", True)]
    assert driver.tick(6.0) == [Cut("no answer to joining ticker:ETHUSDT")]


def test_rule_2_a_refused_subscription_is_told_once_and_left_alone():
    """The others go on; live needs no answer from it."""
    driver = Driver()
    driver.opened()
    driver.got(WELCOME, 0.0)
    driver.got(result("trade", "ETHUSDT"), 0.1)
    assert of(Tell, driver.got(result("trade", "BTCTRY", ok=False), 0.1)) == [
        Tell("the exchange refuses to send trade:BTCTRY")
    ]
    assert driver.got(result("trade", "BTCTRY", ok=False), 0.1) == []
    assert driver.protocol.state is State.LIVE
    assert driver.protocol.refused_subscriptions() == ["trade:BTCTRY"]
    assert not driver.protocol.is_live("BTCTRY")
    assert ("trade", "BTCTRY", True) not in joins(driver.tick(2.5))


def test_rule_2_a_refused_subscription_that_streams_after_all_is_joined():
    """Its frames say more than the result."""
    driver = Driver("ETHUSDT")
    driver.opened()
    driver.got(WELCOME, 0.0)
    driver.got(result("trade", "ETHUSDT", ok=False), 0.1)
    assert driver.got(trade(), 0.2) == [Joined("ETHUSDT")]
    assert driver.protocol.refused_subscriptions() == []


@pytest.mark.parametrize(
    "text", ["", "join", "join|", "join|trade", "join|trade:XRPTRY", "join|nothing:ETHUSDT", "|||:"]
)
def test_rule_2_results_of_nothing_known_change_nothing(text):
    """Nothing is to be done, and what streams goes on streaming."""
    driver = Driver().live()
    assert driver.got(frame(100, ok=True, message=text), 0.1) == []
    assert driver.protocol.is_live("ETHUSDT")
    assert driver.protocol.refused_subscriptions() == []


def test_rule_2_each_connection_joins_anew():
    """After a break nothing counts as joined or refused."""
    driver = Driver().live()
    driver.got(result("ticker", "BTCTRY", ok=False), 0.1)
    driver.closed(1.0)
    assert not driver.protocol.is_live("BTCTRY")
    driver.opened(2.0)
    assert not driver.protocol.is_live("BTCTRY")
    assert driver.protocol.refused_subscriptions() == []
    assert joins(driver.got(WELCOME, 2.1)) == ALL


def test_rule_3_a_silent_socket_is_cut_once():
    """At stale_seconds after the last frame, any frame; the state is told by closed, which follows."""
    driver = Driver().live(50.0)
    driver.got(b"[777,{}]", 55.0)
    assert driver.tick(64.9) == []
    assert driver.tick(65.0) == [Cut("no frame for 10.0 s")]
    assert driver.protocol.deadline == NEVER
    assert driver.tick(99.0) == []
    assert driver.closed(99.1) == [Suspect(None, "the connection was reset")]


def test_rule_3_holds_before_the_first_frame_too():
    """A socket that is open and says nothing, greeting or not."""
    driver = Driver(settings=ProtocolSettings(stale_seconds=1.0, greeting_seconds=5.0))
    driver.opened(7.0)
    assert driver.tick(8.0) == [Cut("no frame for 1.0 s")]


def test_rule_4_a_frame_after_quiet_makes_all_pairs_suspect():
    """More than quiet_seconds without one; at the limit it is not quiet yet."""
    driver = Driver().live(0.0)
    assert driver.got(trade(), 3.0) == []
    assert driver.got(trade(), 6.5) == [Suspect(None, "silent for 3.5 s")]
    assert driver.got(trade(), 6.6) == []


def test_rule_4_does_not_count_before_the_stream_is_live():
    """What is not streaming yet cannot be lost by silence; the connection before made all suspect."""
    driver = Driver()
    driver.opened(0.0)
    assert not of(Suspect, driver.got(WELCOME, 2.9))
    assert not of(Suspect, driver.got(result("trade", "BTCTRY"), 8.0))


def test_rule_5_a_bad_frame_makes_the_pair_it_names_suspect():
    """Counted by reason, told once a minute per reason."""
    driver = Driver().live()
    first = driver.got(trade(P="0"), 1.0)
    assert of(Suspect, first) == [Suspect("ETHUSDT", "a frame refused: zero_price")]
    assert len(of(Tell, first)) == 1
    assert of(Tell, first)[0].text.startswith("refused: zero_price: P is 0 in ")
    assert driver.got(trade(P="0"), 1.5) == of(Suspect, first)
    assert len(of(Tell, driver.got(trade(P="2500.11"), 2.0))) == 1, "another reason"
    for second in range(3, 61):
        assert not of(Tell, driver.got(trade(P="0"), float(second)))
    assert len(of(Tell, driver.got(trade(P="0"), 61.0))) == 1
    assert driver.protocol.bad.counts == {"zero_price": 61, "off_grid": 1}


@pytest.mark.parametrize(("data", "reason"), [(b"[4", "not_json"), (b"[422,{}]", "wrong_type"), (b"\xff", "not_json")])
def test_rule_5_a_bad_frame_that_names_no_pair_makes_all_suspect(data, reason):
    """It may have been a trade of any of them; the stream goes on."""
    driver = Driver().live()
    assert of(Suspect, driver.got(data, 1.0)) == [Suspect(None, f"a frame refused: {reason}")]
    assert driver.protocol.state is State.LIVE


def test_rule_5_a_frame_of_an_unknown_pair_is_counted_and_no_more():
    """It is somebody else's; nothing of ours is suspect."""
    driver = Driver().live()
    assert not of(Suspect, driver.got(trade(PS="XRPTRY"), 1.0))
    assert driver.protocol.bad.counts == {"unknown_pair": 1}


def test_rule_5_an_unknown_code_is_told_and_makes_nothing_suspect():
    """The protocol may grow; private codes are not even told."""
    driver = Driver().live()
    assert [type(each) for each in driver.got(b"[777,{}]", 1.0)] == [Tell]
    assert driver.got(b"[777,{}]", 1.1) == []
    assert driver.got(b"[423,{}]", 1.2) == []
    assert driver.protocol.bad.counts == {"unknown_code": 2}


def test_rule_5_what_others_refuse_is_counted_alike():
    """A trade whose price is absurd is found later, by the record."""
    driver = Driver().live()
    driver.protocol.refuse(FrameError("absurd_price", b"[422", "far off", "BTCTRY"), 1.0)
    assert of(Suspect, driver.protocol.outputs()) == [Suspect("BTCTRY", "a frame refused: absurd_price")]


def test_rule_6_a_jump_of_change_sets_leaves_and_joins_the_book():
    """The pair is suspect, the book unknown, once."""
    driver = Driver().live()
    assert driver.got(book(7), 1.0) == []
    assert driver.got(change(8), 1.0) == []
    outputs = driver.got(change(10), 1.5)
    assert of(Suspect, outputs) == [Suspect("ETHUSDT", "change set 10 of the book does not follow on")]
    assert joins(outputs) == [("obdiff", "ETHUSDT", False), ("obdiff", "ETHUSDT", True)]
    assert not driver.protocol.books["ETHUSDT"].is_known
    assert driver.got(change(11), 1.6) == [], "asked for already"


def test_rule_6_the_book_is_asked_for_again_until_it_comes():
    """Once per join_seconds, however long, without cutting the connection."""
    driver = Driver("ETHUSDT", settings=ProtocolSettings(stale_seconds=100.0, join_seconds=2.0)).live()
    driver.got(book(7), 1.0)
    driver.got(change(9), 1.0)
    for second in range(3, 30, 2):
        assert driver.tick(second - 0.1) == []
        assert joins(driver.tick(float(second))) == [("obdiff", "ETHUSDT", False), ("obdiff", "ETHUSDT", True)]
    driver.got(book(20), 30.0)
    assert driver.tick(40.0) == []
    assert driver.got(change(21), 40.1) == [Suspect(None, "silent for 10.1 s")]
    assert driver.protocol.books["ETHUSDT"].change_set == 21
    assert driver.protocol.books["ETHUSDT"].rebuilds == 1


def test_rule_6_a_refused_rejoin_is_told():
    """Like any refused subscription."""
    driver = Driver("ETHUSDT").live()
    driver.got(change(9), 1.0)
    assert driver.got(result("obdiff", "ETHUSDT", ok=True, action="leave"), 1.1) == []
    assert len(of(Tell, driver.got(result("obdiff", "ETHUSDT", ok=False), 1.1))) == 1


def test_rule_7_a_connection_that_closes_makes_all_suspect():
    """From any state; books are unknown then; a failed attempt to connect loses nothing new."""
    driver = Driver()
    assert driver.closed(0.0, "no route") == []
    driver.opened(1.0)
    assert driver.closed(1.5, "reset") == [Suspect(None, "reset")]
    driver.live(2.0)
    driver.got(book(7), 2.0)
    driver.got(change(9, "BTCTRY"), 2.0)
    assert driver.closed(3.0, "reset") == [Suspect(None, "reset")]
    assert driver.protocol.deadline == NEVER
    assert not any(each.is_known for each in driver.protocol.books.values())
    assert driver.tick(99.0) == []


def test_no_rebuilding_outlives_its_connection():
    """A book asked for on the connection before is not asked for on the next."""
    driver = Driver("ETHUSDT").live()
    driver.got(change(9), 0.5)
    driver.closed(1.0)
    driver.live(1.5)
    assert driver.tick(4.0) == []


@pytest.mark.parametrize("start", [0.1, 0.3, 1.1, 1234.567, 98765.4321])
def test_at_its_deadline_a_tick_acts(start):
    """Also where start + seconds - start is a rounding error below the seconds."""
    for seconds in (0.1, 0.7, 3.0, 3.3, 10.1):
        settings = ProtocolSettings(stale_seconds=seconds, greeting_seconds=99.0)
        driver = Driver(settings=settings)
        driver.opened(start)
        assert of(Cut, driver.tick(driver.protocol.deadline))
        driver = Driver(settings=ProtocolSettings(stale_seconds=99.0, greeting_seconds=seconds, join_seconds=seconds))
        driver.opened(start)
        assert len(of(Send, driver.tick(driver.protocol.deadline))) == 6
        assert len(of(Send, driver.tick(driver.protocol.deadline))) == 6
