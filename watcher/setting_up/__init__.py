"""Sets a mailbox up from nothing: the conversation, what it asks and tries, and where a mail server is found."""
