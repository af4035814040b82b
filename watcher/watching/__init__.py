"""Watching the watcher: what happens becomes a standing, and that becomes alarms, notices, summaries and a status."""
