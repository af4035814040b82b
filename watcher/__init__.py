"""Watches a mailbox for LinkedIn invitations and puts a polite “tell me why” into Drafts. It never sends.

A message's way through the house, by folder and file:

    adapters/imap      SEARCH on the server, few headers of the candidates, then the text parts of what may be one
    adapters/maildir   the same over a Maildir on this machine
    steps/candidates   more of a mail only where the first octets leave a question open: its rest, its signature
    domain/message     raw bytes → Message, within limits
    domain/genuine     did LinkedIn send it? what the mailbox's own server says
    domain/kind        what is it? several signals, added up     domain/letter, domain/card   name, headline, note
    domain/invitation  → Invitation | NotInvitation
    domain/verdict     generic, personalised or unsure           domain/route  by mail, or only on LinkedIn
    steps/opinions     a language model's second opinion, where one is set
    domain/plan        with what the ledger knows and the time → one Action
    steps/acting, steps/drafting   intent → APPEND → outcome, each written to adapters/ledger before the next
    cycle              does all this once; service does it on a schedule
    review, person     what a person does with it afterwards, from cli and web
    watching           whether all of it still goes on, and who is told when not
"""

__version__ = "0.1.0"
