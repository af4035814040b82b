"""The tables. What people query stands in columns; lists stand as JSON. Migrations bring a file here, step by step."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A moment: stored in UTC, read back with its zone. SQLite itself keeps none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        del dialect
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        del dialect
        return value.replace(tzinfo=UTC) if value else None


metadata = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("uid", Integer, nullable=False),
    Column("received", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("kind", String, nullable=False),
    Column("authentic", String, nullable=False),
    Column("person", String),  # the inviter's name as it is compared
    Column("name", String),
    Column("first_name", String),
    Column("headline", String),
    Column("company", String),
    Column("profile_url", String),
    Column("note", String),
    Column("note_raw", String),
    Column("language", String),
    Column("linkedin_id", String),
    Column("not_because", String),  # why it is no invitation
    Column("verdict", String),
    Column("because", String),
    Column("confidence", Float),
    Column("evidence", JSON, nullable=False),
    Column("route_by", String),
    Column("route_to", String),
    Column("route_url", String),
    Column("problems", JSON, nullable=False),
    Column("source_message_id", String),
    Column("source_references", JSON, nullable=False),
    Column("subject", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("date", Moment),
    Column("sought", String, nullable=False, server_default=""),  # what is searched, as it is compared
    UniqueConstraint("account", "key"),
    Index("ix_invitation_account_person", "account", "person"),
    Index("ix_invitation_account_profile_url", "account", "profile_url"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invitation_id", ForeignKey("invitation.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("message_id", String, nullable=False),
    Column("body_hash", String, nullable=False),
    Column("template", String, nullable=False),
    Column("language", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("uidnext", Integer),
    Column("uid", Integer),
    Column("content", LargeBinary, nullable=False),
    Column("intended_at", Moment, nullable=False),
    Column("drafted_at", Moment),
    Column("absent_since", Moment),
    UniqueConstraint("invitation_id", "revision"),
    UniqueConstraint("message_id"),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invitation_id", ForeignKey("invitation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("start", String),
    Column("end", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", String, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    Column("invitation_id", ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True),
    Column("words", String, nullable=False),  # as notes are compared; "" where they judge no other
    Column("was", String, nullable=False),  # what the program thought before the first correction
    Column("verdict", String, nullable=False),
    Column("at", Moment, nullable=False),
)

acquaintance = Table(
    "acquaintance",
    metadata,
    Column("account", String, primary_key=True),
    Column("person", String, primary_key=True),  # an address, a profile, or a name as it is compared
    Column("at", Moment, nullable=False),
)

pause = Table(
    "pause",
    metadata,
    Column("account", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("until", Moment),  # without it, until the person ends it
)

watermark = Table(
    "watermark",
    metadata,
    Column("account", String, primary_key=True),
    Column("folder", String, primary_key=True),
    Column("uidvalidity", Integer, nullable=False),
    Column("next_uid", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

failure = Table(
    "failure",
    metadata,
    Column("account", String, primary_key=True),
    Column("folder", String, primary_key=True),
    Column("uidvalidity", Integer, primary_key=True),
    Column("uid", Integer, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("why", String, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

passes = Table(
    "pass",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False, index=True),
    Column("started", Moment, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("completed", Boolean, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("invitations", Integer, nullable=False),
    Column("drafted", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("skipped", JSON, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("problem", String, nullable=False),
)

drift = Table(
    "drift",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("why", String, nullable=False),
    Column("sample", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("account", "message_id"),
)

look = Table(
    "look",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, nullable=False),  # of the Drafts folder
    Column("uidvalidity", Integer, nullable=False),
    Column("uidnext", Integer),
    Column("messages", Integer),
    Column("at", Moment, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("account", String, primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("holder", String, nullable=False),  # "" where it was given back
    Column("until", Moment, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    Column("account", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("at", Moment, nullable=False),  # when it was last told
)

summary = Table(
    "summary",
    metadata,
    Column("account", String, primary_key=True),
    Column("week", String, primary_key=True),
    Column("at", Moment, nullable=False),  # when octets of it went out
)

refusal = Table(
    "refusal",
    metadata,
    Column("account", String, primary_key=True),
    Column("settings", String, nullable=False),  # a keyed hash of what the server refused
    Column("times", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
