"""The steps of a pass over one mailbox, as `watcher.cycle` takes them: look, read on, plan and act, draft, track.

A person's commands (`watcher.review`, `watcher.person`) take some of the same steps, for one invitation.
"""
