"""How the guardrails and live pages look: one style sheet, light and dark, wide and narrow. Nothing is fetched.

Colours are of the Okabe-Ito palette (blue against vermillion: told apart by every kind of colour vision), and each is
beside a sign or a word.
"""

import ipywidgets as widgets

LIGHT = (
    "--g-text:#1b2430;--g-muted:#5b6776;--g-line:#d9dfe7;--g-card:#fff;--g-page:#f4f6f9;--g-soft:#eef2f7;"
    "--g-good:#005a94;--g-good-soft:#e3f0fa;--g-bad:#a84300;--g-bad-soft:#fdeee2;--g-warn:#7a5b00;--g-warn-soft:#fdf5d9;"
    "--g-main:#0b5cad;--g-on-main:#fff;--g-danger:#a84300;--g-on-danger:#fff;"
)
DARK = (
    "--g-text:#e6ebf2;--g-muted:#9aa7b8;--g-line:#33404f;--g-card:#18212c;--g-page:#0f161e;--g-soft:#212d3a;"
    "--g-good:#7cc4f5;--g-good-soft:#12314a;--g-bad:#ff9f5e;--g-bad-soft:#45260f;--g-warn:#f0cf5e;--g-warn-soft:#3b3210;"
    "--g-main:#4ea3e8;--g-on-main:#08131e;--g-danger:#f08a45;--g-on-danger:#1c0d02;"
)
JUPYTER = "--jp-layout-color0:var(--g-page)!important;--jp-content-font-color1:var(--g-text)!important;"
RULES = """
.wb-page{color:var(--g-text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;max-width:1320px;
 margin:0 auto;padding:0 16px 48px;overflow:visible}
.wb-page .widget-html,.wb-page .widget-html-content{color:var(--g-text);font-size:inherit;line-height:inherit;
 height:auto;
 margin:0;overflow:visible}
.wb-page .widget-html-content{width:100%;min-width:0}
.wb-page h2{font-size:17px;margin:0 0 10px;font-weight:650}
.wb-page h3{font-size:15px;margin:0;font-weight:650}
.wb-page a{color:var(--g-main)}
.wb-page code{font:12.5px ui-monospace,Menlo,Consolas,monospace;background:var(--g-soft);color:inherit;
 padding:1px 5px;
 border-radius:4px;overflow-wrap:anywhere}
.wb-who,.wb-live,.wb-note{margin:4px 0;color:var(--g-muted);font-size:13.5px}
.wb-note b,.wb-who b{color:var(--g-text)}
.wb-dot{display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--g-good);margin-right:7px}
.wb-columns{display:grid!important;grid-template-columns:minmax(0,1.75fr) minmax(0,1fr);gap:16px;align-items:start;
 overflow:visible}
.wb-columns>.wb-stack{gap:16px;min-width:0;overflow:visible}
.wb-card{background:var(--g-card);border:1px solid var(--g-line);border-radius:10px;padding:16px 18px;
 overflow:visible;
 min-width:0;gap:6px;box-sizing:border-box;margin:0}
.wb-page .widget-vbox,.wb-page .widget-hbox{overflow:visible;min-width:0}
.wb-scroll{overflow-x:auto;max-width:100%}
.wb-tall{max-height:420px;overflow-y:auto}
.wb-table{border-collapse:collapse;width:100%;font-size:13.5px;margin:6px 0 10px;color:var(--g-text);border:0}
.wb-table caption{text-align:left;font-weight:600;padding:4px 0;color:var(--g-muted);caption-side:top}
.wb-table th,.wb-table td{padding:6px 10px 6px 0;text-align:left;vertical-align:top;border:0;
 border-bottom:1px solid var(--g-line);max-width:none;background:none;white-space:normal}
.wb-table thead th{color:var(--g-muted);font-weight:500;font-size:12.5px;white-space:nowrap}
.wb-table tbody th{font-weight:500}
.wb-table tbody tr{background:none!important}
.wb-table td,.wb-number{font-variant-numeric:tabular-nums}
.wb-table time{white-space:nowrap}
.wb-numbers td,.wb-numbers thead th+th,.wb-number{text-align:right!important;white-space:nowrap!important}
.wb-reason-row td{border-top:0;color:var(--g-bad);padding-top:0}
.wb-diff del,.wb-diff ins{text-decoration:none;padding:1px 8px;border-radius:5px;display:inline-block;
 font-variant-numeric:tabular-nums}
.wb-diff del{background:var(--g-bad-soft);color:var(--g-bad)}
.wb-diff ins{background:var(--g-good-soft);color:var(--g-good);font-weight:600}
.wb-better{color:var(--g-good);white-space:nowrap}.wb-worse{color:var(--g-bad);white-space:nowrap}
.wb-same,.wb-muted{color:var(--g-muted);font-size:12.5px;font-weight:400}
.wb-head{display:flex;gap:8px 12px;align-items:baseline;flex-wrap:wrap;justify-content:space-between}
.wb-pill{font-size:12.5px;padding:2px 10px;border-radius:99px;font-weight:600}
.wb-pill-good{background:var(--g-good-soft);color:var(--g-good)}.wb-pill-bad{background:var(--g-bad-soft);
 color:var(--g-bad)}
.wb-pill-wait{background:var(--g-warn-soft);color:var(--g-warn)}
.wb-simulated{background:var(--g-warn-soft);color:var(--g-warn);border:1px solid currentColor;border-radius:4px;
 padding:0 6px;
 font-size:11.5px;font-weight:700;letter-spacing:.04em;white-space:nowrap}
.wb-proposal{border-top:1px solid var(--g-line);padding-top:12px;margin-top:12px;gap:4px}
.wb-proposal:first-child{border-top:0;padding-top:0;margin-top:0}
.wb-quote{margin:6px 0;padding:4px 12px;border-left:3px solid var(--g-line);color:var(--g-text);
 overflow-wrap:anywhere}
.wb-empty{border:1px dashed var(--g-line);border-radius:8px;padding:16px;margin-bottom:8px;
 color:var(--g-muted);text-align:center}
.wb-empty b{color:var(--g-text)}
.wb-say{border-radius:8px;padding:8px 12px;margin:4px 0;border-left:4px solid;overflow-wrap:anywhere}
.wb-say ul{margin:4px 0 0;padding-left:20px}
.wb-say-good{background:var(--g-good-soft);border-color:var(--g-good)}
.wb-say-bad{background:var(--g-bad-soft);border-color:var(--g-bad)}
.wb-say-warn,.wb-say-wait{background:var(--g-warn-soft);border-color:var(--g-warn)}
.wb-why{margin:2px 0;font-size:13.5px;color:var(--g-muted)}
.wb-gate{display:flex;gap:4px 14px;align-items:baseline;flex-wrap:wrap;border-radius:8px;padding:10px 14px}
.wb-gate-good{background:var(--g-good-soft)}.wb-gate-bad{background:var(--g-bad-soft)}
.wb-big{font-size:21px;font-weight:700}.wb-gate-good .wb-big{color:var(--g-good)}
 .wb-gate-bad .wb-big{color:var(--g-bad)}
.wb-pairs{display:grid!important;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:8px;margin:8px 0}
.wb-pairs div{background:var(--g-soft);border-radius:7px;padding:6px 10px}
.wb-pairs :is(dt,dd){float:none;width:auto;display:block;text-align:left;padding:0;margin:0}
.wb-pairs dt{font-size:12px;color:var(--g-muted);font-weight:400}.wb-pairs dd{margin:0;font-weight:650;
 font-size:16px;
 font-variant-numeric:tabular-nums}
.wb-form{gap:8px}
.wb-page .widget-textarea,.wb-page .widget-text,.wb-page .widget-dropdown{width:100%;margin:0;height:auto}
.wb-page .widget-label{color:var(--g-text);width:92px;flex:none;text-align:left;justify-content:flex-start;
 font-size:13.5px}
.wb-page textarea,.wb-page input,.wb-page select{background:var(--g-card)!important;color:var(--g-text)!important;
 border:1px solid var(--g-muted)!important;border-radius:7px!important;font:inherit!important;
 padding:6px 10px!important;
 box-sizing:border-box;min-width:0;height:auto!important;min-height:38px}
.wb-page textarea{min-height:58px}
.wb-page :is(textarea,input,select):disabled{opacity:.6}
.wb-page ::placeholder{color:var(--g-muted);opacity:1}
.wb-page :is(textarea,input,select,button,a,summary):focus-visible{outline:3px solid var(--g-main)!important;
 outline-offset:2px}
.wb-buttons,.wb-sure{gap:8px;flex-wrap:wrap;align-items:center}
.wb-page .jupyter-button{width:auto;height:auto;min-height:38px;line-height:1.2;padding:8px 18px;border-radius:8px;
 margin:0;
 font:600 14px/1.2 inherit;font-family:inherit;font-size:14px;font-weight:600;background:var(--g-card);
 color:var(--g-text);
 border:1px solid var(--g-muted);box-shadow:none}
.wb-page .jupyter-button.wb-primary{background:var(--g-main);color:var(--g-on-main);border-color:var(--g-main)}
.wb-page .jupyter-button.wb-danger{background:none;color:var(--g-danger);border-color:var(--g-danger)}
.wb-sure .jupyter-button.wb-danger{background:var(--g-danger);color:var(--g-on-danger)}
.wb-page .jupyter-button:disabled{opacity:.5;cursor:not-allowed}
.wb-page summary{cursor:pointer;color:var(--g-main);font-size:13.5px;padding:4px 0}
.wb-fields{gap:8px}
.wb-stack{gap:16px}
.wb-grid{display:grid!important;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:16px}
.wb-price{font-size:30px;font-weight:700;font-variant-numeric:tabular-nums;line-height:1.3}
.wb-gaps{margin:0;padding-left:18px;font-size:13px;color:var(--g-muted)}
.wb-tabs .widget-toggle-buttons,.wb-page .widget-toggle-buttons{width:auto;margin:0}
.wb-page .jupyter-button.mod-active{background:var(--g-main);color:var(--g-on-main);border-color:var(--g-main)}
@media (max-width:480px){.wb-verdict{display:block}.wb-table th,.wb-table td{padding-right:6px}}
.wb-top{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;justify-content:space-between;padding-top:14px}
.wb-page h1{font-size:24px;font-weight:700;margin:0;line-height:1.25}
.wb-top nav{display:flex;gap:18px}.wb-top nav a{text-decoration:none;padding:6px 0;font-weight:500}
.wb-top nav a[aria-current]{color:var(--g-text);border-bottom:2px solid var(--g-main)}
@media (max-width:900px){.wb-columns{grid-template-columns:minmax(0,1fr)}
 .wb-columns>.wb-stack{display:contents!important}.wb-page{padding:0 10px 32px}
 .wb-card{padding:14px 12px}.wb-page .jupyter-button{min-height:44px}}
.wb-reason{flex-direction:column!important;align-items:stretch!important}
.wb-page .wb-reason .widget-label{width:auto;max-width:none;height:auto;line-height:1.5;margin:0}
.wb-form .wb-buttons,.wb-form .wb-reason,.wb-fields{margin-bottom:8px}
.wb-page .jupyter-button:focus-visible,.wb-scroll:focus-visible{outline:3px solid var(--g-main)!important;
 outline-offset:2px}
.wb-still>.wb-card,.wb-still>.wb-grid{margin:16px 0}
#main,#rendered_cells{background:var(--g-page)!important}
.wb-live,.wb-say{margin-bottom:10px}
.wb-page .widget-html{min-height:0}
.wb-page select{appearance:auto!important}
.wb-choice{margin-bottom:8px!important}
@media (max-width:700px){.wb-wide thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
 .wb-wide :is(tbody,tr,caption){display:block}
 .wb-wide tr{padding:8px 0;border-bottom:1px solid var(--g-line)}
 .wb-wide :is(tbody th,td){display:inline-block;padding:0 14px 0 0;border:0}
 .wb-wide td::before{content:attr(data-name);margin-right:6px;color:var(--g-muted);font-size:12.5px}}
"""
STYLE = (
    f"<style>:root{{{LIGHT}}}@media (prefers-color-scheme:dark){{:root{{{DARK}}}}}"
    f"html,body{{{JUPYTER}background:var(--g-page)!important;color-scheme:light dark}}{RULES}</style>"
)


def section(order: int, title: str, content: widgets.Widget) -> widgets.VBox:
    """A card with a heading; ``order`` counts where there is room for one column only."""
    if isinstance(content, widgets.HTML):
        content = widgets.VBox([content])
    card = widgets.VBox([widgets.HTML(f"<h2>{title}</h2>"), content]).add_class("wb-card")
    card.layout.order = str(order)
    return card
