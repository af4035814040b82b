"""A mail becomes a sample that can be shown to others: its shape stays, whom and what it speaks of does not.

What is not known to be LinkedIn's is taken out, never the other way round: a mail that nobody understands yet may hold
a person's note anywhere. What stays: parts and header names in their order, HTML, lines that the tables know, default
sentences, template keys, the words of links, service addresses, host names. Names, addresses, ids and tokens become
invented ones of the same shape, numbered in the order in which they appear, so that nothing can be guessed back; the
same original is the same invention throughout one mail. All other words become x and X. Each replacement is as long as
what it replaces.
"""

from watcher.domain.redaction.sample import redact

__all__ = ["redact"]
