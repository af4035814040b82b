"""`docs/servers.md` shows people what is declared beside each server."""

from docs.documents import ROOT, table
from servers import kinds

TEXT = (ROOT / "docs" / "servers.md").read_text("utf-8")
COLUMNS = ("dovecot", "cyrus", "courier", "imap4d", "hoodiecrow", "pymap")
SHOWN = {
    "marks the Drafts folder (SPECIAL-USE)": "marks_drafts",
    "tells the UID of a new draft (UIDPLUS)": "tells_uid",
    "tells the next UID when a folder is opened": "tells_next_uid",
    "finds mail by `UID n:*`": "finds_to_the_last",
    "takes a draft into the folder that is open to look": "appends_where_one_looks",
    "cuts each of several mails at the same octet": "cuts_each",
    "keeps flags of one's own (keywords)": "keywords",
    "keeps UIDVALIDITY while nobody writes": "keeps_validity",
    "tells of new mail as it comes (IDLE)": "listens",
    "puts before a folder's name": "prefix",
    "adds to a stored mail": "adds",
}


def _cell(value: bool | str | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    words = (value,) if isinstance(value, str) else value
    return ", ".join(f"`{word}`" for word in words if word) or "–"


def test_each_fact_is_shown_as_it_is_declared() -> None:
    rows = {title: cells for title, *cells in table(TEXT, "what it does")}
    assert rows == {
        title: [_cell(getattr(kinds.ALL[name].FACTS, fact)) for name in COLUMNS] for title, fact in SHOWN.items()
    }


def test_every_fact_and_every_server_is_shown() -> None:
    declared = set(kinds.ALL["dovecot"].FACTS.__dataclass_fields__)
    assert declared == set(SHOWN.values())
    assert kinds.ALL.keys() == set(COLUMNS)
    assert len(table(TEXT, "server")) == len(COLUMNS)
