"""A second opinion on a note, by a language model: what it is shown, how its answer is read, and what that may change.

The note is a stranger's text, and the model believes texts. So names are taken out before it sees the note, a note that
speaks to a machine is not shown at all, its answer counts only in one strict form with quotations of the note as
evidence, and it never turns a verdict into its opposite. Everything here is pure; `watcher.steps.opinions`
does the asking.
"""
