"""The pure part: from the bytes of a mail to what should be done about it.

Data in, data out. Nothing here reads a clock, the environment, a file of the person's or the network, and
nothing here logs. Who calls passes `now`.
"""
