"""Judges words of the inviter's own: does the note give a reason that ties these two people together?

`grams` and `pieces` turn the words into numbers, `network` and `scoring` weigh them, `decision` makes a verdict of the
weights, and `evidence` names the words that decided. The weights are made by `training/` and lie in `domain/data`.
"""
