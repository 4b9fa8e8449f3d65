"""Which pairs a simulator trades, each with its tape."""

from workbench.simulator.exchange import PairExchange
from workbench.simulator.market import MARKETS, find_market
from workbench.simulator.recorded import read_tape
from workbench.simulator.settings import SimulatorSettings
from workbench.simulator.tape import faster, synthetic_tape


def open_pairs(settings: SimulatorSettings) -> dict[str, PairExchange]:
    """The pairs with their tapes.

    Raises:
        InputError, NotFoundError: an unknown pair, or a file that does not fit.
    """
    if settings.trades_file is not None:
        pair = settings.pairs[0] if settings.pairs else None
        market, tape = read_tape(settings.trades_file, pair=pair, tick_size=settings.tick_size, seed=settings.seed)
        return {market.pair: PairExchange(market, faster(tape, settings.tape_speed), seed=settings.seed)}
    pairs: dict[str, PairExchange] = {}
    for name in settings.pairs or MARKETS:
        market = find_market(name)
        rate, burst = settings.trades_per_second, settings.burst
        tape = synthetic_tape(market, seed=settings.seed, trades_per_second=rate, burst=burst)
        pairs[market.pair] = PairExchange(market, faster(tape, settings.tape_speed), seed=settings.seed)
    return pairs
