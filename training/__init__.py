"""Makes the weights of `watcher/domain/data/judge.npz` from the notes of `tests/notes`: `make train`.

Every step is deterministic: the same notes give the same bytes. Needs the extra `train`.
"""
