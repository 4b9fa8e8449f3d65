"""What can be backtested."""

from fastapi import APIRouter

from workbench.api.deps import Anybody
from workbench.api.documented import ANSWERS
from workbench.api.strategy_views import strategy_views
from workbench.wire import StrategyList

router = APIRouter(prefix="/api/strategies", tags=["strategies"], responses=ANSWERS)


@router.get("")
async def strategies(_who: Anybody) -> StrategyList:
    """Every strategy of the catalog with its parameters."""
    return StrategyList(strategies=strategy_views())
