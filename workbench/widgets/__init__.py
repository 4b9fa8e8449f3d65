"""The dashboards' pages, of ipywidgets: what they show and what their buttons ask of the API."""
