"""The review page: for the person at this machine alone, over the same use cases as the command line.

`admission` decides what is let in and `door` carries that out, before anything else sees a request. `desk` is what the
page works on. Everything is a form and a link: without JavaScript it all works. A command goes to the mailbox over a
connection of its own, in a thread of its own (`errands`), so that a slow server stops nobody from reading.
"""
