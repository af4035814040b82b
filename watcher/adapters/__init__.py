"""What stands behind the ports: IMAP, SQL, Jinja, files, the clock. Only `watcher.wiring` names these."""
