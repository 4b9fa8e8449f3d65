"""What every answer tells the browser: load nothing from elsewhere, run nothing that is not a file of ours."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""No inline script runs. ``unsafe-eval``: JupyterLab compiles the schemas of its settings. ``blob:``: anywidget
(plotly's FigureWidget) imports its module from one. Inline styles: JupyterLab and plotly set them all the time."""

SECURITY = {
    "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in POLICY.items()),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "workbench",
}
NOT_KEPT = {"Cache-Control": "no-store"}
"""For whatever belongs to one person."""
