from .data.resample import resample as resample
from .engine.costs import FREE as FREE, Costs as Costs
from .engine.exits import Exits as Exits
from .engine.order_function import (
    BUY as BUY,
    FOK as FOK,
    GTC as GTC,
    GTT as GTT,
    IOC as IOC,
    LIMIT as LIMIT,
    MARKET as MARKET,
    SELL as SELL,
    STOP as STOP,
    STOP_LIMIT as STOP_LIMIT,
    cancel as cancel,
    filled_quantity as filled_quantity,
    is_open as is_open,
    order_function as order_function,
    place as place,
    replace as replace,
    target as target,
)
from .engine.order_strategy import OrderStrategy as OrderStrategy
from .engine.sizing import (
    fixed_quantity as fixed_quantity,
    fixed_quote as fixed_quote,
    fraction_of_equity as fraction_of_equity,
    volatility_target as volatility_target,
)
from .model.candle import Candles as Candles
from .model.errors import WorkbenchError as WorkbenchError
from .model.instrument import Instrument as Instrument
from .model.interval import Interval as Interval
from .research.backtest import Backtest as Backtest, backtest as backtest
from .research.candles import load_candles as load_candles, load_file as load_file
from .research.compare import compare as compare
from .research.evidence import verify as verify
from .research.sweep import Sweep as Sweep, sweep as sweep
from .strategy.base import Strategy as Strategy
from .strategy.buy_and_hold import BuyAndHold as BuyAndHold
from .strategy.indicators import rsi as rsi, sma as sma
from .strategy.look_ahead import find_look_ahead as find_look_ahead
from .strategy.rsi import Rsi as Rsi
from .strategy.sma_cross import SmaCross as SmaCross
