"""What the report page looks like beyond what all pages share."""

RULES = """
.wb-page .wb-report{grid-template-columns:320px minmax(0,1fr)}
.wb-report>.wb-stack:first-child{position:sticky;top:10px;max-height:calc(100vh - 20px);overflow:hidden auto!important;
 scrollbar-width:thin}
.wb-real{background:var(--g-good-soft);color:var(--g-good);border:1px solid currentColor;border-radius:4px;
 padding:0 6px;font-size:11.5px;font-weight:700;letter-spacing:.02em;white-space:nowrap}
.wb-page h2.wb-run-title{font-size:21px;margin:0;display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;
 overflow-wrap:anywhere}
.wb-chips{display:flex;flex-wrap:wrap;gap:4px 8px;margin:8px 0 2px}
.wb-chips span{background:var(--g-soft);border-radius:6px;padding:1px 9px;font-size:13.5px;font-weight:600;
 font-variant-numeric:tabular-nums}
.wb-chips i{font-style:normal;font-weight:400;color:var(--g-muted)}
.wb-badge{margin:4px 0;font-size:13.5px;color:var(--g-muted);overflow-wrap:anywhere}
.wb-badge .wb-pill{margin-right:4px;white-space:nowrap}
.wb-tiles{display:grid!important;grid-template-columns:repeat(4,minmax(0,1fr));gap:8px;margin:10px 0 8px}
.wb-tiles div{background:var(--g-soft);border-radius:8px;padding:8px 12px;min-width:0}
.wb-tiles :is(dt,dd){float:none;width:auto;display:block;text-align:left;padding:0;margin:0}
.wb-tiles dt{font-size:12.5px;color:var(--g-muted);font-weight:400}
.wb-tiles dd{font-size:20px;font-weight:650;line-height:1.35;font-variant-numeric:tabular-nums;white-space:nowrap}
.wb-tiles dd.wb-muted{font-size:12.5px;font-weight:400;white-space:normal}
.wb-pair-of-tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:4px 28px;
 align-items:start}
.wb-files{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;margin:8px 0 0;font-size:13.5px}
.wb-report .wb-card>.widget-html h2{margin-bottom:0}
.wb-runs{display:flex;flex-direction:column;gap:8px;min-width:0}
.wb-runs .wb-note{margin:0}
.wb-runs-search{width:100%}
.wb-runs-list{list-style:none;margin:0 -8px;padding:0;max-height:430px;overflow-y:auto;scrollbar-width:thin}
.wb-run{position:relative;border-radius:8px;margin:0;padding:0;border-left:3px solid transparent}
.wb-run+.wb-run{margin-top:2px}
.wb-run:hover{background:var(--g-soft)}
.wb-run[aria-current=true]{background:var(--g-soft);border-left-color:var(--g-main)}
.wb-page .wb-run-pick{display:block;width:100%;box-sizing:border-box;background:none;border:0;padding:7px 8px;
 text-align:left;color:var(--g-text);text-decoration:none;font:inherit;font-size:13.5px;line-height:1.4;cursor:pointer;
 border-radius:8px}
.wb-run-line{display:flex;gap:6px;align-items:baseline;min-width:0}
.wb-run-line>:first-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.wb-run-line:not(.wb-run-when)>:last-child:not(:first-child){margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.wb-run-line>span{white-space:nowrap}
.wb-run-when{gap:8px;padding-right:62px}
.wb-run-when .wb-simulated{font-size:9.5px;padding:0 4px;line-height:1.5}
.wb-page .wb-run-against,.wb-page .wb-runs-more,.wb-page .wb-trades-page,.wb-page .wb-trade-time,.wb-page .wb-sort{
 font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;border-radius:5px}
.wb-page .wb-run-against{position:absolute;right:8px;bottom:6px;color:var(--g-main);font-size:12.5px;padding:1px 0}
.wb-page .wb-run-against[aria-pressed=true]{font-weight:700}
.wb-page .wb-runs-more,.wb-page .wb-trades-page{border:1px solid var(--g-muted);border-radius:8px;padding:6px 14px;
 font-size:13.5px;font-weight:600;min-height:34px}
.wb-page .wb-trades-page:disabled{opacity:.45;cursor:default}
.wb-page [hidden]{display:none!important}
.wb-chart{min-height:380px;margin:0 -6px}
.wb-chart>*{width:100%}
.wb-months{table-layout:fixed;min-width:680px}.wb-months thead th:first-child{width:40px}
.wb-months th,.wb-months td{text-align:right!important;padding:5px 7px!important;white-space:nowrap!important;
 font-size:13px}
.wb-months tbody th{text-align:left!important;padding-left:0!important;position:sticky;left:0;background:var(--g-card)}
.wb-gain{background:color-mix(in srgb,var(--g-good) var(--share),transparent)!important}
.wb-loss{background:color-mix(in srgb,var(--g-bad) var(--share),transparent)!important}
.wb-months .wb-year{font-weight:650;border-left:1px solid var(--g-line)}
.wb-costs{table-layout:fixed}
.wb-costs thead th:first-child{width:46%}.wb-costs .wb-number{width:120px;padding-right:0!important}
.wb-bar-cell{vertical-align:middle!important}
.wb-bar{height:12px;border-radius:3px}
.wb-bar-gain{background:var(--g-good)}.wb-bar-loss{background:var(--g-bad)}
.wb-step-total :is(th,td){font-weight:700;border-bottom:0}
.wb-trades-filters,.wb-trades-foot{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center}
.wb-trades-choice{display:flex;gap:8px;align-items:center;font-size:13.5px;color:var(--g-muted)}
.wb-trades-words{flex:1 1 200px}.wb-trades-words input{flex:1;width:100%}
.wb-trades-foot .wb-note{flex:1 1 260px}
.wb-trades-table td,.wb-trades-table th{white-space:nowrap!important}
.wb-trades-table tbody th{color:var(--g-muted);font-weight:400}
.wb-trades-table :is(.wb-better,.wb-worse){font-size:inherit}
.wb-page .wb-sort{white-space:nowrap;padding:2px 0;display:inline-flex;align-items:baseline}
.wb-number .wb-sort{flex-direction:row-reverse}
.wb-arrow{display:inline-block;width:1.1em;font-size:10px;text-align:center}
.wb-page .wb-trade-time{color:var(--g-main);font-variant-numeric:tabular-nums}
.wb-field-problem{margin:2px 0 0;color:var(--g-bad);font-size:13px;line-height:1.35;overflow-wrap:anywhere}
.wb-page .wb-wrong :is(input,select){border-color:var(--g-bad)!important;box-shadow:0 0 0 1px var(--g-bad)}
.wb-page .wb-copy{margin:0 0 10px;white-space:normal;overflow:visible}
.wb-page .widget-checkbox{width:100%;height:auto}
.wb-progress progress{width:100%;height:10px;accent-color:var(--g-main)}
@media (max-width:900px){.wb-page .wb-report{grid-template-columns:minmax(0,1fr)}
 .wb-report>.wb-stack:first-child{position:static;max-height:none}
 .wb-tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.wb-bar-cell{display:none}
 .wb-costs thead th:first-child{width:auto}.wb-runs-list{max-height:210px}
 .wb-tiles dd{font-size:18px}.wb-page .wb-run-against{padding:18px 0 1px 12px}}
"""
REPORT_STYLE = f"<style>{RULES}</style>"
