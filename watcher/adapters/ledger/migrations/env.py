"""Runs migrations on the connection that the program hands over; Alembic loads this file by its name."""

from alembic import context

from watcher.adapters.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
