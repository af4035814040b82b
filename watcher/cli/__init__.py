"""The command line: one file a command; `commands` puts them together, `ending` has the exit codes."""
