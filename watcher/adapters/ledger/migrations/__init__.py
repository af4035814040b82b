"""Alembic's folder: append only, a released migration is never changed."""
