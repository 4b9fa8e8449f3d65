"""The hand-written rule table: at least one case for each numbered rule of the kernel's header."""

from tests.engine import cases_close, cases_fills, cases_inside, cases_open, cases_protection, cases_time

CASES = [
    *cases_time.CASES,
    *cases_open.CASES,
    *cases_inside.CASES,
    *cases_close.CASES,
    *cases_fills.CASES,
    *cases_protection.CASES,
]
