"""A research workbench for crypto strategies.

```python
import workbench as wb
candles = wb.load_candles("ETHUSDT", "1h")
result = wb.backtest(candles, wb.SmaCross(fast=9, slow=21))
result.plot()
wb.verify(result.save().id)
```

Every name is loaded when it is first used, so that importing the package costs next to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
