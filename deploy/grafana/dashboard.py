"""The Grafana dashboard as code: ``.venv/bin/python deploy/grafana/dashboard.py > deploy/grafana/workbench.json``.

Every query asks for names of deploy/METRICS.md; a test runs each against a Prometheus server.
"""

import sys

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement, TooltipDisplayMode
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
HALF, QUARTER = 12, 6
BLUE, ORANGE = "#0072B2", "#D55E00"
"""Told apart by everybody (Okabe and Ito's palette)."""


def query(expression: str, legend: str = "") -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend or "__auto").range()


def lines(title: str, unit: str, *queries: prometheus.Dataquery, text: str = "") -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    panel = timeseries.Panel().title(title).unit(unit).datasource(SOURCE).description(text).span(HALF).height(8)
    panel = panel.legend(legend.show_legend(True)).tooltip(tooltip).line_width(2).fill_opacity(8)
    for each in queries:
        panel = panel.with_target(each)
    return panel


def state(title: str, expression: str, unit: str, text: str, *, good: float | None = None) -> stat.Panel:
    """One number; where 1 is good and 0 is not, with colours that everybody tells apart."""
    panel = stat.Panel().title(title).unit(unit).datasource(SOURCE).description(text).span(QUARTER).height(4)
    panel = panel.with_target(query(expression))
    if good is None:
        return panel
    steps = [Threshold(value=None, color=ORANGE), Threshold(value=good, color=BLUE)]
    colours = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
    return panel.thresholds(colours).color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))


def quantile(share: float, metric: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"


def build() -> dashboard.Dashboard:
    board = dashboard.Dashboard("Research workbench").uid("workbench").tags(["workbench"]).refresh("15s")
    board = board.time("now-1h", "now").timezone("utc").tooltip(DashboardCursorSync.CROSSHAIR).editable()
    for row, panels in ROWS.items():
        board = board.with_row(dashboard.Row(row))
        for panel in panels:
            board = board.with_panel(panel)
    return board


ROWS: dict[str, list[stat.Panel | timeseries.Panel]] = {
    "Now": [
        state("Risk gate", "min(risk_gate_open)", "bool_on_off", "On: orders may pass.", good=1),
        state("Feed", "min(btcturk_ws_up)", "bool_on_off", "Off: some pair does not stream.", good=1),
        state("Audit chain", "min(audit_chain_intact)", "bool_yes_no", "No: somebody altered the audit log.", good=1),
        state("Jobs waiting", "sum(bt_jobs_waiting)", "short", "Backtests in the queue."),
    ],
    "Backtests": [
        lines(
            "Backtests a minute",
            "short",
            query("60 * sum(rate(bt_runs_total[$__rate_interval]))", "ended in any way"),
            query("60 * sum(rate(bt_done_total[$__rate_interval]))", "done"),
            query("60 * sum(rate(bt_fail_total[$__rate_interval]))", "failed"),
            query("60 * sum(rate(bt_refused_total[$__rate_interval]))", "refused, queue full"),
        ),
        lines(
            "From request to evidence",
            "ms",
            *(query(quantile(share, "bt_latency_ms"), f"p{share * 100:.0f}") for share in (0.5, 0.95, 0.99)),
        ),
        lines(
            "Queue",
            "short",
            query("sum(bt_jobs_waiting)", "waiting"),
            query("sum(bt_jobs_running)", "running"),
            query("sum(bt_workers)", "workers"),
            query("sum(bt_queue_size)", "room"),
        ),
        lines("Round trips a minute", "short", query("60 * sum(rate(bt_trades_total[$__rate_interval]))", "trades")),
    ],
    "Feed": [
        lines(
            "Ticks a second", "short", query("sum by (pair) (rate(btcturk_ticks_total[$__rate_interval]))", "{{pair}}")
        ),
        lines(
            "Lag after drift compensation",
            "ms",
            *(
                query(quantile(share, "btcturk_ws_lag_ms", "pair"), f"{{{{pair}}}} p{share * 100:.0f}")
                for share in (0.5, 0.95, 0.99)
            ),
        ),
        lines("Up", "bool_on_off", query("btcturk_ws_up", "{{pair}}")),
        lines("Since the last frame", "s", query("btcturk_last_frame_age_seconds", "{{pair}}")),
        lines(
            "Clock: the exchange minus ours",
            "ms",
            query("btcturk_clock_offset_ms", "offset"),
            text="Lags are compensated.",
        ),
        lines(
            "Reconnects and gaps in an hour",
            "short",
            query("sum(increase(btcturk_reconnects_total[1h]))", "reconnects"),
            query("sum(increase(btcturk_gaps_found_total[1h]))", "gaps found"),
            query("sum(increase(btcturk_gaps_filled_total[1h]))", "gaps filled"),
        ),
    ],
    "Guardrails": [
        lines(
            "Gate",
            "bool_on_off",
            query("risk_gate_open", "open"),
            query('risk_gate_state{state="reducing"}', "reducing"),
            query('risk_gate_state{state="halted"}', "halted"),
        ),
        lines(
            "Orders asked about, a minute",
            "short",
            query("60 * sum by (outcome) (rate(risk_gate_checks_total[$__rate_interval]))", "{{outcome}}"),
        ),
        lines(
            "Refusals by rule, a minute",
            "short",
            query("60 * sum by (rule) (rate(risk_gate_refusals_total[$__rate_interval]))", "{{rule}}"),
        ),
        lines(
            "Proposals in a day",
            "short",
            query("sum(increase(param_proposals_total[1d]))", "made"),
            query("sum(increase(param_approvals_total[1d]))", "approved"),
            query("sum(increase(param_refusals_total[1d]))", "refused by the guardrails"),
            query("sum(increase(param_rollbacks_total[1d]))", "rolled back"),
            query("sum(param_proposals_pending)", "waiting"),
        ),
        lines("Audit entries", "short", query("sum(audit_entries_total)", "entries")),
        lines(
            "Unknown tokens, a minute",
            "short",
            query("60 * sum(rate(auth_failures_total[$__rate_interval]))", "refused"),
        ),
    ],
    "Process": [
        lines(
            "Requests a second",
            "short",
            query("sum by (status) (rate(http_requests_total[$__rate_interval]))", "{{status}}"),
            query("sum(rate(http_rate_limited_total[$__rate_interval]))", "rate limited"),
        ),
        lines(
            "Time to answer",
            "s",
            *(query(quantile(share, "http_request_seconds"), f"p{share * 100:.0f}") for share in (0.5, 0.99)),
        ),
        lines(
            "Memory",
            "bytes",
            query("process_resident_memory_bytes", "server"),
            query("bt_workers_memory_bytes", "workers"),
        ),
        lines("Processor", "percentunit", query("rate(process_cpu_seconds_total[$__rate_interval])", "server")),
        lines("Open files", "short", query("process_open_fds", "open"), query("process_max_fds", "limit")),
        lines(
            "Workers replaced in an hour", "short", query("sum(increase(bt_workers_replaced_total[1h]))", "replaced")
        ),
    ],
}


if __name__ == "__main__":
    sys.stdout.write(JSONEncoder(sort_keys=True, indent=2).encode(build().build()) + "\n")
