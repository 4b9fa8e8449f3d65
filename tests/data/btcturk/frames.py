"""Frames as the protocol facts spell them, and short ways to write others."""

import json
from decimal import Decimal

from workbench.data.btcturk.messages import FrameError, Parser
from workbench.data.btcturk.values import Value
from workbench.model.instrument import Instrument

BTCTRY = Instrument("BTCTRY", Decimal(1))
ETHUSDT = Instrument("ETHUSDT", Decimal("0.1"))
PARSER = Parser({each.pair: each for each in (BTCTRY, ETHUSDT)})
NOW = 1_787_692_477_000 * 10**6
"""A moment after the trades of the facts."""

WELCOME = b'[991,{"type":991,"current":"6.0.0","min":"2.3.0"}]'
RESULT = b'[100,{"type":100,"ok":true,"message":"join|ticker:BTCTRY"}]'
TICKER = (
    b'[402,{"B":"3779950","A":"3781912","BA":"0.00092482","AA":"0.02976469","PS":"BTCTRY","H":"3891284","L":"3745640",'
    b'"LA":"3780291","O":"3794559","V":"31.53834999","AV":"3824093.6008034","D":"-12647","DP":"-0.38","DS":"TRY",'
    b'"NS":"BTC","PId":1,"channel":"ticker","event":"BTCTRY","type":402}]'
)
TRADE_LIST = (
    b'[421,{"symbol":"BTCTRY","items":[{"D":"1787692476996","I":"100163842129199947","A":"0.0127318800",'
    b'"P":"3765490.0000000000","S":0}],"channel":"trade","event":"BTCTRY","type":421}]'
)
TRADE = (
    b'[422,{"D":"1787692476996","I":"100163842129199947","A":"0.0127318800","P":"3765490.0000000000","PS":"BTCTRY",'
    b'"S":1,"channel":"trade","event":"BTCTRY","type":422}]'
)
BOOK = (
    b'[431,{"CS":7,"PS":"ETHUSDT","AO":[{"A":"0.5","P":"2500.3"},{"A":"1.25","P":"2500.4"}],'
    b'"BO":[{"A":"2","P":"2500.1"}],"channel":"obdiff","event":"ETHUSDT","type":431}]'
)
CHANGE = (
    b'[432,{"CS":8,"PS":"ETHUSDT","AO":[{"A":"0","P":"2500.3","CP":2}],"BO":[{"A":"0.75","P":"2500.2","CP":0}],'
    b'"channel":"obdiff","event":"ETHUSDT","type":432}]'
)
CANDLE = (
    b'[428,{"D":1787692440,"R":1,"O":"2500.1","H":"2500.9","L":"2499.8","C":"2500.3","V":"12.5","P":"ETHUSDT",'
    b'"channel":"tradeview","event":"ETHUSDT_1","type":428}]'
)
DOCUMENTED = (WELCOME, RESULT, TICKER, TRADE_LIST, TRADE, BOOK, CHANGE, CANDLE)


def frame(code: int, **body: object) -> bytes:
    """A frame of these fields."""
    return json.dumps([code, body]).encode()


def trade(**other: object) -> bytes:
    """A single trade of 0.5 ETHUSDT at 2500.1, but for the fields given; a field that is None is left out."""
    fields = {"D": "1787692476996", "I": "5", "A": "0.5", "P": "2500.1", "PS": "ETHUSDT", "S": 1} | other
    return frame(422, **{name: value for name, value in fields.items() if value is not None})


def parse(data: bytes) -> Value:
    """The value of a frame."""
    return PARSER.parse(data, NOW)


def refused(data: bytes) -> FrameError:
    """The error of a frame that is none."""
    try:
        value = parse(data)
    except FrameError as error:
        return error
    raise AssertionError(f"read as {value}")
