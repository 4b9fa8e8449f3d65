"""A book of a whole one and changes equals a plain list of levels, or is unknown."""

from hypothesis import given, strategies as st

from tests.naive_feed import NaiveBook
from workbench.data.btcturk.order_book import OrderBook
from workbench.data.btcturk.values import OrderBookChange, OrderBookSnapshot

LEVELS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), max_size=6).map(tuple)
NUMBERS = st.integers(1, 12)
EVENTS = st.one_of(
    st.tuples(st.just("whole"), NUMBERS, LEVELS, LEVELS),
    st.tuples(st.just("change"), NUMBERS, LEVELS, LEVELS),
    st.tuples(st.just("next"), st.just(0), LEVELS, LEVELS),
    st.tuples(st.just("next"), st.just(0), LEVELS, LEVELS),
    st.tuples(st.just("forget"), st.just(0), st.just(()), st.just(())),
)


def whole(number, bids=(), asks=()):
    return OrderBookSnapshot("ETHUSDT", number, tuple(bids), tuple(asks), True)


def change(number, bids=(), asks=()):
    return OrderBookChange("ETHUSDT", number, tuple(bids), tuple(asks))


def test_a_new_book_is_unknown():
    """No best prices, and a change alone makes no book."""
    book = OrderBook()
    assert not book.is_known
    assert not book.change(change(1, [(5, 1)]))
    assert (book.best_bid_ticks, book.best_ask_ticks, book.bids, book.rebuilds) == (None, None, {}, 0)


def test_changes_that_follow_on_are_applied():
    """New amounts replace old ones; amount 0 takes the price away, also one that was not there."""
    book = OrderBook()
    book.replace(whole(7, [(100, 5), (99, 1)], [(101, 2), (103, 4)]))
    assert (book.best_bid_ticks, book.best_ask_ticks) == (100, 101)
    assert book.change(change(8, [(100, 0), (98, 3)], [(101, 9), (150, 0)]))
    assert (book.bids, book.asks) == ({99: 1, 98: 3}, {101: 9, 103: 4})
    assert (book.best_bid_ticks, book.change_set) == (99, 8)


def test_a_change_that_does_not_follow_on_makes_the_book_unknown():
    """Until a whole one comes; each loss counts once."""
    book = OrderBook()
    book.replace(whole(7, [(100, 5)]))
    assert not book.change(change(9, [(100, 6)]))
    assert not book.is_known
    assert (book.bids, book.rebuilds) == ({}, 1)
    assert not book.change(change(8)), "what is unknown stays so"
    assert book.rebuilds == 1
    book.replace(whole(3, [(100, 7)]))
    assert (book.bids, book.change_set) == ({100: 7}, 3)


def test_a_change_already_held_is_left_out():
    """The whole book may be newer than changes on their way."""
    book = OrderBook()
    book.replace(whole(7, [(100, 5)]))
    assert book.change(change(7, [(100, 6)]))
    assert book.change(change(3, [(100, 6)]))
    assert (book.bids, book.change_set) == ({100: 5}, 7)


@given(events=st.lists(EVENTS, max_size=25))
def test_any_events_as_the_twin_reads_them(events):
    """The same levels and the same knowledge after each event."""
    book, twin = OrderBook(), NaiveBook()
    for kind, number, bids, asks in events:
        if kind == "forget":
            book.forget()
            twin.forget()
        elif kind == "whole":
            book.replace(whole(number, bids, asks))
            twin.replace(number, bids, asks)
        else:
            following = number if kind == "change" else (book.change_set or 0) + 1
            assert book.change(change(following, bids, asks)) == twin.change(following, bids, asks)
        assert book.change_set == twin.number
        assert sorted(book.bids.items()) == twin.levels("bid")
        assert sorted(book.asks.items()) == twin.levels("ask")
        assert book.best_bid_ticks == max((ticks for ticks, _ in twin.levels("bid")), default=None)
        assert book.best_ask_ticks == min((ticks for ticks, _ in twin.levels("ask")), default=None)
