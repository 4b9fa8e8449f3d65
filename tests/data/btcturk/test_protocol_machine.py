"""Any order of events on one connection after another: what always holds of the protocol."""

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.data.btcturk.frames import BTCTRY, ETHUSDT, NOW, WELCOME, frame, trade
from tests.data.btcturk.test_protocol import book, change, joins, result
from workbench.data.btcturk.messages import Parser
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
)

PAIRS = ("BTCTRY", "ETHUSDT")
SECONDS = st.sampled_from([0.1, 0.7, 1.3, 3.0, 10.1])
MOST_TICKS = 100


class Connections(RuleBasedStateMachine):
    """A feed's protocol over many connections; ``self.now`` is a clock that never steps."""

    @initialize(stale=SECONDS, quiet=SECONDS, greeting=SECONDS, join=SECONDS, start=st.floats(0, 1e6))
    def begin(self, stale, quiet, greeting, join, start):
        """Any settings, any beginning of the clock."""
        self.settings = ProtocolSettings(stale, quiet, greeting, join)
        self.protocol = Protocol(Parser({"BTCTRY": BTCTRY, "ETHUSDT": ETHUSDT}), PAIRS, self.settings)
        self.now = self.heard = start
        self.is_open = self.is_cut = False
        self.asked = dict.fromkeys([(channel, pair) for channel in CHANNELS for pair in PAIRS], 0)
        self.live = set()

    def look(self):
        """The outputs of one event, each once; nothing is asked of a connection that is none."""
        outputs = self.protocol.outputs()
        assert self.protocol.outputs() == []
        cuts = [each for each in outputs if isinstance(each, Cut)]
        assert len(cuts) <= (self.is_open and not self.is_cut), "cut once, and only what is open"
        self.is_cut = self.is_cut or bool(cuts)
        assert self.is_open or not any(isinstance(each, Send | Joined) for each in outputs)
        for channel, pair, join in joins(outputs):
            self.asked[channel, pair] += join
            assert channel == "obdiff" or self.asked[channel, pair] <= JOIN_TRIES
        for each in outputs:
            if isinstance(each, Joined):
                assert each.pair not in self.live, "told once per connection"
                self.live.add(each.pair)
        return outputs

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds):
        """And somebody looks."""
        self.now += seconds
        self.tick()

    def tick(self):
        """What is overdue was due; nothing is done before its time."""
        due = self.protocol.deadline
        self.protocol.tick(self.now)
        outputs = self.look()
        assert bool(outputs) == (self.now >= due), "acts at the deadline, and not before"
        return outputs

    @precondition(lambda self: self.is_open and not self.is_cut)
    @rule()
    def wait_for_the_deadline(self):
        """Ticks at one moment come to rest, the first of them acts."""
        assert self.protocol.deadline < NEVER
        self.now = max(self.now, self.protocol.deadline)
        ticks = 0
        while self.protocol.deadline <= self.now:
            assert self.tick()
            ticks += 1
            assert ticks <= MOST_TICKS

    @precondition(lambda self: self.is_open and not self.is_cut)
    @rule()
    def silence_ends_in_a_cut(self):
        """Without a frame nothing keeps a connection longer than the staleness limit."""
        while not self.is_cut:
            assert self.protocol.deadline <= self.heard + self.settings.stale_seconds
            self.now = max(self.now, self.protocol.deadline)
            self.tick()

    @precondition(lambda self: not self.is_open)
    @rule()
    def open(self):
        """A connection."""
        self.protocol.opened(self.now)
        self.is_open, self.is_cut, self.heard = True, False, self.now
        self.asked = dict.fromkeys(self.asked, 0)
        self.live = set()
        assert self.look() == []

    @rule()
    def close(self):
        """The connection ends, or an attempt fails: suspect where there was one."""
        was_open, self.is_open = self.is_open, False
        self.protocol.closed(self.now, "reset")
        assert self.look() == ([Suspect(None, "reset")] if was_open else [])
        assert self.protocol.state is State.CLOSED
        assert self.protocol.deadline == NEVER
        assert not any(map(self.protocol.is_live, PAIRS))

    def receive(self, data):
        """One frame."""
        was_live, quiet = self.protocol.state is State.LIVE, self.now - self.heard
        self.protocol.received(data, self.now, NOW)
        self.heard = self.now
        outputs = self.look()
        silences = [each for each in outputs if isinstance(each, Suspect) and each.reason.startswith("silent")]
        assert len(silences) == (was_live and quiet > self.settings.quiet_seconds)
        return outputs

    @precondition(lambda self: self.is_open)
    @rule()
    def greeting_comes(self):
        """At any time, several times."""
        waited = self.protocol.state is State.GREETING
        assert len(joins(self.receive(WELCOME))) == (6 if waited else 0)

    @precondition(lambda self: self.is_open)
    @rule(
        channel=st.sampled_from(CHANNELS),
        pair=st.sampled_from([*PAIRS, "XRPTRY"]),
        ok=st.booleans(),
        action=st.sampled_from(["join", "leave"]),
    )
    def result_comes(self, channel, pair, ok, action):
        """Results of anything."""
        self.receive(result(channel, pair, ok=ok, action=action))
        if (
            action == "join"
            and ok
            and pair in PAIRS
            and channel == "trade"
            and self.protocol.state is not State.GREETING
        ):
            assert self.protocol.is_live(pair)

    @precondition(lambda self: self.is_open)
    @rule(pair=st.sampled_from(PAIRS), is_ticker=st.booleans())
    def data_comes(self, pair, is_ticker):
        """A frame of a channel says that it streams, once it was asked for."""
        self.receive(frame(402, PS=pair, LA="2500") if is_ticker else trade(PS=pair, P="2500"))
        assert is_ticker or self.protocol.is_live(pair) == (self.protocol.state is not State.GREETING)

    @precondition(lambda self: self.is_open)
    @rule(pair=st.sampled_from(PAIRS), number=st.integers(1, 6), is_change=st.booleans())
    def book_comes(self, pair, number, is_change):
        """Books and changes in any order; a book is never wrong: its number follows on, or it is unknown."""
        before = self.protocol.books[pair].change_set
        self.receive((change if is_change else book)(number, pair))
        after = self.protocol.books[pair].change_set
        if not is_change:
            assert after == number
        elif before is None:
            assert after is None
        else:
            assert after == (before if number <= before else number if number == before + 1 else None)

    @precondition(lambda self: self.is_open)
    @rule(data=st.sampled_from([b"{", b"[422,{}]", b"", trade(P="0"), trade(PS="XRPTRY"), b"[777,{}]"]))
    def nonsense_comes(self, data):
        """Counted, never the end of anything."""
        state, counted = self.protocol.state, self.protocol.bad.counts.total()
        self.receive(data)
        assert self.protocol.state is state
        assert self.protocol.bad.counts.total() == counted + 1

    @invariant()
    def live_means_that_trades_stream(self):
        """The state agrees with the connection and with the pairs."""
        if not hasattr(self, "protocol"):
            return
        assert (self.protocol.state is State.CLOSED) == (not self.is_open)
        assert (self.protocol.deadline == NEVER) == (not self.is_open or self.is_cut)
        if self.protocol.state in (State.CLOSED, State.GREETING):
            assert not any(map(self.protocol.is_live, PAIRS))


Connections.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestConnections = Connections.TestCase
