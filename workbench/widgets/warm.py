"""Imports what a page needs, so that a kernel that is kept warm has it before its visitor comes."""

import workbench.widgets.guardrails
import workbench.widgets.live
import workbench.widgets.session  # noqa: F401
