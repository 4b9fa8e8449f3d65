"""The dashboards' server: Voila behind a door of our own. Every visitor is known, every kernel has one owner."""
