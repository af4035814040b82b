"""Tables of LinkedIn's own words, keys and addresses. Each entry says where it is from.

`seen = true`: read in real mail. `seen = false`: reported by others or translated, and trusted less.
"""
