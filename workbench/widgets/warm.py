"""Loads what a page needs, plotly included, so that a kernel that is kept warm has it before its visitor comes."""

import workbench.widgets.guardrails
import workbench.widgets.live
import workbench.widgets.report
import workbench.widgets.session  # noqa: F401
from workbench.widgets.plotly_light import figure_widget

figure_widget()
