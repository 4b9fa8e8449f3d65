"""The order-matching kernel. These numbered rules are its contract; ``tests/naive.py`` is their slow twin.

Prices are ticks, quantities are lots, both whole numbers. O, H, L, C are the bar's prices. Rules are told for a long
position and a buy order; the short position and the sell order are their mirror images (swap H and L, <= and >=).
"At or beyond" and "through" are decided on whole ticks. Where candles cannot tell what came first, the worse is assumed.

TIME
 1. A decision at the close of bar i sees bars 0 to i. Its orders and cancels reach the market at the open of bar
    i + 1 + latency_bars and never act before. An order whose first bar lies past the last one stays OPEN.
 2. A bar has three phases: open (rules 3 to 6), inside (7 to 11), close (12 to 15). Within one rule, orders act in
    the order in which they were placed.

AT THE OPEN
 3. Cancels that are due take effect, then good-till-time orders expire whose expiry bar is this one or earlier.
    An order cancelled or expired at its first bar never acts. A replacement whose original is no longer open by then
    is rejected (ORDER_GONE).
 4. Protective levels of the position. The stop level is the tighter of stop-loss and trailing stop. O at or beyond
    it (O <= level): the position leaves at O, as taker (a gap through a stop fills at the open, not at the stop).
    Otherwise, O through the take-profit (O > level): it leaves at the level, as maker. Rule 23 says what "leaves" does.
 5. Orders. Market: fills at O, taker. Stop: stop <= O triggers it, fills at O, taker. Limit on its first bar:
    limit >= O fills at O, taker. Limit on a later bar: O through the limit (O < limit) fills at the limit, maker; it
    does not get the better open. Stop-limit not yet triggered: stop <= O triggers it; if O <= limit it fills at O,
    taker, else it rests as a limit order. A triggered stop-limit is a limit on a later bar; a triggered stop with an
    unfilled rest is a market order.
 6. After that, what is left of an IOC order is cancelled at its first bar (IMMEDIATE_REMAINDER). A FOK order that rule
    5 could not fill whole (volume and cash included) does not fill at all and is cancelled (NOT_IN_FULL).

INSIDE THE BAR, the worse first
 7. Stop level: L <= level, the position leaves at the level, as taker.
 8. Stop and stop-limit orders not yet triggered: H >= stop triggers them at the stop price. A stop fills there, taker.
    A stop-limit with stop <= limit fills there, taker; otherwise it rests from the next bar on.
 9. Limit orders at rest (and triggered stop-limits, but not those triggered by rule 8 in this bar): L through the
    limit (L < limit) fills at the limit, maker. Limit orders that were marketable at the open (rule 5) and are not
    filled yet for want of volume fill no more in this bar.
10. Rule 7 again, for a position or levels that rules 8 and 9 made: the stop is assumed to come after the entry.
11. Take-profit: H through the level (H > level), the position leaves at the level, as maker. Not in a bar in which rule
    9 filled an order on the position's side: the high may have come before that entry.

AT THE CLOSE
12. Ruin: when cash + position at its worst price (L, for a short position H) is <= 0, the position is closed at that
    price (taker fee, no slippage, no volume limit) by an order with reason RUIN, all other orders are cancelled (RUIN)
    and nothing is ever placed again. What is left, below zero too, stays as it is: losses are not forgiven.
13. Trailing stop: its mark rises to H, or only to C if rule 8 or 9 filled an order on the position's side in this bar.
    The new level acts from the next bar on.
14. Equity is cash + position valued at C.
15. The strategy decides.

FILLS
16. Price: a taker's price is the reference price moved against him by slippage and half-spread, then on to the next
    tick against him: a buy pays ref + ceil(ref * fraction), a sale gets max(1, ref - ceil(ref * fraction)); an order
    with a limit never trades beyond it. A maker's price is his limit.
17. Fee: rate * price * quantity in quote currency, by the liquidity of the fill.
18. Quantity by exposure is decided once, when rule 5 first meets the order, at O: the target is exposure * size, where
    size is fraction * equity / O, amount / O, quantity, or the volatility fraction * equity / O (``sizing``), equity
    being cash + position * O; towards zero to whole lots; the order is target - position. Nothing to do: cancelled
    (NO_CHANGE).
19. What the account can carry, at the fill's price p with fee rate f: a buy, at most
    max(short lots, cash / (p (1 + f))); a sale, the long lots plus, where shorting is allowed,
    (cash + long p (1 - f) - 2 short p) / (p (1 + f)), so that after a fill no more than the equity is at stake. An
    order is cut down to that and the rest cancelled (INSUFFICIENT_CASH); where nothing is left, it is rejected for it,
    or, for a sale with shorting forbidden, cancelled (NOTHING_TO_REDUCE; so is the rest of a partly filled one).
20. A reduce-only order fills at most the opposite position; the rest of it is cancelled (NOTHING_TO_REDUCE).
21. Volume: all fills of a bar together take at most floor(max_volume_share * volume) lots. What exceeds it waits for the
    next bar (of the orders that may wait), with no other change to the order.
22. Minimum notional: an order whose first fill, before rule 21 cuts it, is worth less than the minimum is rejected,
    unless it closes the position exactly. No quantity of a whole lot: rejected (BELOW_LOT).

PROTECTION
23. An order may carry stop-loss, take-profit and trailing-stop fractions. Its first fill that leaves a position on its
    own side, at price p, sets the levels: stop p - ceil(p * fraction), target p + ceil(p * fraction), trailing mark p
    and level mark - ceil(mark * fraction); no level is below one tick. A position that goes flat or changes side drops
    all levels (before that). "Leaves": by stop, a reduce-only market order for the whole position (reason STOP_LOSS or
    TRAILING_STOP; at equal levels STOP_LOSS) and all levels are dropped; by target, a reduce-only limit order at the
    level (TAKE_PROFIT), which rests if volume is short, while the stop stays. When the position goes flat or changes
    side, such orders still waiting are cancelled (POSITION_CLOSED). They need no latency and are placed on this bar.

SIGNALS
24. A signal strategy places one market order by exposure at the close of each bar whose target exposure differs from
    the bar before (from 0 at the first). Its earlier signal orders that still wait are cancelled when the new one
    becomes active (REPLACED). After a protective exit it waits for the next change.

Touch: with ``limit_fills_on_touch`` every "through" above (O < limit, L < limit, O > level, H > level) includes equality.

Known limits of the model: one instrument, one account, no order queue, no hold of cash for waiting orders (rule 19 is
asked at the fill), volume of the whole bar counts already at its open, no funding or borrow cost for short positions.
"""
